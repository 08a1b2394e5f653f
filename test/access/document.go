package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// DocumentPath is where the application signs requests for a record's document, from the record's URL on.
const DocumentPath = "/document"

// Signed is a request that the application has signed.
type Signed struct {
	URL, Method string
	Headers     map[string]string
}

// UploadQuery is what the application wants to know of a document before it signs an upload.
func UploadQuery(contentType, content string) ([]byte, error) {
	query, err := json.Marshal(map[string]any{"contentType": contentType, "contentLength": len(content)})
	if err != nil {
		return nil, fmt.Errorf("writing a query for a signed upload: %w", err)
	}
	return query, nil
}

// Sign asks the application for a signed request.
func Sign(ctx context.Context, transport http.RoundTripper, r Request) (Signed, error) {
	answer, err := Send(ctx, transport, r)
	if err != nil || answer.Status != http.StatusOK {
		return Signed{}, errors.Join(fmt.Errorf("the application answers %d", answer.Status), err)
	}
	var request Signed
	if err := json.Unmarshal(answer.Body, &request); err != nil || request.URL == "" {
		return Signed{}, errors.Join(errors.New("the application's answer has no URL"), err)
	}
	return request, nil
}

// Follow sends a signed request. The transport resolves the names of S3 itself.
func Follow(ctx context.Context, transport http.RoundTripper, r Signed, content string) (Answer, error) {
	request, err := http.NewRequestWithContext(ctx, r.Method, r.URL, strings.NewReader(content))
	if err != nil {
		return Answer{}, err
	}
	for name, value := range r.Headers {
		if !strings.EqualFold(name, "Content-Length") { // net/http sends its own
			request.Header.Set(name, value)
		}
	}
	return exchange(transport, request)
}
