// Package progress shows that a long wait goes on: the elapsed time of what has been silent for a while.
//
// On a terminal it is one line that is rewritten; in a log it is a line now and then, so that the log stays readable.
package progress

import (
	"fmt"
	"io"
	"sync"
	"time"
)

const (
	// Patience is how long a wait may be silent: nobody wonders before it.
	Patience = 5 * time.Second
	// logInterval separates two lines in a log: four a minute show life and leave the log readable.
	logInterval = 15 * time.Second
	// tick is how often a terminal's line is rewritten: elapsed time is shown in seconds.
	tick = time.Second
)

// Start shows "label, 10 s" on w from the moment the wait has lasted [Patience], until stop is called.
func Start(w io.Writer, label string) (stop func()) {
	return New(w, label, nil).Stop
}

// Line is one wait that is shown while it is silent. It is safe for use by several goroutines.
type Line struct {
	w      io.Writer
	label  string
	detail func() string
	start  time.Time
	quit   chan struct{}
	done   chan struct{}
	once   sync.Once

	mu      sync.Mutex
	heard   time.Time // the last sign of life: the start, or what was last written through Writer
	shown   time.Time // the last line of ours, zero when none since heard
	visible bool      // a terminal's line stands there and is to be erased before anything else is written
	midline bool      // what was written through Writer did not end its line
}

// New starts to watch a wait, shown as "label, 10 s, detail" on w. detail may be nil; it is called from another goroutine
// each time the line is shown, and what it returns is left out when empty. Stop must be called.
func New(w io.Writer, label string, detail func() string) *Line {
	now := time.Now()
	l := &Line{w: w, label: label, detail: detail, start: now, heard: now, quit: make(chan struct{}), done: make(chan struct{})}
	go l.watch()
	return l
}

// Stop ends the watch and erases a terminal's line. A second call does nothing.
func (l *Line) Stop() {
	l.once.Do(func() {
		close(l.quit)
		<-l.done
		l.mu.Lock()
		defer l.mu.Unlock()
		l.erase()
	})
}

// Writer returns a writer that passes everything on to w, and counts it as a sign of life: the line shows the next silence.
func (l *Line) Writer(w io.Writer) io.Writer {
	return writerFunc(func(p []byte) (int, error) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.erase()
		l.heard, l.shown = time.Now(), time.Time{}
		if len(p) > 0 {
			l.midline = p[len(p)-1] != '\n'
		}
		return w.Write(p)
	})
}

func (l *Line) watch() {
	defer close(l.done)
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		select {
		case <-l.quit:
			return
		case <-ticker.C:
			l.show(time.Now())
		}
	}
}

// show writes the line if the wait has been silent for long enough. A line that cannot be written is no reason to end what
// is waited for, so write errors are dropped.
func (l *Line) show(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	columns, terminal := columns(l.w)
	if now.Sub(l.heard) < Patience || !terminal && now.Sub(l.shown) < logInterval {
		return
	}
	text := l.label + ", " + Elapsed(now.Sub(l.start))
	if l.detail != nil {
		if detail := l.detail(); detail != "" {
			text += ", " + detail
		}
	}
	if l.midline {
		text, l.midline = "\n"+text, false
	}
	l.shown = now
	if terminal {
		fmt.Fprintf(l.w, "\r%s\x1b[K", fit(text, columns))
		l.visible = true
		return
	}
	fmt.Fprintln(l.w, text)
}

func (l *Line) erase() {
	if l.visible {
		fmt.Fprint(l.w, "\r\x1b[K")
		l.visible = false
	}
}

// Elapsed writes a duration as people say it: "12 s", "8 min 05 s".
func Elapsed(d time.Duration) string {
	seconds := int(d / time.Second)
	if seconds < 60 {
		return fmt.Sprintf("%d s", seconds)
	}
	return fmt.Sprintf("%d min %02d s", seconds/60, seconds%60)
}

// fit cuts a text that would wrap: a wrapped line cannot be rewritten. The last column stays free, where some terminals wrap.
func fit(text string, columns int) string {
	runes := []rune(text)
	if columns > 1 && len(runes) >= columns {
		return string(runes[:columns-1])
	}
	return text
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
