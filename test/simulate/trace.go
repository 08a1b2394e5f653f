package simulate

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"warmstandby/lambda/failover/spec"
)

// watch gives an event of the world to the specification.
func (w *World) watch(e spec.Event) {
	e.At = w.start.Add(w.now)
	w.watcher.Observe(e)
	if w.tracing {
		w.note(describe(e))
	}
}

// note adds a line to the trace.
func (w *World) note(text string) {
	if w.tracing {
		w.trace = append(w.trace, entry{w.now, text})
	}
}

// Trace returns what happened, a line each, in the order of time. Lines of one instant are in the order of their text.
func (w *World) Trace() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	sorted := slices.Clone(w.trace)
	slices.SortStableFunc(sorted, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.text, b.text))
	})
	lines := make([]string, len(sorted))
	for i, one := range sorted {
		lines[i] = fmt.Sprintf("%02d:%06.3f  %s", one.at/time.Minute, (one.at % time.Minute).Seconds(), one.text)
	}
	return lines
}

// describe writes an event for the trace.
func describe(e spec.Event) string {
	run := ""
	if e.Run != "" {
		run = "[" + e.Run + "] "
	}
	switch e.Kind {
	case spec.Decided:
		return fmt.Sprintf("%s%s %s %q", run, e.Kind, e.Action, e.Reasons)
	case spec.Saved:
		return fmt.Sprintf("%s%s: %s %s, %d concerns", run, e.Kind, e.Action, e.Phase, len(e.Concerns))
	case spec.Requested:
		return fmt.Sprintf("%s%s: %s", run, e.Kind, e.Action)
	case spec.Answered:
		return fmt.Sprintf("%s%s: %s", run, e.Kind, e.Outcome)
	case spec.Notified:
		return fmt.Sprintf("%s%s: %s", run, e.Kind, e.Subject)
	case spec.OutsideView:
		return fmt.Sprintf("%s: routed to the primary %t, users write there %t, causes %d", e.Kind, e.Routed, e.Writable, e.Causes)
	case spec.RowsLost:
		return fmt.Sprintf("%s: %d of %s, causes %d, primary lost %t", e.Kind, e.Rows, e.Span, e.Causes, e.PrimaryLost)
	}
	return fmt.Sprintf("%s: %s", e.Kind, e.Detail)
}
