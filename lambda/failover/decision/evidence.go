package decision

import (
	"fmt"
	"strings"
	"time"

	"warmstandby/shared/contract/controller"
)

// Evidence is the input of a decision, collected at one moment. A part that could not be read has Known: false, which counts
// neither as healthy nor as lost.
type Evidence struct {
	Now         time.Time
	Mode        controller.Mode
	Database    Database
	Writes      Writes
	Heartbeat   Heartbeat
	Replication Replication
	Standby     Standby
	// Routing is where Route 53 sends users, PrimaryReads whether the primary region's database is read through its application.
	Routing      Routing
	PrimaryReads Reads
	// LastMove is when the controller last began to move the writer; zero when it never did.
	LastMove time.Time
}

// Database is the state of the global database, as RDS in the standby region reports it.
type Database struct {
	Known           bool
	WriterInStandby bool
	Moving          bool
	// Status is the global database's, such as available.
	Status string
}

// Writes is whether the primary region accepts writes, as external probes see it.
type Writes struct {
	Known bool
	// FailingSince is the time of the first failed probe since the last good one; zero when the last probe was good.
	FailingSince time.Time
	// Failures is the number of failed probes since then.
	Failures int
	// Last is the outcome of the last probe, such as "status 503", Cause why it failed, as the application says.
	Last  string
	Cause WriteFailure
	// DatabaseAnswered is when a failed probe last had a cause that proves that the database answers; zero when none has since
	// FailingSince.
	DatabaseAnswered time.Time
	// Recent counts the probes of the last minutes.
	Recent Recent
}

// Heartbeat is the last event of the primary region's schedule that reached the standby region's bus.
type Heartbeat struct {
	Known bool // false also when none ever arrived
	At    time.Time
}

// Replication is how far replication to the standby has come.
type Replication struct {
	Known bool
	// Through is the newest time up to which all data had arrived: the maximum, over the measurements, of time minus lag.
	Through time.Time
}

// Standby is whether the standby region could take over.
type Standby struct {
	Known bool
	// Faults are the reasons why it could not, such as "the application does not answer"; empty when it is healthy.
	Faults []string
}

// state is the state of a signal.
type state int

const (
	unknown state = iota
	alive
	gone
)

// signal is one independent part of the evidence, classified, with a sentence for operators.
type signal struct {
	state   state
	summary string
}

// writesLost reports whether the primary region has not accepted writes for long enough to conclude anything, and what was seen.
func (e Evidence) writesLost() (bool, []string) {
	switch {
	case !e.Writes.Known:
		return false, []string{"Whether the primary region accepts writes is not known: it was not probed."}
	case e.Writes.FailingSince.IsZero():
		return false, []string{"The primary region accepts writes."}
	}
	if e.Now.Sub(e.Writes.FailingSince) < LossAfter || e.Writes.Failures < LossProbes {
		return false, []string{e.failingSummary(), fmt.Sprintf("Nothing follows before %s and %d probes.", LossAfter, LossProbes)}
	}
	return true, []string{e.failingSummary()}
}

// failingSummary says for how long writes have failed.
func (e Evidence) failingSummary() string {
	return fmt.Sprintf("Writes in the primary region have failed for %s, %d probes in a row; the last got %s.",
		formatSeconds(e.Now.Sub(e.Writes.FailingSince)), e.Writes.Failures, e.Writes.Last)
}

func (e Evidence) heartbeat() signal {
	age := e.Now.Sub(e.Heartbeat.At)
	switch {
	case !e.Heartbeat.Known:
		return signal{unknown, "No heartbeat of the primary region is on record."}
	case age > controller.HeartbeatOverdue:
		return signal{
			gone,
			"The last heartbeat of the primary region is " + formatSeconds(age) + " old; after " +
				controller.HeartbeatOverdue.String() + " it is overdue.",
		}
	}
	return signal{alive, "The last heartbeat of the primary region is " + formatSeconds(age) + " old."}
}

func (e Evidence) replication() signal {
	age := e.Now.Sub(e.Replication.Through)
	switch {
	case !e.Replication.Known:
		return signal{unknown, "How far replication has come is not known."}
	case age > ReplicationOverdue:
		return signal{
			gone,
			"Nothing younger than " + formatSeconds(
				age,
			) + " has reached the standby; after " + ReplicationOverdue.String() + " replication counts as stopped.",
		}
	}
	return signal{alive, "Data up to " + formatSeconds(age) + " ago has reached the standby."}
}

// replicatedSinceLoss says whether data has arrived that is younger than the loss by more than the probes and the
// measurements of lag can differ.
func (e Evidence) replicatedSinceLoss() bool {
	return e.Replication.Known && e.Replication.Through.Sub(e.Writes.FailingSince) > LossAfter
}

// replicatedWhileLost says whether data has arrived since the loss, as late as measurements come: that proves that the database
// outlived the application, and a switchover, which waits for what is missing, is tried.
func (e Evidence) replicatedWhileLost() bool {
	return e.replicatedSinceLoss() && e.Now.Sub(e.Replication.Through) < MeasurementLate
}

func (e Evidence) standby() signal {
	switch {
	case !e.Standby.Known:
		return signal{unknown, "Whether the standby region could take over is not known."}
	case len(e.Standby.Faults) > 0:
		return signal{gone, "The standby region could not take over: " + strings.Join(e.Standby.Faults, "; ") + "."}
	}
	return signal{alive, "The standby region is healthy."}
}

// missingData returns how much of what users wrote before the loss began the standby lacks, in time.
func (e Evidence) missingData() (time.Duration, bool) {
	if !e.Replication.Known {
		return 0, false
	}
	return max(0, e.lossBegan().Sub(e.Replication.Through)), true
}

// formatSeconds gives a duration in whole seconds.
func formatSeconds(d time.Duration) string { return d.Round(time.Second).String() }
