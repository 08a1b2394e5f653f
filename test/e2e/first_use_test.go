//go:build e2e

package e2e

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"warmstandby/test/browser"
)

var updateScreenshots = flag.Bool("update-screenshots", false, "TestFirstUse writes the README's pictures of the live page anew")

// TestFirstUse goes the way of somebody who sees this repository for the first time: a clone in a folder whose name has a space, the
// README's commands as they stand, without a terminal and in the C locale, and the live page in a browser, by whose buttons a region is
// lost, healed and made the writer's again.
func TestFirstUse(t *testing.T) {
	requireEmulator(t)
	page := openBrowser(t)
	c := newClone(t)
	l := &livePage{page: page, clone: c}
	t.Cleanup(l.end)
	look := func(name string, check func(*testing.T)) bool {
		passed := t.Run(name, check)
		if !passed {
			l.keep(t)
		}
		return passed
	}
	step := func(name string, check func(*testing.T)) {
		if !look(name, check) {
			t.FailNow() // The next steps need this one.
		}
	}
	var printed string
	step("make up", func(t *testing.T) { printed = c.run(t, "make", "up", fmt.Sprintf("PORT=%d", c.port)) })
	look("the README has the command that it ends with, which works", func(t *testing.T) { c.checkPrintedCommand(t, printed) })
	step("make live", func(t *testing.T) { l.open(t) })
	step("a healthy platform has nothing that is not known", func(t *testing.T) { l.checkHealthy(t, east, west) })
	look("writes are counted", func(t *testing.T) { l.checkWrites(t) })
	look("the dashboards are those of CloudWatch", func(t *testing.T) { l.checkDashboards(t) })
	look("everybody can read and operate it", func(t *testing.T) { checkEverybody(t, page) })
	step("a button loses the primary region, and the page shows the failover", func(t *testing.T) { l.checkFailover(t) })
	look("everybody can read it while a region is lost", func(t *testing.T) { checkEverybody(t, page) })
	look("pictures for the README", func(t *testing.T) { l.takePictures(t) })
	step("a key presses the button that heals it", func(t *testing.T) { l.checkHeal(t) })
	step("a button fails back", func(t *testing.T) { l.checkFailback(t) })
	look("it says when nobody serves it any more", func(t *testing.T) { l.checkEnd(t) })
	look("the incident's page can be read and printed", func(t *testing.T) {
		c.run(t, "make", "timeline", "SINCE=3h")
		checkReport(t, page, c.report(t, "incident-*"))
	})
	look("the drill's pages can be read and printed", func(t *testing.T) {
		c.run(t, "make", "drill", "SCENARIO=planned-switchover")
		checkReport(t, page, c.report(t, "*-planned-switchover"))
		checkReport(t, page, c.report(t, "."))
	})
	step("make destroy, and nothing is left", func(t *testing.T) { c.checkDestroyed(t) })
}

// openBrowser returns an empty page in a browser that ends with the test. A test without one proves nothing, so it fails.
func openBrowser(t *testing.T) *browser.Page {
	t.Helper()
	program, err := browser.Find(os.Getenv(browser.Variable))
	if err != nil {
		t.Fatal(err)
	}
	page, end, err := browser.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(end)
	return page
}

// hintToAsk is the command at the end of make up that asks for a patient's records.
var hintToAsk = regexp.MustCompile(`(?m)^to ask it +(\S.*)$`)

