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
	// ProbeTimeout bounds a probe. The application answers within a second, because it caches the result of its own check.
	ProbeTimeout = 2 * time.Second
	// connectTimeout bounds the connection: it distinguishes an unreachable host from a slow one.
	connectTimeout = 1500 * time.Millisecond
	// bodyLimit bounds how much of a response is read, in bytes.
	bodyLimit = 64 << 10
)

// ProbeResult is the result of one probe.
type ProbeResult struct {
	OK      bool
	Outcome string // such as "status 503" or "a time-out"
}

// Prober probes a region's application from outside, as a user would.
type Prober interface {
	Probe(ctx context.Context, url string) ProbeResult
}

// HTTPProber opens a new connection for every probe: a kept-alive connection would test a path that no new user takes.
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
		// The application does not redirect: a redirect comes from something else.
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
