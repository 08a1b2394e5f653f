package watch_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/aurora"
	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/world"
)

func TestAfterAFailbackTheFailuresOfBeforeDoNotCount(t *testing.T) {
	tests := []struct {
		name  string
		leave func(*testing.T, *world.World) // how the writer comes to the standby region
		moves []string
	}{
		{"the controller had moved the writer", func(t *testing.T, w *world.World) {
			w.LoseApplication("status 503")
			watch(t, w, 10)
			w.Heal()
		}, []string{"switchover"}},
		{"an operator had moved the writer", func(_ *testing.T, w *world.World) { w.PutWriter(world.West) }, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := world.New()
				watch(t, w, 2)
				test.leave(t, w)
				watch(t, w, 60)
				if state := w.State(); w.Writer() != world.West || !state.FailingSince.IsZero() {
					t.Errorf("the writer is %s, and writes have failed since %s", w.Writer(), state.FailingSince)
				}
				w.PutWriter(world.East)
				w.LoseApplication("status 503") // the application's pools need a moment
				time.AfterFunc(30*time.Second, w.Heal)
				watch(t, w, 60)
				checkMoves(t, w, world.East, test.moves...)
			})
		})
	}
}

func TestAMoveThatRDSCancelsIsToldAndNotAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := world.New()
		watch(t, w, 2)
		w.Cancels = true
		w.LoseRegion()
		w.Standby.Status = "available"
		watch(t, w, 120) // the calm after a move is long over
		checkMoves(t, w, world.East, "failover")
		if last := w.State().Last; last == nil || last.Phase != journal.Failed {
			t.Errorf("the last move is %+v, want that it failed", last)
		}
		if got := subjects(w); !slices.Contains(got, "the failover to us-west-2 has failed") {
			t.Errorf("the notices are %q", got)
		}
	})
}

func TestAMoveThatRDSRefusesIsToldOnceAndAskedForUntilItAgrees(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := world.New()
		watch(t, w, 2)
		w.MoveRefused = aurora.Refusal{Code: "InvalidDBClusterStateFault", Message: "not in an available state"}
		w.LoseRegion()
		watch(t, w, 10)
		checkMoves(t, w, world.East)
		w.MoveRefused = nil
		watch(t, w, 2)
		checkMoves(t, w, world.West, "failover")
		checkSubjects(t, w, "advice: writes fail in the primary region", "RDS refuses the failover to us-west-2", "failover to us-west-2 has begun", "the writer is in us-west-2")
	})
}

func TestAnIntentThatNothingAsksForAnyMoreIsAbandoned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := world.New()
		watch(t, w, 2)
		w.MoveRefused = aurora.Refusal{Code: "InvalidDBClusterStateFault", Message: "not in an available state"}
		w.LoseRegion()
		watch(t, w, 6)
		w.Heal()
		w.MoveRefused = nil
		watch(t, w, 60)
		checkMoves(t, w, world.East)
		if state := w.State(); state.Move != nil || state.Last.Phase != journal.Abandoned || !state.LastMove.IsZero() {
			t.Errorf("the moves are %+v and %+v, want that the last was abandoned and counts for nothing", state.Move, state.Last)
		}
		w.LoseRegion()
		watch(t, w, 10)
		checkMoves(t, w, world.West, "failover")
	})
}

func TestWhatCouldNotBeToldIsToldLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := world.New()
		watch(t, w, 2)
		w.LoseStandby("status 502")
		w.Faults["Publish"] = errors.New("throttled")
		if err := run(t, w); err == nil {
			t.Error("a run that could not tell ends without an error")
		}
		w.Faults["Publish"] = nil
		before := len(w.Notices())
		watch(t, w, 2)
		if told := subjects(w)[before:]; !slices.Equal(told, []string{"advice: the standby region could not take over"}) {
			t.Errorf("then the notices are %q", told)
		}
	})
}

func TestALookComesWhenTheHeartbeatIsOverdue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := world.New()
		watch(t, w, 2)
		beat := time.Now() // of the last heartbeat: the runs begin at the full minutes, as the heartbeats do
		time.AfterFunc(59*time.Second, w.LoseRegion)
		watch(t, w, 10)
		// The marks are 140 s and 160 s after it.
		if took := w.State().Last.Requested.Sub(beat); took > decision.HeartbeatOverdue+3*time.Second {
			t.Errorf("RDS is asked %s after the last heartbeat", took)
		}
	})
}

func TestAConcernThatComesAndGoesIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := world.New()
		watch(t, w, 2)
		for range 20 {
			w.LoseStandby("status 502")
			watch(t, w, 2)
			w.LoseStandby("status 200")
			watch(t, w, 3)
		}
		watch(t, w, 10)
		checkSubjects(t, w, "advice: the standby region could not take over", "all is well again")
	})
}

func TestProbeDocumentsAreWrittenEveryFiveMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := world.New()
		watch(t, w, 60)
		written := 0
		for _, call := range w.Calls() {
			if call == "primary PutObject" {
				written++
			}
		}
		if age := time.Since(w.Document()); written != 12 || age > 6*time.Minute {
			t.Errorf("%d documents were written in an hour and the last is %s old, want 12", written, age)
		}
	})
}
