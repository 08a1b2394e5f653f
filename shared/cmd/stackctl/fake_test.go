package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// machine plays the programs that stackctl runs. It records every call and refuses those that a test has not planned.
type machine struct {
	t    *testing.T
	root string // the repository's folder, where it is not the test's own

	mu      sync.Mutex
	calls   []string // "folder$ program arguments", in order
	answers []answer // the first that fits a call is taken
}

// answer is what a program does whose call contains a text.
type answer struct {
	contains string
	prints   string
	fails    bool
	exitCode int  // that the program ends with, when it is not 0
	once     bool // further calls get another answer
	spent    bool
	events   string // what the engine writes to the file of its events
	// saysBeside is what the program writes to its standard error and ends well.
	saysBeside string
}

// exited is the end of a program with an exit code.
type exited int

func (e exited) Error() string { return fmt.Sprintf("exit status %d", int(e)) }
func (e exited) ExitCode() int { return int(e) }

func (m *machine) run(_ context.Context, p process) error {
	base := m.root
	if base == "" {
		base = root(m.t)
	}
	folder, err := filepath.Rel(base, p.directory)
	if err != nil {
		return err
	}
	words := append([]string{filepath.Base(p.arguments[0])}, p.arguments[1:]...)
	call := folder + "$ " + strings.Join(words, " ")
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls = append(m.calls, call)
	for i := range m.answers {
		a := &m.answers[i]
		if !strings.Contains(call, a.contains) || a.spent {
			continue
		}
		a.spent = a.once
		if file := slices.Index(p.arguments, "--event-log"); file > 0 && a.events != "" {
			if err := os.WriteFile(p.arguments[file+1], []byte(a.events), 0o600); err != nil {
				return err
			}
		}
		if a.fails {
			if p.stderr != nil && a.prints != "" {
				fmt.Fprint(p.stderr, a.prints) // What a program says that fails.
			}
			return errors.New("the program fails")
		}
		if a.exitCode != 0 {
			return exited(a.exitCode)
		}
		if p.stderr != nil {
			fmt.Fprint(p.stderr, a.saysBeside)
		}
		if p.stdout == nil {
			return nil
		}
		_, err := fmt.Fprint(p.stdout, a.prints)
		return err
	}
	m.t.Errorf("unplanned call: %s", call)
	return errors.New("unplanned call")
}

// called returns the calls that contain a text.
func (m *machine) called(text string) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []string
	for _, call := range m.calls {
		if strings.Contains(call, text) {
			found = append(found, call)
		}
	}
	return found
}

func root(t *testing.T) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// newTestController returns a controller with make's variables, on a machine that answers as planned. Without a plan of its own a
// call of what every command begins with is answered.
func newTestController(t *testing.T, variables map[string]string, answers ...answer) (*controller, *machine, *bytes.Buffer) {
	t.Helper()
	if variables["STATE"] == "" {
		variables["STATE"] = filepath.Join(t.TempDir(), "state")
	}
	s := settingsOf(t, variables)
	m := &machine{t: t, answers: append(
		answers,
		answer{contains: "local env", prints: `{"set": {"PATH": "/tools"}, "unset": ["AWS_PROFILE"]}`},
		answer{
			contains: " adopt",
			exitCode: exitNothingKept,
		},
		answer{contains: " upgrade", exitCode: exitNothingKept},
		answer{contains: "staterepair -env"},
		answer{contains: "stack select"},
		answer{contains: "local jwks"},
		answer{contains: "local down"},
		answer{contains: "stack history", prints: `[{"result": "succeeded"}]`},
		answer{contains: "stack ls", prints: `[]`},
		answer{contains: "pulumi up"},
		answer{contains: "pulumi preview"},
		answer{contains: "pulumi destroy"},
		answer{contains: "stack output --json", prints: `{}`},
		answer{contains: "$ summary"},
		answer{contains: "$ doctor"},
	)}
	var printed bytes.Buffer
	c := &controller{settings: s, stdout: &printed, stderr: &printed, process: m.run, cache: filepath.Join(t.TempDir(), "cache")}
	return c, m, &printed
}

// settingsOf are make's variables, in a shell that has nothing else.
func settingsOf(t *testing.T, variables map[string]string) settings {
	t.Helper()
	s, err := readSettings(func(name string) (string, bool) { value, set := variables[name]; return value, set })
	if err != nil {
		t.Fatal(err)
	}
	s.variables = func() []string {
		var all []string
		for name, value := range variables {
			all = append(all, name+"="+value)
		}
		return all
	}
	return s
}

// deployment is what stands before a test: stacks of an environment, some of them protected.
type deployment struct {
	stacks     []string
	protected  []string // those that have a resource which Pulumi protects
	protection string   // foundation-network's output of that name; empty for none
}

// plan has the controller find the deployment: in the files of its state on the local AWS emulator, and by Pulumi's answers on AWS.
func (d deployment) plan(t *testing.T, c *controller, m *machine) {
	t.Helper()
	var rows []string
	var answers []answer
	for _, stack := range d.stacks {
		protect, protection := slices.Contains(d.protected, stack), ""
		if stack == "foundation-network" {
			protection = d.protection
		}
		if c.emulated() {
			write(t, filepath.Join(c.state, "pulumi", ".pulumi", "stacks", stack, c.settings.environment+".json"),
				fmt.Sprintf(`{"checkpoint": {"latest": %s}}`, resources(protect, protection)))
			continue
		}
		name := "organization/" + stack + "/" + c.settings.environment
		if stack == "foundation-network" {
			name = c.settings.environment // It is the project in whose folder the list is made.
		}
		rows = append(rows, fmt.Sprintf(`{"name": %q, "resourceCount": 7}`, name))
		answers = append(answers, answer{contains: stack + "$ pulumi stack export", prints: exported(protect, protection)})
	}
	answers = append(answers, answer{contains: "stack ls", prints: "[" + strings.Join(rows, ",") + "]"})
	m.answers = append(answers, m.answers...)
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// runAnywhere is run for a controller whose repository is not this package's folder.
func (m *machine) runAnywhere(ctx context.Context, p process) error {
	p.directory = root(m.t)
	return m.run(ctx, p)
}

// wrap does something after each program that ended well.
func wrap(run func(context.Context, process) error, then func(process)) func(context.Context, process) error {
	return func(ctx context.Context, p process) error {
		err := run(ctx, p)
		if err == nil {
			then(p)
		}
		return err
	}
}
