package testwait

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// fakeTest is a test whose run has a deadline of its own, and which records how it failed.
type fakeTest struct {
	testing.TB
	deadline time.Time
	failure  string
}

func (f *fakeTest) Deadline() (time.Time, bool) { return f.deadline, !f.deadline.IsZero() }
func (f *fakeTest) Fatalf(format string, arguments ...any) {
	f.failure = fmt.Sprintf(format, arguments...)
	panic(f)
}

// until returns how Until failed, and "" if it did not.
func (f *fakeTest) until(condition func() error) (failure string) {
	defer func() {
		failure = f.failure
		if r := recover(); r != nil && r != any(f) {
			panic(r)
		}
	}()
	Until(f, "the replica follows", condition)
	return ""
}

func TestUntil(t *testing.T) {
	for name, test := range map[string]struct {
		deadline, takes time.Duration // 0 is a run without a deadline
		failure         string
	}{
		"the condition holds at once":         {time.Hour, 0, ""},
		"it holds late, and the run has time": {time.Hour, 59 * time.Minute, ""},
		"the run's deadline is near": {
			time.Hour, time.Hour - ReportTime + time.Second,
			"the replica follows: still not, and the run's deadline is near: not yet",
		},
		"a run without a deadline waits":             {0, 24 * time.Hour, ""},
		"the deadline is nearer than a report takes": {time.Second, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begun := time.Now()
				f := &fakeTest{TB: t}
				if test.deadline > 0 {
					f.deadline = begun.Add(test.deadline)
				}
				got := f.until(func() error {
					if time.Since(begun) < test.takes {
						return errors.New("not yet")
					}
					return nil
				})
				if got != test.failure {
					t.Errorf("ended with %q, want %q", got, test.failure)
				}
				if left := test.deadline - time.Since(begun); test.failure != "" && (left > ReportTime || left < ReportTime-time.Second) {
					t.Errorf("a report has %s, want %s", left, ReportTime)
				}
			})
		})
	}
}

func TestContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		<-Context(&fakeTest{TB: t, deadline: begun.Add(time.Hour)}).Done()
		if got := time.Since(begun); got != time.Hour-ReportTime {
			t.Errorf("the context ends after %s, want %s before the run's deadline", got, ReportTime)
		}
		if deadline, ok := Context(&fakeTest{TB: t}).Deadline(); ok {
			t.Errorf("without a deadline of the run the context ends at %s", deadline)
		}
	})
	var ended context.Context
	t.Run("one test", func(t *testing.T) { ended = Context(t) })
	if err := ended.Err(); err == nil || !strings.Contains(err.Error(), "canceled") {
		t.Errorf("after the test its context has %v, want that it is canceled", err)
	}
}
