//go:build e2e

package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gruntwork-io/terratest/modules/logger"
	"github.com/gruntwork-io/terratest/modules/retry"
	"github.com/gruntwork-io/terratest/modules/shell"
)

// makeProcess is a running make, in a process group of its own, as in a shell.
type makeProcess struct {
	command *exec.Cmd
	output  *outputBuffer
	ended   chan error
}

// outputBuffer has the output of a process so far.
type outputBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *outputBuffer) Write(text []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(text)
}

func (s *outputBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// start starts make and does not wait for its end.
func (p *platform) start(t testing.TB, arguments ...string) *makeProcess {
	t.Helper()
	command := exec.Command("make", append(p.variables(), arguments...)...)
	command.Dir, command.Env = root, os.Environ()
	for name, value := range p.environmentFor(t, arguments...) {
		command.Env = append(command.Env, name+"="+value)
	}
	return startMake(t, command)
}

// startMake starts a command of make, whose output is kept.
func startMake(t testing.TB, command *exec.Cmd) *makeProcess {
	t.Helper()
	r := &makeProcess{command: command, output: &outputBuffer{}, ended: make(chan error, 1)}
	command.Stdout, command.Stderr = r.output, r.output
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	// Plugins outlive an engine that is killed, and hold its output.
	command.WaitDelay = 5 * time.Second
	if err := command.Start(); err != nil {
		t.Fatalf("starting %s: %v", strings.Join(command.Args, " "), err)
	}
	go func() { r.ended <- command.Wait() }()
	return r
}

// awaitOutput returns when make has printed a text a number of times, about halfway through its work. A make that ends before
// fails the test.
func (r *makeProcess) awaitOutput(t testing.TB, text string, times int) {
	t.Helper()
	const interval = 100 * time.Millisecond // short, because the work goes on meanwhile
	awaitEvery(t, interval, fmt.Sprintf("waiting for %d times %q", times, text), func() error {
		if got := strings.Count(r.output.String(), text); got < times {
			select {
			case err := <-r.ended:
				//nolint:errorlint // err is nil where make has succeeded, which %w cannot print
				return retry.FatalError{Underlying: fmt.Errorf("make has ended (%v) with %d of them:\n%s", err, got, r.output)}
			default:
				return fmt.Errorf("it has printed that %d times", got)
			}
		}
		return nil
	})
}

// await returns the error that make ended with.
func (r *makeProcess) await() error { return <-r.ended }

// interrupt ends make and all that it has started, as Ctrl-C does.
func (r *makeProcess) interrupt(t testing.TB) {
	t.Helper()
	if err := syscall.Kill(-r.command.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatalf("interrupting make: %v", err)
	}
}

// killEngines kills make's Pulumi engines, as the kernel does when memory is short, and then their plugins, as the end of a
// machine or of a CI job does.
func (r *makeProcess) killEngines(t testing.TB) {
	t.Helper()
	var engines, others []int
	for _, one := range descendants(t, r.command.Process.Pid) {
		if one.name == "pulumi" {
			engines = append(engines, one.pid)
		} else if strings.HasPrefix(one.name, "pulumi-") {
			others = append(others, one.pid)
		}
	}
	if len(engines) == 0 {
		t.Fatalf("no engine is at work:\n%s", r.output)
	}
	for _, engine := range engines {
		kill(t, engine)
	}
	for _, plugin := range others {
		_ = syscall.Kill(plugin, syscall.SIGKILL) // It may have ended by itself.
	}
}

// process is a process of this machine.
type process struct {
	pid  int
	name string
}

// descendants returns the direct and indirect children of a process.
func descendants(t testing.TB, of int) []process {
	t.Helper()
	listed := require(shell.RunCommandContextAndGetStdOutE(t, t.Context(), &shell.Command{
		Command: "ps", Args: []string{"-A", "-o", "pid=,ppid=,comm="}, Logger: logger.Discard,
	}))(t)
	children := map[int][]process{}
	for line := range strings.Lines(listed) {
		fields := strings.Fields(line)
		if len(fields) < 3 {
			continue
		}
		pid, pidErr := strconv.Atoi(fields[0])
		parent, parentErr := strconv.Atoi(fields[1])
		if pidErr != nil || parentErr != nil {
			t.Fatalf("reading a line of ps: %q", line)
		}
		name := fields[2][strings.LastIndex(fields[2], "/")+1:]
		children[parent] = append(children[parent], process{pid, name})
	}
	var found []process
	for next := []int{of}; len(next) > 0; next = next[1:] {
		for _, child := range children[next[0]] {
			found = append(found, child)
			next = append(next, child.pid)
		}
	}
	return found
}
