package journal_test

import (
	"errors"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/failovertest"
	"warmstandby/lambda/failover/journal"
)

func open(t *testing.T, store journal.Store, owner string, length time.Duration) *journal.Journal {
	t.Helper()
	j, err := journal.Open(t.Context(), store, owner, time.Now().Add(length))
	if err != nil {
		t.Fatalf("%s opens the journal: %v", owner, err)
	}
	return j
}

func TestLease(t *testing.T) {
	t.Run("a lease is one runs until it ends", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			table := &failovertest.Table{}
			first := open(t, table, "first", time.Minute)
			var held journal.LeaseHeldError
			_, err := journal.Open(t.Context(), table, "second", time.Now().Add(time.Minute))
			if !errors.As(err, &held) || held.Lease.Owner != "first" {
				t.Fatalf("the second run opens the journal: %v, want that the first holds it", err)
			}
			time.Sleep(time.Minute)
			second := open(t, table, "second", time.Minute)
			if err := first.Save(t.Context()); !errors.Is(err, journal.ErrLeaseLost) {
				t.Errorf("a run whose lease has ended writes: %v", err)
			}
			if err := first.Close(t.Context()); !errors.Is(err, journal.ErrConflict) {
				t.Errorf("a run whose lease went to another gives it back: %v, want a conflict", err)
			}
			if err := second.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			open(t, table, "third", time.Minute)
		})
	})
}

func TestConcurrentOpen(t *testing.T) {
	t.Run("of many runs at one moment one opens the journal", func(t *testing.T) {
		table := &failovertest.Table{}
		var opened, refused atomic.Int32
		var runs sync.WaitGroup
		for i := range 16 {
			runs.Go(func() {
				var held journal.LeaseHeldError
				_, err := journal.Open(t.Context(), table, string(rune('a'+i)), time.Now().Add(time.Hour))
				switch {
				case err == nil:
					opened.Add(1)
				case errors.As(err, &held), errors.Is(err, journal.ErrConflict):
					refused.Add(1)
				default:
					t.Errorf("run %d: %v", i, err)
				}
			})
		}
		runs.Wait()
		if opened.Load() != 1 || refused.Load() != 15 {
			t.Errorf("%d runs opened the journal and %d were refused, want 1 and 15", opened.Load(), refused.Load())
		}
	})
}

func TestSave(t *testing.T) {
	t.Run("what is saved is read", func(t *testing.T) {
		table := &failovertest.Table{}
		j := open(t, table, "first", time.Hour)
		at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		j.RecordProbe(at, decision.Probe{Outcome: "status 503"})
		j.Move = &journal.Move{Action: "failover", Phase: journal.Intent, LossSince: at, Begun: at, Reasons: []string{"writes fail"}}
		j.Notified = map[string]time.Time{"writes fail": at}
		if err := j.Save(t.Context()); err != nil {
			t.Fatal(err)
		}
		read, err := table.Load(t.Context())
		if err != nil || !reflect.DeepEqual(read.Move, j.Move) || !reflect.DeepEqual(read.Notified, j.Notified) || read.Writes() != j.Writes() {
			t.Errorf("the state is read as %+v (%v), want %+v", read, err, j.State)
		}
	})
}

func TestRecordProbe(t *testing.T) {
	t.Run("failures are counted from the first", func(t *testing.T) {
		at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		var state journal.State
		if state.Writes().Known {
			t.Error("writes are known before any probe")
		}
		state.RecordProbe(at, decision.Probe{OK: true, Outcome: "status 200"})
		state.RecordProbe(at.Add(time.Second), decision.Probe{Outcome: "status 503"})
		state.RecordProbe(at.Add(2*time.Second), decision.Probe{Outcome: "a time-out"})
		if got := state.Writes(); got.Failures != 2 || !got.FailingSince.Equal(at.Add(time.Second)) || got.Last != "a time-out" {
			t.Errorf("after two failures: %+v", got)
		}
		state.RecordProbe(at.Add(3*time.Second), decision.Probe{OK: true, Outcome: "status 200"})
		if got := state.Writes(); got.Failures != 0 || !got.FailingSince.IsZero() || !got.Known {
			t.Errorf("after a good probe: %+v", got)
		}
	})
}
