package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// job is the work on one stack. What is written to it goes to the stack's log, and to the terminal with VERBOSE=yes.
type job struct {
	goal, stack string
	c           *controller
	tally       tally
	row         *row // of the screen; nil with VERBOSE=yes
	log         *os.File
	logFile     string
	verbose     *lineWriter // nil without VERBOSE=yes
	tail        tailWriter
	outcome     string // what the last line says where the engine has counted nothing
}

// logged is where the logs of an environment's deployments are, below STATE.
func (s settings) logged() string { return filepath.Join(s.state, "logs", "deploy", s.environment) }

// quiet says whether a goal prints a few lines and leaves the rest to its logs. Whoever asks Pulumi for differences or JSON wants all.
func (s settings) quiet() bool {
	flags := s.value("PULUMI_FLAGS", "")
	return !s.yes("VERBOSE") && !strings.Contains(flags, "--diff") && !strings.Contains(flags, "--json")
}

// newJob begins the work on one stack: its log of the run before gets the ending .1, as the local AWS emulator's do.
func (c *controller) newJob(goal, stack, state string, to io.Writer) (*job, error) {
	j := &job{goal: goal, stack: stack, c: c, logFile: filepath.Join(c.logged(), goal+"-"+stack+".log")}
	if err := os.MkdirAll(c.logged(), 0o755); err != nil {
		return nil, fmt.Errorf("making the folder of the logs: %w", err)
	}
	if err := os.Rename(j.logFile, j.logFile+".1"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("keeping the log of the run before: %w", err)
	}
	log, err := os.OpenFile(j.logFile, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600) // Outputs of programs may tell a stranger too much.
	if err != nil {
		return nil, fmt.Errorf("making the log: %w", err)
	}
	j.log = log
	j.tally.begin(0)
	if c.screen == nil {
		j.verbose = &lineWriter{to: to, prefix: c.prefix(stack)}
	} else {
		j.row = c.screen.begin(stack, state, &j.tally, nil)
	}
	return j, nil
}

func (j *job) Write(text []byte) (int, error) {
	if _, err := j.log.Write(text); err != nil {
		return 0, fmt.Errorf("writing %s: %w", j.logFile, err)
	}
	j.tail.add(text)
	if j.verbose != nil {
		return j.verbose.Write(text)
	}
	return len(text), nil
}

// close ends the work.
func (j *job) close() error {
	err := j.log.Close()
	if j.verbose != nil {
		err = errors.Join(err, j.verbose.flush())
	}
	return err
}

// say prints a line that a person has to see.
func (j *job) say(format string, values ...any) error {
	line := fmt.Sprintf(format, values...)
	if _, err := fmt.Fprintln(j, line); err != nil {
		return err
	}
	if j.c.screen != nil {
		j.c.screen.note(line)
	}
	return nil
}

// notes returns where a program writes whose every line a person has to see, as what repairs a state: it prints nothing where nothing
// is wrong.
func notes(out io.Writer) io.Writer {
	j, is := out.(*job)
	if !is || j.c.screen == nil {
		return out
	}
	return io.MultiWriter(j, &lineWriter{to: noteWriter{j.c.screen}, prefix: j.stack + ": "})
}

// noteWriter prints each whole line on the screen.
type noteWriter struct{ screen *screen }

func (w noteWriter) Write(line []byte) (int, error) {
	w.screen.note(strings.TrimRight(string(line), "\n"))
	return len(line), nil
}

// tailLines is how many lines of a program's output stand for its error where the engine has named none.
const tailLines = 12

// tailWriter keeps the last lines that were written, and those in which Pulumi's command line says what is wrong.
type tailWriter struct {
	mu      sync.Mutex
	pending bytes.Buffer
	lines   []string
	errors  []string
}

func (w *tailWriter) add(text []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pending.Write(text)
	for {
		end := bytes.IndexByte(w.pending.Bytes(), '\n')
		if end < 0 {
			return
		}
		line := strings.TrimRight(string(w.pending.Next(end+1)), "\r\n ")
		if line == "" {
			continue
		}
		if strings.HasPrefix(line, "error: ") && !slices.Contains(w.errors, line) {
			w.errors = append(w.errors, strings.TrimPrefix(line, "error: "))
		}
		w.lines = append(w.lines, line)
		w.lines = w.lines[max(0, len(w.lines)-tailLines):]
	}
}

// last is the line that was written last.
func (w *tailWriter) last() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.lines) == 0 {
		return ""
	}
	return w.lines[len(w.lines)-1]
}

// said returns what the programs have said of an error.
func (w *tailWriter) said() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.errors) > 0 {
		return slices.Clone(w.errors)
	}
	return slices.Clone(w.lines)
}

// debugVariable has Pulumi's command line accept --event-log, which it hides otherwise (sdk/go/common/env, DebugCommands).
const debugVariable = "PULUMI_DEBUG_COMMANDS"

// engine runs an operation of Pulumi's engine on the stack and counts what the engine says of it. expected is how many resources the
// stack is known to have; 0 for unknown.
func (j *job) engine(ctx context.Context, expected int, arguments ...string) error {
	folder, err := os.MkdirTemp("", "warmstandby-events-") // Not below STATE, which may be on a slow or a shared file system.
	if err != nil {
		return fmt.Errorf("making a folder for the engine's events: %w", err)
	}
	defer os.RemoveAll(folder)
	events := &eventReader{file: filepath.Join(folder, "events.json")}
	j.tally.begin(expected)
	stop := events.follow(j.tally.add)
	call := slices.Concat([]string{"pulumi"}, arguments, []string{"--event-log", events.file})
	err = j.c.executeWith(ctx, stackFolder(j.stack), j.c.engineVariables(), j, j, call...)
	return errors.Join(err, stop())
}

// The engine, the plugins and the stacks' programs end within seconds to minutes. Their garbage collector waits until the heap is five
// times what is in use, instead of twice that (package runtime, GOGC): a preview of all stacks then takes four fifths of its time.
const (
	collectorVariable = "GOGC"
	collectorGrowth   = "400"
)

// engineVariables are what the engine needs beside the environment's variables.
func (c *controller) engineVariables() map[string]string {
	variables := map[string]string{debugVariable: "true"}
	if _, chosen := c.lookup(collectorVariable); !chosen {
		variables[collectorVariable] = collectorGrowth
	}
	return variables
}

// stateDone is the last state of a stack's line, by goal; stateDoing is the first one.
var (
	stateDone  = map[string]string{"up": "deployed", "preview": "previewed", "destroy": "destroyed", "unprotect": "deployed"}
	stateDoing = map[string]string{"up": "deploying", "preview": "planning", "destroy": "removing", "unprotect": "deploying"}
)

// finish prints the stack's last line, and what a preview would change.
func (j *job) finish(failed error) {
	if j.row == nil {
		return
	}
	counts := j.tally.counts()
	if counts == "" {
		counts = j.outcome
	}
	if failed != nil {
		j.row.end("FAILED", counts)
		return
	}
	j.row.end(stateDone[j.goal], counts)
	if warnings := j.tally.warned(); warnings > 0 {
		j.c.screen.note(fmt.Sprintf("  warnings: %d, in %s-%s.log", warnings, j.goal, j.stack))
	}
	if j.goal == "preview" {
		changes := j.tally.changes()
		for i, change := range changes {
			if i == maxChanges {
				j.c.screen.note(fmt.Sprintf("  and %d more: VERBOSE=yes", len(changes)-i))
				break
			}
			j.c.screen.note("  " + change)
		}
	}
}

// maxChanges is how many changes of one stack a preview prints.
const maxChanges = 40
