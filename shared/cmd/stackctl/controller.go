package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"warmstandby/shared/shell"
)

// controller runs programs for one environment.
type controller struct {
	settings
	stdout, stderr io.Writer
	// process runs a program to its end. It is the machine's, unless a test plays it.
	process func(ctx context.Context, p process) error
	cache   string  // the folder of what is kept for other clones; empty for warmstandby in the user's folder of caches
	screen  *screen // shows what is worked on in a few lines; nil where all is printed

	mu       sync.Mutex
	resolved *environment
	made     []string // the artifacts that were built, because their sources are newer
}

func newController(s settings) *controller {
	return &controller{settings: s, stdout: os.Stdout, stderr: os.Stderr, process: runProcess}
}

// process is a program to be run.
type process struct {
	directory      string
	arguments      []string // the program first
	environment    []string
	stdin          io.Reader
	stdout, stderr io.Writer
}

// runProcess runs a program. It does not end with the context: a terminal's Ctrl-C has reached the program as well, which ends in
// good order by itself. SIGTERM and SIGHUP, which reach one process alone, are passed on.
func runProcess(_ context.Context, p process) error {
	command := exec.Command(p.arguments[0], p.arguments[1:]...)
	command.Dir, command.Env, command.Stdin, command.Stdout, command.Stderr = p.directory, p.environment, p.stdin, p.stdout, p.stderr
	signals := make(chan os.Signal, 4) // More than arrive while the program starts.
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	if err := command.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", filepath.Base(p.arguments[0]), err)
	}
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		for {
			select {
			case <-ended:
				return
			case received := <-signals:
				_ = command.Process.Signal(received) // It may have ended by itself.
			}
		}
	}()
	if err := command.Wait(); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(append([]string{filepath.Base(p.arguments[0])}, firstWords(p.arguments[1:])...), " "), err)
	}
	return nil
}

// endedWith says whether an error is that of a program that ended with this exit code.
func endedWith(err error, code int) bool {
	var ended interface{ ExitCode() int }
	return errors.As(err, &ended) && ended.ExitCode() == code
}

// firstWords returns the leading arguments that are no flags: the name of a subcommand.
func firstWords(arguments []string) []string {
	end := slices.IndexFunc(arguments, func(a string) bool { return strings.HasPrefix(a, "-") })
	if end < 0 {
		end = len(arguments)
	}
	return arguments[:min(end, 2)]
}

// environment is what the local command says that Pulumi and the operator's programs need.
type environment struct {
	Set   map[string]string `json:"set"`
	Unset []string          `json:"unset"`
	// Balancers are those that commands need beside which ask load balancers.
	Balancers map[string]string `json:"balancers"`
}

// variables returns a process's environment: the one that there is, changed as the environment says.
func (e environment) variables(inherited []string) []string {
	all := slices.DeleteFunc(slices.Clone(inherited), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		_, set := e.Set[name]
		return set || slices.Contains(e.Unset, name)
	})
	for name, value := range e.Set {
		all = append(all, name+"="+value)
	}
	slices.Sort(all)
	return all
}

// program finds a program on the environment's own PATH, which is not that of this process.
func (e environment) program(name string) string {
	for _, folder := range filepath.SplitList(e.Set["PATH"]) {
		file := filepath.Join(folder, name)
		if found, err := exec.LookPath(file); err == nil {
			return found
		}
	}
	return name
}

// localArguments call the local command's env.
func (c *controller) localArguments(more ...string) []string {
	return append([]string{
		c.built("local"), "env", "--root", c.root, "--env", c.settings.environment, "--port", c.port, "--state", c.state,
		"--bin", c.built("bin"), "--repeat", strings.Join(c.repeat(), " "),
	}, more...)
}

