package repository

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// pages are what people read first, from the repository's root. [TestEveryPageIsHeld] finds one that is missing here.
var pages = [...]string{
	"README.md", ".github/CONTRIBUTING.md", ".github/SECURITY.md",
	"stacks/README.md", "stacks/GUIDE.md", "stacks/global-edge/README.md", "stacks/policies/README.md",
	"shared/README.md", "lambda/app/README.md", "lambda/failover/RUNBOOK.md",
	"test/local/README.md", "test/drill/README.md", "test/e2e/README.md", "test/simulate/README.md",
	"test/support/hipaa/README.md", "test/sweep/README.md",
}

// withoutCommands are the pages of which nothing is run.
var withoutCommands = []string{"test/support/hipaa/README.md", ".github/SECURITY.md", "stacks/global-edge/README.md"}

func TestEveryPageIsHeld(t *testing.T) {
	err := filepath.WalkDir(root, func(file string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, file)
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{"node_modules", ".git", ".state", "testdata"}, entry.Name()):
			return filepath.SkipDir
		case slices.Contains([]string{"README.md", "RUNBOOK.md", "GUIDE.md"}, entry.Name()) && !slices.Contains(pages[:], filepath.ToSlash(name)):
			t.Errorf("%s is a page whose links, paths and commands no test looks at: add it to pages", name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

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

// picture is a picture in HTML, which GitHub shows by the scheme of whoever looks; its group is the file.
var picture = regexp.MustCompile(`<(?:source|img)\b[^>]* src(?:set)?="([^"]*)"`)

// mostPictureBytes is the most that a picture of a page has, so that the page is quickly there.
const mostPictureBytes = 150_000

func TestEveryPictureOfThePagesIsThereAndSmall(t *testing.T) {
	found := 0
	for _, page := range pages {
		for _, one := range picture.FindAllStringSubmatch(read(t, page), -1) {
			found++
			info, err := os.Stat(filepath.Join(root, filepath.Dir(page), one[1]))
			if err != nil {
				t.Errorf("%s shows %s: %v", page, one[1], err)
			} else if info.Size() > mostPictureBytes {
				t.Errorf("%s shows %s, which has %d bytes, want %d at most", page, one[1], info.Size(), mostPictureBytes)
			}
		}
	}
	if found == 0 {
		t.Error("no page shows a picture")
	}
}

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

// fence begins and ends a block of code (CommonMark 0.31, 4.5), indent each line of one without fences (4.4).
const (
	fence  = "```"
	indent = "    "
)

// lines yields the lines of a page, and whether they are code.
func lines(text string) iter.Seq2[string, bool] {
	return func(yield func(string, bool) bool) {
		fenced := false
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, fence) {
				fenced = !fenced
				continue
			}
			if !yield(line, fenced || strings.HasPrefix(line, indent)) {
				return
			}
		}
	}
}

// headings returns the anchors of a page, as GitHub makes them of its headings.
func headings(text string) map[string]bool {
	anchors := map[string]bool{}
	dropped := regexp.MustCompile(`[^a-z0-9 _-]`)
	for line, code := range lines(text) {
		if code {
			continue
		}
		if title, is := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); is && strings.HasPrefix(line, "#") {
			anchors[strings.ReplaceAll(dropped.ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), ""), " ", "-")] = true
		}
	}
	return anchors
}

var (
	// typed is a call of make in a line of code, alone or within another command; its group is what follows make.
	typed = regexp.MustCompile(`(?:^|[;&|] *|\$\(|-- |do |[A-Z]\w*=\S* )\s*make((?: [^\s;&|)#"']+)+)`)
	// span is code between backticks within a line of text.
	span = regexp.MustCompile("`([^`]+)`")
)

// makeCalls returns what the pages say after make, word by word: the target and the variables.
func makeCalls(text string) [][]string {
	var calls [][]string
	for line, code := range lines(text) {
		pieces := []string{line}
		if !code {
			pieces = nil
			for _, found := range span.FindAllStringSubmatch(line, -1) {
				pieces = append(pieces, found[1])
			}
		}
		for _, piece := range pieces {
			for _, found := range typed.FindAllStringSubmatch(piece, -1) {
				calls = append(calls, strings.Fields(found[1]))
			}
		}
	}
	return calls
}

