package main

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"warmstandby/lambda/failover/pagetest"
)

// Contrast is that of WCAG 2.2, level AA: 4.5 of text (1.4.3), 3 of what a picture says by its form (1.4.11).
func TestContrast(t *testing.T) {
	dark := strings.Index(livePage, "prefers-color-scheme: dark")
	if dark < 0 {
		t.Fatal("the page has no dark part")
	}
	for name, part := range map[string]string{"light": livePage[:dark], "dark": livePage[dark:]} {
		colours := pagetest.Colours(part)
		check := func(front, ground string, least float64) {
			a, b := colours[front], colours[ground]
			if a == "" || b == "" {
				t.Fatalf("%s: %s or %s is no colour of the page", name, front, ground)
			}
			if got := pagetest.Contrast(a, b); !(got >= least) {
				t.Errorf("%s: %s on %s has the contrast %.2f, want %.1f", name, front, ground, got, least)
			}
		}
		for _, ground := range [...]string{"paper", "soft"} {
			for _, front := range [...]string{"ink", "dim", "link", "unknown"} {
				check(front, ground, 4.5)
			}
			for _, front := range [...]string{"edge", "primary", "standby", "one", "two", "three", "four", "five", "six", "bad", "focus"} {
				check(front, ground, 3)
			}
		}
		for _, tag := range [...]string{"good", "bad", "warn"} {
			check(tag, tag+"-fill", 4.5)
		}
	}
}

func TestNeverColourAlone(t *testing.T) {
	for _, sign := range [...]string{
		`.tag.good::before { content: "✓ "`, `.tag.bad::before { content: "✗ "`, `.tag.warn::before { content: "! "`,
		`.tag.unknown::before { content: "? "`,
	} {
		if !strings.Contains(livePage, sign) {
			t.Errorf("the page does not have %q", sign)
		}
	}
	for line := 1; line < 6; line++ {
		if !regexp.MustCompile(`svg \.l` + strconv.Itoa(line) + ` \{ stroke: var\(--[a-z]+\); stroke-dasharray:`).MatchString(livePage) {
			t.Errorf("line %d of a graph differs from others by its colour alone", line)
		}
	}
}

// The page is one file that loads nothing, and puts no text into itself as HTML: what AWS says is text.
func TestPageIsSelfContained(t *testing.T) {
	for _, forbidden := range [...]string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "style=\"", "onclick"} {
		if strings.Contains(livePage, forbidden) {
			t.Errorf("the page has %q", forbidden)
		}
	}
	for _, address := range regexp.MustCompile(`https?://[^'"\s]+`).FindAllString(livePage, -1) {
		if address != "http://www.w3.org/2000/svg" { // the name of a namespace
			t.Errorf("the page names %s", address)
		}
	}
	if loads := regexp.MustCompile(`(?i)<(link|img|iframe|script src)|@import|url\(`).FindString(livePage); loads != "" {
		t.Errorf("the page loads something: %q", loads)
	}
}

func TestPageShowsEveryFeed(t *testing.T) {
	for _, feed := range [...]string{feedStatus, feedChecks, feedAlarms, feedHistory, feedTraffic, feedDashboards, feedAction} {
		if !regexp.MustCompile(`const draw = \{.*\b` + feed + `:`).MatchString(livePage) {
			t.Errorf("the page draws no %s", feed)
		}
	}
	for _, role := range [...]string{`role="status"`, `role="log"`, `aria-live="polite"`, `class="skip"`, `lang="en"`} {
		if !strings.Contains(livePage, role) {
			t.Errorf("the page does not have %s, for whoever does not see it", role)
		}
	}
	named := len(regexp.MustCompile(`<button type="button" data-do="[a-z]+">[A-Z]`).FindAllString(livePage, -1))
	if buttons := strings.Count(livePage, "<button "); buttons != named || buttons != 4 {
		t.Errorf("%d of %d buttons are buttons with a name", named, buttons)
	}
}
