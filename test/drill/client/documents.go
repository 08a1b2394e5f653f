package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"warmstandby/test/drill/evidence"
)

const (
	// documentInterval is how many numbers are written for each one that gets a document: one every two seconds.
	documentInterval = 10
	// documentType is the media type of the documents.
	documentType = "text/plain"
)

// documentContent is the content of a number's document.
func documentContent(name string, number int) string { return fmt.Sprintf("%s %d", name, number) }

// Documents puts documents to records and reads them, by the URLs that the application signs.
type Documents struct {
	// HTTP sends requests to the application, and Storage those that it has signed.
	HTTP, Storage http.RoundTripper
	Token         func(ctx context.Context) (string, error)
	// Name is the drill's, a part of each document's content.
	Name string
}

// signed is a request that the application has signed.
type signed struct {
	URL, Method string
	Headers     map[string]string
}

// put uploads a number's document and returns S3's status.
func (d Documents) put(ctx context.Context, records string, address netip.Addr, id string, number int) (status int, err error) {
	content := documentContent(d.Name, number)
	query, err := json.Marshal(map[string]any{"contentType": documentType, "contentLength": len(content)})
	if err != nil {
		return 0, fmt.Errorf("writing a query for a signed upload: %w", err)
	}
	upload, err := d.sign(ctx, http.MethodPut, records+"/"+id+"/document", address, query)
	if err != nil {
		return 0, err
	}
	status, _, err = d.follow(ctx, upload, content)
	return status, err
}

// Check reads a number's document by the application at an address, and returns an error that says what is wrong with it.
func (d Documents) Check(ctx context.Context, records string, address netip.Addr, id string, number int) error {
	download, err := d.sign(ctx, http.MethodGet, records+"/"+id+"/document", address, nil)
	if err != nil {
		return err
	}
	status, content, err := d.follow(ctx, download, "")
	switch {
	case err != nil:
		return err
	case status != http.StatusOK:
		return fmt.Errorf("S3 answers %d", status)
	case content != documentContent(d.Name, number):
		return fmt.Errorf("it is another document, of %d bytes", len(content))
	}
	return nil
}

// sign asks the application for a signed request.
func (d Documents) sign(ctx context.Context, method, url string, address netip.Addr, query []byte) (signed, error) {
	token, err := d.Token(ctx)
	if err != nil {
		return signed{}, fmt.Errorf("getting a token: %w", err)
	}
	request, err := http.NewRequestWithContext(withAddress(ctx, address), method, url, bytes.NewReader(query))
	if err != nil {
		return signed{}, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	if query != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	status, content, err := exchange(d.HTTP, request)
	if err != nil || status != http.StatusOK {
		return signed{}, errors.Join(fmt.Errorf("the application answers %d", status), err)
	}
	var answer signed
	if err := json.Unmarshal([]byte(content), &answer); err != nil || answer.URL == "" {
		return signed{}, errors.Join(errors.New("the application's answer has no URL"), err)
	}
	return answer, nil
}

// follow sends a signed request.
func (d Documents) follow(ctx context.Context, request signed, content string) (status int, answer string, err error) {
	sent, err := http.NewRequestWithContext(ctx, request.Method, request.URL, strings.NewReader(content))
	if err != nil {
		return 0, "", err
	}
	for name, value := range request.Headers {
		if !strings.EqualFold(name, "Content-Length") { // net/http sends its own
			sent.Header.Set(name, value)
		}
	}
	return exchange(d.Storage, sent)
}

func exchange(transport http.RoundTripper, request *http.Request) (status int, content string, err error) {
	response, err := transport.RoundTrip(request)
	if err != nil {
		return 0, "", err
	}
	read, err := io.ReadAll(io.LimitReader(response.Body, answerLimit))
	return response.StatusCode, string(read), errors.Join(err, response.Body.Close())
}

// putDocument uploads the document of a record that was just acknowledged, and records that. It is not retried: what S3 has not
// acknowledged may be lost.
func (c *Client) putDocument(ctx context.Context, written evidence.Attempt) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	document := evidence.Document{At: time.Now(), Number: written.Number, ID: written.ID}
	address, region, err := c.Names.Address(ctx, c.URL.Hostname())
	if document.Region = region; err == nil {
		document.Status, err = c.Documents.put(ctx, c.URL.JoinPath("records").String(), address, written.ID, written.Number)
	}
	if document.Duration = time.Since(document.At); err != nil {
		document.Error = err.Error()
	}
	c.Log.AddDocument(document)
}
