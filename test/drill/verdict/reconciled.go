package verdict

import (
	"slices"

	"warmstandby/test/drill/evidence"
)

// Outcome is what a reconciliation made of a lost row.
type Outcome string

// The outcomes.
const (
	Returned   Outcome = "returned"
	InConflict Outcome = "in conflict" // put aside for a person, with both versions
	StillLost  Outcome = "still lost"  // neither
)

// Changes are sums of the operator's reconciliation, by its own report.
type Changes struct {
	Lost     int `json:"lost"`
	Returned int `json:"returned"`
	Conflict int `json:"conflict"`
	Doubled  int `json:"doubled"`
}

// Reconciled is what a reconciliation has brought back: acknowledged rows of all users as the drill has counted them, and the changes
// of the command's report, which include what nobody has an acknowledgement of.
type Reconciled struct {
	Lost     int `json:"lost"`
	Returned int `json:"returned"`
	Conflict int `json:"conflict"`
	// Doubled counts numbers that are stored more than once.
	Doubled int `json:"doubled"`
	// StillLost are acknowledged rows that are neither stored nor in conflict, also those that were stored before.
	StillLost []LostRow `json:"stillLost,omitempty"`
	Changes   Changes   `json:"changes"`
}

// checkReconciled fails a drill after whose reconciliation an acknowledged row is lost and not listed as in conflict, or something is
// there twice.
func (j *judge) checkReconciled() {
	report := j.Reconciliation
	if report == nil {
		if j.Expectations.Reconciled && j.Aborted == "" {
			j.fail("What the failover gave up was not reconciled.")
			return
		}
		j.skip(notPart)
		return
	}
	result := &Reconciled{Changes: Changes{report.Lost, report.Returned, report.Conflict, report.Doubled}}
	j.result.Reconciled = result
	for _, n := range j.Rows.Records {
		if n > 1 {
			result.Doubled++ // checkRows fails the drill and names them
		}
	}
	for _, a := range j.allAcknowledged() {
		outcome := j.outcome(a)
		if !j.stored(a) {
			result.Lost++
			switch outcome {
			case Returned:
				result.Returned++
			case InConflict:
				result.Conflict++
			}
		}
		if outcome == StillLost {
			result.StillLost = append(result.StillLost, j.lostRow(a.Number, a.ID, a.End(), outcome))
		}
	}
	switch {
	case !j.Rows.Counted: // checkRows fails the drill
	case report.Ended.IsZero():
		j.fail("The reconciliation did not end: %d lost rows, of which %d are back.", result.Lost, result.Returned)
	case len(result.StillLost) > 0:
		j.fail("%d acknowledged rows are still lost after the reconciliation and not in conflict: %s.",
			len(result.StillLost), formatNumbers(result.StillLost))
	}
	if report.Doubled > 0 {
		j.fail("%d changes are there twice after the reconciliation, by its own report.", report.Doubled)
	}
	if report.Lost != report.Returned+report.Conflict {
		j.fail("The reconciliation reports %d lost changes, and %d returned and %d in conflict.", report.Lost, report.Returned, report.Conflict)
	}
}

// outcome is what the reconciliation made of an acknowledged write; empty without one.
func (j *judge) outcome(a evidence.Attempt) Outcome {
	switch {
	case j.Reconciliation == nil:
		return ""
	case j.storedInTheEnd(a):
		return Returned
	case j.inConflict(a.ID):
		return InConflict
	}
	return StillLost
}

// inConflict reports whether a record is one that the reconciliation put aside.
func (j *judge) inConflict(id string) bool {
	return j.Reconciliation != nil && slices.Contains(j.Reconciliation.Conflicts, id)
}

// allAcknowledged returns the good writes of all users, one a number. Numbers of users differ.
func (j *judge) allAcknowledged() []evidence.Attempt {
	all, seen := []evidence.Attempt{}, map[int]bool{}
	for _, a := range byEnd(j.AllWrites()) {
		if a.Good() && !seen[a.Number] {
			seen[a.Number] = true
			all = append(all, a)
		}
	}
	return all
}
