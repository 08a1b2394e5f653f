package progress

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAShortWaitIsNotShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		stop := Start(&log, "building")
		after(4900 * time.Millisecond)
		stop()
		if log.String() != "" {
			t.Errorf("after 4.9 s: %q, want nothing", log.String())
		}
	})
}

// A log gets a line after five seconds of silence and then every fifteen.
func TestLogLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		stop := Start(&log, "building")
		after(44900 * time.Millisecond)
		stop()
		after(time.Minute)
		if want := "building, 5 s\nbuilding, 20 s\nbuilding, 35 s\n"; log.String() != want {
			t.Errorf("after 45 s and a stop: %q, want %q", log.String(), want)
		}
	})
}

// What is written through passes unchanged and ends the silence.
func TestWriteThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		line := New(&log, "deploying", nil)
		out := line.Writer(&log)
		for range 3 {
			after(4 * time.Second)
			io.WriteString(out, "step\n")
		}
		after(6 * time.Second)
		line.Stop()
		if want := "step\nstep\nstep\ndeploying, 17 s\n"; log.String() != want {
			t.Errorf("got %q, want %q: no line while there is output, the whole wait's time after it", log.String(), want)
		}
	})
}

func TestALineStartsOnALineOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		line := New(&log, "asking", nil)
		io.WriteString(line.Writer(&log), "continue? ")
		after(6 * time.Second)
		line.Stop()
		if want := "continue? \nasking, 5 s\n"; log.String() != want {
			t.Errorf("got %q, want %q", log.String(), want)
		}
	})
}

// The detail is asked for each time and left out when empty.
func TestDetail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		details := []string{"", "12 packages"}
		var log strings.Builder
		line := New(&log, "building", func() string {
			detail := details[0]
			details = details[1:]
			return detail
		})
		after(21 * time.Second)
		line.Stop()
		line.Stop()
		if want := "building, 5 s\nbuilding, 20 s, 12 packages\n"; log.String() != want {
			t.Errorf("got %q, want %q", log.String(), want)
		}
	})
}

func TestElapsedIsWrittenAsPeopleSayIt(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                           "0 s",
		59*time.Second + 999999999:  "59 s",
		time.Minute:                 "1 min 00 s",
		8*time.Minute + time.Second: "8 min 01 s",
		61 * time.Minute:            "61 min 00 s",
	} {
		if got := Elapsed(d); got != want {
			t.Errorf("Elapsed(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestALineIsCutBeforeItWraps(t *testing.T) {
	for _, c := range []struct {
		text    string
		columns int
		want    string
	}{
		{"building, 5 s", 80, "building, 5 s"},
		{"building, 5 s", 13, "building, 5 "},
		{"süd, 5 s", 4, "süd"},
		{"a terminal that does not say its width", 0, "a terminal that does not say its width"},
	} {
		if got := fit(c.text, c.columns); got != c.want {
			t.Errorf("fit(%q, %d) = %q, want %q", c.text, c.columns, got, c.want)
		}
	}
}

// after lets the bubble's clock advance and waits until the watcher has seen it.
func after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}
