package verdict

import (
	"strings"
	"time"

	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/history"
	"warmstandby/test/drill/scenario"
)

// recoveryPoint is the objective for what a failover may lose, counted back from the move.
const recoveryPoint = 15 * time.Minute

// observedWithin is how much later than a move of the writer the drill may observe it: two polls of RDS.
const observedWithin = 5 * time.Second

// rejoinTime is how long a region's readers may lag behind once it follows the writer again: what a standby is rebuilt in.
const rejoinTime = time.Minute

// checkHistories fails a drill in which the answers of a contended record or of a repeated key have no explanation: a stale answer that
// was given as a fresh one, a tag that named two contents, two writers, a key that was forgotten.
func (j *judge) checkHistories() {
	switch {
	case len(j.Operations) > 0:
	case j.Aborted != "":
		j.skip(brokenOff)
		return
	case j.faultTime.IsZero():
		j.skip(nothingDone)
		return
	default:
		j.doubt("No record was contended and no key repeated, so there is no history to check.")
		return
	}
	result := history.Check(j.Operations, j.allowedHistories())
	j.result.Histories = &result
	for _, v := range result.Violations {
		j.fail("The history of %s is impossible: %s.", v.Subject, v.Text)
	}
	if len(result.Undecided) > 0 {
		j.doubt("The histories of %s could not be checked in time.", strings.Join(result.Undecided, ", "))
	}
}

// AllowedHistories returns what the histories of a drill may have beside its operations.
func AllowedHistories(s scenario.Scenario, e evidence.Evidence) history.Allowed {
	j := &judge{Evidence: e, Scenario: s}
	j.begin()
	return j.allowedHistories()
}

// allowedHistories allows a cut where the scenario allows a loss and the writer has moved. Of what was acknowledged replicationTime before
// the fault nothing may be missing, nor of what is older than the recovery point.
func (j *judge) allowedHistories() history.Allowed {
	allowed := history.Allowed{Stale: j.isCutOff}
	if j.Expectations.AllowedLoss == scenario.NoLoss || !j.writerMoved {
		return allowed
	}
	from := j.faultTime.Add(-replicationTime)
	if earliest := j.writerMovedAt.Add(-recoveryPoint); earliest.After(from) {
		from = earliest
	}
	allowed.Cut = &history.Cut{From: from, Begin: j.faultTime, End: j.writerMovedAt.Add(observedWithin)}
	if r := j.Reconciliation; r != nil && !r.Ended.IsZero() {
		allowed.Return = &history.Return{Begin: r.CountedAt, End: r.Ended}
	}
	return allowed
}

// isCutOff reports whether a read was answered by a region that the fault had cut off from the writer, or that was being rebuilt: the
// standby until the writer is there, and the primary from then on until it follows again. Reads of the region with the writer are always
// judged, and so are all reads while no fault stops the replication.
func (j *judge) isCutOff(o evidence.Operation) bool {
	stops := j.Fault.StopsReplication() || j.Fault == scenario.Unreachable || j.Fault == scenario.DBDown
	if !stops || !j.faulted || o.End().Before(j.faultTime) {
		return false
	}
	rejoined := j.Ended
	if healed, is := j.MarkedAt(evidence.Healed); is {
		rejoined = healed.Add(rejoinTime)
		if back, moved := j.First(evidence.Writer, healed, j.Primary); moved && j.writerMoved {
			rejoined = back.At.Add(rejoinTime)
		}
	}
	if o.At.After(rejoined) {
		return false
	}
	if o.Region == j.Standby {
		return !j.writerMoved || o.At.Before(j.writerMovedAt.Add(observedWithin))
	}
	return j.writerMoved && o.End().After(j.writerMovedAt.Add(-observedWithin))
}
