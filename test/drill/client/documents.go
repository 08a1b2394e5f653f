package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"warmstandby/test/drill/evidence"
)

const (
	// documentInterval is how many numbers are written for each one that gets a document: one every two seconds.
	documentInterval = 10
	// documentType is the media type of the documents.
	documentType = "text/plain"
	// documentPath is where the application signs requests for a record's document, from the record's URL on.
	documentPath = "/document"
)

// documentContent is the content of a number's document.
func documentContent(name string, number int) string { return fmt.Sprintf("%s %d", name, number) }

// signed is a request that the application has signed.
type signed struct {
	URL, Method string
	Headers     map[string]string
}

// putDocument uploads the document of a record that was just acknowledged, and records that. It is not retried: what S3 has not
// acknowledged may be lost.
func (c *Client) putDocument(ctx context.Context, written evidence.Attempt) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	document := evidence.Document{At: time.Now(), Number: written.Number, ID: written.ID}
	address, region, err := c.Names.Address(ctx, c.URL.Hostname())
	if document.Region = region; err == nil {
		document.Status, err = c.upload(ctx, address, document)
	}
	if document.Duration = time.Since(document.At); err != nil {
		document.Error = err.Error()
	}
	c.Log.AddDocument(document)
}

// upload uploads a document and returns S3's status.
func (c *Client) upload(ctx context.Context, address netip.Addr, d evidence.Document) (status int, err error) {
	content := documentContent(c.Name, d.Number)
	query, err := json.Marshal(map[string]any{"contentType": documentType, "contentLength": len(content)})
	if err != nil {
		return 0, fmt.Errorf("writing a query for a signed upload: %w", err)
	}
	upload, err := c.sign(ctx, Request{Method: http.MethodPut, URL: c.recordURL(d.ID) + documentPath, Address: address, JSON: query})
	if err != nil {
		return 0, err
	}
	answer, err := c.follow(ctx, upload, content)
	return answer.Status, err
}

// CheckDocument reads a document by the application at a URL and an address, and returns an error that says what is wrong with it.
func (c *Client) CheckDocument(ctx context.Context, application *url.URL, address netip.Addr, d evidence.Document) error {
	download, err := c.sign(ctx, Request{
		Method: http.MethodGet, URL: application.JoinPath("records", d.ID).String() + documentPath, Address: address,
	})
	if err != nil {
		return err
	}
	answer, err := c.follow(ctx, download, "")
	switch {
	case err != nil:
		return err
	case answer.Status != http.StatusOK:
		return fmt.Errorf("S3 answers %d", answer.Status)
	case string(answer.Body) != documentContent(c.Name, d.Number):
		return fmt.Errorf("it is another document, of %d bytes", len(answer.Body))
	}
	return nil
}

// sign asks the application for a signed request.
func (c *Client) sign(ctx context.Context, r Request) (signed, error) {
	answer, err := c.sendAuthorized(ctx, r)
	if err != nil || answer.Status != http.StatusOK {
		return signed{}, errors.Join(fmt.Errorf("the application answers %d", answer.Status), err)
	}
	var request signed
	if err := json.Unmarshal(answer.Body, &request); err != nil || request.URL == "" {
		return signed{}, errors.Join(errors.New("the application's answer has no URL"), err)
	}
	return request, nil
}

// follow sends a signed request.
func (c *Client) follow(ctx context.Context, r signed, content string) (Answer, error) {
	request, err := http.NewRequestWithContext(ctx, r.Method, r.URL, strings.NewReader(content))
	if err != nil {
		return Answer{}, err
	}
	for name, value := range r.Headers {
		if !strings.EqualFold(name, "Content-Length") { // net/http sends its own
			request.Header.Set(name, value)
		}
	}
	return exchange(c.Storage, request)
}
