package observe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"warmstandby/lambda/failover/decision"
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
type ProbeResult = decision.Probe

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
	begun := time.Now()
	result := h.get(ctx, url)
	result.Took = time.Since(begun)
	return result
}

// get makes the request and classifies its outcome, without the time that it took.
func (h HTTPProber) get(ctx context.Context, url string) ProbeResult {
	ctx, cancel := context.WithTimeout(ctx, ProbeTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return unreachable("an error of its URL: " + err.Error())
	}
	request.Header.Set("User-Agent", "warmstandby-failover")
	response, err := h.client.Do(request)
	if err != nil {
		return unreachable(describeFailure(err))
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, bodyLimit))
	if err != nil {
		return unreachable("an answer that broke off: " + describeFailure(err))
	}
	outcome := fmt.Sprintf("status %d", response.StatusCode)
	if response.StatusCode == http.StatusOK {
		return ProbeResult{OK: true, Outcome: outcome}
	}
	cause := writeFailure(body)
	if cause != decision.CauseUnreachable {
		outcome += ", " + string(cause)
	}
	return ProbeResult{Outcome: outcome, Cause: cause}
}

func unreachable(outcome string) ProbeResult {
	return ProbeResult{Outcome: outcome, Cause: decision.CauseUnreachable}
}

// answer is what the application's answer to a health check has in every version: its region, or the URN of a problem. Reason is the
// member that newer versions add.
type answer struct {
	Type   string `json:"type"`
	Region string `json:"region"`
	Reason string `json:"reason"`
}

// problemPrefix begins the type of every problem of the application (RFC 9457).
const problemPrefix = "urn:warmstandby:problem:"

// writeFailure returns the cause that the body of a refused health check names. A body that is not the application's comes from
// something in front of it, such as the load balancer: the application was not reached.
func writeFailure(body []byte) decision.WriteFailure {
	var parsed answer
	if json.Unmarshal(body, &parsed) != nil || parsed.Region == "" && !strings.HasPrefix(parsed.Type, problemPrefix) && parsed.Reason == "" {
		return decision.CauseUnreachable
	}
	switch cause := decision.WriteFailure(parsed.Reason); cause {
	case decision.CauseReplicationWait, decision.CauseReadOnly, decision.CauseNoConnectionSlots, decision.CauseDatabaseUnreachable:
		return cause
	}
	return decision.CauseUnknown
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
