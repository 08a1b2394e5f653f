package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// testServer is a server whose only host is the address at which it is served, with what it was asked to do.
func testServer(t *testing.T, canAct bool) (url string, s *server, asked *[]action) {
	t.Helper()
	asked = new([]action)
	var act func(action) error
	if canAct {
		act = func(a action) error {
			*asked = append(*asked, a)
			if a.Do == "busy" {
				return errBusy
			}
			return nil
		}
	}
	s = newServer(newHub(), nil, pageSettings{Environment: "local</script>", Primary: "us-east-1", Standby: "us-west-2"}, act)
	served := httptest.NewServer(s)
	t.Cleanup(served.Close)
	s.hosts = []string{strings.TrimPrefix(served.URL, "http://")}
	return served.URL, s, asked
}

func request(t *testing.T, method, url, body string, header ...string) (int, http.Header, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(content)
}

func TestServedPage(t *testing.T) {
	url, s, _ := testServer(t, true)
	status, header, page := request(t, http.MethodGet, url+"/", "")
	policy := header.Get("Content-Security-Policy")
	if status != http.StatusOK || !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("status %d with the policy %q", status, policy)
	}
	if strings.Contains(page, "NONCE") || strings.Contains(page, "SETTINGS;") || strings.Contains(page, "local</script>") {
		t.Error("the page has placeholders, or settings that end its script")
	}
	if !strings.Contains(page, s.token) {
		t.Error("the page has no token, so its buttons do nothing")
	}
	if _, _, other := request(t, http.MethodGet, url+"/", ""); other == page {
		t.Error("two pages have one nonce")
	}
	url, s, _ = testServer(t, false)
	if _, _, page := request(t, http.MethodGet, url+"/", ""); strings.Contains(page, s.token) || !strings.Contains(page, `"canAct":false`) {
		t.Error("a page that only reads can do something")
	}
}

func TestRequestsOfOthers(t *testing.T) {
	url, s, asked := testServer(t, true)
	readOnly, _, _ := testServer(t, false)
	own := []string{"Origin", url, tokenHeader, s.token}
	const fault = `{"do":"fault","region":"us-east-1","kind":"unreachable"}`
	for _, test := range []struct {
		name, method, url, body string
		header                  []string
		status                  int
		done                    int
	}{
		{"the page's own", "POST", url + "/act", fault, []string{"Origin", url, tokenHeader, s.token}, http.StatusAccepted, 1},
		{"another site's", "POST", url + "/act", fault, []string{"Origin", "https://e.example", tokenHeader, s.token}, http.StatusForbidden, 0},
		{"another port's", "POST", url + "/act", fault, []string{"Origin", "http://127.0.0.1:1", tokenHeader, s.token}, http.StatusForbidden, 0},
		{"one without an origin", "POST", url + "/act", fault, []string{tokenHeader, s.token}, http.StatusForbidden, 0},
		{"one of a sandbox", "POST", url + "/act", fault, []string{"Origin", "null", tokenHeader, s.token}, http.StatusForbidden, 0},
		{"one without the token", "POST", url + "/act", fault, []string{"Origin", url}, http.StatusForbidden, 0},
		{"one with another token", "POST", url + "/act", fault, []string{"Origin", url, tokenHeader, "x"}, http.StatusForbidden, 0},
		{"one of a rebound name", "GET", url + "/", "", []string{"Host", "evil.example"}, http.StatusMisdirectedRequest, 0},
		{"events of a rebound name", "GET", url + "/events", "", []string{"Host", "evil.example:80"}, http.StatusMisdirectedRequest, 0},
		{"a GET that does something", "GET", url + "/act", "", []string{"Origin", url, tokenHeader, s.token}, http.StatusNotFound, 0},
		{"no JSON", "POST", url + "/act", "do=fault", []string{"Origin", url, tokenHeader, s.token}, http.StatusBadRequest, 0},
		{"what nobody knows", "POST", url + "/act", `{"do":"fault","shell":"x"}`, own, http.StatusBadRequest, 0},
		{"one while another is under way", "POST", url + "/act", `{"do":"busy"}`, own, http.StatusConflict, 1},
		{"one on AWS", "POST", readOnly + "/act", fault, []string{"Origin", readOnly, tokenHeader, s.token}, http.StatusForbidden, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			*asked = nil
			status, header, body := request(t, test.method, test.url, test.body, test.header...)
			if status != test.status || len(*asked) != test.done {
				t.Errorf("status %d and %d done, want %d and %d: %s", status, len(*asked), test.status, test.done, body)
			}
			if header.Get("Access-Control-Allow-Origin") != "" {
				t.Error("other sites may read the answer")
			}
		})
	}
}

