package observe

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
	// ProbeTimeout is how long a probe waits for an answer: the application answers within a second, from a probe of its own
	// that it keeps.
	ProbeTimeout = 2 * time.Second
	// connectTimeout bounds the connection, so that a host that is not there is told from one that is slow.
	connectTimeout = 1500 * time.Millisecond
	// bodyLimit is how much of an answer is read, so that its connection can be used again.
	bodyLimit = 64 << 10
)

// ProbeResult is what a probe got.
type ProbeResult struct {
	OK      bool
	Outcome string // such as "status 503" or "a time-out"
}

// Prober asks a region's application, from outside, as its users do.
type Prober interface {
	Probe(ctx context.Context, url string) ProbeResult
}

// HTTPProber probes over HTTP. Each probe has a connection of its own: one that was kept would prove a way that no new user has.
type HTTPProber struct{ client *http.Client }

// NewHTTPProber returns a prober.
func NewHTTPProber() HTTPProber {
	return HTTPProber{&http.Client{
		Timeout: ProbeTimeout,
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: connectTimeout}).DialContext,
			TLSHandshakeTimeout: connectTimeout, DisableKeepAlives: true, ForceAttemptHTTP2: false,
		},
		// A redirect is an answer of something else than the application.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Probe gets the URL; only status 200 is good.
func (h HTTPProber) Probe(ctx context.Context, url string) ProbeResult {
	ctx, cancel := context.WithTimeout(ctx, ProbeTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return ProbeResult{Outcome: "an error of its URL: " + err.Error()}
	}
	request.Header.Set("User-Agent", "warmstandby-failover")
	response, err := h.client.Do(request)
	if err != nil {
		return ProbeResult{Outcome: describeFailure(err)}
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(response.Body, bodyLimit)); err != nil {
		return ProbeResult{Outcome: "an answer that broke off: " + describeFailure(err)}
	}
	return ProbeResult{response.StatusCode == http.StatusOK, fmt.Sprintf("status %d", response.StatusCode)}
}

// describeFailure says in few words why there was no answer.
func describeFailure(err error) string {
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		return "a time-out"
	}
	for wrapped := errors.Unwrap(err); wrapped != nil; wrapped = errors.Unwrap(wrapped) {
		err = wrapped // the innermost is without the URL and the address, which are known
	}
	return err.Error()
}
