package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestParseGoTestCount(t *testing.T) {
	for _, test := range []struct {
		name, printed string
		want          count
		fails         bool
	}{
		{name: "all passed", printed: "12 0 0 0\n", want: count{total: 12}},
		{name: "failed, errors and skipped", printed: "12 2 1 3\n", want: count{total: 12, failed: 3, skipped: 3}},
		{name: "nothing", printed: "", fails: true},
		{name: "a word too few", printed: "12 0 0", fails: true},
		{name: "no number", printed: "12 0 x 0", fails: true},
		{name: "a negative number", printed: "12 -1 0 0", fails: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got, err := parseGoTestCount(test.printed); got != test.want || (err != nil) != test.fails {
				t.Errorf("got %+v, %v; want %+v", got, err, test.want)
			}
		})
	}
}

func TestParseTAPCount(t *testing.T) {
	const summary = "1..2\n# tests 9\n# suites 1\n# pass 5\n# fail 1\n# cancelled 1\n# skipped 1\n# todo 1\n# duration_ms 12.5\n"
	for _, test := range []struct {
		name, printed string
		want          count
		fails         bool
	}{
		{name: "cancelled counts as failed, todo as skipped", printed: summary, want: count{total: 9, failed: 2, skipped: 2}},
		{name: "what a test prints is not the summary", printed: "# fail 7 of them\n" + summary, want: count{total: 9, failed: 2, skipped: 2}},
		{name: "broken off", printed: summary[:strings.Index(summary, "# fail")], fails: true},
		{name: "nothing", printed: "", fails: true},
		{name: "a line of a megabyte", printed: "# " + strings.Repeat("x", 1<<20) + "\n" + summary, want: count{total: 9, failed: 2, skipped: 2}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got, err := parseTAPCount(test.printed); got != test.want || (err != nil) != test.fails {
				t.Errorf("got %+v, %v; want %+v", got, err, test.want)
			}
		})
	}
}

func FuzzCounts(f *testing.F) {
	f.Add("1 2 3 4")
	f.Add("# tests 1\n# fail 0\n# cancelled 0\n# skipped 0\n# todo 0\n")
	f.Fuzz(func(t *testing.T, printed string) {
		for _, parse := range []func(string) (count, error){parseGoTestCount, parseTAPCount} {
			if got, err := parse(printed); err == nil && (got.total < 0 || got.failed < 0 || got.skipped < 0) {
				t.Errorf("%q is read as %+v", printed, got)
			}
		}
	})
}

func TestReport(t *testing.T) {
	for _, test := range []struct {
		name string
		add  func(*counter)
		want string
		err  error
	}{
		{"all passed", func(c *counter) { c.add(count{total: 3}, nil); c.add(count{total: 4}, nil) }, "7 passed, 0 failed\n", nil},
		{
			"skipped tests are no passed ones", func(c *counter) { c.add(count{total: 3, skipped: 1}, nil) }, "2 passed, 0 failed, 1 skipped\n", nil,
		},
		{
			"a failed test", func(c *counter) { c.add(count{total: 3, failed: 1}, errors.New("x: exit status 1")) },
			"failed: x: exit status 1\n2 passed, 1 failed\n", errTestsFailed,
		},
		{
			"a run that failed without a failed test", func(c *counter) { c.add(count{total: 3}, errors.New("x: exit status 1")) },
			"failed: x: exit status 1\n3 passed, 0 failed\n", errTestsFailed,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var c counter
			var out bytes.Buffer
			test.add(&c)
			if err := c.report(&out); !errors.Is(err, test.err) || out.String() != test.want {
				t.Errorf("got %q and %v, want %q and %v", out.String(), err, test.want, test.err)
			}
		})
	}
}

// machine plays the programs. A run whose label is in counts writes them; one whose label is in fails fails.
type machine struct {
	mu     sync.Mutex
	counts map[string]string
	fails  map[string]bool
	calls  []string
}

func (m *machine) runner(t *testing.T) *runner {
	t.Helper()
	r := &runner{root: t.TempDir()}
	r.process = func(folder string, arguments ...string) error {
		m.mu.Lock()
		defer m.mu.Unlock()
		call := folder + "$ " + strings.Join(arguments, " ")
		m.calls = append(m.calls, call)
		for label, printed := range m.counts {
			if !strings.Contains(call, "--label "+label+" --") {
				continue
			}
			file := filepath.Join(r.root, ".state/make/counts", hexName(label))
			if !strings.Contains(call, file) {
				t.Errorf("%s is not counted in %s", label, file)
			}
			if err := os.WriteFile(file, []byte(printed), 0o600); err != nil {
				t.Error(err)
			}
		}
		for label := range m.fails {
			if strings.Contains(call, "--label "+label+" --") {
				return errors.New("exit status 1")
			}
		}
		return nil
	}
	return r
}

