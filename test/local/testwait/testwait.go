// Package testwait bounds what a test waits for, if another process or goroutine has to do it. Such a wait ends when its
// condition holds. How long that takes depends on the machine, so the only bound is the deadline of the whole test run (go test
// -timeout), less the time that a report needs. A timeout that is itself the property under test does not belong here.
package testwait

import (
	"context"
	"testing"
	"time"
)

const (
	// ReportTime is left of the run's deadline when a wait gives up: enough to fail with a message and to stop the processes
	// that the test has started, before go test ends the run and prints nothing but stacks.
	ReportTime = 30 * time.Second

	pollInterval = 20 * time.Millisecond
)

// Context returns a context for calls whose answer a test expects. It ends ReportTime before the deadline of the run, and no
// earlier than the test itself. A run without a deadline, such as a benchmark's, has no other bound than the test.
func Context(t testing.TB) context.Context {
	ctx := t.Context()
	limit, ok := limit(t)
	if !ok {
		return ctx
	}
	ctx, cancel := context.WithDeadline(ctx, limit)
	t.Cleanup(cancel)
	return ctx
}

// Until calls condition until it returns nil. It fails the test with the last error ReportTime before the deadline of the run,
// after one call at least. It may be called from a cleanup.
func Until(t testing.TB, what string, condition func() error) {
	t.Helper()
	for limit, ok := limit(t); ; time.Sleep(pollInterval) {
		err := condition()
		if err == nil {
			return
		}
		if ok && !time.Now().Before(limit) {
			t.Fatalf("%s: still not, and the run's deadline is near: %v", what, err)
		}
	}
}

// limit returns when a wait gives up; false if the run has no deadline.
func limit(t testing.TB) (time.Time, bool) {
	run, ok := t.(interface{ Deadline() (time.Time, bool) })
	if !ok {
		return time.Time{}, false
	}
	deadline, ok := run.Deadline()
	return deadline.Add(-ReportTime), ok
}
