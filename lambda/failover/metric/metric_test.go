package metric_test

import (
	"errors"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/failovertest"
	"warmstandby/lambda/failover/metric"
	"warmstandby/lambda/failover/observe"
)

func TestFromSnapshot(t *testing.T) {
	tests := []struct {
		name   string
		change func(*failovertest.Simulation)
		ready  bool
		want   map[string]float64
	}{
		{
			name:   "a healthy platform",
			change: func(*failovertest.Simulation) {},
			ready:  true,
			want: map[string]float64{
				"FailoverReadiness":     1,
				"WriterActiveus-east-1": 1,
				"WriterActiveus-west-2": 0,
				"ReplicationLag":        0.05,
				"HeartbeatAge":          20,
				"EngineVersionMismatch": 0,
			},
		},
		{"the writer in the standby, another engine there", func(sim *failovertest.Simulation) {
			sim.SetWriter(failovertest.West)
			sim.Standby.EngineVersion = "16.9"
		}, false, map[string]float64{
			"FailoverReadiness": 0, "WriterActiveus-east-1": 0, "WriterActiveus-west-2": 1, "HeartbeatAge": 20, "EngineVersionMismatch": 1,
		}},
		{"what is not known is left out", func(sim *failovertest.Simulation) {
			for _, name := range [...]string{"DescribeGlobalClusters", "DescribeDBClusters"} {
				sim.Faults[name] = errors.New("throttled")
			}
		}, false, map[string]float64{"FailoverReadiness": 0, "ReplicationLag": 0.05, "HeartbeatAge": 20}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := failovertest.New()
				test.change(sim)
				snapshot := observe.Gather(t.Context(), failovertest.Config(), sim.Sources())
				got := map[string]float64{}
				for _, datum := range metric.FromSnapshot(failovertest.Config(), snapshot, test.ready, snapshot.Heartbeat.At.Add(20*time.Second)) {
					got[datum.Name+datum.Region] = datum.Value
				}
				if !maps.Equal(got, test.want) {
					t.Errorf("the metrics are %v, want %v", got, test.want)
				}
			})
		})
	}
}