// resolve asks the local command for the environment, once.
func (c *controller) resolve(ctx context.Context) (environment, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.resolved != nil {
		return *c.resolved, nil
	}
	var answer bytes.Buffer
	err := c.process(
		ctx,
		process{directory: c.root, arguments: c.localArguments("--json"), environment: c.environ(), stdout: &answer, stderr: c.stderr},
	)
	if err != nil {
		return environment{}, fmt.Errorf("asking for the variables of ENV=%s: %w", c.settings.environment, err)
	}
	var resolved environment
	if err := json.Unmarshal(answer.Bytes(), &resolved); err != nil {
		return environment{}, fmt.Errorf("reading the variables of ENV=%s: %w", c.settings.environment, err)
	}
	c.resolved = &resolved
	return resolved, nil
}

// execute runs a program in a folder of the repository with the environment's variables, its output passed on.
func (c *controller) execute(ctx context.Context, folder string, stdout, stderr io.Writer, arguments ...string) error {
	return c.executeWith(ctx, folder, nil, stdout, stderr, arguments...)
}

// executeWith runs a program as execute does, with more variables.
func (c *controller) executeWith(
	ctx context.Context, folder string, more map[string]string, stdout, stderr io.Writer, arguments ...string,
) error {
	e, err := c.resolve(ctx)
	if err != nil {
		return err
	}
	e.Set = maps.Clone(e.Set)
	if e.Set == nil {
		e.Set = map[string]string{}
	}
	maps.Copy(e.Set, more)
	arguments = append([]string{e.program(arguments[0])}, arguments[1:]...)
	return c.process(ctx, process{
		directory: filepath.Join(c.root, folder), arguments: arguments, environment: e.variables(c.environ()),
		stdin: os.Stdin, stdout: stdout, stderr: stderr,
	})
}

// output runs a program as execute does and returns what it prints. What it prints beside that is part of the error.
func (c *controller) output(ctx context.Context, folder string, arguments ...string) ([]byte, error) {
	var printed, faults bytes.Buffer
	if err := c.execute(ctx, folder, &printed, &faults, arguments...); err != nil {
		if text := strings.TrimSpace(faults.String()); text != "" {
			err = fmt.Errorf("%w\n%s", err, text)
		}
		return nil, err
	}
	return printed.Bytes(), nil
}

// environmentScript prints the variables for a shell's eval.
func environmentScript(ctx context.Context, c *controller, _ []string) error {
	return c.process(
		ctx,
		process{directory: c.root, arguments: c.localArguments(), environment: c.environ(), stdout: c.stdout, stderr: c.stderr},
	)
}

// run runs a command with the variables of the environment. On AWS those are the shell's own: what is run here asks AWS and not
// Pulumi, and so needs none of Pulumi's tools.
func (c *controller) run(ctx context.Context, arguments ...string) error {
	if c.emulated() {
		return c.operateOn(ctx, c.stdout, c.stderr, arguments...)
	}
	return c.plainly(ctx, arguments)
}

// operateOn runs a program that asks the platform's load balancers, with what that needs on the local AWS emulator.
func (c *controller) operateOn(ctx context.Context, stdout, stderr io.Writer, arguments ...string) error {
	e, err := c.resolve(ctx)
	if err != nil {
		return err
	}
	return c.executeWith(ctx, "", e.Balancers, stdout, stderr, arguments...)
}

// plainly runs a program with the shell's own variables, and with those of make that its messages repeat.
func (c *controller) plainly(ctx context.Context, arguments []string) error {
	return c.plainlyTo(ctx, c.stdout, c.stderr, arguments)
}

// plainlyTo runs a program as plainly does, with its output elsewhere.
func (c *controller) plainlyTo(ctx context.Context, stdout, stderr io.Writer, arguments []string) error {
	variables := environment{Set: map[string]string{shell.MakeVariable: strings.Join(c.repeat(), " ")}}.variables(c.environ())
	return c.process(ctx, process{
		directory: c.root, arguments: arguments, environment: variables, stdin: os.Stdin, stdout: stdout, stderr: stderr,
	})
}
