package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

// waiting shows how long a program has been working that prints nothing: on a terminal a line that is rewritten, in a log a line now and
// then. Compilers are silent for minutes, and whoever waits does not know whether they do anything.
type waiting struct {
	out      io.Writer
	terminal bool
	label    string
	now      func() time.Time
	begun    time.Time
	quit     chan struct{}

	mu      sync.Mutex
	heard   time.Time // when something was printed last; the beginning before that
	shown   time.Time // when a log had a line last; zero after something was printed
	visible bool      // a terminal's line stands there
}

const (
	// patience is how long nobody wonders.
	patience = 5 * time.Second
	// logInterval separates two lines in a log: four a minute show life and can be read.
	logInterval = 15 * time.Second
)

// newWaiting begins to wait; stop ends it.
func newWaiting(out io.Writer, terminal bool, label string) *waiting {
	w := &waiting{out: out, terminal: terminal, label: label, now: time.Now, quit: make(chan struct{})}
	w.begun = w.now()
	w.heard = w.begun
	go repeat(look, w.quit, w.tick)
	return w
}

func (w *waiting) tick() {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	if now.Sub(w.heard) < patience || !w.terminal && now.Sub(w.shown) < logInterval {
		return
	}
	w.shown = now
	text := w.label + ", " + elapsedWords(now.Sub(w.begun))
	if !w.terminal {
		fmt.Fprintln(w.out, text) // What cannot be shown is no reason to end what is waited for.
		return
	}
	fmt.Fprintf(w.out, "\r%s\x1b[K", text[:min(len(text), lineWidth)])
	w.visible = true
}

func (w *waiting) erase() {
	if w.visible {
		fmt.Fprint(w.out, "\r\x1b[K")
		w.visible = false
	}
}

// stop ends the waiting, with nothing left that would be rewritten.
func (w *waiting) stop() {
	close(w.quit)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.erase()
	w.heard = w.now().Add(logInterval) // A tick that comes late shows nothing.
}

// passing returns a writer that passes on what a program prints: it is a sign of life.
func (w *waiting) passing(to io.Writer) io.Writer { return passingWriter{w, to} }

type passingWriter struct {
	*waiting
	to io.Writer
}

func (p passingWriter) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
	p.heard, p.shown = p.now(), time.Time{}
	return p.to.Write(text)
}

// elapsedWords is a duration as people say it: "12 s", "8 min 05 s".
func elapsedWords(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%d s", int(d.Seconds()))
	}
	return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
}

// labeled runs a program that prints nothing while it works, and shows how long it has been working.
func (c *controller) labeled(ctx context.Context, label string, arguments ...string) error {
	w := newWaiting(c.stderr, c.isTerminal(c.stderr), label)
	defer w.stop()
	return c.plainlyTo(ctx, w.passing(c.stdout), w.passing(c.stderr), arguments)
}
