package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// screen shows what is worked on: a line for each stack that has ended, and below them, on a terminal, a line for each under way, which
// is rewritten. Elsewhere such a line is printed each minute, so that a log shows life and can be read. All lines are ASCII and of 79
// columns at most, but for those that are passed on.
type screen struct {
	out      io.Writer
	terminal bool
	ascii    bool // the locale shows no other characters
	now      func() time.Time

	mu    sync.Mutex
	rows  []*row        // under way
	drawn int           // lines on the terminal that are rewritten
	quit  chan struct{} // nil after the end
}

const (
	// redraw is how often a terminal's lines are rewritten; heartbeat is how often a log has a line of each that is under way.
	redraw    = 250 * time.Millisecond
	heartbeat = time.Minute
	// look is how often it is seen whether such a line is due.
	look = time.Second
	// lineWidth is what a terminal of 80 columns shows without a wrap.
	lineWidth = 79
	// barWidth is that of the bar between its brackets.
	barWidth = 10
)

// newScreen begins to show; stop ends it.
func newScreen(out io.Writer, terminal, ascii bool) *screen {
	s := &screen{
		out: out, terminal: terminal, ascii: ascii, now: time.Now, quit: make(chan struct{}),
	}
	interval := look
	if terminal {
		interval = redraw
	}
	go repeat(interval, s.quit, s.tick)
	return s
}

// repeat does something in an interval until quit is closed.
func repeat(interval time.Duration, quit <-chan struct{}, do func()) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-quit:
			return
		case <-ticker.C:
			do()
		}
	}
}

// stop ends the showing, with nothing left that would be rewritten. A second call does nothing.
func (s *screen) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.quit == nil {
		return
	}
	close(s.quit)
	s.quit = nil
	s.erase()
	s.rows = nil
}

// row is a line of the screen.
type row struct {
	screen *screen
	name   string
	state  string // what is being done
	detail func() string
	begun  time.Time
	shown  time.Time // when a log had a line of it last; its beginning before the first
	tally  *tally
}

// begin adds a line of what is under way.
func (s *screen) begin(name, state string, t *tally, detail func() string) *row {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := &row{screen: s, name: name, state: state, tally: t, detail: detail, begun: s.now()}
	r.shown = r.begun
	s.rows = append(s.rows, r)
	s.draw()
	return r
}

// end replaces the line by its last one.
func (r *row) end(state, detail string) {
	s := r.screen
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows = slices.DeleteFunc(s.rows, func(other *row) bool { return other == r })
	s.erase()
	s.print(r.line(fmt.Sprintf("%-18s %-9s %s", r.name, state, detail)))
	s.draw()
}

// note prints a line of its own.
func (s *screen) note(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.erase()
	s.print(line)
	s.draw()
}

func (s *screen) tick() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.terminal {
		s.erase()
		s.draw()
		return
	}
	for _, r := range s.rows {
		if now := s.now(); now.Sub(r.shown) >= heartbeat {
			r.shown = now
			s.print(r.current())
		}
	}
}

// erase removes the lines that are rewritten: the cursor goes up, and everything below it goes (ECMA-48, CPL and ED).
func (s *screen) erase() {
	if s.drawn > 0 {
		fmt.Fprintf(s.out, "\x1b[%dF\x1b[J", s.drawn)
		s.drawn = 0
	}
}

func (s *screen) draw() {
	if !s.terminal {
		return
	}
	s.erase()
	for _, r := range s.rows {
		s.print(r.current())
	}
	s.drawn = len(s.rows)
}

func (s *screen) print(line string) {
	if s.ascii {
		line = asciiOnly(line)
	}
	fmt.Fprintln(s.out, line) // What cannot be shown is no reason to end what is shown.
}

// current is the line of what is under way.
func (r *row) current() string {
	detail := ""
	if r.detail != nil {
		detail = r.detail()
	}
	if finished, expected := r.tally.done(); detail == "" && expected > 0 {
		detail = fmt.Sprintf("%d of %d", min(finished, expected), expected)
	} else if detail == "" && finished > 0 {
		detail = fmt.Sprintf("%d resources", finished)
	}
	return r.line(fmt.Sprintf("%-18s [%s] %-9s %s", r.name, r.bar(), r.state, detail))
}

// bar shows how much is done, as far as is known.
func (r *row) bar() string {
	finished, expected := r.tally.done()
	full := 0
	if expected > 0 {
		full = min(finished, expected) * barWidth / expected
	}
	return strings.Repeat("#", full) + strings.Repeat(".", barWidth-full)
}

// line ends with the elapsed time and is lineWidth wide: a text that is too long is cut.
func (r *row) line(text string) string {
	text = strings.TrimRight(asciiOnly(text), " ")
	elapsed := elapsedText(r.screen.now().Sub(r.begun))
	room := lineWidth - len(elapsed) - 1
	if len(text) > room {
		text = text[:room-2] + ".."
	}
	return fmt.Sprintf("%-*s %s", room, text, elapsed)
}

// elapsedText is a duration as 1:05, or 1:02:05 from an hour on.
func elapsedText(d time.Duration) string {
	d = d.Round(time.Second)
	hours, minutes, seconds := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	if hours > 0 {
		return fmt.Sprintf("%d:%02d:%02d", hours, minutes, seconds)
	}
	return fmt.Sprintf("%d:%02d", minutes, seconds)
}

// asciiOnly replaces what a terminal in the C locale does not show.
func asciiOnly(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u2018' || r == '\u2019':
			return '\''
		case r == '\u201c' || r == '\u201d':
			return '"'
		case r == '\u2013' || r == '\u2014':
			return '-'
		case r > '~':
			return '?'
		}
		return r
	}, text)
}

// isTerminal says whether text goes to a terminal that understands control sequences.
func (s settings) isTerminal(out io.Writer) bool {
	file, is := out.(*os.File)
	if term := s.value("TERM", ""); !is || term == "" || term == "dumb" {
		return false
	}
	information, err := file.Stat()
	if err != nil || information.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(null, information)
}

// showsASCII says whether the locale shows ASCII alone: the first of these variables that is set decides (POSIX, 8.2).
func (s settings) showsASCII() bool {
	locale := s.value("LC_ALL", s.value("LC_CTYPE", s.value("LANG", "")))
	return !strings.Contains(strings.ReplaceAll(strings.ToUpper(locale), "-", ""), "UTF8")
}
