package evidence

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

const (
	// ProbeTime is how long a probe waits for an answer: the application answers within a second, from a probe of its own
	// that it keeps.
	ProbeTime = 2 * time.Second
	// connectTime bounds the connection, so that a host that is not there is told from one that is slow.
	connectTime = 1500 * time.Millisecond
	// bodyLimit is how much of an answer is read, so that its connection can be used again.
	bodyLimit = 64 << 10
)

// Result is what a probe got.
type Result struct {
	Good bool
	Got  string // such as "status 503" or "a time-out"
}

// Prober asks a region's application, from outside, as its users do.
type Prober interface {
	Probe(ctx context.Context, url string) Result
}

// HTTP probes over HTTP. Each probe has a connection of its own: one that was kept would prove a way that no new user has.
type HTTP struct{ client *http.Client }

// NewHTTP returns a prober.
func NewHTTP() HTTP {
	return HTTP{&http.Client{
		Timeout: ProbeTime,
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: connectTime}).DialContext,
			TLSHandshakeTimeout: connectTime, DisableKeepAlives: true, ForceAttemptHTTP2: false,
		},
		// A redirect is an answer of something else than the application.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Probe gets the URL; only status 200 is good.
func (h HTTP) Probe(ctx context.Context, url string) Result {
	ctx, cancel := context.WithTimeout(ctx, ProbeTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return Result{Got: "an error of its URL: " + err.Error()}
	}
	request.Header.Set("User-Agent", "warmstandby-failover")
	response, err := h.client.Do(request)
	if err != nil {
		return Result{Got: failure(err)}
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(response.Body, bodyLimit)); err != nil {
		return Result{Got: "an answer that broke off: " + failure(err)}
	}
	return Result{response.StatusCode == http.StatusOK, fmt.Sprintf("status %d", response.StatusCode)}
}

// failure says in few words why there was no answer.
func failure(err error) string {
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		return "a time-out"
	}
	for wrapped := errors.Unwrap(err); wrapped != nil; wrapped = errors.Unwrap(wrapped) {
		err = wrapped // the innermost is without the URL and the address, which are known
	}
	return err.Error()
}
