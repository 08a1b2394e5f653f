package controlloop_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/failovertest"
	"warmstandby/lambda/failover/journal"
)

// lost returns a simulation whose primary region was lost so long ago that the next run fails over.
func lost(t *testing.T) *failovertest.Simulation {
	t.Helper()
	sim := failovertest.New()
	watch(t, sim, 2)
	sim.LoseRegion()
	watch(t, sim, 2)
	checkMoves(t, sim, failovertest.East)
	return sim
}

// Every call of the run that fails over is a step at which it can be killed, before it and after it.
func TestCrashAtEveryCall(t *testing.T) {
	t.Run("a run that is killed at any call is finished by the next", func(t *testing.T) {
		survived, killedAt := false, map[string]int{}
		for steps := 0; !survived; steps++ {
			synctest.Test(t, func(t *testing.T) {
				sim := lost(t)
				sim.Crash().CrashAfter(steps)
				if err := run(t, sim); err == nil && sim.Crash().Crashed() {
					t.Logf("killed at step %d, %s, which nothing depends on", steps, sim.Crash().Step)
				}
				survived = !sim.Crash().Crashed()
				killedAt[sim.Crash().Step]++
				asked := len(sim.Requests())
				sim.Crash().CrashAfter(-1)
				sim.Calls()
				time.Sleep(time.Until(time.Now().Truncate(time.Minute).Add(time.Minute)))
				watch(t, sim, 60)
				checkMoves(t, sim, failovertest.West, "failover")
				if state := sim.State(); state.Move != nil || state.Last == nil || state.Last.Phase != journal.Announced || state.LastMove.IsZero() {
					t.Errorf("killed at step %d, the moves are %+v and %+v, want one that was announced", steps, state.Move, state.Last)
				}
				if !slices.Contains(subjects(sim), "the writer is in us-west-2") {
					t.Errorf("killed at step %d, the notices are %q", steps, subjects(sim))
				}
				if calls := sim.Calls(); asked > 0 && slices.Contains(calls, "Move") {
					t.Errorf("killed at step %d, RDS is asked a second time", steps)
				}
			})
		}
		for _, step := range []string{"Move", "after Move", "before save", "after save", "Publish", "after Publish", "DescribeGlobalClusters"} {
			if killedAt[step] == 0 {
				t.Errorf("no run was killed at %q: %v", step, killedAt)
			}
		}
	})
}

// A run that is killed again and again gets on as long as each comes a little further.
func TestRepeatedCrashes(t *testing.T) {
	t.Run("runs that are killed again and again finish the move", func(t *testing.T) {
		for steps := range 40 {
			synctest.Test(t, func(t *testing.T) {
				sim := lost(t)
				for range 4 {
					sim.Crash().CrashAfter(steps)
					run(t, sim) // it may fail in any way
					time.Sleep(time.Minute)
				}
				sim.Crash().CrashAfter(-1)
				watch(t, sim, 10)
				checkMoves(t, sim, failovertest.West, "failover")
			})
		}
	})
}

func TestCrashKeepsProbes(t *testing.T) {
	t.Run("the failed probes of a killed run are kept", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sim := failovertest.New()
			watch(t, sim, 2)
			sim.LoseRegion()
			time.AfterFunc(30*time.Second, func() { sim.Crash().CrashAfter(0) })
			run(t, sim) // it is killed, however it ends
			if state := sim.State(); state.Failures < 4 || time.Since(state.FailingSince) < 25*time.Second {
				t.Errorf("%d failures since %s are remembered, want those of the first half minute", state.Failures, state.FailingSince)
			}
		})
	})
}

func TestLostResponse(t *testing.T) {
	t.Run("a request whose response was lost is not repeated", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sim := lost(t)
			sim.ResponseLost = true
			if err := run(t, sim); err == nil {
				t.Error("a run that did not hear RDS's answer ends without an error")
			}
			sim.ResponseLost = false
			watch(t, sim, 30)
			checkMoves(t, sim, failovertest.West, "failover")
		})
	})
}

func TestConcurrentRuns(t *testing.T) {
	for gap := range 5 {
		t.Run(fmt.Sprintf("%d s apart", gap*7), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := lost(t)
				var runs sync.WaitGroup
				for i := range 3 {
					runs.Go(func() {
						time.Sleep(time.Duration(i*gap*7) * time.Second)
						if err := sim.Controller(fmt.Sprint("run ", i)).Run(t.Context()); err != nil {
							t.Errorf("run %d: %v", i, err)
						}
					})
				}
				runs.Wait()
				watch(t, sim, 5)
				checkMoves(t, sim, failovertest.West, "failover")
				checkSubjects(t, sim, "advice: writes fail in the primary region", "failover to us-west-2 has begun", "the writer is in us-west-2")
			})
		})
	}
}

// A run that stood still while its lease ended must not act on what it once knew.
func TestExpiredLease(t *testing.T) {
	t.Run("a run that wakes after its lease has ended does nothing", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sim := lost(t)
			old, err := journal.Open(t.Context(), sim.Table, "old", time.Now().Add(time.Second))
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * time.Second)
			mover := sim.Controller("old").Mover
			old.Move = &journal.Move{Action: "failover", Target: failovertest.West, Phase: journal.Intent}
			watch(t, sim, 5)
			moved := len(sim.Requests())
			if err := mover.Advance(t.Context(), old, true); err == nil {
				t.Error("a run without a lease goes on")
			}
			if got := len(sim.Requests()); got != moved {
				t.Errorf("it has asked RDS: %q", sim.Requests())
			}
		})
	})
}
