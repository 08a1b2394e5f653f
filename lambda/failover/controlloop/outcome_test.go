package controlloop_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/failovertest"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/journal"
	"warmstandby/shared/contract/controller"
)

func TestFailback(t *testing.T) {
	tests := []struct {
		name  string
		leave func(*testing.T, *failovertest.Simulation) // how the writer comes to the standby region
		moves []string
	}{
		{"the controller had moved the writer", func(t *testing.T, sim *failovertest.Simulation) {
			sim.LoseApplication("status 503")
			watch(t, sim, 10)
			sim.Heal()
		}, []string{"switchover"}},
		{"an operator had moved the writer", func(_ *testing.T, sim *failovertest.Simulation) { sim.SetWriter(failovertest.West) }, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := failovertest.New()
				watch(t, sim, 2)
				test.leave(t, sim)
				watch(t, sim, 60)
				if state := sim.State(); sim.Writer() != failovertest.West || !state.FailingSince.IsZero() {
					t.Errorf("the writer is %s, and writes have failed since %s", sim.Writer(), state.FailingSince)
				}
				sim.SetWriter(failovertest.East)
				sim.LoseApplication("status 503") // the application's pools need a moment
				time.AfterFunc(30*time.Second, sim.Heal)
				watch(t, sim, 60)
				checkMoves(t, sim, failovertest.East, test.moves...)
			})
		})
	}
}

func TestCancelledMove(t *testing.T) {
	t.Run("a move that RDS cancels is notified and not requested again", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sim := failovertest.New()
			watch(t, sim, 2)
			sim.CancelsMoves = true
			sim.LoseRegion()
			sim.Standby.Status = "available"
			watch(t, sim, 120) // the cooldown after a move is long over
			checkMoves(t, sim, failovertest.East, "failover")
			if last := sim.State().Last; last == nil || last.Phase != journal.Failed {
				t.Errorf("the last move is %+v, want that it failed", last)
			}
			if got := subjects(sim); !slices.Contains(got, "the failover to us-west-2 has failed") {
				t.Errorf("the notices are %q", got)
			}
		})
	})
}

func TestRefusedMove(t *testing.T) {
	t.Run("a move that RDS refuses is notified once and requested until RDS accepts", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sim := failovertest.New()
			watch(t, sim, 2)
			sim.MoveRefused = globaldb.Refusal{Code: "InvalidDBClusterStateFault", Message: "not in an available state"}
			sim.LoseRegion()
			watch(t, sim, 10)
			checkMoves(t, sim, failovertest.East)
			sim.MoveRefused = nil
			watch(t, sim, 2)
			checkMoves(t, sim, failovertest.West, "failover")
			checkSubjects(
				t,
				sim,
				"advice: writes fail in the primary region",
				"RDS refuses the failover to us-west-2",
				"failover to us-west-2 has begun",
				"the writer is in us-west-2",
			)
		})
	})
}

func TestAbandonedIntent(t *testing.T) {
	t.Run("an intent that the evidence no longer asks for is abandoned", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sim := failovertest.New()
			watch(t, sim, 2)
			sim.MoveRefused = globaldb.Refusal{Code: "InvalidDBClusterStateFault", Message: "not in an available state"}
			sim.LoseRegion()
			watch(t, sim, 6)
			sim.Heal()
			sim.MoveRefused = nil
			watch(t, sim, 60)
			checkMoves(t, sim, failovertest.East)
			if state := sim.State(); state.Move != nil || state.Last.Phase != journal.Abandoned || !state.LastMove.IsZero() {
				t.Errorf("the moves are %+v and %+v, want that the last was abandoned and counts for nothing", state.Move, state.Last)
			}
			sim.LoseRegion()
			watch(t, sim, 10)
			checkMoves(t, sim, failovertest.West, "failover")
		})
	})
}

func TestFailedNotice(t *testing.T) {
	t.Run("a notice that could not be sent is sent later", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sim := failovertest.New()
			watch(t, sim, 2)
			sim.LoseStandby("status 502")
			sim.Faults["Publish"] = errors.New("throttled")
			if err := run(t, sim); err == nil {
				t.Error("a run that could not notify ends without an error")
			}
			sim.Faults["Publish"] = nil
			before := len(sim.Notices())
			watch(t, sim, 2)
			if notified := subjects(sim)[before:]; !slices.Equal(notified, []string{"advice: the standby region could not take over"}) {
				t.Errorf("then the notices are %q", notified)
			}
		})
	})
}

func TestHeartbeatOverdueRound(t *testing.T) {
	t.Run("a round begins when the heartbeat becomes overdue", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sim := failovertest.New()
			watch(t, sim, 2)
			beat := time.Now() // of the last heartbeat: the runs begin at the full minutes, as the heartbeats do
			time.AfterFunc(59*time.Second, sim.LoseRegion)
			watch(t, sim, 10)
			// The marks are 140 s and 160 s after it.
			if took := sim.State().Last.Requested.Sub(beat); took > controller.HeartbeatOverdue+3*time.Second {
				t.Errorf("RDS is asked %s after the last heartbeat", took)
			}
		})
	})
}

func TestFlappingConcern(t *testing.T) {
	t.Run("a concern that comes and goes is notified once", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sim := failovertest.New()
			watch(t, sim, 2)
			for range 20 {
				sim.LoseStandby("status 502")
				watch(t, sim, 2)
				sim.LoseStandby("status 200")
				watch(t, sim, 3)
			}
			watch(t, sim, 10)
			checkSubjects(t, sim, "advice: the standby region could not take over", "all is well again")
		})
	})
}

func TestProbeDocuments(t *testing.T) {
	t.Run("probe documents are written every five minutes", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sim := failovertest.New()
			watch(t, sim, 60)
			written := 0
			for _, call := range sim.Calls() {
				if call == "primary PutObject" {
					written++
				}
			}
			if age := time.Since(sim.Document()); written != 12 || age > 6*time.Minute {
				t.Errorf("%d documents were written in an hour and the last is %s old, want 12", written, age)
			}
		})
	})
}
