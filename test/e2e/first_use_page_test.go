//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"warmstandby/test/browser"
)

// livePage is the page of make live in a browser.
type livePage struct {
	page   *browser.Page
	clone  *clone
	server *makeProcess
	ended  bool      // the server
	before shownPage // the loss
}

// shownPage is what the page shows.
type shownPage struct {
	Says     string            `json:"says"`
	Primary  map[string]string `json:"primary"` // of a region: each row's text by its name, and the tags
	Standby  map[string]string `json:"standby"`
	Between  map[string]string `json:"between"`
	Control  map[string]string `json:"control"` // of the controller
	Doing    string            `json:"doing"`
	Output   string            `json:"output"`
	Running  bool              `json:"running"`
	Failed   bool              `json:"failed"` // what was done
	Alarms   []string          `json:"alarms"`
	NoAlarms string            `json:"noAlarms"` // of which alarms nothing is known
	// Events are what has happened as it is listed, and Times their times, in milliseconds since 1970.
	Events     []string  `json:"events"`
	Times      []float64 `json:"times"`
	Widgets    []string  `json:"widgets"`
	Drawn      int       `json:"drawn"` // lines with data in the dashboards
	Dashboards string    `json:"dashboards"`
	// Unknown are the rows and tags of regions and controller that say "not known".
	Unknown []string `json:"unknown"`
	Away    string   `json:"away"` // that the server does not answer; empty while it does
}

// shownScript reads the page as a person does, by its words.
const shownScript = `() => {
  const $ = (selector) => document.querySelector(selector), all = (selector) => [...document.querySelectorAll(selector)];
  const words = (element) => (element?.innerText ?? '').replace(/\s+/g, ' ').trim();
  const rows = (id) => {
    const found = { tags: words($('#' + id + '-tags')) };
    for (const name of all('#' + id + ' > dt')) {
      const key = words(name), value = words(name.nextElementSibling);
      found[key] = found[key] ? found[key] + '\n' + value : value;
    }
    return found;
  };
  return {
    says: words($('#says')), primary: rows('primary'), standby: rows('standby'), between: rows('between'), control: rows('controller'),
    doing: words($('#doing')), output: $('#output').textContent,
    running: all('button[data-do]').some((button) => button.getAttribute('aria-disabled') === 'true'),
    failed: $('#doing .tag.bad') !== null,
    alarms: all('#alarms .tag.bad').map(words), noAlarms: words($('#alarms-unknown')),
    events: all('#notices > li').map(words), times: all('#notices time').map((time) => Date.parse(time.dateTime)),
    widgets: all('#dashboards .widget h3').map(words), drawn: all('#dashboards polyline, #dashboards circle').length,
    dashboards: words($('#dashboards-say')),
    unknown: all('#now .tag.unknown, #controller .tag.unknown').map((tag) => words(tag.closest('dd')?.previousElementSibling ?? tag)),
    away: $('#connection').hidden ? '' : words($('#connection')),
  };
}`

func (l *livePage) shown() (shownPage, error) {
	return browser.Evaluate[shownPage](l.page, shownScript)
}

// await waits until the page shows something, and returns the page as it was then.
func (l *livePage) await(t *testing.T, what string, wanted func(shownPage) error) shownPage {
	t.Helper()
	var s shownPage
	await(t, what, func() error {
		var err error
		if s, err = l.shown(); err == nil {
			err = wanted(s)
		}
		return err
	})
	return s
}

// address is where make live says that the page is.
var address = regexp.MustCompile(`http://127\.0\.0\.1:\d+/`)

// open starts make live and opens the page at the address that it prints.
func (l *livePage) open(t *testing.T) {
	l.server = startMake(t, l.clone.command(context.WithoutCancel(t.Context()), "make", "live"))
	l.server.awaitOutput(t, "http://127.0.0.1:", 1)
	must(t, l.page.Show(views[0]))
	must(t, l.page.Go(address.FindString(l.server.output.String())))
}

// press presses a button with the mouse, and waits until what it does has ended.
func (l *livePage) press(t *testing.T, button string) shownPage {
	t.Helper()
	must(t, l.page.Click(`button[data-do="`+button+`"]`))
	return l.done(t, button)
}

// done waits until an action has ended.
func (l *livePage) done(t *testing.T, action string) shownPage {
	t.Helper()
	return l.await(t, "the page says how "+action+" has ended", func(s shownPage) error {
		if s.Running || !strings.Contains(s.Doing, action) {
			return fmt.Errorf("it does %q, %v", s.Doing, s.Running)
		}
		return nil
	})
}

// keep keeps what the browser shows, and what it says, in the folder of the clone, which stays.
func (l *livePage) keep(t *testing.T) {
	t.Helper()
	picture, err := l.page.Picture()
	if err == nil {
		err = os.WriteFile(filepath.Join(l.clone.folder, ".state", "logs", "page.webp"), picture, 0o644)
	}
	s, errShown := l.shown()
	content, errText := json.MarshalIndent(s, "", "  ")
	if err := errors.Join(err, errShown, errText); err != nil {
		t.Logf("keeping what the browser shows: %v", err)
	}
	t.Logf("the page at %s shows\n%s\nand the browser says\n%s", time.Now().UTC().Format(time.TimeOnly), content,
		strings.Join(l.page.Complaints(), "\n"))
}

// end ends make live after a test that has failed.
func (l *livePage) end() {
	if l.server != nil && !l.ended {
		_ = syscall.Kill(-l.server.command.Process.Pid, syscall.SIGINT) // It may have ended by itself.
	}
}

// region is what the page shows of a region.
func (s shownPage) region(name string) map[string]string {
	if name == east {
		return s.Primary
	}
	return s.Standby
}
