package client

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/test/drill/evidence"
)

// transport answers requests.
type floodTransport func(*http.Request) (*http.Response, error)

func (f floodTransport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func floodAnswer(status int) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(nil))}
}

func TestFlood(t *testing.T) {
	flood := func(answer floodTransport) *Flood {
		log := evidence.NewLog(evidence.Evidence{})
		return &Flood{
			URL: &url.URL{Scheme: "http", Host: "records.test"}, HTTP: answer, Log: log,
			Address: func(context.Context) (netip.Addr, error) { return netip.MustParseAddr("127.0.0.1"), nil },
			Token:   func(context.Context) (string, error) { return "token", nil },
		}
	}
	t.Run("it changes records that there are not, and counts what becomes of it", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var sent atomic.Int64
			f := flood(func(r *http.Request) (*http.Response, error) {
				if r.Method != http.MethodPut || !strings.HasPrefix(r.URL.Path, "/records/") || r.Header.Get("If-Match") == "" {
					t.Errorf("it sends %s %s", r.Method, r.URL)
				}
				if sent.Add(1)%2 == 0 {
					return floodAnswer(http.StatusBadGateway), nil
				}
				return floodAnswer(http.StatusServiceUnavailable), nil
			})
			ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
			defer stop()
			f.Run(ctx)
			got := *f.Log.Copy().Flood
			if got.Sent < 290 || got.Sent > 310 || got.Refused != got.Sent/2 || got.Answered+got.Refused != got.Sent || got.Withheld > 0 {
				t.Errorf("in ten seconds it was %+v", got)
			}
		})
	})
	t.Run("where nobody answers it has so many requests in flight, gives each up, and ends by itself", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var inFlight, most atomic.Int64
			f := flood(func(r *http.Request) (*http.Response, error) {
				most.Store(max(most.Load(), inFlight.Add(1)))
				defer inFlight.Add(-1)
				<-r.Context().Done()
				return nil, r.Context().Err()
			})
			began := time.Now()
			f.Run(t.Context())
			got := *f.Log.Copy().Flood
			if most.Load() != floodConcurrent || got.Unanswered != got.Sent || got.Withheld == 0 || time.Since(began) > floodMax+floodTimeout {
				t.Errorf("%d requests were in flight for %s: %+v", most.Load(), time.Since(began), got)
			}
		})
	})
}
