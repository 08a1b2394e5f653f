package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
)

// forEach works on stacks in order, for a goal of make. Each has a log and a line of the screen. With VERBOSE=yes, where two go side by
// side, each of their lines is printed whole and begins with the stack's name. The error says what failed and what to do.
func (c *controller) forEach(
	ctx context.Context,
	goal string,
	stacks []string,
	waitsFor func(string) []string,
	work func(ctx context.Context, j *job) error,
) error {
	var printing lockedWriter
	printing.to = c.stdout
	c.show()
	defer c.hide()
	var mu sync.Mutex
	var failures []failure
	notBegun := slices.Clone(stacks)
	err := schedule(ctx, stacks, waitsFor, func(ctx context.Context, stack string) error {
		j, err := c.newJob(goal, stack, stateDoing[goal], &printing)
		if err != nil {
			return err
		}
		err = work(ctx, j)
		err = errors.Join(err, j.close())
		j.finish(err)
		mu.Lock()
		defer mu.Unlock()
		notBegun = slices.DeleteFunc(notBegun, func(other string) bool { return other == stack })
		if err != nil {
			failures = append(failures, failure{job: j, err: err})
		}
		return err
	})
	return c.failed(goal, failures, notBegun, err)
}

// prefix names the stack before its lines where another stack may run beside it.
func (c *controller) prefix(stack string) string {
	if c.stack != "" {
		return ""
	}
	return fmt.Sprintf("%-18s | ", stack)
}

// waitingForLine bounds a line that does not end: one that is longer is printed in parts.
const waitingForLine = 64 << 10

// lineWriter passes on whole lines, each with a prefix.
type lineWriter struct {
	to      io.Writer
	prefix  string
	pending bytes.Buffer
}

func (w *lineWriter) Write(text []byte) (int, error) {
	w.pending.Write(text)
	for {
		end := bytes.IndexByte(w.pending.Bytes(), '\n')
		if end < 0 {
			if w.pending.Len() < waitingForLine {
				return len(text), nil
			}
			end = w.pending.Len() - 1
		}
		if _, err := w.to.Write(append([]byte(w.prefix), w.pending.Next(end+1)...)); err != nil {
			return len(text), err
		}
	}
}

// flush passes on a last line that has no end.
func (w *lineWriter) flush() error {
	if w.pending.Len() == 0 {
		return nil
	}
	_, err := w.to.Write(append(append([]byte(w.prefix), w.pending.Bytes()...), '\n'))
	w.pending.Reset()
	return err
}

// lockedWriter lets several goroutines write, one at a time.
type lockedWriter struct {
	mu sync.Mutex
	to io.Writer
}

func (w *lockedWriter) Write(text []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(text)
}
