package tools

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
)

// runner runs a command and returns what it printed. Its error is [exec.ErrNotFound] when there is no such command.
type runner func(ctx context.Context, name string, arguments ...string) (string, error)

// prerequisite is a program that must be on the machine, and how to get it per operating system.
type prerequisite struct {
	title, command string
	arguments      []string
	minimum        string
	hint           map[string]string
}

func prerequisites() []prerequisite {
	return []prerequisite{
		{"Go", "go", []string{"version"}, MinimumGo, map[string]string{
			"darwin": "brew install go, or https://go.dev/dl/", "linux": "https://go.dev/dl/"}},
		{"Node.js", "node", []string{"--version"}, MinimumNode, map[string]string{
			"darwin": "brew install node, or https://nodejs.org/en/download", "linux": "https://nodejs.org/en/download"}},
		{"Python", "python3", []string{"--version"}, MinimumPython, map[string]string{
			"darwin": "brew install python3, or https://www.python.org/downloads/",
			"linux":  "apt install python3 python3-venv, or https://www.python.org/downloads/"}},
	}
}

// Prerequisites checks that Go, Node.js and Python, with its venv module, are on PATH and new enough. The error has one
// line for each that is not: what is missing, what is needed, how to get it.
func Prerequisites(ctx context.Context) error {
	return checkPrerequisites(ctx, runtime.GOOS, run)
}

func checkPrerequisites(ctx context.Context, system string, run runner) error {
	var faults []error
	for _, p := range prerequisites() {
		hint := p.hint[system]
		output, err := run(ctx, p.command, p.arguments...)
		switch {
		case errors.Is(err, exec.ErrNotFound):
			faults = append(faults, fmt.Errorf("%s is missing: %s or newer is needed as %s on PATH: %s", p.title, p.minimum, p.command, hint))
			continue
		case err != nil:
			faults = append(faults, fmt.Errorf("%s does not run (%s %s: %w): %s or newer is needed: %s",
				p.title, p.command, strings.Join(p.arguments, " "), err, p.minimum, hint))
			continue
		}
		found, err := parseVersion(output)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s does not say its version (%w): %s or newer is needed: %s", p.title, err, p.minimum, hint))
			continue
		}
		if minimum, err := parseVersion(p.minimum); err != nil || found.before(minimum) {
			faults = append(
				faults, errors.Join(err, fmt.Errorf("%s is too old: it is %s, %s or newer is needed: %s", p.title, found, p.minimum, hint)),
			)
			continue
		}
		if p.command == "python3" {
			faults = append(faults, checkVenv(ctx, system, run))
		}
	}
	return errors.Join(faults...)
}

// checkVenv looks for what python3 -m venv needs. Debian ships the venv module without ensurepip, which venv calls.
func checkVenv(ctx context.Context, system string, run runner) error {
	if _, err := run(ctx, "python3", "-c", "import venv, ensurepip"); err != nil {
		hint := "reinstall Python with them"
		if system == "linux" {
			hint = "apt install python3-venv"
		}
		return fmt.Errorf("the venv module of Python is missing: venv and ensurepip are needed: %s", hint)
	}
	return nil
}

// run is the runner of this machine.
func run(ctx context.Context, name string, arguments ...string) (string, error) {
	output, err := exec.CommandContext(ctx, name, arguments...).Output()
	return string(output), err
}
