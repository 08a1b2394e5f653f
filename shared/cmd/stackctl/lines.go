package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
)

// forEach works on stacks in order. Where two go side by side, each of their lines is printed whole and begins with
// the stack's name.
func (c *controller) forEach(
	ctx context.Context,
	stacks []string,
	waitsFor func(string) []string,
	work func(ctx context.Context, stack string, out io.Writer) error,
) error {
	var printing lockedWriter
	printing.to = c.stdout
	return schedule(ctx, stacks, waitsFor, func(ctx context.Context, stack string) error {
		lines := &lineWriter{to: &printing, prefix: c.prefix(stack)}
		return errors.Join(work(ctx, stack, lines), lines.flush())
	})
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
