package command_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/command"
	"warmstandby/lambda/failover/readiness"
	"warmstandby/lambda/failover/world"
)

// targets are the make targets of the commands whose names differ: a target stands among those of the whole platform.
var targets = map[string]string{"pause": "pause-failover", "resume": "resume-failover"}

// others are targets that the runbook speaks of and that are not the command line's.
var others = []string{"destroy"}

func runbook(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../RUNBOOK.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheRunbookAndTheCommandLineKnowTheSameCommands(t *testing.T) {
	var want []string
	for _, c := range command.Commands() {
		name := c.Name
		if target, differs := targets[name]; differs {
			name = target
		}
		want = append(want, name)
	}
	slices.Sort(want)
	var named []string
	for _, found := range regexp.MustCompile("(?m)(?:^    |`)make ([a-z-]+)").FindAllStringSubmatch(runbook(t), -1) {
		if !slices.Contains(others, found[1]) {
			named = append(named, found[1])
		}
	}
	slices.Sort(named)
	if named = slices.Compact(named); !slices.Equal(named, want) {
		t.Errorf("the runbook names %q, the command line has %q", named, want)
	}
}

func TestTheRunbooksTableHasTheExitCodes(t *testing.T) {
	for code, words := range []string{"done", "went wrong", "called wrongly", "speaks against it", "could not be found out", "still at work"} {
		if want := regexp.MustCompile(fmt.Sprintf(`(?m)^\| %d \| .*%s`, code, words)); !want.MatchString(runbook(t)) {
			t.Errorf("exit code %d is not in the runbook as %q", code, words)
		}
	}
	if codes := []int{command.OK, command.Failed, command.Usage, command.Refused, command.Unknown, command.Unfinished}; !slices.Equal(codes, []int{0, 1, 2, 3, 4, 5}) {
		t.Errorf("the exit codes are %v", codes)
	}
}

// What the runbook says that a command prints is what it prints, but for names and ages.
func TestTheRunbookExpectsWhatTheCommandsPrint(t *testing.T) {
	ages, spaces := regexp.MustCompile(`\b[0-9hms.]+ old`), regexp.MustCompile(`\s+`)
	plain := func(text string) string {
		return spaces.ReplaceAllString(ages.ReplaceAllString(strings.ReplaceAll(text, "aurora-records-primary-prod", "records-primary"), "some time old"), " ")
	}
	expected := plain(runbook(t))
	for _, test := range []struct {
		line string
		in   func(*world.World)
	}{
		{"preflight --env prod", nil},
		{"switchover --env prod", nil},
		{"failover --env prod --allow-data-loss", (*world.World).LoseRegion},
		{"failback --env prod", func(w *world.World) { w.PutWriter(world.West) }},
		{"pause --env prod", nil},
		{"resume --env prod", nil},
		{"prepare-destroy --env prod", nil},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := world.New()
			if test.in != nil {
				test.in(w)
			}
			code, screen, progress := call(t, w, test.line)
			if code != command.OK {
				t.Fatalf("%s ends with %d: %s", test.line, code, screen)
			}
			for line := range strings.Lines(progress + screen) {
				if line = strings.TrimSpace(plain(line)); !strings.HasPrefix(line, "next:") && !strings.Contains(expected, line) {
					t.Errorf("%s prints %q, which the runbook does not have", test.line, line)
				}
			}
		})
	}
}

func TestTheRunbookShowsEveryRowOfTheStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := world.New()
		if err := w.Watch("run").Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := w.SaveReport(t.Context(), readiness.Report{At: time.Now(), Ready: true}); err != nil {
			t.Fatal(err)
		}
		_, screen, _ := call(t, w, "status --env prod")
		for line := range strings.Lines(screen) {
			row, _, _ := strings.Cut(strings.TrimSpace(line), "  ")
			if !strings.Contains(runbook(t), row) {
				t.Errorf("the status has the row %q, which the runbook does not show", row)
			}
		}
	})
}
