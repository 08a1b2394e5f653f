package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"warmstandby/shared/naming"
	"warmstandby/shared/shell"
	"warmstandby/test/repository/toolchain"
)

// run is one run of tests, counted by itself.
type run struct {
	label  string
	folder string // relative to the repository's; that of the module, for tests in Go
	// arguments are go test's; nil for the application's function, whose tests npm runs.
	arguments []string
	// background runs yield the processors to the others: to platforms that wait for a clock.
	background bool
}

// unitTests are one run a module.
func unitTests() []run {
	return []run{
		{label: "unit tests of the product", folder: ".", arguments: []string{"./..."}, background: true},
		{label: "unit tests of the local AWS emulator", folder: "test/local", arguments: []string{"-timeout", "30m", "./..."}, background: true},
		{
			label: "unit tests of the toolchain", folder: toolchain.Module, background: true, arguments: toolchain.Packages(),
		},
	}
}

var functionTests = run{label: "tests of the function", folder: "lambda/app", background: true}

// The names of the end-to-end tests that have a goal of their own.
const (
	lifecycleNames = "^TestLifecycle"
	drillNames     = "^TestDrill"
	opinionNames   = "^TestSecondOpinion$"
	firstUseNames  = "^TestFirstUse"
	apiNames       = "^TestAPI$"
)

// emulatorTests are the end-to-end tests that need faults of the local AWS emulator. They are left out on AWS.
var emulatorTests = []string{
	"TestAPI", "TestAutomaticFailover", "TestFirstUse", "TestLifecycleInterruptions", "TestLifecycleProd", "TestProtection",
	"TestSecondOpinion",
}

// leftOut returns the pattern of the end-to-end tests that a run in an environment leaves out, besides those of the patterns: the
// emulator's, on AWS. Without an environment it is the emulator's.
func leftOut(environment string, patterns ...string) string {
	if environment != "" && !naming.Emulated(environment) {
		for _, name := range emulatorTests {
			patterns = append(patterns, "^"+name+"$")
		}
	}
	return strings.Join(patterns, "|")
}

var (
	// endToEndTests run four at once: most of their time is a platform's that waits for a clock.
	endToEndTests = endToEnd(
		"end-to-end tests", "-parallel", "4",
		"-skip", leftOut(os.Getenv("ENV"), lifecycleNames, drillNames, opinionNames, firstUseNames, apiNames),
	)
	lifecycleTests = endToEnd("long end-to-end tests", "-run", lifecycleNames, "-skip", leftOut(os.Getenv("ENV")))
	drillTests     = endToEnd("drills", "-run", drillNames)
	opinionTests   = endToEnd("second opinion", "-run", opinionNames)
	firstUseTests  = endToEnd("first use", "-run", firstUseNames)
	apiTests       = endToEnd("records API", "-run", apiNames)
)

func endToEnd(label string, arguments ...string) run {
	all := append([]string{"-tags", "e2e", "-count", "1", "-timeout", "4h"}, arguments...)
	return run{label: label, folder: ".", arguments: append(all, "./test/e2e")}
}

// errTestsFailed says that a run has failed. The count, printed last, names it.
var errTestsFailed = errors.New("tests failed")

// suite returns the goal that runs lanes of tests side by side, each lane's runs one after another. A failed run does not keep the
// next from running.
func suite(lanes ...[]run) func(ctx context.Context, r *runner) error {
	return func(ctx context.Context, r *runner) error {
		if err := os.RemoveAll(r.built("counts")); err != nil {
			return fmt.Errorf("forgetting the counts of the last run: %w", err)
		}
		if err := os.MkdirAll(r.built("counts"), 0o755); err != nil {
			return fmt.Errorf("counting tests: %w", err)
		}
		var all sync.WaitGroup
		var total counter
		for _, lane := range lanes {
			all.Go(func() {
				for _, one := range lane {
					if ctx.Err() != nil {
						total.add(count{}, fmt.Errorf("%s: interrupted", one.label))
						continue
					}
					total.add(r.test(one))
				}
			})
		}
		all.Wait()
		return total.report(os.Stdout)
	}
}

// test runs tests and returns how many there were. It fails when one fails, when a package does not compile, and when nothing was
// counted.
func (r *runner) test(t run) (count, error) {
	file := r.built("counts", hexName(t.label))
	call := r.goTest(t, file)
	parse := parseGoTestCount
	if t.arguments == nil {
		call, parse = functionTest(file), parseTAPCount
	}
	if t.background {
		call = append([]string{"nice", "-n", "10"}, call...)
	}
	ended := r.labeled(t.label, t.folder, call...)
	printed, err := os.ReadFile(file)
	if err != nil {
		return count{}, errors.Join(ended, fmt.Errorf("%s: nothing was counted: %w", t.label, err))
	}
	tests, err := parse(string(printed))
	if err == nil && ended == nil && tests.total == 0 {
		err = errors.New("no test ran")
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", t.label, err)
	}
	return tests, errors.Join(ended, err)
}

// hexName is a file name for a label: one word for a shell.
func hexName(label string) string { return fmt.Sprintf("%x", label) }

// goTest calls go test by gotestsum, which prints a line a package and the output of what fails, and whose variables with the
// counts a shell writes to a file.
func (r *runner) goTest(t run, file string) []string {
	const write = `echo "$TESTS_TOTAL $TESTS_FAILED $TESTS_ERRORS $TESTS_SKIPPED" >"$1"`
	counting := fmt.Sprintf(`sh -c %s sh %s`, shell.Quote(write), shell.Quote(file))
	call := r.goTool(developerTools, "gotestsum", "--format", "pkgname", "--hide-summary", "skipped", "--post-run-command", counting, "--")
	return append(call, t.arguments...)
}

// functionTest calls Node's test runner, which prints what a person reads and writes TAP to a file.
func functionTest(file string) []string {
	return []string{
		"npm", "test", "--silent", "--", "--test-reporter=spec", "--test-reporter-destination=stdout",
		"--test-reporter=tap", "--test-reporter-destination=" + file,
	}
}
