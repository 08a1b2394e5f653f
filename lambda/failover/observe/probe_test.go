package observe_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"warmstandby/lambda/failover/observe"
)

func TestProbe(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var status int
		if _, err := fmt.Sscanf(r.URL.Path, "/%d", &status); err != nil {
			t.Errorf("the probe gets %s", r.URL.Path)
		}
		if status == http.StatusFound {
			w.Header().Set("Location", "/200")
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	tests := []struct {
		status int
		good   bool
	}{{200, true}, {204, false}, {302, false}, {404, false}, {503, false}}
	for _, test := range tests {
		t.Run(fmt.Sprintf("status %d", test.status), func(t *testing.T) {
			got := observe.NewHTTPProber().Probe(t.Context(), fmt.Sprintf("%s/%d", server.URL, test.status))
			if got.OK != test.good || got.Outcome != fmt.Sprintf("status %d", test.status) {
				t.Errorf("the probe got %+v, want good: %t", got, test.good)
			}
		})
	}
}

func TestProbeFailure(t *testing.T) {
	t.Run("a probe of a closed port says why it failed", func(t *testing.T) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := listener.Addr().String()
		if err := listener.Close(); err != nil {
			t.Fatal(err)
		}
		got := observe.NewHTTPProber().Probe(t.Context(), "http://"+address)
		if got.OK || !strings.Contains(got.Outcome, "refused") || strings.Contains(got.Outcome, address) {
			t.Errorf("the probe got %+v, want a refusal in few words", got)
		}
		if got := observe.NewHTTPProber().Probe(t.Context(), "://"); got.OK {
			t.Error("a URL that is none is good")
		}
	})
}
