package evidence_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/aurora"
	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/evidence"
	"warmstandby/lambda/failover/world"
)

// gather finds out about a world what a test has made of it.
func gather(t *testing.T, change func(*world.World)) (evidence.Found, decision.Evidence) {
	t.Helper()
	w := world.New()
	change(w)
	found := evidence.Gather(t.Context(), world.Config(), w.Sources())
	return found, found.Evidence(time.Now(), decision.Writes{Known: true}, time.Time{})
}

func TestGather(t *testing.T) {
	broken := errors.New("throttled")
	tests := []struct {
		name   string
		change func(*world.World)
		holds  func(decision.Evidence) bool
	}{
		{"a healthy platform is known whole", func(*world.World) {}, func(e decision.Evidence) bool {
			return e.Database.Known && !e.Database.WriterInStandby && e.Heartbeat.Known && e.Replication.Known && e.Standby.Known && len(e.Standby.Faults) == 0 && e.Mode == decision.Automatic
		}},
		{"the writer in the standby", func(w *world.World) { w.PutWriter(world.West) }, func(e decision.Evidence) bool { return e.Database.Known && e.Database.WriterInStandby }},
		{"a writer that is neither cluster", func(w *world.World) { w.PutWriter("arn:aws:rds:eu-west-1:0:cluster:x") }, func(e decision.Evidence) bool { return !e.Database.Known }},
		{"RDS that fails", func(w *world.World) { w.Faults["DescribeGlobalClusters"] = broken }, func(e decision.Evidence) bool { return !e.Database.Known && !e.Standby.Known }},
		{"a cluster that is not described", func(w *world.World) { w.Faults["DescribeDBClusters"] = broken }, func(e decision.Evidence) bool { return e.Database.Known && !e.Standby.Known }},
		{"a standby whose application fails is ill, whatever else is not known", func(w *world.World) { w.Faults["DescribeDBClusters"] = broken; w.LoseStandby("status 502") },
			func(e decision.Evidence) bool {
				return e.Standby.Known && strings.Contains(e.Standby.Faults[0], "status 502")
			}},
		{"a standby of another engine version", func(w *world.World) { w.Standby.EngineVersion = "16.9" }, func(e decision.Evidence) bool { return len(e.Standby.Faults) == 1 }},
		{"a standby without instances", func(w *world.World) { w.Standby.Instances = nil }, func(e decision.Evidence) bool { return len(e.Standby.Faults) == 1 }},
		{"a mode that is not read", func(w *world.World) { w.Faults["GetParameter"], w.Set = broken, "" }, func(e decision.Evidence) bool { return e.Mode == "" }},
		{"a heartbeat that is not read", func(w *world.World) { w.Faults["GetHeartbeat"] = broken }, func(e decision.Evidence) bool { return e.Database.Known }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if found, e := gather(t, test.change); !test.holds(e) {
					t.Errorf("found %+v, which makes %+v", found, e)
				}
			})
		})
	}
}

func TestWhatHasNoAnswerIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		found, _ := gather(t, func(w *world.World) { w.Faults["GetMetricData"] = errors.New("throttled") })
		if got := found.Questions(); got != "replication: throttled" {
			t.Errorf("the open questions are %q", got)
		}
		if found, _ := gather(t, func(*world.World) {}); found.Questions() != "" {
			t.Errorf("a healthy platform leaves %q", found.Questions())
		}
	})
}

// hanging is RDS that never answers.
type hanging struct{}

func (hanging) Global(ctx context.Context) (aurora.Global, error) {
	<-ctx.Done()
	return aurora.Global{}, ctx.Err()
}

func (hanging) Cluster(ctx context.Context, _ string) (aurora.Cluster, error) {
	<-ctx.Done()
	return aurora.Cluster{}, ctx.Err()
}

func TestASourceThatHangsHoldsNothingUpForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := world.New().Sources()
		from.Databases = hanging{}
		begun := time.Now()
		found := evidence.Gather(t.Context(), world.Config(), from)
		if took := time.Since(begun); took > 3*time.Second {
			t.Errorf("gathering takes %s", took)
		}
		if e := found.Evidence(time.Now(), decision.Writes{}, time.Time{}); e.Database.Known || !e.Heartbeat.Known {
			t.Errorf("the evidence is %+v, want the heartbeat known and RDS not", e)
		}
	})
}
