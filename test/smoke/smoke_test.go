package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/runbook"
	"warmstandby/test/access/events"
)

const east, west = "us-east-1", "us-west-2"

// world is a platform: an application in two regions behind one name, S3, and two buses.
type world struct {
	lost      map[string]bool              // regions that nothing reaches
	breaks    func(method, url string) int // the status of a broken answer; 0 is as it should be
	loses     bool                         // the answer to the first write is lost
	writes    int
	records   map[string]string // patient by id
	documents map[string]string
	buses     map[string]*fakeBus
	mute      string // a region whose bus carries nothing
}

type fakeBus struct {
	received map[string]map[string]int
	detached bool
}

func (b *fakeBus) Run(ctx context.Context)             { <-ctx.Done() }
func (b *fakeBus) Received(kind string) map[string]int { return b.received[kind] }
func (b *fakeBus) Detach(context.Context) error        { b.detached = true; return nil }

func (w *world) announce(kind, id string) {
	for region, b := range w.buses {
		if region != w.mute {
			b.received[kind] = map[string]int{id: 1}
		}
	}
}

func (w *world) Address(_ context.Context, name string) (netip.Addr, string, error) {
	for _, region := range []string{east, west} {
		if strings.HasPrefix(name, region) {
			return netip.Addr{}, region, nil
		}
	}
	return netip.Addr{}, east, nil
}

func answer(status int, body string) (*http.Response, error) {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
}

func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	region, _, _ := strings.Cut(r.URL.Host, ".")
	if w.lost[region] {
		return nil, errors.New("no route")
	}
	if status := w.breaks(r.Method, r.URL.String()); status != 0 {
		return answer(status, "broken")
	}
	if r.URL.Host != "s3.test" && r.URL.Path != "/healthz" && r.Header.Get("Authorization") != "Bearer t" {
		return answer(http.StatusUnauthorized, "")
	}
	body := ""
	if r.Body != nil {
		content, _ := io.ReadAll(r.Body)
		body = string(content)
	}
	id, document := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/records/"), "/document")
	switch {
	case r.URL.Path == "/healthz":
		return answer(200, "{}")
	case r.URL.Host == "s3.test" && r.Method == http.MethodPut:
		w.documents[r.URL.Path] = body
		return answer(200, "")
	case r.URL.Host == "s3.test":
		return answer(200, w.documents[r.URL.Path])
	case r.URL.Path == "/records":
		w.records["id-1"] = body
		w.announce(events.RecordCreated, "id-1")
		if w.writes++; w.loses {
			return nil, errors.New("a time-out")
		}
		return answer(201, `{"id":"id-1"}`)
	case r.URL.Path == "/records/search":
		var found []string
		for id, patient := range w.records {
			if strings.Contains(patient, strings.Split(body, `"`)[3]) {
				found = append(found, fmt.Sprintf(`{"id":%q}`, id))
			}
		}
		return answer(200, `{"records":[`+strings.Join(found, ",")+`]}`)
	case document && r.Method == http.MethodDelete:
		delete(w.documents, "/"+id)
		return answer(204, "")
	case document:
		return answer(200, fmt.Sprintf(`{"url":"http://s3.test/%s","method":%q,"headers":{}}`, id, r.Method))
	case r.Method == http.MethodDelete:
		delete(w.records, id)
		w.announce(events.RecordDeleted, id)
		return answer(204, "")
	case w.records[id] == "":
		return answer(404, "")
	}
	return answer(200, `{"id":"`+id+`"}`)
}

// smokeOf runs the checks on a fake clock and returns the exit code and what was printed.
func smokeOf(t *testing.T, w *world) (code int, printed string) {
	t.Helper()
	if w.breaks == nil {
		w.breaks = func(string, string) int { return 0 }
	}
	w.records, w.documents, w.buses = map[string]string{}, map[string]string{}, map[string]*fakeBus{}
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		s := smoke{out: &out, wait: time.Minute, pause: time.Second, platform: platform{
			global: &url.URL{Scheme: "http", Host: "app.test"}, primary: east, standby: west, names: w, http: w, storage: w, name: "smoke-1",
			token: func(context.Context) (string, error) { return "t", nil },
			attach: func(_ context.Context, region string) (bus, error) {
				w.buses[region] = &fakeBus{received: map[string]map[string]int{}}
				return w.buses[region], nil
			},
		}}
		code = s.run(t.Context())
		printed = out.String()
	})
	if len(w.records) > 0 && w.breaks("DELETE", "http://app.test/records/id-1") == 0 {
		t.Errorf("a record is left: %v\n%s", w.records, printed)
	}
	for region, b := range w.buses {
		if !b.detached {
			t.Errorf("the queue in %s is left", region)
		}
	}
	return code, printed
}

func on(method, part string, status int) func(string, string) int {
	return func(m, url string) int {
		if m == method && strings.Contains(url, part) {
			return status
		}
		return 0
	}
}

