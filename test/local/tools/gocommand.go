package tools

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"time"

	"warmstandby/test/local/progress"
)

const (
	// lastLines is how much of a failed command's output is printed: a screen's worth of compiler errors.
	lastLines = 20
	// interruptGrace is how long the Go command may take to stop its compilers before it is killed.
	interruptGrace = 10 * time.Second
)

// goCommand runs the Go command in a module's folder.
type goCommand struct {
	dir      string
	log      io.Writer // takes the whole output of run
	progress io.Writer // takes progress
}

func (g goCommand) command(ctx context.Context, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, "go", arguments...)
	command.Dir = g.dir
	command.Env = append(os.Environ(), buildEnvironment()...)
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = interruptGrace
	return command
}

// output runs a short command and returns what it printed on standard output, also when it failed.
func (g goCommand) output(ctx context.Context, arguments ...string) (string, error) {
	command := g.command(ctx, arguments...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	stdout, err := command.Output()
	if err != nil {
		err = fmt.Errorf("running go %s: %w: %s", arguments[0], err, strings.TrimSpace(stderr.String()))
	}
	return string(stdout), err
}

// run runs a long command, shows its progress and logs all that it prints. each gets every line of it and answers whether
// the line only tells of progress; the last of the others are in the error when the command fails.
func (g goCommand) run(ctx context.Context, label string, detail func() string, each func(line string) bool, arguments ...string) error {
	fmt.Fprintf(g.log, "go %s\n", strings.Join(arguments, " "))
	shown := progress.New(g.progress, label, detail)
	defer shown.Stop()
	var last []string
	lines := &lineWriter{each: func(line string) {
		if !each(line) {
			last = append(last, line)
			last = last[max(0, len(last)-lastLines):]
		}
	}}
	command := g.command(ctx, arguments...)
	output := io.MultiWriter(g.log, lines)
	command.Stdout, command.Stderr = output, output // one writer for both: exec then writes from one goroutine
	err := command.Run()
	lines.flush()
	if ctx.Err() != nil {
		return fmt.Errorf("running go %s: %w", arguments[0], ctx.Err())
	}
	if err != nil {
		return fmt.Errorf("running go %s: %w\n%s", arguments[0], err, strings.Join(last, "\n"))
	}
	return nil
}

// lineWriter hands on what is written to it line by line.
type lineWriter struct {
	each func(line string)
	rest []byte
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.rest = append(w.rest, p...)
	for {
		line, rest, found := bytes.Cut(w.rest, []byte("\n"))
		if !found {
			return len(p), nil
		}
		w.each(string(line))
		w.rest = rest
	}
}

func (w *lineWriter) flush() {
	if len(w.rest) > 0 {
		w.each(string(w.rest))
		w.rest = nil
	}
}

// tally counts, of what the Go command prints, the modules it downloads and the packages it names: with build -v a package
// is named when its compilation begins, with list each package of the build. It may be read while it counts.
type tally struct {
	modules, packages atomic.Int64
}

// line counts one line and answers whether it is one to count.
func (t *tally) line(line string) bool {
	switch {
	case strings.HasPrefix(line, "go: downloading "):
		t.modules.Add(1)
	case line != "" && !strings.ContainsAny(line, " \t#"):
		t.packages.Add(1)
	default:
		return false
	}
	return true
}
