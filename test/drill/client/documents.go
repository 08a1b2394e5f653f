package client

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"warmstandby/test/access"
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
	query, err := access.UploadQuery(documentType, content)
	if err != nil {
		return 0, err
	}
	upload, err := c.sign(ctx, access.Request{
		Method: http.MethodPut, URL: c.recordURL(d.ID) + access.DocumentPath, Address: address, JSON: query,
	})
	if err != nil {
		return 0, err
	}
	answer, err := access.Follow(ctx, c.Storage, upload, content)
	return answer.Status, err
}

// CheckDocument reads a document by the application at a URL and an address, and returns an error that says what is wrong with it.
func (c *Client) CheckDocument(ctx context.Context, application *url.URL, address netip.Addr, d evidence.Document) error {
	download, err := c.sign(ctx, access.Request{
		Method: http.MethodGet, URL: application.JoinPath("records", d.ID).String() + access.DocumentPath, Address: address,
	})
	if err != nil {
		return err
	}
	answer, err := access.Follow(ctx, c.Storage, download, "")
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

// sign asks the application for a signed request, with the client's token.
func (c *Client) sign(ctx context.Context, r access.Request) (access.Signed, error) {
	token, err := c.Token(ctx)
	if err != nil {
		return access.Signed{}, fmt.Errorf("getting a token: %w", err)
	}
	r.Token = token
	return access.Sign(ctx, c.HTTP, r)
}
