// Command checks runs the tests, the linters and the benchmarks for make, from the repository's folder.
//
// Tests of every lane of a suite run to their end, whatever fails; what failed and the number of tests is printed last. It exits 0
// when everything passed, 2 after a usage error and 1 otherwise.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// goals are what make asks for.
var goals = map[string]func(ctx context.Context, r *runner) error{
	"test":      suite(append(unitTests(), functionTests), []run{endToEndTests}),
	"unit":      suite(unitTests()),
	"function":  suite([]run{functionTests}),
	"e2e":       suite([]run{endToEndTests}),
	"lifecycle": suite([]run{lifecycleTests}),
	"drills":    suite([]run{drillTests}),
	"first-use": suite([]run{firstUseTests}),

	"second-opinion": secondOpinion,
	"api":            recordsAPI,

	"simulate": simulate,
	"lint":     lint,
	"audit":    auditors,
	"bench":    bench,
}

func main() {
	// A terminal's Ctrl-C reaches what runs as well, which ends in good order: no further run begins.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	goal := goals[strings.Join(os.Args[1:], " ")]
	if goal == nil {
		names := make([]string, 0, len(goals))
		for name := range goals {
			names = append(names, name)
		}
		slices.Sort(names)
		fmt.Fprintln(os.Stderr, "usage: checks "+strings.Join(names, "|")+", which make calls")
		os.Exit(2)
	}
	r, err := newRunner()
	if err == nil {
		err = goal(ctx, r)
	}
	if err != nil {
		if !errors.Is(err, errTestsFailed) { // which the count has said already
			fmt.Fprintln(os.Stderr, "make:", err)
		}
		os.Exit(1)
	}
}

// runner runs programs in the repository.
type runner struct {
	root string // absolute
	// process runs a program to its end, in a folder of the repository.
	process func(folder string, arguments ...string) error
}

func newRunner() (*runner, error) {
	root, err := os.Getwd()
	if err != nil {
		return nil, fmt.Errorf("finding the repository's folder: %w", err)
	}
	return &runner{root: root, process: func(folder string, arguments ...string) error {
		command := exec.Command(arguments[0], arguments[1:]...)
		command.Dir, command.Stdin, command.Stdout, command.Stderr = filepath.Join(root, folder), os.Stdin, os.Stdout, os.Stderr
		if err := command.Run(); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(arguments[0]), err)
		}
		return nil
	}}, nil
}

// path is the absolute path of a file of the repository.
func (r *runner) path(elements ...string) string {
	return filepath.Join(append([]string{r.root}, elements...)...)
}

// built is the path of a file that make builds.
func (r *runner) built(elements ...string) string {
	return r.path(append([]string{".state", "make"}, elements...)...)
}

// labeled runs a program that prints little while it works, with a line every few seconds.
func (r *runner) labeled(label, folder string, arguments ...string) error {
	call := append([]string{r.built("local"), "exec", "--label", label, "--"}, arguments...)
	if err := r.process(folder, call...); err != nil {
		return fmt.Errorf("%s: %w", label, err)
	}
	return nil
}

// The modules whose go.mod pins the programs that [runner.goTool] calls: golangci-lint has one of its own. What lists a release's modules,
// which stackctl calls, has one, too.
const (
	developerTools = "test/tools"
	golangciTools  = "test/tools/golangci"
	sbomTools      = "test/tools/sbom"
)

// goTool calls a program that a module's go.mod pins.
func (r *runner) goTool(module string, arguments ...string) []string {
	return append([]string{"go", "tool", "-modfile=" + r.path(module, "go.mod")}, arguments...)
}