func TestSmoke(t *testing.T) {
	for _, test := range []struct {
		name  string
		world world
		code  int
		// want are beginnings of lines; not are those of which there must be none.
		want, not []string
	}{
		{
			name: "a platform that works", code: exitOK,
			want: []string{
				"ok  reach us-east-1", "ok  reach us-west-2", "ok  create a record", "ok  read it in us-east-1", "ok  read it in us-west-2",
				"ok  put its document", "ok  get its document", "ok  see its event in us-east-1", "ok  see its event in us-west-2",
				"ok  delete its document", "ok  delete the record", "ok  find nothing in us-west-2", "ok  see that event in us-west-2",
				"ok  remove the queue in us-east-1", "ok  remove the queue in us-west-2", "All is ok.",
			},
			not: []string{"NO", "--"},
		},
		{
			name: "replication that does not reach the standby", code: exitFailed,
			world: world{breaks: on("GET", "us-west-2.app.test/records", 404)},
			want:  []string{"ok  read it in us-east-1", "NO  read it in us-west-2", "ok  delete the record", "1 checks are not ok."},
		},
		{
			name: "a bus that carries nothing", code: exitFailed, world: world{mute: west},
			want: []string{"ok  see its event in us-east-1", "NO  see its event in us-west-2", "NO  see that event in us-west-2", "2 checks"},
		},
		{
			name: "a document that cannot be read", code: exitFailed, world: world{breaks: on("GET", "s3.test", 403)},
			want: []string{"ok  put its document", "NO  get its document", "ok  delete its document"},
		},
		{
			name: "a write that is refused", code: exitFailed, world: world{breaks: on("POST", "/records", 403)},
			want: []string{"NO  create a record", "ok  remove the queue in us-west-2"}, not: []string{"ok  read"},
		},
		{
			name: "a write whose answer is lost leaves nothing", code: exitFailed, world: world{loses: true},
			want: []string{"NO  create a record", "ok  look for what the failed write left", "ok  delete the record"},
		},
		{
			name: "a region that nothing reaches", code: exitUnreachable, world: world{lost: map[string]bool{east: true}},
			want: []string{
				"--  reach us-east-1", "--  read it in us-east-1", "ok  read it in us-west-2", "ok  see its event in us-west-2",
				"All is ok but what nothing reaches: [us-east-1].",
			},
			not: []string{"NO"},
		},
		{
			name: "a region that answers and serves nothing", code: exitFailed, world: world{breaks: on("GET", "us-east-1.app.test/", 503)},
			want: []string{"NO  reach us-east-1", "NO  read it in us-east-1"}, not: []string{"--"},
		},
		{
			name: "a record that stays", code: exitFailed, world: world{breaks: on("DELETE", "/records/id-1", 500)},
			want: []string{"NO  delete its document", "NO  delete the record"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, printed := smokeOf(t, &test.world)
			lines := strings.Split(printed, "\n")
			has := func(begin string) bool {
				return slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, begin) })
			}
			for _, begin := range test.want {
				if !has(begin) {
					t.Errorf("no line begins with %q", begin)
				}
			}
			for _, begin := range test.not {
				if has(begin) {
					t.Errorf("a line begins with %q", begin)
				}
			}
			if code != test.code || t.Failed() {
				t.Errorf("exit code %d, want %d:\n%s", code, test.code, printed)
			}
		})
	}
	t.Run("an application that is not available at first", func(t *testing.T) {
		tries := 0
		code, printed := smokeOf(t, &world{breaks: func(method, url string) int {
			if method == "POST" && strings.HasSuffix(url, "/records") {
				if tries++; tries < 5 {
					return 503
				}
			}
			return 0
		}})
		if code != exitOK {
			t.Errorf("exit code %d:\n%s", code, printed)
		}
	})
}

func TestUsage(t *testing.T) {
	for _, arguments := range [][]string{
		{}, {"--env", "prod"}, {"--env", "prod", "--wait", "0s", "--token", "t"}, {"--env", "prod", "x"}, {"-x"},
	} {
		t.Setenv("TOKEN", "")
		if code := run(t.Context(), arguments, io.Discard, io.Discard); code != exitUsage {
			t.Errorf("%q: exit code %d, want %d", arguments, code, exitUsage)
		}
	}
}

// The runbook shows what a platform that works prints.
func TestRunbook(t *testing.T) {
	text, err := os.ReadFile("../../lambda/failover/RUNBOOK.md")
	if err != nil {
		t.Fatal(err)
	}
	var shown []string
	for _, one := range runbook.Commands(string(text)) {
		if one.Text == "make smoke ENV=prod" && len(one.Output) > 0 {
			shown = one.Output
		}
	}
	_, printed := smokeOf(t, &world{})
	alike := func(line string) string {
		line = regexp.MustCompile(`in \d+\.\d\d s$`).ReplaceAllString(line, "in a while")
		return regexp.MustCompile(`leads to [a-z0-9-]+`).ReplaceAllString(line, "leads to a region")
	}
	var want []string
	for line := range strings.Lines(printed) {
		want = append(want, alike(strings.TrimSpace(line)))
	}
	for i := range shown {
		shown[i] = alike(shown[i])
	}
	// The queues are removed in no order.
	slices.Sort(shown)
	slices.Sort(want)
	if !slices.Equal(shown, want) {
		t.Errorf("the runbook shows\n%s\nwant\n%s", strings.Join(shown, "\n"), strings.Join(want, "\n"))
	}
}
