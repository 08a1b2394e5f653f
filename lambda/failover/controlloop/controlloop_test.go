package controlloop_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/failovertest"
	"warmstandby/lambda/failover/journal"
	"warmstandby/shared/contract/controller"
)

// functionTime is what Lambda gives a run.
const functionTime = time.Minute

// run makes one run as Lambda does, each as another owner.
func run(t *testing.T, sim *failovertest.Simulation) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), functionTime)
	defer cancel()
	return sim.Controller(fmt.Sprint("run at ", time.Now().UnixNano())).Run(ctx)
}

// watch makes a run at each minute for so many minutes; runs may fail only where the test says so.
func watch(t *testing.T, sim *failovertest.Simulation, minutes int) {
	t.Helper()
	for range minutes {
		next := time.Now().Add(time.Minute)
		if err := run(t, sim); err != nil {
			t.Fatalf("a run fails: %v", err)
		}
		if late := time.Since(next); late > 0 {
			t.Fatalf("a run lasts until %s after the next one", late)
		}
		time.Sleep(time.Until(next))
	}
}

func subjects(sim *failovertest.Simulation) []string {
	var all []string
	for _, n := range sim.Notices() {
		all = append(all, strings.TrimPrefix(n.Subject, "[test] "))
	}
	return all
}

func checkSubjects(t *testing.T, sim *failovertest.Simulation, want ...string) {
	t.Helper()
	if got := subjects(sim); !slices.Equal(got, want) {
		t.Errorf("the notices are\n%q, want\n%q", got, want)
	}
}

func checkMoves(t *testing.T, sim *failovertest.Simulation, writer string, want ...string) {
	t.Helper()
	if got := sim.Requests(); !slices.Equal(got, want) {
		t.Errorf("RDS was asked for %q, want %q", got, want)
	}
	if got := sim.Writer(); got != writer {
		t.Errorf("the writer is %s, want %s", got, writer)
	}
}

func TestHealthyRun(t *testing.T) {
	t.Run("a run with all healthy moves nothing and is done within five seconds", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sim := failovertest.New()
			begun := time.Now()
			if err := run(t, sim); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(begun); took > 5*time.Second {
				t.Errorf("the run takes %s", took)
			}
			calls := sim.Calls()
			if probes := len(slices.DeleteFunc(slices.Clone(calls), func(call string) bool { return call != "primary Probe" })); probes != 4 {
				t.Errorf("the run probes the primary region %d times, want three for writes and one for reads", probes)
			}
			for _, call := range calls {
				if name, east := strings.CutPrefix(call, "primary "); east && !slices.Contains([]string{"Probe", "PutMetricData", "PutObject"}, name) {
					t.Errorf("the run calls %s in the primary region", name)
				}
			}
			checkMoves(t, sim, failovertest.East)
			checkSubjects(t, sim)
			metrics := sim.Metrics()
			if metrics["WriterActive us-east-1"] != 1 || metrics["WriterActive us-west-2"] != 0 || metrics["ReplicationLag"] != 0.05 {
				t.Errorf("the metrics are %v", metrics)
			}
			if state := sim.State(); state.Lease.Owner != "" || state.Decision.Action != decision.None {
				t.Errorf("the state is %+v, want no lease and no action", state)
			}
		})
	})
}

func TestHangingPrimary(t *testing.T) {
	t.Run("a primary region whose services hang costs a run its budget only", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sim := failovertest.New()
			watch(t, sim, 3)
			sim.LoseRegion()
			begun := time.Now()
			if err := run(t, sim); err != nil {
				t.Fatalf("a run while the primary region is lost fails: %v", err)
			}
			// Three probes of 2 s a second apart, two more until the minute is over, and one second for the metrics.
			if took := time.Since(begun); took < 40*time.Second || took > 45*time.Second {
				t.Errorf("the run takes %s, want that its last round is at 40 s and little comes after", took)
			}
		})
	})
}

