package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/test/access/resolver"
	"warmstandby/test/drill/evidence"
)

// fakeService is an application whose answers are scripted by number and attempt.
type fakeService struct {
	mu      sync.Mutex
	answers func(method string, number, try int) (status int, header, body string, err error)
	tries   map[string]int
	keys    map[string]map[string]bool // idempotency keys, by body
}

func (p *fakeService) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	what := r.URL.Path
	if r.Body != nil {
		content, _ := io.ReadAll(r.Body)
		what = string(content)
		if p.keys[what] == nil {
			p.keys[what] = map[string]bool{}
		}
		p.keys[what][r.Header.Get("Idempotency-Key")] = true
	}
	p.tries[what]++
	number := 0
	fmt.Sscanf(strings.TrimPrefix(what[strings.LastIndexAny(what, ":/")+1:], "id-"), "%d", &number)
	status, header, body, err := p.answers(r.Method, number, p.tries[what])
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Retry-After": {header}}, Body: io.NopCloser(strings.NewReader(body))}, nil
}

func success(method string, number int) (int, string, string, error) {
	status := map[string]int{http.MethodPost: 201, http.MethodGet: 200}[method]
	return status, "", fmt.Sprintf(`{"id":"id-%d","content":{"number":%d}}`, number, number), nil
}

type oneRegion struct{ err error }

func (o oneRegion) Address(context.Context, string) (netip.Addr, string, error) {
	return netip.AddrFrom4([4]byte{127, 53, 0, 1}), "us-east-1", o.err
}

// runClient runs a client for a time, on a fake clock. It returns the recorded attempts and the application.
func runClient(
	t *testing.T,
	length time.Duration,
	names Names,
	answers func(method string, number, try int) (int, string, string, error),
) (noted []evidence.Attempt, p *fakeService) {
	t.Helper()
	p = &fakeService{answers: answers, tries: map[string]int{}, keys: map[string]map[string]bool{}}
	return runClientOver(t, length, names, p), p
}

// runClientOver runs a client for a time, on a fake clock, and returns the recorded attempts.
func runClientOver(t *testing.T, length time.Duration, names Names, transport http.RoundTripper) (noted []evidence.Attempt) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		log := evidence.NewLog(evidence.Evidence{})
		c := &Client{
			URL: &url.URL{Scheme: "http", Host: "app.example.test"}, Names: names, HTTP: transport, Log: log, Name: "drill",
			Token: func(context.Context) (string, error) { return "t", nil },
		}
		ctx, cancel := context.WithTimeout(t.Context(), length)
		defer cancel()
		c.Run(ctx)
		noted = log.Copy().Attempts
	})
	return noted
}

func filterAttempts(attempts []evidence.Attempt, kind string, number int) (found []evidence.Attempt) {
	for _, a := range attempts {
		if a.Kind == kind && a.Number == number {
			found = append(found, a)
		}
	}
	return found
}

func TestLoad(t *testing.T) {
	t.Run("a number is written five times a second, and every fifth is read back", func(t *testing.T) {
		noted, _ := runClient(
			t,
			2*time.Second-time.Millisecond,
			oneRegion{},
			func(method string, number, _ int) (int, string, string, error) { return success(method, number) },
		)
		writes, reads := 0, 0
		for _, a := range noted {
			if !a.Good() || a.Region != "us-east-1" || a.ID != fmt.Sprintf("id-%d", a.Number) || a.Try != 1 {
				t.Errorf("noted %+v", a)
			}
			if a.Kind == evidence.Read {
				reads++
			} else {
				writes++
			}
		}
		if writes != 10 || reads != 2 {
			t.Errorf("%d writes and %d reads in two seconds, want 10 and 2", writes, reads)
		}
	})
	t.Run("a region that hangs costs bounded time and requests", func(t *testing.T) {
		withheld := 0
		for _, a := range runClientOver(t, 30*time.Second, oneRegion{}, hanging{}) {
			if a.Withheld {
				withheld++
			} else if a.Duration != attemptTimeout {
				t.Fatalf("an attempt took %s, want %s", a.Duration, attemptTimeout)
			}
		}
		if withheld == 0 {
			t.Error("no attempt was withheld, although every slot was taken")
		}
	})
}

func TestRetry(t *testing.T) {
	t.Run("a failed request is repeated under the same idempotency key", func(t *testing.T) {
		noted, p := runClient(t, time.Millisecond, oneRegion{}, func(method string, number, try int) (int, string, string, error) {
			switch try {
			case 1:
				return 0, "", "", errors.New("connection reset")
			case 2:
				return 503, "5", "not now", nil
			}
			return success(method, number)
		})
		tries := filterAttempts(noted, evidence.Write, 1)
		if len(tries) != 3 || tries[0].Error != "connection reset" || tries[1].Status != 503 || !tries[2].Good() {
			t.Fatalf("noted %+v", tries)
		}
		if wait := tries[2].At.Sub(tries[1].At); wait < 5*time.Second {
			t.Errorf("after Retry-After: 5 it tried again in %s", wait)
		}
		for body, keys := range p.keys {
			if len(keys) != 1 || !keys["drill-1"] {
				t.Errorf("%s came with the keys %v", body, keys)
			}
		}
	})
	t.Run("retries end with their window", func(t *testing.T) {
		noted, _ := runClient(t, time.Millisecond, oneRegion{}, func(string, int, int) (int, string, string, error) { return 502, "", "", nil })
		last := noted[len(noted)-1]
		if took := last.End().Sub(noted[0].At); took > retryWindow || len(noted) < 4 {
			t.Errorf("%d tries in %s, want some in at most %s", len(noted), took, retryWindow)
		}
	})
	t.Run("a request that cannot succeed is not repeated", func(t *testing.T) {
		for status, body := range map[int]string{400: "", 401: "", 201: `{"id":"id-1","content":{"number":7}}`} {
			noted, _ := runClient(
				t,
				time.Millisecond,
				oneRegion{},
				func(string, int, int) (int, string, string, error) { return status, "", body, nil },
			)
			if len(noted) != 1 || noted[0].Good() {
				t.Errorf("after status %d with %q it noted %+v, want one attempt that failed", status, body, noted)
			}
		}
	})
	t.Run("a read of a row that has not arrived is repeated", func(t *testing.T) {
		noted, _ := runClient(t, time.Second, oneRegion{}, func(method string, number, try int) (int, string, string, error) {
			if method == http.MethodGet && try == 1 {
				return 404, "", "", nil
			}
			return success(method, number)
		})
		if reads := filterAttempts(noted, evidence.Read, 5); len(reads) != 2 || reads[0].Status != 404 || !reads[1].Good() {
			t.Errorf("noted %+v", reads)
		}
	})
}

func TestNames(t *testing.T) {
	t.Run("a name without an address is a failed attempt", func(t *testing.T) {
		noted, p := runClient(
			t,
			time.Millisecond,
			oneRegion{err: resolver.ErrNoAddress},
			func(string, int, int) (int, string, string, error) { return 201, "", "", nil },
		)
		if len(noted) < 2 || noted[0].Region != "" || !strings.Contains(noted[0].Error, "no address") || len(p.tries) != 0 {
			t.Errorf("noted %+v, and %d requests arrived", noted, len(p.tries))
		}
	})
}

// hanging is a platform that never answers.
type hanging struct{}

func (hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}
