// Command advisories looks the dependencies up in the published advisories: go run ./test/repository/advisories go, or npm. It
// must be run in the repository's root.
//
// An advisory that concerns this code fails it (exit code 1). A database that does not answer is no finding, and no proof of
// anything either: the command says on standard error that nothing was looked up, marks that as a warning for GitHub Actions, and
// succeeds. Whatever else goes wrong fails it (exit code 2), so that a broken check is never taken for a clean one.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
)

// Exit codes.
const (
	exitClean    = 0
	exitFindings = 1
	exitError    = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], checks(http.DefaultClient, runCommand), os.Stdout, os.Stderr))
}

// check looks one ecosystem's dependencies up and writes what it found. Its error is errFindings, errNoAnswer or another.
type check func(ctx context.Context, output io.Writer) error

var (
	// errFindings says that an advisory concerns this code.
	errFindings = errors.New("an advisory concerns a dependency: update it, or remove it")
	// errNoAnswer says that the advisories could not be had, so that nothing is known.
	errNoAnswer = errors.New("the advisories cannot be reached")
)

// run runs the check that the arguments name and returns the command's exit code.
func run(ctx context.Context, arguments []string, known map[string]check, stdout, stderr io.Writer) int {
	if len(arguments) != 1 || known[arguments[0]] == nil {
		fmt.Fprintf(stderr, "usage: advisories go|npm, got %q\n", arguments)
		return exitError
	}
	err := known[arguments[0]](ctx, stdout)
	switch {
	case err == nil:
		fmt.Fprintf(stdout, "%s: no advisory concerns a dependency\n", arguments[0])
		return exitClean
	case errors.Is(err, errNoAnswer):
		// A line that begins with ::warning is shown on the run's page (GitHub Actions, "Workflow commands").
		fmt.Fprintf(stdout, "::warning title=Advisories of %s::Nothing was looked up: %v\n", arguments[0], err)
		fmt.Fprintf(stderr, "%s: nothing was looked up, which proves nothing: %v\n", arguments[0], err)
		return exitClean
	case errors.Is(err, errFindings):
		fmt.Fprintf(stderr, "%s: %v\n", arguments[0], err)
		return exitFindings
	default:
		fmt.Fprintf(stderr, "%s: %v\n", arguments[0], err)
		return exitError
	}
}

// result is how a command ended.
type result struct {
	output   []byte // its standard output
	exitCode int
}

// command runs a program in a folder. Its error says that the program could not be run; an exit code other than 0 is none.
type command func(ctx context.Context, folder, name string, arguments ...string) (result, error)

// runCommand is the command that runs programs of the machine. Their standard error is this command's.
func runCommand(ctx context.Context, folder, name string, arguments ...string) (result, error) {
	cmd := exec.CommandContext(ctx, name, arguments...)
	cmd.Dir, cmd.Stderr = folder, os.Stderr
	output, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return result{}, fmt.Errorf("running %s in %s: %w", name, folder, err)
	}
	return result{output: output, exitCode: cmd.ProcessState.ExitCode()}, nil
}
