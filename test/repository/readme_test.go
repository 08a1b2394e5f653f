package repository

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// pages are what people read first, from the repository's root.
var pages = [...]string{"README.md", ".github/CONTRIBUTING.md", "test/drill/README.md"}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// link is a Markdown link; its first group is what it leads to, without a heading.
var link = regexp.MustCompile(`\]\(([^)#\s]*)(#[^)\s]*)?\)`)

func TestEveryLinkOfThePagesLeadsSomewhere(t *testing.T) {
	for _, page := range pages {
		for _, found := range link.FindAllStringSubmatch(read(t, page), -1) {
			to, heading := found[1], strings.TrimPrefix(found[2], "#")
			if strings.Contains(to, "://") {
				continue
			}
			target := page
			if to != "" {
				target = filepath.Join(filepath.Dir(page), to)
			}
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				t.Errorf("%s links to %s: %v", page, to, err)
				continue
			}
			if heading != "" && !headings(read(t, target))[heading] {
				t.Errorf("%s links to the heading #%s of %s, which has none of that name", page, heading, target)
			}
		}
	}
}

// headings returns the anchors of a page, as GitHub makes them of its headings.
func headings(text string) map[string]bool {
	anchors := map[string]bool{}
	dropped := regexp.MustCompile(`[^a-z0-9 _-]`)
	for line := range strings.Lines(text) {
		if title, is := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); is && strings.HasPrefix(line, "#") {
			anchors[strings.ReplaceAll(dropped.ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), ""), " ", "-")] = true
		}
	}
	return anchors
}

// command is a call of make as the pages write it, in a line of code or between backticks.
var command = regexp.MustCompile("(?m)(?:`|^    |\\$\\()make ([a-z][a-z0-9-]*)")

func TestEveryCommandOfThePagesIsATargetOfTheMakefile(t *testing.T) {
	makefile := read(t, "Makefile") + read(t, "test/checks.mk")
	for _, page := range pages {
		commands := command.FindAllStringSubmatch(read(t, page), -1)
		if len(commands) == 0 {
			t.Errorf("%s has no command", page)
		}
		for _, found := range commands {
			if !regexp.MustCompile(`(?m)^` + found[1] + `:.*##`).MatchString(makefile) {
				t.Errorf("%s says make %s, which is no target that make lists", page, found[1])
			}
		}
	}
}

// path is a file or folder of the repository between backticks.
var path = regexp.MustCompile("`((?:stacks|shared|lambda|test|\\.github|\\.ci|\\.adr)/[\\w./-]*)`")

func TestEveryPathOfThePagesIsThere(t *testing.T) {
	for _, page := range pages {
		for _, found := range path.FindAllStringSubmatch(read(t, page), -1) {
			if _, err := os.Stat(filepath.Join(root, found[1])); err != nil {
				t.Errorf("%s names %s: %v", page, found[1], err)
			}
		}
	}
}

func TestTheREADMEIsShort(t *testing.T) {
	const most = 450 // Lines: more is not read at night.
	if lines := strings.Count(read(t, "README.md"), "\n"); lines > most {
		t.Errorf("the README has %d lines, want %d at most: put what is of one folder beside it", lines, most)
	}
}

func TestTheCostsAreAddedUp(t *testing.T) {
	_, rest, found := strings.Cut(read(t, "README.md"), "\n## Cost\n")
	if !found {
		t.Fatal("the README has no heading Cost")
	}
	var dev, prod float64
	for line := range strings.Lines(rest) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) < 6 {
			continue
		}
		inDev, err := amount(cells[4])
		if err != nil {
			continue // The head of the table.
		}
		inProd, err := amount(cells[5])
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if strings.Contains(cells[0], "**all**") {
			if math.Abs(dev-inDev) > 0.005 || math.Abs(prod-inProd) > 0.005 {
				t.Errorf("the rows are %.2f and %.2f together, the README says %.2f and %.2f", dev, prod, inDev, inProd)
			}
			return
		}
		dev, prod = dev+inDev, prod+inProd
	}
	t.Error("the README says nothing of all together")
}

func amount(cell string) (float64, error) {
	return strconv.ParseFloat(strings.ReplaceAll(strings.Trim(cell, " *"), ",", ""), 64)
}
