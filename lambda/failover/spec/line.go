package spec

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// lineLimit is the longest line that is read. CloudWatch Logs has no longer event (Amazon CloudWatch Logs User Guide,
// "CloudWatch Logs quotas", Event size: 1 MB).
const lineLimit = 1 << 20

// ParseLine reads one line of the log. The second result is false for a line that is no event: one of Lambda's own, such as
// REPORT, or another of the controller's. What stands before the JSON object, as "aws logs tail" puts a time and a stream
// there, is left out. The error says that a line is an event and cannot be read.
func ParseLine(text []byte) (Event, bool, error) {
	start := bytes.IndexByte(text, '{')
	if start < 0 {
		return Event{}, false, nil
	}
	text = text[start:]
	var head struct {
		Message string `json:"msg"`
	}
	if err := json.Unmarshal(text, &head); err != nil || !isLogged(Kind(head.Message)) {
		return Event{}, false, nil
	}
	var e Event
	if err := json.Unmarshal(text, &e); err != nil {
		return Event{}, false, fmt.Errorf("reading a line %q of the controller's log: %w", head.Message, err)
	}
	if e.At.IsZero() {
		return Event{}, false, fmt.Errorf("reading a line %q of the controller's log: it has no time", head.Message)
	}
	return e, true, nil
}

// isLogged says whether the controller's log has lines of the kind.
func isLogged(k Kind) bool {
	switch k {
	case Decided, Saved, Requested, Answered, Notified:
		return true
	}
	return false
}

// ErrNoEvents says that a log has no line of the controller.
var ErrNoEvents = errors.New("the log has no event of the failover controller: give the lines of its log group, oldest first")

// Check reads a log, oldest line first, and returns how many events it has and what breaks the rules.
func Check(log io.Reader) (int, []Violation, error) {
	lines := bufio.NewScanner(log)
	lines.Buffer(make([]byte, 0, 64<<10), lineLimit)
	watcher, events := NewWatcher(), 0
	for number := 1; lines.Scan(); number++ {
		event, is, err := ParseLine(lines.Bytes())
		if err != nil {
			return events, nil, fmt.Errorf("line %d: %w", number, err)
		}
		if is {
			watcher.Observe(event)
			events++
		}
	}
	if err := lines.Err(); err != nil {
		return events, nil, fmt.Errorf("reading the log after %d events: %w", events, err)
	}
	if events == 0 {
		return 0, nil, ErrNoEvents
	}
	return events, watcher.Violations(), nil
}
