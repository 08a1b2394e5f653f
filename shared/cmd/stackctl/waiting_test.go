package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

// shown is a waiting of which the test is the clock.
func shown(terminal bool) (*waiting, *bytes.Buffer, func(time.Duration)) {
	var out bytes.Buffer
	at := time.Unix(0, 0)
	w := &waiting{out: &out, terminal: terminal, label: "compiling", quit: make(chan struct{}), begun: at, heard: at}
	w.now = func() time.Time { return at }
	return w, &out, func(d time.Duration) { at = at.Add(d); w.tick() }
}

func TestWaitingInALog(t *testing.T) {
	w, out, pass := shown(false)
	for range 40 {
		pass(time.Second)
	}
	if want := "compiling, 5 s\ncompiling, 20 s\ncompiling, 35 s\n"; out.String() != want {
		t.Errorf("after 40 s of silence\n%swant\n%s", out, want)
	}
	fmt.Fprintln(w.passing(out), "a word")
	for range 60 {
		pass(time.Second)
	}
	_, after, _ := strings.Cut(out.String(), "a word\n")
	if want := "compiling, 45 s\ncompiling, 1 min 00 s\ncompiling, 1 min 15 s\ncompiling, 1 min 30 s\n"; after != want {
		t.Errorf("after a word\n%swant\n%s", after, want)
	}
	w.stop()
	if w.tick(); strings.Count(out.String(), "compiling") != 7 {
		t.Errorf("after its end a line more is shown:\n%s", out)
	}
}

func TestWaitingOnATerminal(t *testing.T) {
	w, out, pass := shown(true)
	pass(4 * time.Second)
	if out.Len() > 0 {
		t.Errorf("after 4 s %q is shown", out)
	}
	pass(time.Second)
	pass(time.Second)
	if want := "\rcompiling, 5 s\x1b[K\rcompiling, 6 s\x1b[K"; out.String() != want {
		t.Errorf("it is %q, want %q", out, want)
	}
	out.Reset()
	fmt.Fprint(w.passing(out), "a word\n")
	if want := "\r\x1b[Ka word\n"; out.String() != want {
		t.Errorf("what the program prints is %q, want %q", out, want)
	}
	pass(patience)
	out.Reset()
	if w.stop(); out.String() != "\r\x1b[K" {
		t.Errorf("at its end it writes %q", out)
	}
}
