package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"warmstandby/lambda/failover/observe"
)

// ReplicationStatus is how far the region that does not have the writer is behind. Numbers are in seconds; unknown values are null.
type ReplicationStatus struct {
	// To is the region that data is replicated to; empty while the writer is not known or being moved.
	To string `json:"replicatesTo"`
	// Lag is CloudWatch's newest measurement, once a minute.
	Lag *float64 `json:"lagSeconds"`
	// DataAge is how long ago the newest data was written that is known to have arrived. It is never less than the measurement's age.
	DataAge *float64 `json:"dataAgeSeconds"`
	// Unmeasured is why a value is null; empty when both are known.
	Unmeasured string `json:"unmeasured,omitempty"`
}

// replication returns how far the region is behind that does not have the writer.
func (obs observation) replication() ReplicationStatus {
	switch c, writer := obs.Config, obs.snapshot.WriterRegion(); writer {
	case c.PrimaryRegion:
		shown := describeReplication(c.StandbyRegion, obs.snapshot.Replication, obs.snapshot.Unknown[observe.SourceReplication], obs.takenAt)
		if shown.DataAge != nil {
			shown.DataAge = inSeconds(obs.takenAt.Sub(obs.replicatedThrough()))
		}
		return shown
	case c.StandbyRegion:
		return describeReplication(c.PrimaryRegion, obs.reverse, obs.reverseErr, obs.takenAt)
	default:
		return ReplicationStatus{Unmeasured: "the writer is not known, or being moved"}
	}
}

// describeReplication describes what CloudWatch of a region has measured of the replication to it.
func describeReplication(to string, measured observe.Measurement, err error, now time.Time) ReplicationStatus {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		err = fmt.Errorf("CloudWatch in %s did not answer within %s", to, primaryTimeout)
	case err == nil && !measured.Known:
		err = errors.New("CloudWatch in " + to + " has no measurement yet, as for some minutes after a move")
	}
	if err != nil {
		return ReplicationStatus{To: to, Unmeasured: err.Error()}
	}
	return ReplicationStatus{To: to, Lag: inSeconds(measured.Lag), DataAge: inSeconds(now.Sub(measured.Through))}
}

// rows shows the replication. The newest data is always older than the lag, which is said because the two seem to contradict each other.
func (r ReplicationStatus) rows(standby string, row func(name, format string, values ...any)) {
	newest := "newest data in the standby"
	if r.To != "" && r.To != standby {
		newest = "newest data in " + r.To
	}
	if r.Lag == nil || r.DataAge == nil {
		row("replication lag", "not known: %s", r.Unmeasured)
		row(newest, "not known")
		return
	}
	row("replication lag", "%.3g s to %s", *r.Lag, r.To)
	row(newest, "%.3g s old, by what is measured once a minute", *r.DataAge)
}
