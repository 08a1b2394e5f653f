//go:build e2e

package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"

	"warmstandby/test/browser"
)

// roles are what a region is tagged with while it has the writer, and while users are sent to it.
const (
	writerTag = "WRITER"
	usersTag  = "USERS ARE SENT HERE"
)

// both reports whether a region has the writer and the users.
func both(region map[string]string) error {
	if tags := region["tags"]; !strings.Contains(tags, writerTag) || !strings.Contains(tags, usersTag) {
		return fmt.Errorf("its tags are %q, want %s and %s", tags, writerTag, usersTag)
	}
	return nil
}

// countGood is a count of requests in the last minute of which none has failed.
var countGood = regexp.MustCompile(`^[1-9]\d* good$`)

// checkHealthy waits until the page shows a platform that is well: each thing known, writer and users in one region, the other one ready,
// and the reads that somebody has just done.
func (l *livePage) checkHealthy(t *testing.T, writer, other string) {
	l.await(t, "the page shows that "+writer+" has the writer and the users, and that all is known", func(s shownPage) error {
		if len(s.Unknown) > 0 {
			return fmt.Errorf("not known: %s", strings.Join(s.Unknown, ", "))
		}
		errs := []error{both(s.region(writer))}
		for name, want := range map[string]string{"health check": "healthy", "serves reads": "status 200"} {
			for _, at := range [...]string{east, west} {
				if got := s.region(at)[name]; !strings.HasPrefix(got, want) {
					errs = append(errs, fmt.Errorf("%s: %s is %q, want %q", at, name, got, want))
				}
			}
		}
		if got := s.region(other)["database"]; !strings.Contains(got, "follows the writer") {
			errs = append(errs, fmt.Errorf("the database of %s is %q", other, got))
		}
		if got := s.Control["readiness"]; !strings.HasPrefix(got, "ready") {
			errs = append(errs, fmt.Errorf("the readiness is %q", got))
		}
		if !strings.HasPrefix(s.Control["last decision"], "none") || s.Control["why"] == "" {
			errs = append(errs, fmt.Errorf("the last decision is %q because of %q", s.Control["last decision"], s.Control["why"]))
		}
		for _, name := range []string{"replication lag", "newest data", "last heartbeat", "the name servers"} {
			if s.Between[name] == "" {
				errs = append(errs, fmt.Errorf("%s is not shown", name))
			}
		}
		return errors.Join(errs...)
	})
	l.checkReads(t, writer)
}

// checkReads asks for records, as somebody does who has the command that make up has printed, and waits until the page has counted that in
// the region that users are sent to.
func (l *livePage) checkReads(t *testing.T, in string) {
	l.clone.ask(t)
	l.await(t, "the page has counted reads in "+in, func(s shownPage) error {
		if got := s.region(in)["reads a minute"]; !countGood.MatchString(got) {
			return fmt.Errorf("the reads of the last minute are %q", got)
		}
		return nil
	})
}

// checkDashboards compares what the page draws with the bodies that CloudWatch has in both regions.
func (l *livePage) checkDashboards(t *testing.T) {
	var titles []string
	for _, deployed := range deployedRegions {
		name := "dashboard-" + deployed.role + "-local"
		body := require(cloudwatch.NewFromConfig(l.clone.platform.aws(t, deployed.region)).GetDashboard(t.Context(),
			&cloudwatch.GetDashboardInput{DashboardName: &name}))(t).DashboardBody
		var parsed struct {
			Widgets []struct{ Properties struct{ Title string } }
		}
		if err := json.Unmarshal([]byte(aws.ToString(body)), &parsed); err != nil {
			t.Fatal(err)
		}
		for _, widget := range parsed.Widgets {
			if title := widget.Properties.Title; title != "" && !slices.Contains(titles, title) {
				titles = append(titles, title)
			}
		}
		l.await(t, "the page names the dashboard of "+deployed.region, func(s shownPage) error {
			if !strings.Contains(s.Dashboards, name+" in "+deployed.region) {
				return fmt.Errorf("it says %q", s.Dashboards)
			}
			return nil
		})
	}
	l.await(t, "the page draws every widget, with data", func(s shownPage) error {
		for _, title := range titles {
			if !slices.Contains(s.Widgets, title) {
				return fmt.Errorf("there is no %q among %q", title, s.Widgets)
			}
		}
		if len(titles) == 0 || s.Drawn == 0 {
			return fmt.Errorf("%d widgets with %d lines", len(titles), s.Drawn)
		}
		return nil
	})
}

// checkFailover presses the button that loses the primary region, and follows what the page shows until the standby region has the
// writer and the users.
func (l *livePage) checkFailover(t *testing.T) {
	before := require(l.shown())(t)
	l.before = before
	s := l.press(t, "fault") // Its fields are set to the loss of the primary region.
	if !strings.Contains(s.Doing, "fault "+east+" unreachable") || s.Failed {
		t.Fatalf("the page does %q:\n%s", s.Doing, s.Output)
	}
	l.await(t, "the page does not know what the region that is lost does not say", func(s shownPage) error {
		if got := s.Primary["health check"]; !strings.Contains(got, "not known") {
			return fmt.Errorf("its health check is %q", got)
		}
		if !strings.Contains(s.NoAlarms, "the alarms of "+east) {
			return fmt.Errorf("of alarms it does not know %q", s.NoAlarms)
		}
		return nil
	})
	l.await(t, "users are sent to the standby region", func(s shownPage) error {
		if !strings.Contains(s.Standby["tags"], usersTag) || strings.Contains(s.Primary["tags"], usersTag) {
			return fmt.Errorf("the tags are %q and %q", s.Primary["tags"], s.Standby["tags"])
		}
		return nil
	})
	l.await(t, "the controller fails over to the standby region, and says why", func(s shownPage) error {
		if err := both(s.Standby); err != nil {
			return err
		}
		if got := s.Control["last move"]; !strings.HasPrefix(got, "failover to "+west+" by the controller") {
			return fmt.Errorf("the last move is %q", got)
		}
		return nil
	})
	l.await(t, "a notice has arrived, and an alarm is red", func(s shownPage) error {
		notices := slices.ContainsFunc(newer(s, before), func(event string) bool { return strings.Contains(event, "notice") })
		alarm := slices.ContainsFunc(newer(s, before), func(event string) bool { return strings.Contains(event, " ALARM ") })
		if !notices || !alarm {
			return fmt.Errorf("since the fault there are %q", newer(s, before))
		}
		return nil
	})
	l.checkReads(t, west)
}

