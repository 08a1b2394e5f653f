package gateway

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"warmstandby/test/local/route53"
)

// An address is blocked beyond the limit, alone, and for as long as its requests of the window are too many.
func TestFirewallAdmits(t *testing.T) {
	var f firewalls
	rule := rateRule{limit: 3, window: time.Minute}
	one, other := firewallKey{"balancer", "192.0.2.1"}, firewallKey{"balancer", "192.0.2.2"}
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for i, want := range []bool{true, true, true, false, false} {
		if got := f.admits(rule, one, now.Add(time.Duration(i)*time.Second)); got != want {
			t.Errorf("request %d passes: %t, want %t", i+1, got, want)
		}
	}
	if !f.admits(rule, other, now) {
		t.Error("another address is blocked, too")
	}
	if f.admits(rule, one, now.Add(50*time.Second)) {
		t.Error("within the window a request passes")
	}
	if !f.admits(rule, one, now.Add(2*time.Minute)) {
		t.Error("after the window a request is blocked")
	}
}

// The rate limit is that of the web ACL before the load balancer, is asked for once, and again after a change.
func TestFirewallRule(t *testing.T) {
	const acl = `{"WebACL":{"Rules":[{"Name":"known","Statement":{"ManagedRuleGroupStatement":{}},"OverrideAction":{"None":{}}},` +
		`{"Name":"rate","Action":{"Block":{"CustomResponse":{"ResponseCode":429}}},` +
		`"Statement":{"RateBasedStatement":{"Limit":2,"AggregateKeyType":"IP","EvaluationWindowSec":60}}}]}}`
	for _, test := range []struct {
		name, answer string
		status       int // of the emulator's answer
		want         int // of the third request
	}{
		{"a rate limit", acl, http.StatusOK, http.StatusTooManyRequests},
		{"one without a response of its own", strings.Replace(acl, `{"CustomResponse":{"ResponseCode":429}}`, "{}", 1), http.StatusOK, 403},
		{"one that counts", strings.Replace(acl, "Block", "Count", 1), http.StatusOK, http.StatusOK},
		{"one of another key", strings.Replace(acl, `"IP"`, `"FORWARDED_IP"`, 1), http.StatusOK, http.StatusOK},
		{"no web ACL", `{"__type":"WAFNonexistentItemException"}`, http.StatusBadRequest, http.StatusOK},
	} {
		t.Run(test.name, func(t *testing.T) {
			var asked atomic.Int64
			f := newFake(t, t.TempDir(), func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.Header.Get(targetHeader), ".GetWebACLForResource") {
					asked.Add(1)
					w.WriteHeader(test.status)
					io.WriteString(w, test.answer)
				}
			})
			server := f.gateway.Balancer(route53.Balancer{ARN: "arn", Name: "app", Region: "us-west-2"})
			last := 0
			for range 3 {
				request := f.request(http.MethodGet, "/records", "", "", "", "")
				request.RemoteAddr = "192.0.2.1:1234"
				answer := httptest.NewRecorder()
				server.ServeHTTP(answer, request)
				last = answer.Code
			}
			if last != test.want || asked.Load() != 1 {
				t.Errorf("the third request is answered %d and the web ACL was asked for %d times, want %d and once", last, asked.Load(), test.want)
			}
			f.json("us-west-2", "wafv2", "AWSWAF_20190729.UpdateWebACL", `{"Name":"acl"}`)
			request := f.request(http.MethodGet, "/records", "", "", "", "")
			request.RemoteAddr = "192.0.2.1:1234"
			server.ServeHTTP(httptest.NewRecorder(), request)
			if asked.Load() != 2 {
				t.Errorf("after a change the web ACL was asked for %d times, want twice", asked.Load())
			}
		})
	}
}
