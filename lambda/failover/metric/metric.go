// Package metric defines the metrics that the controller publishes every minute, for the dashboards and alarms of both regions.
package metric

import (
	"context"
	"time"

	"warmstandby/lambda/failover/observe"
	"warmstandby/shared/contract/controller"
)

// Datum is the current value of a metric. Region is set for metrics that have a value per region.
type Datum struct {
	Name   string
	Region string
	Value  float64
}

// Publisher publishes to CloudWatch of one region.
type Publisher interface {
	Publish(ctx context.Context, data []Datum) error
}

// FromSnapshot returns the metrics of a snapshot. An unknown value is left out, so that its alarm treats it as missing. ready
// says whether the last validation found the standby ready and is recent enough to count.
func FromSnapshot(c controller.Config, snapshot observe.Snapshot, ready bool, now time.Time) []Datum {
	data := []Datum{{Name: controller.MetricReadiness, Value: boolValue(ready)}}
	if region := snapshot.WriterRegion(); region != "" {
		for _, one := range [...]string{c.PrimaryRegion, c.StandbyRegion} {
			data = append(data, Datum{controller.MetricWriterActive, one, boolValue(one == region)})
		}
	}
	if snapshot.Replication.Known && snapshot.WriterRegion() != c.StandbyRegion { // the writer waits for nobody
		data = append(data, Datum{Name: controller.MetricReplicationLag, Value: snapshot.Replication.Lag.Seconds()})
	}
	if snapshot.Heartbeat.Known {
		data = append(data, Datum{Name: controller.MetricHeartbeatAge, Value: now.Sub(snapshot.Heartbeat.At).Seconds()})
	}
	if differ, known := snapshot.VersionsDiffer(); known {
		data = append(data, Datum{Name: controller.MetricVersionMismatch, Value: boolValue(differ)})
	}
	return data
}

func boolValue(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