// checkPrintedCommand runs the command that make up ends with, and compares it with the README's.
func (c *clone) checkPrintedCommand(t *testing.T, printed string) {
	found := hintToAsk.FindStringSubmatch(printed)
	if found == nil {
		t.Fatalf("make up ends without a command to ask it:\n%s", printed)
	}
	c.toAsk = found[1]
	readme, err := os.ReadFile(filepath.Join(c.folder, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	const defaultPort = "127.0.0.1:4566"
	// The README has the default port, which no command need name.
	command := strings.NewReplacer(fmt.Sprintf("127.0.0.1:%d", c.port), defaultPort, fmt.Sprintf(" PORT=%d", c.port), "").Replace(c.toAsk)
	if want := "    " + command + "\n    " + noRecords + "\n"; !strings.Contains(string(readme), want) {
		t.Errorf("the README does not have\n%s", want)
	}
	c.ask(t)
}

// noRecords is the answer of a platform without records.
const noRecords = `{"records":[],"next":null}`

// ask runs the command that make up has printed.
func (c *clone) ask(t *testing.T) {
	t.Helper()
	// A platform that is a minute old may refuse the first try, which curl reports on its standard error.
	answer, err := c.command(t.Context(), "bash", "-c", c.toAsk).Output()
	if err != nil || strings.TrimSpace(string(answer)) != noRecords {
		t.Errorf("%s answers %q, %v, want %s", c.toAsk, answer, err, noRecords)
	}
}

// checkDestroyed destroys the platform, which stops its emulator, and looks for what is left: of AWS, of processes, and of files.
func (c *clone) checkDestroyed(t *testing.T) {
	running := parseProcesses(t, c.run(t, filepath.Join(".state", "make", "local"), "status", "--json", "--state", ".state"))
	c.run(t, "make", "destroy")
	awaitEnd(t, running.Gateway)
	awaitEnd(t, running.Emulator)
	c.run(t, "make", "sweep") // which asks an emulator, so that it starts one
	c.run(t, "make", "local-down")
	if changes := c.run(t, "git", "status", "--porcelain"); changes != "" {
		t.Errorf("the clone has files that git does not know:\n%s", changes)
	}
	c.destroyed = true
}

// checkReport opens a report's page and checks that everybody can read it, on a screen, on a phone, and on paper.
func checkReport(t *testing.T, page *browser.Page, file string) {
	t.Helper()
	before := len(page.Complaints())
	must(t, page.Go("file://"+strings.ReplaceAll(file, " ", "%20")))
	checkEverybody(t, page)
	judge(t, "paper cuts", page.Cut)
	printed := require(page.Print())(t)
	sheets := require(browser.Sheets(printed))(t)
	const width, height = 595, 842 // A4 in points
	for i, sheet := range sheets {
		if int(sheet.Width+0.5) != width && int(sheet.Width) != width || int(sheet.Height+0.5) != height && int(sheet.Height) != height {
			t.Errorf("sheet %d of %s has %.1f by %.1f points, want A4", i+1, filepath.Base(filepath.Dir(file)), sheet.Width, sheet.Height)
		}
	}
	if complaints := page.Complaints()[before:]; len(complaints) > 0 {
		t.Errorf("the browser says of %s:\n%s", file, strings.Join(complaints, "\n"))
	}
}

// views are how a page is looked at: a screen, a phone, and the least width that must do (WCAG 2.2, 1.4.10), light and dark.
var views = []browser.View{
	{Width: 1280, Height: 900}, {Width: 1280, Height: 900, Dark: true},
	{Width: 390, Height: 844, Phone: true}, {Width: 390, Height: 844, Phone: true, Dark: true}, {Width: 320, Height: 640},
}

// checkEverybody checks that a page can be read and operated in every view, with the keyboard, and with a screen reader.
func checkEverybody(t *testing.T, page *browser.Page) {
	t.Helper()
	for _, view := range views {
		must(t, page.Show(view))
		name := fmt.Sprintf("at %d px, dark %v, ", view.Width, view.Dark)
		judge(t, name+"the view cuts", page.Overflow)
		judge(t, name+"too faint is", page.Faint)
	}
	must(t, page.Show(views[0]))
	judge(t, "for a screen reader", page.Unnamed)
	judge(t, "for the keyboard", page.Unreachable)
}

// judge reports what a check of a page finds.
func judge(t *testing.T, what string, check func() ([]string, error)) {
	t.Helper()
	found, err := check()
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
	slices.Sort(found)
	for _, one := range slices.Compact(found) {
		t.Errorf("%s: %s", what, one)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
