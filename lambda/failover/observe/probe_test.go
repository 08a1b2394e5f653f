package observe_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"warmstandby/lambda/failover/decision"
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
		if got.OK || got.Cause != decision.CauseUnreachable || !strings.Contains(got.Outcome, "refused") ||
			strings.Contains(got.Outcome, address) {
			t.Errorf("the probe got %+v, want a refusal in few words", got)
		}
		if got := observe.NewHTTPProber().Probe(t.Context(), "://"); got.OK {
			t.Error("a URL that is none is good")
		}
	})
}

// What the application answers in its versions, and what stands before it.
func TestProbeCause(t *testing.T) {
	problem := func(members string) string {
		return `{"type":"urn:warmstandby:problem:unavailable","title":"This region cannot do this now","status":503` + members + `}`
	}
	tests := []struct {
		name, body string
		cause      decision.WriteFailure
		outcome    string
	}{
		{"a commit waits", problem(`,"reason":"replication-wait"`), decision.CauseReplicationWait, "status 503, replication-wait"},
		{"the database is read-only", problem(`,"reason":"read-only"`), decision.CauseReadOnly, "status 503, read-only"},
		{"the database is full", problem(`,"reason":"no-connection-slots"`), decision.CauseNoConnectionSlots, "status 503, no-connection-slots"},
		{
			"there is no connection",
			problem(`,"reason":"database-unreachable"`),
			decision.CauseDatabaseUnreachable,
			"status 503, database-unreachable",
		},
		{"another reason", problem(`,"reason":"other"`), decision.CauseUnknown, "status 503, other"},
		{"a reason of a newer version", problem(`,"reason":"on-fire"`), decision.CauseUnknown, "status 503, other"},
		{"a reason that is no text", problem(`,"reason":7`), decision.CauseUnreachable, "status 503"},
		{"a problem without a reason", problem(""), decision.CauseUnknown, "status 503, other"},
		{
			"an answer with a reason",
			`{"status":"unavailable","region":"us-east-1","reason":"read-only"}`,
			decision.CauseReadOnly,
			"status 503, read-only",
		},
		{
			"an older version's answer",
			`{"status":"unavailable","region":"us-east-1","role":"primary"}`,
			decision.CauseUnknown,
			"status 503, other",
		},
		{"the load balancer's own page", "<html>503 Service Temporarily Unavailable</html>", decision.CauseUnreachable, "status 503"},
		{"somebody else's JSON", `{"message":"Service Unavailable"}`, decision.CauseUnreachable, "status 503"},
		{"somebody else's problem", `{"type":"about:blank","status":503}`, decision.CauseUnreachable, "status 503"},
		{"nothing", "", decision.CauseUnreachable, "status 503"},
		{"null", "null", decision.CauseUnreachable, "status 503"},
		{
			"an answer that is longer than what is read",
			problem(`,"reason":"read-only","x":"` + strings.Repeat("x", 64<<10) + `"`),
			decision.CauseUnreachable,
			"status 503",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusServiceUnavailable)
				fmt.Fprint(w, test.body)
			}))
			t.Cleanup(server.Close)
			got := observe.NewHTTPProber().Probe(t.Context(), server.URL)
			if got.OK || got.Cause != test.cause || got.Outcome != test.outcome || got.Took <= 0 {
				t.Errorf("the probe got %+v, want the cause %q and the outcome %q", got, test.cause, test.outcome)
			}
		})
	}
}