func TestMakeCalls(t *testing.T) {
	for text, want := range map[string]string{
		"run `make up ENV=dev`, or `make`":                          "[[up ENV=dev]]",
		"prose that begins a line:\nmake up":                        "[]",
		"    make test        # with a reason":                      "[[test]]",
		"```sh\nmake lambda   # bundle\n```\nmake nothing":          "[[lambda]]",
		"    curl \"$(make -s token)\"":                             "[[-s token]]",
		"    SKIP_destroy=1 make e2e":                               "[[e2e]]",
		"    for i in $(seq 10); do make drill-all || true; done":   "[[drill-all]]",
		"`make preview PULUMI_FLAGS=--diff` and `make status`, too": "[[preview PULUMI_FLAGS=--diff] [status]]",
	} {
		if got := fmt.Sprint(makeCalls(text)); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestEveryCommandOfThePagesIsATargetOfTheMakefile(t *testing.T) {
	makefile := read(t, "Makefile")
	for _, page := range pages {
		calls := makeCalls(read(t, page))
		if len(calls) == 0 && !slices.Contains(withoutCommands, page) {
			t.Errorf("%s has no command", page)
		}
		for _, call := range calls {
			for _, word := range call {
				name, _, variable := strings.Cut(word, "=")
				switch {
				case strings.HasPrefix(word, "-"): // an option of make
				case variable && !regexp.MustCompile(`(?m)^(?:export )?`+regexp.QuoteMeta(name)+` *\?=`).MatchString(makefile):
					t.Errorf("%s says make %s, whose variable %s is none of the Makefile", page, strings.Join(call, " "), name)
				case !variable && !regexp.MustCompile(`(?m)^`+regexp.QuoteMeta(word)+`:.*##`).MatchString(makefile):
					t.Errorf("%s says make %s, which is no target that make lists", page, word)
				}
			}
		}
	}
}

// path is a file or folder of the repository between backticks.
var path = regexp.MustCompile("`((?:stacks|shared|lambda|test|\\.github|\\.ci|\\.adr)/[\\w./-]*)`")

func TestEveryPathOfThePagesIsThere(t *testing.T) {
	for _, page := range pages {
		for _, found := range path.FindAllStringSubmatch(read(t, page), -1) {
			_, err := os.Stat(filepath.Join(root, found[1]))
			if errors.Is(err, fs.ErrNotExist) { // Or a path of the page's own folder.
				_, err = os.Stat(filepath.Join(root, filepath.Dir(page), found[1]))
			}
			if err != nil {
				t.Errorf("%s names %s: %v", page, found[1], err)
			}
		}
	}
}

// What a visitor reads before deciding to stay: more belongs on the page of the folder that it explains.
const (
	mostWords = 1300
	mostLines = 160
	// resultLine is the last line by which the README says what was measured, quickStartLine the last by which it says how to
	// begin: GitHub shows about forty lines before a visitor scrolls.
	resultLine     = 10
	quickStartLine = 30
)

func TestTheREADMEIsShort(t *testing.T) {
	text := read(t, "README.md")
	if words := len(strings.Fields(text)); words > mostWords {
		t.Errorf("the README has %d words, want %d at most: put what is of one folder beside it", words, mostWords)
	}
	if lines := strings.Count(text, "\n"); lines > mostLines {
		t.Errorf("the README has %d lines, want %d at most: put what is of one folder beside it", lines, mostLines)
	}
}

func TestTheREADMEBeginsWithWhatVisitorsLookFor(t *testing.T) {
	all := slices.Collect(strings.Lines(read(t, "README.md")))
	for wanted, last := range map[string]int{
		"Measured": resultLine, "## Quick start": quickStartLine, "    make up": quickStartLine, "    make test": quickStartLine,
	} {
		if !slices.ContainsFunc(all[:min(last, len(all))], func(line string) bool { return strings.Contains(line, wanted) }) {
			t.Errorf("the first %d lines of the README have no %q", last, wanted)
		}
	}
}

func TestTheREADMENamesTheGoThatTheModulesNeed(t *testing.T) {
	if want := "Go " + toolVersions(t)["golang"] + " or later"; !strings.Contains(read(t, "README.md"), want) {
		t.Errorf("the README does not ask for %s, as go.mod does", want)
	}
}

// costs is the page that says what the platform costs at rest.
const costs = "stacks/README.md"

func TestTheCostsAreAddedUp(t *testing.T) {
	_, rest, found := strings.Cut(read(t, costs), "\n## Cost\n")
	if !found {
		t.Fatalf("%s has no heading Cost", costs)
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
				t.Errorf("the rows are %.2f and %.2f together, %s says %.2f and %.2f", dev, prod, costs, inDev, inProd)
			}
			return
		}
		dev, prod = dev+inDev, prod+inProd
	}
	t.Errorf("%s says nothing of all together", costs)
}

func amount(cell string) (float64, error) {
	return strconv.ParseFloat(strings.ReplaceAll(strings.Trim(cell, " *"), ",", ""), 64)
}
