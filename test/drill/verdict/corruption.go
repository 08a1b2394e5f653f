package verdict

import (
	"slices"
	"time"
)

// minDamaged records must have been overwritten, and as many deleted, for a corruption to prove something.
const minDamaged = 5

// Corruption is what a bad release did and what its end cost. Times are in seconds; unknown ones are null.
type Corruption struct {
	Overwritten int `json:"overwritten"`
	Deleted     int `json:"deleted"`
	// Back are the damaged records that are as they were, NotBack the numbers of those that are not.
	Back    int   `json:"back"`
	NotBack []int `json:"notBack,omitempty"`
	// Kept are the good writes after the first damage that are still there.
	Kept int `json:"kept"`
	// Found, Restore and TakeBack are the parts of RTO: from the first damage until the operator acts, until the restored cluster
	// serves, and until the damaged rows are back.
	Found    *float64 `json:"foundSeconds"`
	Restore  *float64 `json:"restoreSeconds"`
	TakeBack *float64 `json:"takeBackSeconds"`
	RTO      *float64 `json:"rtoSeconds"`
}

// checkCorruption fails a drill after whose restore a damaged record is not as it was, or whose restore took longer than the
// objective. Good writes are checkRows's.
func (j *judge) checkCorruption() {
	found := j.Evidence.Corruption
	if !j.Expectations.Corrupted {
		j.skip(notPart)
		return
	}
	if j.Aborted != "" && found == nil {
		j.skip(brokenOff)
		return
	}
	if found == nil {
		j.doubt("No release has damaged anything.")
		return
	}
	result := &Corruption{Overwritten: len(found.Overwritten), Deleted: len(found.Deleted)}
	j.result.Corruption = result
	if result.Overwritten < minDamaged || result.Deleted < minDamaged {
		j.doubt("The release damaged too little: %d records were overwritten and %d deleted, want %d of each. %d were refused.",
			result.Overwritten, result.Deleted, minDamaged, len(found.Errors))
	}
	for _, number := range slices.Sorted(slices.Values(slices.Concat(found.Overwritten, found.Deleted))) {
		if j.Rows.Records[number] == 1 {
			result.Back++
		} else {
			result.NotBack = append(result.NotBack, number)
		}
	}
	for _, a := range j.allAcknowledged() {
		if a.At.After(found.Began) && j.storedInTheEnd(a) {
			result.Kept++
		}
	}
	result.Found, result.Restore = between(found.Began, found.Found), between(found.Found, found.Restored)
	result.TakeBack, result.RTO = between(found.Restored, found.TakenBack), between(found.Began, found.TakenBack)
	switch {
	case result.RTO == nil:
		j.fail("The damaged rows were not taken back.")
	case *result.RTO > objective.Seconds():
		j.failLate("The damaged rows were back after %.1f s, the objective is %s.", *result.RTO, objective)
	}
	if len(result.NotBack) > 0 {
		j.fail("%d damaged records are not as they were: %v.", len(result.NotBack), result.NotBack)
	}
	if found.TakenBack.IsZero() {
		return
	}
	if damaged := result.Overwritten + result.Deleted; found.Rows != damaged {
		j.fail("%d rows were taken back, and %d damaged.", found.Rows, damaged)
	}
}

// between returns the seconds between two moments, nil unless both are known.
func between(from, to time.Time) *float64 {
	if from.IsZero() || to.IsZero() {
		return nil
	}
	return new(to.Sub(from).Seconds())
}
