// Package metric is what the controller tells CloudWatch each minute, for the dashboards and the alarms of both regions.
package metric

import (
	"context"
	"time"

	"warmstandby/lambda/failover/config"
	"warmstandby/lambda/failover/evidence"
)

// Datum is one value of a metric, now. Region is the region spoken of, of metrics that speak of one.
type Datum struct {
	Name   string
	Region string
	Value  float64
}

// Gauge is CloudWatch in one region.
type Gauge interface {
	Publish(ctx context.Context, data []Datum) error
}

// Of returns the metrics of what was found. What is not known is left out, so that its alarm sees that it is missing; ready
// is whether the last validation, which is young enough to count, found that the standby could take over.
func Of(c config.Config, found evidence.Found, ready bool, now time.Time) []Datum {
	data := []Datum{{Name: config.MetricReadiness, Value: flag(ready)}}
	if region := found.WriterRegion(); region != "" {
		for _, one := range [...]string{c.PrimaryRegion, c.StandbyRegion} {
			data = append(data, Datum{config.MetricWriterActive, one, flag(one == region)})
		}
	}
	if found.Replication.Known && found.WriterRegion() != c.StandbyRegion { // the writer waits for nobody
		data = append(data, Datum{Name: config.MetricReplicationLag, Value: found.Replication.Lag.Seconds()})
	}
	if found.Heartbeat.Known {
		data = append(data, Datum{Name: config.MetricHeartbeatAge, Value: now.Sub(found.Heartbeat.At).Seconds()})
	}
	if differ, known := found.VersionsDiffer(); known {
		data = append(data, Datum{Name: config.MetricVersionMismatch, Value: flag(differ)})
	}
	return data
}

func flag(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
