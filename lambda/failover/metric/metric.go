// Package metric is what the controller tells CloudWatch each minute, for the dashboards and the alarms of both regions.
package metric

import (
	"context"
	"time"

	"warmstandby/lambda/failover/config"
	"warmstandby/lambda/failover/observe"
)

// Datum is one value of a metric, now. Region is the region spoken of, of metrics that speak of one.
type Datum struct {
	Name   string
	Region string
	Value  float64
}

// Publisher is CloudWatch in one region.
type Publisher interface {
	Publish(ctx context.Context, data []Datum) error
}

// FromSnapshot returns the metrics of what was found. What is not known is left out, so that its alarm sees that it is missing; ready
// is whether the last validation, which is young enough to count, found that the standby could take over.
func FromSnapshot(c config.Config, snapshot observe.Snapshot, ready bool, now time.Time) []Datum {
	data := []Datum{{Name: config.MetricReadiness, Value: boolValue(ready)}}
	if region := snapshot.WriterRegion(); region != "" {
		for _, one := range [...]string{c.PrimaryRegion, c.StandbyRegion} {
			data = append(data, Datum{config.MetricWriterActive, one, boolValue(one == region)})
		}
	}
	if snapshot.Replication.Known && snapshot.WriterRegion() != c.StandbyRegion { // the writer waits for nobody
		data = append(data, Datum{Name: config.MetricReplicationLag, Value: snapshot.Replication.Lag.Seconds()})
	}
	if snapshot.Heartbeat.Known {
		data = append(data, Datum{Name: config.MetricHeartbeatAge, Value: now.Sub(snapshot.Heartbeat.At).Seconds()})
	}
	if differ, known := snapshot.VersionsDiffer(); known {
		data = append(data, Datum{Name: config.MetricVersionMismatch, Value: boolValue(differ)})
	}
	return data
}

func boolValue(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