func TestSuite(t *testing.T) {
	first, second := run{
		label:     "first",
		folder:    "a",
		arguments: []string{"./..."},
	}, run{
		label:      "second",
		folder:     "b",
		arguments:  []string{"./..."},
		background: true,
	}
	both := map[string]string{"first": "3 0 0 0", "second": "4 0 0 0"}
	for _, test := range []struct {
		name   string
		counts map[string]string
		fails  map[string]bool
		err    bool
	}{
		{"everything passes", both, nil, false},
		{"a failed run does not keep the next from running", both, map[string]bool{"first": true}, true},
		{"a run that counted nothing has failed", map[string]string{"second": "4 0 0 0"}, nil, true},
		{"a run without a test has failed", map[string]string{"first": "0 0 0 0", "second": "4 0 0 0"}, nil, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := &machine{counts: test.counts, fails: test.fails}
			err := suite([]run{first, second})(t.Context(), m.runner(t))
			if (err != nil) != test.err {
				t.Errorf("got %v", err)
			}
			if len(m.calls) != 2 || !strings.HasPrefix(m.calls[0], "a$ ") || !strings.Contains(m.calls[1], "-- nice -n 10 ") {
				t.Errorf("calls are %q", m.calls)
			}
		})
	}
	t.Run("an interrupt keeps the next run from beginning", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		m := &machine{counts: both}
		if err := suite([]run{first})(ctx, m.runner(t)); err == nil || len(m.calls) > 0 {
			t.Errorf("got %v after %q", err, m.calls)
		}
	})
}

// The names of the end-to-end tests decide which goal runs them: each is run by one.
func TestEveryEndToEndTestHasOneGoal(t *testing.T) {
	skip := slices.Index(endToEndTests.arguments, "-skip")
	want := leftOut(os.Getenv("ENV"), lifecycleNames, drillNames, opinionNames, firstUseNames, apiNames)
	if got := endToEndTests.arguments[skip+1]; got != want {
		t.Errorf("e2e leaves out %s", got)
	}
	for _, pair := range []struct {
		tests run
		names string
	}{
		{lifecycleTests, lifecycleNames}, {drillTests, drillNames}, {opinionTests, opinionNames},
		{firstUseTests, firstUseNames}, {apiTests, apiNames},
	} {
		i := slices.Index(pair.tests.arguments, "-run")
		if pair.tests.arguments[i+1] != pair.names {
			t.Errorf("%s runs %s", pair.tests.label, pair.tests.arguments[i+1])
		}
	}
}

func TestLeftOut(t *testing.T) {
	const onAWS = "^TestA|^TestB|^TestAPI$|^TestAutomaticFailover$|^TestFirstUse$|^TestLifecycleInterruptions$|^TestLifecycleProd$" +
		"|^TestProtection$|^TestSecondOpinion$"
	for environment, want := range map[string]string{
		"": "^TestA|^TestB", "local": "^TestA|^TestB", "local-two": "^TestA|^TestB",
		"dev": onAWS, "localdev": onAWS,
	} {
		if got := leftOut(environment, "^TestA", "^TestB"); got != want {
			t.Errorf("ENV=%s leaves out %s, want %s", environment, got, want)
		}
	}
}

// requiring is a test that begins by requiring the emulator; its group is the name.
var requiring = regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\) \{\n\trequireEmulator\(t\)`)

func TestEmulatorTestsAreThoseThatRequireIt(t *testing.T) {
	files, err := filepath.Glob("../e2e/*_test.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("the end-to-end tests are %q, %v", files, err)
	}
	var names []string
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range requiring.FindAllStringSubmatch(string(content), -1) {
			names = append(names, found[1])
		}
	}
	if slices.Sort(names); !slices.Equal(names, emulatorTests) {
		t.Errorf("tests that begin with requireEmulator are %q, emulatorTests are %q", names, emulatorTests)
	}
}

func TestLintStopsAtTheFirstFinding(t *testing.T) {
	m := &machine{fails: map[string]bool{"eslint and prettier and tsc of lambda/app": true}}
	r := m.runner(t)
	for _, folder := range []string{"stacks", "shared", "lambda", "test"} {
		if err := os.Mkdir(filepath.Join(r.root, folder), 0o750); err != nil {
			t.Fatal(err)
		}
	}
	if err := lint(t.Context(), r); err == nil || !strings.Contains(err.Error(), "eslint") {
		t.Errorf("got %v", err)
	}
	if last := m.calls[len(m.calls)-1]; !strings.Contains(last, "npm run --silent lint") {
		t.Errorf("the last call is %q", last)
	}
}

func TestUnformattedFilesAreNamed(t *testing.T) {
	r := (&machine{}).runner(t)
	for _, folder := range []string{"stacks", "shared", "lambda", "test"} {
		if err := os.Mkdir(filepath.Join(r.root, folder), 0o750); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(r.root, "shared", "a.go"), []byte("package  a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.formatted(); err == nil || !strings.Contains(err.Error(), "shared/a.go") {
		t.Errorf("got %v", err)
	}
}
