package report

import (
	"math"
	"regexp"
	"strings"
	"testing"

	"warmstandby/lambda/failover/pagetest"
)

// The least contrast that WCAG 2.2 asks for at level AA: of text (1.4.3) and of what a picture says by its form (1.4.11).
const (
	textContrast    = 4.5
	graphicContrast = 3.0
)

// palettes returns the colours of the style sheet by its part: light, dark and print.
func palettes(t *testing.T) map[string]map[string]string {
	t.Helper()
	content, err := files.ReadFile("style.css")
	if err != nil {
		t.Fatal(err)
	}
	sheet := string(content)
	dark, printed := strings.Index(sheet, "prefers-color-scheme: dark"), strings.Index(sheet, "@media print")
	if dark < 0 || printed < dark {
		t.Fatal("the style sheet has no dark part and, after it, no printed one")
	}
	found := map[string]map[string]string{}
	for name, part := range map[string]string{"light": sheet[:dark], "dark": sheet[dark:printed], "print": sheet[printed:]} {
		found[name] = pagetest.Colours(part)
	}
	return found
}

func TestContrast(t *testing.T) {
	if got := pagetest.Contrast("777777", "ffffff"); math.Abs(got-4.48) > 0.01 {
		t.Fatalf("the contrast of #777777 on white is %.2f, want 4.48", got)
	}
	states := []string{"good", "bad", "primary", "standby", "moving", "unknown", "none"}
	for name, colours := range palettes(t) {
		t.Run(name, func(t *testing.T) {
			check := func(front, ground string, least float64) {
				a, b := colours[front], colours[ground]
				if a == "" || b == "" {
					t.Fatalf("%s or %s is no colour of the palette", front, ground)
				}
				if got := pagetest.Contrast(a, b); !(got >= least) {
					t.Errorf("%s on %s has the contrast %.2f, want %.1f", front, ground, got, least)
				}
			}
			for _, ground := range [...]string{"paper", "soft"} {
				for _, front := range [...]string{"ink", "dim", "link"} {
					check(front, ground, textContrast)
				}
			}
			for _, tag := range [...]string{"good", "bad", "warn"} {
				check(tag, tag+"-fill", textContrast)
			}
			check("unknown", "paper", textContrast) // of "not judged"
			for _, state := range states {
				check("ink", state+"-fill", textContrast) // the words in a lane
				check(state, "paper", graphicContrast)    // its edge
			}
			check("edge", "paper", graphicContrast)
			check("focus", "paper", graphicContrast)
		})
	}
}

func TestNeverColourAlone(t *testing.T) {
	content, err := files.ReadFile("style.css")
	if err != nil {
		t.Fatal(err)
	}
	sheet := string(content)
	for _, sign := range [...]string{
		`.PASS::before, .met::before { content: "✓"`, `.FAIL::before, .not-met::before { content: "✗"`,
		`.state.bad { fill: url(#hatch-bad)`, `.state.unknown { fill: url(#hatch-unknown)`, `.state.standby { fill: url(#dots-standby)`,
		`.bar.bad { fill: url(#bars-bad)`,
	} {
		if !strings.Contains(sheet, sign) {
			t.Errorf("the style sheet does not have %q", sign)
		}
	}
	page := html(t, lost(start), nil)
	for _, pattern := range regexp.MustCompile(`url\(#([a-z-]+)\)`).FindAllStringSubmatch(sheet, -1) {
		if !strings.Contains(page, `<pattern id="`+pattern[1]+`"`) {
			t.Errorf("the page has no pattern %s", pattern[1])
		}
	}
	for _, r := range newTimeline(lost(start)).Rects {
		if strings.HasPrefix(r.Class, "state ") && r.Title == "" {
			t.Errorf("a piece of a lane has no words: %+v", r)
		}
	}
}

// Each row of a table becomes a card on a narrow screen, where nothing is beyond the edge.
func TestNarrowScreen(t *testing.T) {
	cell := regexp.MustCompile(`<td class="n"( data-l="[^"]+")?>`)
	for _, name := range []string{"page.html", "parts.html", "history.html"} {
		content, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if tables, cards := strings.Count(string(content), "<table"), strings.Count(string(content), `<table class="cards">`); tables != cards {
			t.Errorf("%s: %d of %d tables become cards", name, cards, tables)
		}
		for _, found := range cell.FindAllStringSubmatch(string(content), -1) {
			if found[1] == "" {
				t.Errorf("%s: %s has no label for a card", name, found[0])
			}
		}
	}
}
