package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"warmstandby/test/access"
	"warmstandby/test/drill/evidence"
)

// retryableStatuses are the statuses after which the same request may succeed (RFC 9110, sections 15.5.9 and 15.6; RFC 6585,
// section 4). A read may also succeed after 404, because a reader may lag behind.
var retryableStatuses = []int{
	http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
	http.StatusServiceUnavailable, http.StatusGatewayTimeout,
}

// send sends an attempt's request to an address and records the answer. The error is why there is none, or none that can be decoded.
func (c *Client) send(ctx context.Context, address netip.Addr, a *evidence.Attempt) (retry, error) {
	next := retry{allowed: true}
	request := c.request(a)
	request.Address = address
	answer, err := c.sendAuthorized(ctx, request)
	if err != nil {
		return next, err
	}
	a.Status = answer.Status
	if a.Good() {
		return retry{}, c.decodeRecord(a, answer.Body)
	}
	a.Error = answer.Start()
	next.allowed = slices.Contains(retryableStatuses, a.Status) || a.Kind == evidence.Read && a.Status == http.StatusNotFound
	next.after = retryAfter(answer.Header.Get("Retry-After"))
	return next, nil
}

// sendAuthorized sends a request to the application with the client's token.
func (c *Client) sendAuthorized(ctx context.Context, r access.Request) (access.Answer, error) {
	token, err := c.Token(ctx)
	if err != nil {
		return access.Answer{}, fmt.Errorf("getting a token: %w", err)
	}
	r.Token = token
	return access.Send(ctx, c.HTTP, r)
}

// recordURL is the URL of a record.
func (c *Client) recordURL(id string) string { return c.URL.JoinPath("records", id).String() }

// request is the request of an attempt.
func (c *Client) request(a *evidence.Attempt) access.Request {
	if a.Kind == evidence.Read {
		return access.Request{Method: http.MethodGet, URL: c.recordURL(a.ID)}
	}
	return access.Request{
		Method: http.MethodPost, URL: c.URL.JoinPath("records").String(),
		JSON:   fmt.Appendf(nil, `{"patient":%q,"content":{"number":%d}}`, c.Name, a.Number),
		Header: map[string]string{"Idempotency-Key": fmt.Sprintf("%s-%d", c.Name, a.Number)},
	}
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
