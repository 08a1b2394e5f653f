package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
)

func TestExecPassesOnOutputAndExitCode(t *testing.T) {
	for _, c := range []struct {
		name, script, stdout, stderr string
		code                         exitStatus
	}{
		{"a command that succeeds", "echo out; echo err >&2", "out\n", "err\n", 0},
		{"a command that fails", "echo out; exit 42", "out\n", "", 42},
		{"output that does not end its line", "printf '50 %%'", "50 %", "", 0},
		{"a command that a signal ends", "kill -TERM $$", "", "", 143},
	} {
		t.Run(c.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			err := runExec(t.Context(), []string{"--label", "testing", "--", "/bin/sh", "-c", c.script}, &stdout, &stderr)
			var code exitStatus
			if err != nil && !errors.As(err, &code) || code != c.code {
				t.Errorf("got %v, want exit code %d", err, c.code)
			}
			if stdout.String() != c.stdout || stderr.String() != c.stderr {
				t.Errorf("got %q and %q, want %q and %q", stdout.String(), stderr.String(), c.stdout, c.stderr)
			}
		})
	}
}

func TestExecSaysWhatCannotBeRun(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if err := runExec(t.Context(), []string{"--", "no-such-command-here"}, &stdout, &stderr); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("an unknown command gives %v, want %v", err, exec.ErrNotFound)
	}
	if err := runExec(
		t.Context(), []string{"--label", "x"}, &stdout, &stderr,
	); !errors.Is(err, errUsage) || !strings.Contains(stderr.String(), "usage: local exec") {
		t.Errorf("no command gives %v and %q, want the usage", err, stderr.String())
	}
}

// Exec forwards signals and returns the command's own answer.
func TestExec(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(s.String(), func(t *testing.T) {
			// While the test listens too, no signal that comes early or late ends the test itself.
			ours := make(chan os.Signal, 1)
			signal.Notify(ours, s)
			defer signal.Stop(ours)
			ready := &onFirstWrite{do: func() {
				if err := syscall.Kill(os.Getpid(), s); err != nil {
					t.Errorf("signalling: %v", err)
				}
			}}
			var stderr bytes.Buffer
			script := `trap 'exit 7' TERM HUP; echo ready; while :; do sleep 0.01; done`
			err := runExec(t.Context(), []string{"--", "/bin/sh", "-c", script}, ready, &stderr)
			var code exitStatus
			if !errors.As(err, &code) || code != 7 {
				t.Errorf("got %v (%s), want the exit code 7 of the command's own trap", err, stderr.String())
			}
		})
	}
}

// onFirstWrite takes output and acts when there is any.
type onFirstWrite struct {
	once sync.Once
	do   func()
}

func (w *onFirstWrite) Write(p []byte) (int, error) {
	w.once.Do(w.do)
	return len(p), nil
}
