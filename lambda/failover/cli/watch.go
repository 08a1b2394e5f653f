package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"time"
)

// watchInterval is the time between two screens. The controller decides once a minute, and a user's outage is seen by a probe at once.
const watchInterval = 5 * time.Second

// clearScreen moves a terminal's cursor to its upper left corner and erases what is under it (ECMA-48, CUP and ED).
const clearScreen = "\x1b[H\x1b[J"

// watch shows a command's result again and again until the context ends, and returns the exit code of the last one. On a terminal each
// screen replaces the one before; elsewhere they follow one another, and each begins with its time.
func (s *session) watch(ctx context.Context, c Command, stdout, stderr io.Writer) int {
	terminal := isTerminal(stdout)
	for {
		var screen bytes.Buffer // written at once, so that a terminal does not flicker
		if terminal {
			screen.WriteString(clearScreen)
		}
		if !s.json {
			fmt.Fprintf(&screen, "%s, every %s, until Ctrl-C\n", time.Now().UTC().Format(time.DateTime+" UTC"), watchInterval)
		}
		code := s.runOnce(ctx, c, &screen, stderr)
		if ctx.Err() != nil {
			return code
		}
		if _, err := screen.WriteTo(stdout); err != nil {
			return Failed // whoever read has gone
		}
		select {
		case <-ctx.Done():
			return code
		case <-time.After(watchInterval):
		}
	}
}

// isTerminal reports whether a program's output is a terminal.
func isTerminal(to io.Writer) bool {
	file, is := to.(*os.File)
	if !is {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
