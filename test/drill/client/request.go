package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"warmstandby/test/drill/evidence"
)

// answerLimit bounds what is read of a response, in bytes.
const answerLimit = 1 << 20

// retryableStatuses are the statuses after which the same request may succeed (RFC 9110, sections 15.5.9 and 15.6; RFC 6585,
// section 4). A read may also succeed after 404, because a reader may lag behind.
var retryableStatuses = []int{
	http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
	http.StatusServiceUnavailable, http.StatusGatewayTimeout,
}

// send sends an attempt's request and records the response. The error is why there is no response, or none that can be decoded.
func (c *Client) send(ctx context.Context, a *evidence.Attempt) (retry, error) {
	next := retry{allowed: true}
	token, err := c.Token(ctx)
	if err != nil {
		return next, fmt.Errorf("getting a token: %w", err)
	}
	request, err := c.request(ctx, a)
	if err != nil {
		return retry{}, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := c.HTTP.RoundTrip(request)
	if err != nil {
		return next, err
	}
	content, err := io.ReadAll(io.LimitReader(response.Body, answerLimit))
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return next, fmt.Errorf("reading the answer %d: %w", response.StatusCode, err)
	}
	a.Status = response.StatusCode
	if a.Good() {
		return retry{}, c.decodeRecord(a, content)
	}
	a.Error = strings.TrimSpace(string(content[:min(len(content), 200)]))
	next.allowed = slices.Contains(retryableStatuses, a.Status) || a.Kind == evidence.Read && a.Status == http.StatusNotFound
	next.after = retryAfter(response.Header.Get("Retry-After"))
	return next, nil
}

func (c *Client) request(ctx context.Context, a *evidence.Attempt) (*http.Request, error) {
	if a.Kind == evidence.Read {
		return http.NewRequestWithContext(ctx, http.MethodGet, c.URL.JoinPath("records", a.ID).String(), nil)
	}
	body := fmt.Sprintf(`{"patient":%q,"content":{"number":%d}}`, c.Name, a.Number)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL.JoinPath("records").String(), strings.NewReader(body))
	if err == nil {
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Idempotency-Key", fmt.Sprintf("%s-%d", c.Name, a.Number))
	}
	return request, err
}

// decodeRecord takes the record's id from a good answer, and checks that it is the number's own. A good answer that says
// otherwise is none: its status is taken back.
func (c *Client) decodeRecord(a *evidence.Attempt, content []byte) error {
	var result struct {
		ID      string
		Content struct{ Number int }
	}
	err := json.Unmarshal(content, &result)
	if err == nil && (result.ID == "" || result.Content.Number != a.Number) {
		err = fmt.Errorf("it is record %q with number %d", result.ID, result.Content.Number)
	}
	if err != nil {
		err = fmt.Errorf("understanding the answer %d for number %d: %w", a.Status, a.Number, err)
		a.Status = 0
		return err
	}
	a.ID = result.ID
	return nil
}

// retryAfter reads Retry-After in seconds (RFC 9110, section 10.2.3); a date is not used by the application.
func retryAfter(header string) time.Duration {
	seconds, err := strconv.Atoi(header)
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, retryWindow)
}
