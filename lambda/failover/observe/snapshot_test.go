package observe_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/failovertest"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/observe"
	"warmstandby/shared/contract/controller"
)

// gather returns the snapshot and the evidence of a simulation after a change.
func gather(t *testing.T, change func(*failovertest.Simulation)) (observe.Snapshot, decision.Evidence) {
	t.Helper()
	sim := failovertest.New()
	change(sim)
	snapshot := observe.Gather(t.Context(), failovertest.Config(), sim.Sources())
	return snapshot, snapshot.Evidence(time.Now(), decision.Writes{Known: true}, time.Time{})
}

func TestGather(t *testing.T) {
	broken := errors.New("throttled")
	tests := []struct {
		name   string
		change func(*failovertest.Simulation)
		holds  func(decision.Evidence) bool
	}{
		{"a healthy platform is known whole", func(*failovertest.Simulation) {}, func(e decision.Evidence) bool {
			return e.Database.Known && !e.Database.WriterInStandby && e.Heartbeat.Known && e.Replication.Known && e.Standby.Known &&
				len(e.Standby.Faults) == 0 &&
				e.Mode == controller.Automatic
		}},
		{
			name:   "the writer in the standby",
			change: func(sim *failovertest.Simulation) { sim.SetWriter(failovertest.West) },
			holds:  func(e decision.Evidence) bool { return e.Database.Known && e.Database.WriterInStandby },
		},
		{
			name:   "a writer that is neither cluster",
			change: func(sim *failovertest.Simulation) { sim.SetWriter("arn:aws:rds:eu-west-1:0:cluster:x") },
			holds:  func(e decision.Evidence) bool { return !e.Database.Known },
		},
		{
			name:   "RDS that fails",
			change: func(sim *failovertest.Simulation) { sim.Faults["DescribeGlobalClusters"] = broken },
			holds:  func(e decision.Evidence) bool { return !e.Database.Known && !e.Standby.Known },
		},
		{
			name:   "a cluster that is not described",
			change: func(sim *failovertest.Simulation) { sim.Faults["DescribeDBClusters"] = broken },
			holds:  func(e decision.Evidence) bool { return e.Database.Known && !e.Standby.Known },
		},
		{"a standby whose application fails is unhealthy, whatever else is not known", func(sim *failovertest.Simulation) {
			sim.Faults["DescribeDBClusters"] = broken
			sim.LoseStandby("status 502")
		},
			func(e decision.Evidence) bool {
				return e.Standby.Known && strings.Contains(e.Standby.Faults[0], "status 502")
			}},
		{
			name:   "a standby of another engine version",
			change: func(sim *failovertest.Simulation) { sim.Standby.EngineVersion = "16.9" },
			holds:  func(e decision.Evidence) bool { return len(e.Standby.Faults) == 1 },
		},
		{
			name:   "a standby without instances",
			change: func(sim *failovertest.Simulation) { sim.Standby.Instances = nil },
			holds:  func(e decision.Evidence) bool { return len(e.Standby.Faults) == 1 },
		},
		{
			name:   "a mode that is not read",
			change: func(sim *failovertest.Simulation) { sim.Faults["GetParameter"], sim.StoredMode = broken, "" },
			holds:  func(e decision.Evidence) bool { return e.Mode == "" },
		},
		{
			name:   "users who are sent to the primary",
			change: func(*failovertest.Simulation) {},
			holds: func(e decision.Evidence) bool {
				return e.Routing.Known && e.Routing.Primary && e.PrimaryReads == decision.Reads{Known: true, OK: true, Outcome: "status 200"}
			},
		},
		{
			name:   "name servers that fail",
			change: func(sim *failovertest.Simulation) { sim.Faults["Route"] = broken },
			holds:  func(e decision.Evidence) bool { return !e.Routing.Known && e.Routing.Detail == "throttled" },
		},
		{
			name:   "a database that is gone",
			change: func(sim *failovertest.Simulation) { sim.LoseDatabase() },
			holds: func(e decision.Evidence) bool {
				return e.PrimaryReads.Known && !e.PrimaryReads.OK && e.PrimaryReads.Outcome == "status 503, database-unreachable"
			},
		},
		{
			name:   "a database in which commits wait, and which is read",
			change: func(sim *failovertest.Simulation) { sim.RPO = 0; sim.Stall() },
			holds:  func(e decision.Evidence) bool { return e.PrimaryReads.OK },
		},
		{
			name:   "a heartbeat that is not read",
			change: func(sim *failovertest.Simulation) { sim.Faults["GetHeartbeat"] = broken },
			holds:  func(e decision.Evidence) bool { return e.Database.Known },
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if snapshot, e := gather(t, test.change); !test.holds(e) {
					t.Errorf("found %+v, which makes %+v", snapshot, e)
				}
			})
		})
	}
}

func TestUnanswered(t *testing.T) {
	t.Run("a source that could not be read is named with its error", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			snapshot, _ := gather(t, func(sim *failovertest.Simulation) { sim.Faults["GetMetricData"] = errors.New("throttled") })
			if got := snapshot.Unanswered(); got != "replication: throttled" {
				t.Errorf("the open questions are %q", got)
			}
			if snapshot, _ := gather(t, func(*failovertest.Simulation) {}); snapshot.Unanswered() != "" {
				t.Errorf("a healthy platform leaves %q", snapshot.Unanswered())
			}
		})
	})
}

// hanging is RDS that never answers.
type hanging struct{}

func (hanging) Global(ctx context.Context) (globaldb.Global, error) {
	<-ctx.Done()
	return globaldb.Global{}, ctx.Err()
}

func (hanging) Cluster(ctx context.Context, _ string) (globaldb.Cluster, error) {
	<-ctx.Done()
	return globaldb.Cluster{}, ctx.Err()
}

func (hanging) CommitLimit(ctx context.Context, _ string) (globaldb.CommitLimit, error) {
	<-ctx.Done()
	return globaldb.CommitLimit{}, ctx.Err()
}

func TestGatherTimeout(t *testing.T) {
	t.Run("a source that hangs holds nothing up for long", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sources := failovertest.New().Sources()
			sources.Databases = hanging{}
			begun := time.Now()
			snapshot := observe.Gather(t.Context(), failovertest.Config(), sources)
			if took := time.Since(begun); took > 3*time.Second {
				t.Errorf("gathering takes %s", took)
			}
			if e := snapshot.Evidence(time.Now(), decision.Writes{}, time.Time{}); e.Database.Known || !e.Heartbeat.Known {
				t.Errorf("the evidence is %+v, want the heartbeat known and RDS not", e)
			}
		})
	})
}