func TestEvents(t *testing.T) {
	url, s, _ := testServer(t, false)
	s.hub.publish(feedStatus, message{At: start, Data: "first"})
	s.hub.publish(feedStatus, message{At: start, Data: "second"})
	s.hub.publish(feedAlarms, message{At: start, Error: "a time-out"})
	ctx, end := context.WithCancel(t.Context())
	defer end()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if kind := answer.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Errorf("the type is %q", kind)
	}
	lines := bufio.NewScanner(answer.Body)
	next := func() string {
		lines.Scan()
		name := lines.Text()
		lines.Scan()
		data := lines.Text()
		lines.Scan()
		return name + " " + data
	}
	if got := next(); got != `event: status data: {"at":"2026-03-01T12:00:00Z","data":"second"}` {
		t.Errorf("a new page first gets %q, want the newest status", got)
	}
	if got := next(); got != `event: alarms data: {"at":"2026-03-01T12:00:00Z","error":"a time-out","data":null}` {
		t.Errorf("then it gets %q, want that the alarms are not known, and why", got)
	}
	s.hub.publish(feedStatus, message{At: start, Data: "third"})
	if got := next(); !strings.Contains(got, "third") {
		t.Errorf("what happens reaches it as %q", got)
	}
}

func TestSlowPage(t *testing.T) {
	h := newHub()
	events, end := h.open()
	for range pageBuffer + 1 {
		h.publish(feedStatus, message{Data: 1})
	}
	n := 0
	for range events {
		n++
	}
	if n != pageBuffer {
		t.Errorf("a page that reads nothing got %d messages before it was closed, want %d", n, pageBuffer)
	}
	end()                                      // which may come after it
	h.publish(feedStatus, message{Data: "on"}) // and harms nobody
	h.publish(feedStatus, message{Data: func() {}})
	if newest := string(h.newest[feedStatus]); !strings.Contains(newest, "encoding it") {
		t.Errorf("what cannot be encoded is %q", newest)
	}
}

func TestActions(t *testing.T) {
	a := &actor{
		operator: "op", local: "loc", state: "/st", environment: "local", region: "us-west-2",
		regions: []string{"us-east-1", "us-west-2"}, kinds: []string{"unreachable", "app-down"},
	}
	for _, test := range []struct {
		action action
		want   string // empty is refused
	}{
		{action{Do: "fault", Region: "us-east-1", Kind: "app-down"}, "loc fault --state /st --region us-east-1 --kind app-down"},
		{action{Do: "heal"}, "loc heal --state /st --region "},
		{action{Do: "switchover"}, "op switchover --env local --region us-west-2"},
		{action{Do: "failback"}, "op failback --env local --region us-west-2"},
		{action{Do: "failover"}, ""}, // which gives up data: it is typed, with its flag
		{action{Do: "fault", Region: "us-east-1", Kind: "--help"}, ""},
		{action{Do: "fault", Region: "--state=/etc", Kind: "app-down"}, ""},
		{action{Do: "heal", Region: "mars"}, ""},
		{action{Do: "down"}, ""},
		{action{}, ""},
	} {
		got, err := a.arguments(test.action)
		if strings.Join(got, " ") != test.want || (err != nil) != (test.want == "") {
			t.Errorf("%+v: %q, %v; want %q", test.action, got, err, test.want)
		}
	}
}

func TestOneActionAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var published []outcome
		fails := false
		a := &actor{operator: "op", publish: func(o outcome) { published = append(published, o) }}
		a.run = func(context.Context, []string) (string, error) {
			time.Sleep(time.Minute)
			if fails {
				return "refused", errors.New("exit status 3")
			}
			return "The writer is in us-west-2.", nil
		}
		if err := a.act(t.Context(), action{Do: "switchover"}); err != nil {
			t.Fatal(err)
		}
		if err := a.act(t.Context(), action{Do: "failback"}); !errors.Is(err, errBusy) {
			t.Errorf("a second action: %v", err)
		}
		time.Sleep(2 * time.Minute)
		fails = true
		if err := a.act(t.Context(), action{Do: "failback"}); err != nil {
			t.Errorf("one after it: %v", err)
		}
		time.Sleep(2 * time.Minute)
		want := []outcome{
			{Command: "switchover", Running: true}, {Command: "switchover", Output: "The writer is in us-west-2."},
			{Command: "failback", Running: true}, {Command: "failback", Output: "refused\nexit status 3", Failed: true},
		}
		if !slices.Equal(published, want) {
			t.Errorf("published was %+v", published)
		}
	})
}
