package watch_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/world"
)

// lost returns a world whose primary region has been lost for just so long that the next run fails over.
func lost(t *testing.T) *world.World {
	t.Helper()
	w := world.New()
	watch(t, w, 2)
	w.LoseRegion()
	watch(t, w, 2)
	checkMoves(t, w, world.East)
	return w
}

// Every call of the run that fails over is a step at which it can be killed, before it and after it.
func TestARunThatIsKilledAtAnyStepIsFinishedByTheNext(t *testing.T) {
	survived, killedAt := false, map[string]int{}
	for steps := 0; !survived; steps++ {
		synctest.Test(t, func(t *testing.T) {
			w := lost(t)
			w.Fuse().Replace(steps)
			if err := run(t, w); err == nil && w.Fuse().Burnt() {
				t.Logf("killed at step %d, %s, which nothing depends on", steps, w.Fuse().Step)
			}
			survived = !w.Fuse().Burnt()
			killedAt[w.Fuse().Step]++
			asked := len(w.Requests())
			w.Fuse().Replace(-1)
			w.Calls()
			time.Sleep(time.Until(time.Now().Truncate(time.Minute).Add(time.Minute)))
			watch(t, w, 60)
			checkMoves(t, w, world.West, "failover")
			if state := w.State(); state.Move != nil || state.Last == nil || state.Last.Phase != journal.Announced || state.LastMove.IsZero() {
				t.Errorf("killed at step %d, the moves are %+v and %+v, want one that was announced", steps, state.Move, state.Last)
			}
			if !slices.Contains(subjects(w), "the writer is in us-west-2") {
				t.Errorf("killed at step %d, the notices are %q", steps, subjects(w))
			}
			if calls := w.Calls(); asked > 0 && slices.Contains(calls, "Move") {
				t.Errorf("killed at step %d, RDS is asked a second time", steps)
			}
		})
	}
	for _, step := range []string{"Move", "after Move", "before save", "after save", "Publish", "after Publish", "DescribeGlobalClusters"} {
		if killedAt[step] == 0 {
			t.Errorf("no run was killed at %q: %v", step, killedAt)
		}
	}
}

// A run that is killed again and again gets on as long as each comes a little further.
func TestRunsThatAreAllKilledComeToTheEnd(t *testing.T) {
	for steps := range 40 {
		synctest.Test(t, func(t *testing.T) {
			w := lost(t)
			for range 4 {
				w.Fuse().Replace(steps)
				run(t, w) // it may fail in any way
				time.Sleep(time.Minute)
			}
			w.Fuse().Replace(-1)
			watch(t, w, 10)
			checkMoves(t, w, world.West, "failover")
		})
	}
}

func TestWhatARunHasSeenOutlivesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := world.New()
		watch(t, w, 2)
		w.LoseRegion()
		time.AfterFunc(30*time.Second, func() { w.Fuse().Replace(0) })
		run(t, w) // it is killed, however it ends
		if state := w.State(); state.Failures < 4 || time.Since(state.FailingSince) < 25*time.Second {
			t.Errorf("%d failures since %s are remembered, want those of the first half minute", state.Failures, state.FailingSince)
		}
	})
}

func TestAnAnswerThatIsLostIsNotAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := lost(t)
		w.AnswerLost = true
		if err := run(t, w); err == nil {
			t.Error("a run that did not hear RDS's answer ends without an error")
		}
		w.AnswerLost = false
		watch(t, w, 30)
		checkMoves(t, w, world.West, "failover")
	})
}

func TestOfTwoRunsAtTheSameMomentOneActs(t *testing.T) {
	for gap := range 5 {
		t.Run(fmt.Sprintf("%d s apart", gap*7), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := lost(t)
				var runs sync.WaitGroup
				for i := range 3 {
					runs.Go(func() {
						time.Sleep(time.Duration(i*gap*7) * time.Second)
						if err := w.Watch(fmt.Sprint("run ", i)).Run(t.Context()); err != nil {
							t.Errorf("run %d: %v", i, err)
						}
					})
				}
				runs.Wait()
				watch(t, w, 5)
				checkMoves(t, w, world.West, "failover")
				checkSubjects(t, w, "advice: writes fail in the primary region", "failover to us-west-2 has begun", "the writer is in us-west-2")
			})
		})
	}
}

// A run that stood still while its lease ended must not act on what it once knew.
func TestARunThatWakesAfterItsLeaseHasEndedDoesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := lost(t)
		old, err := journal.Open(t.Context(), w.Table, "old", time.Now().Add(time.Second))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		mover := w.Watch("old").Mover
		old.Move = &journal.Move{Action: "failover", Target: world.West, Phase: journal.Intent}
		watch(t, w, 5)
		moved := len(w.Requests())
		if err := mover.Advance(t.Context(), old, true); err == nil {
			t.Error("a run without a lease goes on")
		}
		if got := len(w.Requests()); got != moved {
			t.Errorf("it has asked RDS: %q", w.Requests())
		}
	})
}
