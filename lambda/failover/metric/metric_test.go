package metric_test

import (
	"errors"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/evidence"
	"warmstandby/lambda/failover/metric"
	"warmstandby/lambda/failover/world"
)

func TestOf(t *testing.T) {
	tests := []struct {
		name   string
		change func(*world.World)
		ready  bool
		want   map[string]float64
	}{
		{"a healthy platform", func(*world.World) {}, true, map[string]float64{
			"FailoverReadiness": 1, "WriterActiveus-east-1": 1, "WriterActiveus-west-2": 0, "ReplicationLag": 0.05, "HeartbeatAge": 20, "EngineVersionMismatch": 0,
		}},
		{"the writer in the standby, another engine there", func(w *world.World) { w.PutWriter(world.West); w.Standby.EngineVersion = "16.9" }, false, map[string]float64{
			"FailoverReadiness": 0, "WriterActiveus-east-1": 0, "WriterActiveus-west-2": 1, "HeartbeatAge": 20, "EngineVersionMismatch": 1,
		}},
		{"what is not known is left out", func(w *world.World) {
			for _, name := range [...]string{"DescribeGlobalClusters", "DescribeDBClusters"} {
				w.Faults[name] = errors.New("throttled")
			}
		}, false, map[string]float64{"FailoverReadiness": 0, "ReplicationLag": 0.05, "HeartbeatAge": 20}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := world.New()
				test.change(w)
				found := evidence.Gather(t.Context(), world.Config(), w.Sources())
				got := map[string]float64{}
				for _, datum := range metric.Of(world.Config(), found, test.ready, found.Heartbeat.At.Add(20*time.Second)) {
					got[datum.Name+datum.Region] = datum.Value
				}
				if !maps.Equal(got, test.want) {
					t.Errorf("the metrics are %v, want %v", got, test.want)
				}
			})
		})
	}
}
