//go:build e2e

package e2e

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"warmstandby/test/browser"
)

// serveLivePage serves the file of the live page with messages that the test sends, and without a platform.
func serveLivePage(t *testing.T) (url string, send func(feed, data string)) {
	t.Helper()
	html, err := os.ReadFile(filepath.Join(root, "lambda", "failover", "observer", "live.html"))
	if err != nil {
		t.Fatal(err)
	}
	const settings = `{"environment":"local","primary":"us-east-1","standby":"us-west-2","canAct":true,"kinds":["unreachable"]}`
	events := make(chan string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = strings.NewReplacer("NONCE", "n", "SETTINGS", settings).WriteString(w, string(html)) // a page that is not whole shows
		case "/events":
			w.Header().Set("Content-Type", "text/event-stream")
			out := http.NewResponseController(w)
			for {
				_ = out.Flush() // the page has gone
				select {
				case <-r.Context().Done():
					return
				case event := <-events:
					fmt.Fprint(w, event)
				}
			}
		case "/act":
			w.WriteHeader(http.StatusAccepted)
		default:
			w.WriteHeader(http.StatusNoContent) // the icon, which a browser looks for
		}
	}))
	t.Cleanup(server.Close) // after the browser has ended, whose page asks for events until then
	return server.URL, func(feed, data string) {
		event := fmt.Sprintf("event: %s\ndata: {\"at\":\"2026-03-01T12:00:00Z\",\"data\":%s}\n\n", feed, data)
		select {
		case events <- event:
		case <-t.Context().Done():
		}
	}
}

// TestFirstUseLivePage sends the live page what a platform does in ways that a test cannot wait for.
func TestFirstUseLivePage(t *testing.T) {
	url, send := serveLivePage(t)
	l := &livePage{page: openBrowser(t)}
	must(t, l.page.Show(views[0]))
	must(t, l.page.Go(url))
	event := func(second int, kind, subject string) string {
		const form = `{"at":"2026-03-01T11:00:%02dZ","kind":%q,"region":"us-east-1","subject":%q,"state":"ALARM","text":"why"}`
		return fmt.Sprintf(form, second, kind, subject)
	}
	listed := func(events ...string) string { return `{"events":[` + strings.Join(events, ",") + `]}` }

	t.Run("an alarm that is reported late stands where it belongs", func(t *testing.T) {
		send("history", listed(event(30, "notice", "third"), event(10, "decision", "first")))
		l.await(t, "two events", inOrder("third", "first"))
		send("history", listed(
			event(40, "notice", "fourth"), event(30, "notice", "third"), event(20, "alarm", "second"), event(10, "decision", "first"),
		))
		l.await(t, "all events, newest first", inOrder("fourth", "third", "second", "first"))
	})
	t.Run("no two words run together", func(t *testing.T) {
		const at = `"at":"2026-03-01T12:00:00Z"`
		send("status", `{"says":"s","status":{"writer":"us-east-1","users":{"region":"us-east-1"},`+
			`"readiness":{"ready":true,`+at+`},"decision":{"action":"none",`+at+`},`+
			`"members":[{"region":"us-east-1","cluster":"c","connected":false}]}}`)
		l.await(t, "the words", func(s shownPage) error {
			want := map[string]string{
				"tags": writerTag + " " + usersTag, "alarm": "11:00:20 ALARM second us-east-1", "database": "does not follow, c",
			}
			got := map[string]string{"tags": s.Primary["tags"], "alarm": "", "database": s.Primary["database"]}
			if at := slices.IndexFunc(s.Events, func(e string) bool { return strings.Contains(e, "second") }); at >= 0 {
				got["alarm"] = s.Events[at]
			}
			for name, text := range map[string]string{"last decision": "none ", "readiness": "ready validated "} {
				if !strings.HasPrefix(s.Control[name], text) {
					return fmt.Errorf("%s is %q, want it to begin with %q", name, s.Control[name], text)
				}
			}
			if !maps.Equal(got, want) {
				return fmt.Errorf("the page says %q, want %q", got, want)
			}
			return nil
		})
	})
	t.Run("a button that is pressed by the keyboard keeps the focus, and does nothing while something is under way", func(t *testing.T) {
		must(t, l.page.FocusBy(`button[data-do="heal"]`))
		must(t, l.page.Press(browser.Enter))
		for _, running := range []bool{true, false} {
			send("action", fmt.Sprintf(`{"command":"heal","running":%v,"failed":false}`, running))
			l.await(t, "the action", func(s shownPage) error {
				if s.Running != running || s.Doing == "" {
					return fmt.Errorf("it does %q, %v", s.Doing, s.Running)
				}
				return nil
			})
			if got := require(browser.Evaluate[string](l.page, `() => document.activeElement.dataset.do ?? ''`))(t); got != "heal" {
				t.Errorf("the focus is at %q", got)
			}
		}
	})
	t.Run("text of AWS is no HTML", func(t *testing.T) {
		const hostile = `<img src=x onerror="document.title='gone'">`
		send("history", listed(event(50, "notice", strings.ReplaceAll(hostile, `"`, `'`))))
		l.await(t, "the text", func(s shownPage) error {
			if len(s.Events) == 0 || !strings.Contains(s.Events[0], "<img") {
				return fmt.Errorf("it shows %q", s.Events)
			}
			return nil
		})
	})
	if complaints := l.page.Complaints(); len(complaints) > 0 {
		t.Errorf("the browser says\n%s", strings.Join(complaints, "\n"))
	}
}

// inOrder wants events in an order, by a word of each.
func inOrder(words ...string) func(shownPage) error {
	return func(s shownPage) error {
		if len(s.Events) != len(words) || !slices.EqualFunc(s.Events, words, strings.Contains) {
			return fmt.Errorf("the page lists %q, want %q", s.Events, words)
		}
		return nil
	}
}