// newer are the events that a page did not show before.
func newer(s, before shownPage) []string {
	return slices.DeleteFunc(slices.Clone(s.Events), func(event string) bool { return slices.Contains(before.Events, event) })
}

// checkHeal heals by the keyboard alone. The button keeps the focus, so that whoever does not see the page is not lost on it.
func (l *livePage) checkHeal(t *testing.T) {
	const button = `button[data-do="heal"]`
	must(t, l.page.FocusBy(button))
	must(t, l.page.Press(browser.Enter))
	if s := l.done(t, "heal"); s.Failed {
		t.Fatalf("healing fails:\n%s", s.Output)
	}
	if kept := require(browser.Evaluate[bool](l.page, `(button) => document.activeElement.matches(button)`, button))(t); !kept {
		t.Error("the button that was pressed has lost the focus")
	}
}

// checkFailback presses the button until the failback is not refused any more: the healed region first follows the writer again. Then
// the platform is as it was, and what has happened stands in its order, also what the lost region has reported late.
func (l *livePage) checkFailback(t *testing.T) {
	awaitEvery(t, commandInterval, "failing back by the button", func() error {
		s := l.press(t, "failback")
		if s.Failed {
			if strings.TrimSpace(s.Output) == "" {
				t.Error("a failback that is refused says nothing")
			}
			return fmt.Errorf("%s: %s", s.Doing, s.Output)
		}
		return nil
	})
	l.checkHealthy(t, east, west)
	s := l.await(t, "no alarm is red that was not before, and all are known", func(s shownPage) error {
		// A new environment has no backup before its first night, and alarms that say so.
		red := slices.DeleteFunc(s.Alarms, func(alarm string) bool { return slices.Contains(l.before.Alarms, alarm) })
		if len(red) > 0 || s.NoAlarms != "" {
			return fmt.Errorf("red are %q, not known %q", red, s.NoAlarms)
		}
		return nil
	})
	if len(s.Times) == 0 || len(s.Times) != len(s.Events) || !slices.IsSortedFunc(s.Times, func(a, b float64) int { return int(b - a) }) {
		t.Errorf("what has happened is not listed newest first:\n%s", strings.Join(s.Events, "\n"))
	}
	for _, region := range [...]string{east, west} {
		if !slices.ContainsFunc(s.Events, func(event string) bool {
			return strings.Contains(event, "ALARM") && strings.HasSuffix(event, region)
		}) {
			t.Errorf("no alarm of %s is listed:\n%s", region, strings.Join(s.Events, "\n"))
		}
	}
	if complaints := l.page.Complaints(); len(complaints) > 0 {
		t.Errorf("the browser complains:\n%s", strings.Join(complaints, "\n"))
	}
}

// checkEnd ends make live as Ctrl-C does. The page, which stays open, says so.
func (l *livePage) checkEnd(t *testing.T) {
	l.server.interrupt(t)
	_ = l.server.await() // make says that it was interrupted
	l.ended = true
	l.await(t, "the page says that it is not connected", func(s shownPage) error {
		if !strings.HasPrefix(s.Away, "Not connected") {
			return fmt.Errorf("it says %q", s.Away)
		}
		return nil
	})
}

// screenshots is where the README's pictures are.
var screenshots = filepath.Join(root, ".github", "screenshots")

// takePictures takes the README's pictures, light and dark, and keeps them if that is asked for. They show the regions, the controller,
// alarms and notices, shortly after a failover.
func (l *livePage) takePictures(t *testing.T) {
	for name, dark := range map[string]bool{"live-light.webp": false, "live-dark.webp": true} {
		must(t, l.page.Show(browser.View{Width: 1280, Height: 1000, Dark: dark}))
		_ = require(browser.Evaluate[bool](l.page, `() => { scrollTo(0, 0); document.activeElement.blur(); return true; }`))(t)
		picture := require(l.page.Picture())(t)
		const most = 150_000 // bytes, for a README that is quickly there
		if len(picture) > most {
			t.Errorf("%s has %d bytes, want %d at most", name, len(picture), most)
		}
		if *updateScreenshots {
			must(t, os.MkdirAll(screenshots, 0o755))
			must(t, os.WriteFile(filepath.Join(screenshots, name), picture, 0o644))
		}
	}
	must(t, l.page.Show(views[0]))
}

// checkWrites proves that the platform works, as make smoke does, and waits until the page has counted its writes.
func (l *livePage) checkWrites(t *testing.T) {
	l.clone.run(t, "make", "smoke")
	l.await(t, "the page has counted writes", func(s shownPage) error {
		if got := s.Primary["writes a minute"]; !countGood.MatchString(got) {
			return fmt.Errorf("the writes of the last minute are %q", got)
		}
		return nil
	})
}