func TestFaults(t *testing.T) {
	const day = 24 * 60
	tests := []struct {
		name    string
		happens func(*failovertest.Simulation)
		minutes int
		writer  string
		moves   []string
		notices []string
	}{
		{"the region is lost: one failover", (*failovertest.Simulation).LoseRegion, day, failovertest.West, []string{"failover"},
			[]string{"advice: writes fail in the primary region", "failover to us-west-2 has begun", "the writer is in us-west-2"}},
		{
			name:    "the application dies while the database lives: one switchover",
			happens: func(sim *failovertest.Simulation) { sim.LoseApplication("status 503") },
			minutes: day,
			writer:  failovertest.West,
			moves:   []string{"switchover"},
			notices: []string{"advice: writes fail in the primary region", "switchover to us-west-2 has begun", "the writer is in us-west-2"},
		},
		{
			name:    "the database dies while its region and its application live: one failover",
			happens: (*failovertest.Simulation).LoseDatabase,
			minutes: day,
			writer:  failovertest.West,
			moves:   []string{"failover"},
			notices: []string{"advice: writes fail in the primary region", "failover to us-west-2 has begun", "the writer is in us-west-2"},
		},
		{
			name:    "the regions are cut from each other and each serves its users: advice, and again when commits wait",
			happens: (*failovertest.Simulation).Split,
			minutes: day,
			writer:  failovertest.East,
			moves:   nil,
			notices: []string{
				"advice: the heartbeat is overdue; replication has stopped",
				"advice: commits wait for replication (rds.global_db_rpo); the heartbeat is overdue; replicat",
			},
		},
		{"a blip: nothing", func(sim *failovertest.Simulation) {
			sim.LoseRegion()
			time.AfterFunc(50*time.Second, sim.Heal)
		}, 60, failovertest.East, nil, []string{}},
		{
			name:    "the standby is unhealthy while the region is lost: advice, once",
			happens: func(sim *failovertest.Simulation) { sim.LoseStandby("status 502"); sim.LoseRegion() },
			minutes: 60,
			writer:  failovertest.East,
			moves:   nil,
			notices: []string{
				"advice: the standby region could not take over",
				"advice: writes fail in the primary region; the standby region could not take over",
				"a FAILOVER is advised",
				"a FAILOVER is advised",
			},
		},
		{
			name: "the controller is paused while the application is lost: advice, once",
			happens: func(sim *failovertest.Simulation) {
				sim.StoredMode = controller.Advisory
				sim.LoseApplication("status 503")
			},
			minutes: 60,
			writer:  failovertest.East,
			moves:   nil,
			notices: []string{
				"advice: the controller does not act by itself",
				"advice: writes fail in the primary region; the controller does not act by itself",
				"a switchover is advised",
			},
		},
		{"the mode cannot be read while the region is lost: advice", func(sim *failovertest.Simulation) {
			sim.StoredMode, sim.Faults["GetParameter"] = "", errors.New("throttled")
			sim.LoseRegion()
		}, 20, failovertest.East, nil, []string{
			"advice: the controller does not act by itself",
			"advice: writes fail in the primary region; the controller does not act by itself",
			"a FAILOVER is advised", // the heartbeat is overdue
			"a FAILOVER is advised", // replication has stopped too, which is news
		}},
		{
			name:    "RDS does not answer: advice, once",
			happens: func(sim *failovertest.Simulation) { sim.Faults["DescribeGlobalClusters"] = errors.New("throttled") },
			minutes: 60,
			writer:  failovertest.East,
			moves:   nil,
			notices: []string{"advice: RDS does not say where the writer is"},
		},
		{
			name:    "the writer is moved by hand: notified once, and left there",
			happens: func(sim *failovertest.Simulation) { sim.SetWriter(failovertest.West) },
			minutes: day,
			writer:  failovertest.West,
			moves:   nil,
			notices: []string{"the writer is in us-west-2"},
		},
		{
			name:    "the standby's engine is another: advice, once",
			happens: func(sim *failovertest.Simulation) { sim.Standby.EngineVersion = "16.9" },
			minutes: 60,
			writer:  failovertest.East,
			moves:   nil,
			notices: []string{"advice: the standby region could not take over"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := failovertest.New()
				watch(t, sim, 3)
				checkSubjects(t, sim)
				test.happens(sim)
				watch(t, sim, test.minutes)
				checkMoves(t, sim, test.writer, test.moves...)
				checkSubjects(t, sim, test.notices...)
			})
		})
	}
}

// The RTO is 15 minutes. This is the controller's part of it, until RDS has accepted the move.
func TestDecisionDelay(t *testing.T) {
	const (
		collecting = 3 * time.Second             // of a round while the primary region does not answer
		every      = 20*time.Second + collecting // between two decisions
	)
	tests := []struct {
		name    string
		happens func(*failovertest.Simulation)
		since   func(lost time.Time, m journal.Move) time.Time
		within  time.Duration
	}{
		{"the region is lost, since the loss: the last heartbeat was sent before it", (*failovertest.Simulation).LoseRegion,
			func(lost time.Time, _ journal.Move) time.Time { return lost }, controller.HeartbeatOverdue + every},
		{"the database is lost, since the loss", (*failovertest.Simulation).LoseDatabase,
			func(lost time.Time, _ journal.Move) time.Time { return lost }, decision.ReplicationOverdue + every},
		{"the application is lost, since it was seen", func(sim *failovertest.Simulation) { sim.LoseApplication("status 503") },
			func(_ time.Time, m journal.Move) time.Time { return m.LossSince }, decision.ApplicationLostAfter + every},
	}
	for _, test := range tests {
		for _, offset := range []time.Duration{0, 7 * time.Second, 25 * time.Second, 31 * time.Second, 59 * time.Second} {
			t.Run(fmt.Sprintf("%s, %s into a minute", test.name, offset), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					sim := failovertest.New()
					watch(t, sim, 2)
					lost := time.Now().Add(offset)
					time.AfterFunc(offset, func() { test.happens(sim) })
					watch(t, sim, 10)
					last := sim.State().Last
					if !last.WasRequested() {
						t.Fatal("nothing is moved")
					}
					if took := last.Requested.Sub(test.since(lost, *last)); took > test.within {
						t.Errorf("RDS is asked after %s, want at most %s", took, test.within)
					}
				})
			})
		}
	}
}
