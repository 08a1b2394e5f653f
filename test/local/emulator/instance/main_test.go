package instance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"warmstandby/test/local/emulator"
	"warmstandby/test/local/testwait"
	"warmstandby/test/local/tools"
)

// TestMain lets the test binary be the background process that Up starts: Up runs its own executable.
func TestMain(m *testing.M) {
	if len(os.Args) == 6 && os.Args[1] == "serve" {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		propagation, err := time.ParseDuration(os.Args[5])
		if err == nil {
			err = Folder(os.Args[2]).Serve(ctx, emulator.Installation{Python: os.Args[3], Launcher: os.Args[4]}, propagation)
		}
		stop()
		if err != nil {
			fmt.Fprintln(os.Stderr, "local:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// environment is an instance of one test's own.
type environment struct {
	t      *testing.T
	folder Folder
	notice strings.Builder // what Up reported about the previous run
	// propagation is how long a change of a role takes to have an effect.
	propagation time.Duration
}

func newEnvironment(t *testing.T) *environment {
	e := &environment{t: t, folder: Folder(t.TempDir())}
	t.Cleanup(e.end)
	return e
}

func (e *environment) starting(port int) UpOptions {
	return UpOptions{
		Port: port,
		Install: func(ctx context.Context) (emulator.Installation, error) {
			cache, err := tools.CacheDir()
			if err != nil {
				return emulator.Installation{}, err
			}
			return emulator.Install(ctx, cache, silent)
		},
		Command: func(i emulator.Installation) []string {
			return []string{"serve", string(e.folder), i.Python, i.Launcher, e.propagation.String()}
		},
		Progress: silent,
		Notice:   &e.notice,
	}
}

func silent(string) func() { return func() {} }

// up starts the instance on a free port.
func (e *environment) up() Record {
	e.t.Helper()
	record, err := e.folder.Up(e.t.Context(), e.starting(0))
	if err != nil {
		e.t.Fatalf("up: %v", err)
	}
	return record
}

func (e *environment) down() Stopped {
	e.t.Helper()
	stopped, err := e.folder.Down(context.WithoutCancel(e.t.Context()), silent)
	if err != nil {
		e.t.Fatalf("down: %v", err)
	}
	return stopped
}

// end stops what a test left running, and fails the test when a process stays.
func (e *environment) end() {
	e.t.Helper()
	e.down()
	record, ok, err := e.folder.readRecord()
	if err != nil {
		e.t.Fatal(err)
	}
	if ok {
		assertGone(e.t, record)
	}
	if e.t.Failed() {
		for _, path := range []string{e.folder.GatewayLog(), e.folder.EmulatorLog()} {
			content, err := os.ReadFile(path)
			e.t.Logf("%s (%v):\n%s", path, err, content)
		}
	}
}

// assertGone fails when a process of a run that has ended lives.
func assertGone(t *testing.T, record Record) {
	t.Helper()
	for name, pid := range map[string]int{"gateway": record.GatewayPID, "emulator": record.EmulatorPID} {
		// The lock is free already; the process table may be some moments behind.
		testwait.Until(t, fmt.Sprintf("the %s, process %d, ends", name, pid), func() error {
			switch err := syscall.Kill(pid, 0); {
			case err == nil:
				return errors.New("a signal reaches it")
			case !errors.Is(err, syscall.ESRCH):
				return fmt.Errorf("a signal to it: %w", err)
			}
			return nil
		})
	}
}

// kill ends a process without a chance to save, and returns when nothing holds the folder.
func (e *environment) kill(pid int) {
	e.t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		e.t.Fatal(err)
	}
	if err := e.folder.waitUnlocked(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
}

// both runs two functions at once and returns when both have ended.
func both(first, second func()) {
	var group sync.WaitGroup
	group.Go(first)
	group.Go(second)
	group.Wait()
}
