package verdict

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/scenario"
)

// checkRows compares the acknowledged writes with the stored rows.
func (j *judge) checkRows() {
	if !j.Rows.Counted {
		j.fail("The rows were not counted: what was lost is not known.")
		return
	}
	rpo := &j.result.RPO
	var hadArrived []LostRow
	rpo.Lost, hadArrived = j.lost(j.acknowledged)
	rpo.Rows = len(rpo.Lost)
	var doubled []string
	for _, number := range slices.Sorted(maps.Keys(j.Rows.Records)) {
		if n := j.Rows.Records[number]; n > 1 {
			doubled = append(doubled, fmt.Sprint(number))
		}
	}
	if len(doubled) > 0 {
		j.fail("Numbers that were written more than once, in spite of their keys: %s.", strings.Join(doubled, ", "))
	}
	if rpo.Rows == 0 {
		return
	}
	rpo.Seconds = j.lostSpan().Seconds()
	if j.Expectations.AllowedLoss != scenario.UnreplicatedLoss {
		j.fail("%d acknowledged rows are lost, none may be: %s.", rpo.Rows, formatNumbers(rpo.Lost))
		return
	}
	if len(hadArrived) > 0 {
		j.fail("%d acknowledged rows are lost although they had reached %s: %s.", len(hadArrived), j.Standby, formatNumbers(hadArrived))
	}
	if j.lostSpan() > objective {
		j.fail("%s of acknowledged rows are lost, the objective is %s.", formatDuration(j.lostSpan()), objective)
	}
}

// lost returns the rows of acknowledged writes that are not stored, and those of them that had reached the standby region.
func (j *judge) lost(acknowledged []evidence.Attempt) (all, hadArrived []LostRow) {
	for _, a := range acknowledged {
		if j.stored(a) {
			continue
		}
		row := j.lostRow(a.Number, a.ID, a.End(), j.outcome(a))
		if all = append(all, row); row.Arrived {
			hadArrived = append(hadArrived, row)
		}
	}
	return all, hadArrived
}

// lostRow describes an acknowledged row, or its document, that is not there.
func (j *judge) lostRow(number int, id string, acknowledged time.Time, outcome Outcome) LostRow {
	_, arrived := j.arrivedBeforeMove(number)
	return LostRow{number, id, acknowledged, arrived, outcome}
}

// stored reports whether the row of an acknowledged write is stored; of one from before a reconciliation, whether it was stored without
// that.
func (j *judge) stored(a evidence.Attempt) bool {
	if r := j.Reconciliation; r != nil && a.End().Before(r.CountedAt) {
		return r.Before[a.Number] > 0
	}
	return j.storedInTheEnd(a)
}

func (j *judge) storedInTheEnd(a evidence.Attempt) bool { return j.Rows.Records[a.Number] > 0 }

// objective is the RPO, and the longest RTO.
const objective = 15 * time.Minute

// arrivedBeforeMove returns when a number was read in the standby region, if that was before the writer moved there.
func (j *judge) arrivedBeforeMove(number int) (time.Time, bool) {
	when, ok := j.Arrivals[number]
	return when, ok && (!j.writerMoved || when.Before(j.writerMovedAt))
}

// lostSpan is from the last stored acknowledgement before the first lost one, to the last lost one: how much of the clients'
// time is missing.
func (j *judge) lostSpan() time.Duration {
	first, last := j.result.RPO.Lost[0].At, j.result.RPO.Lost[len(j.result.RPO.Lost)-1].At
	kept := first
	for _, a := range j.acknowledged {
		if a.End().Before(first) && j.stored(a) {
			kept = a.End()
		}
	}
	return last.Sub(kept)
}

func formatNumbers(rows []LostRow) string {
	const maxListed = 20
	var all []string
	for _, row := range rows[:min(len(rows), maxListed)] {
		all = append(all, fmt.Sprint(row.Number))
	}
	if len(rows) > maxListed {
		all = append(all, fmt.Sprintf("and %d more", len(rows)-maxListed))
	}
	return strings.Join(all, ", ")
}

// checkEvents checks that each stored record has an event in both regions.
func (j *judge) checkEvents() {
	for _, region := range [...]string{j.Primary, j.Standby} {
		count := j.Events[region]
		switch {
		case !count.Counted:
			j.fail("The events of %s were not counted.", region)
		case len(count.Lost) > 0:
			j.fail("%d records are there of which no event came to %s.", len(count.Lost), region)
		}
		if count.Doubled > 0 {
			j.note("%d events came again to %s with the same ids, which consumers must expect.", count.Doubled, region)
		}
		if count.Orphans > 0 {
			j.note("%d events came to %s of records that are lost.", count.Orphans, region)
		}
	}
}

// checkWriters looks for times in which both regions' databases accepted writes.
func (j *judge) checkWriters() {
	both := evidence.Intersect(j.During(evidence.Accepts(j.Primary), evidence.Yes), j.During(evidence.Accepts(j.Standby), evidence.Yes))
	for _, window := range both {
		j.result.Writers = append(j.result.Writers, window)
		if length := window.Length(); length > readinessAge {
			j.fail("Both regions' databases accepted writes for %s.", formatDuration(length))
		} else {
			j.note("Both regions reported for %s that they accept writes. An answer is up to %s old, so this does not prove two writers.",
				formatDuration(length), readinessAge)
		}
	}
}

// checkFencing looks for a write that the old writer accepted after the new one had accepted one. A writer's log is replicated
// in order: of two rows of the old writer the earlier cannot be lost and the later be stored. So a stored row that was begun
// after a lost one was acknowledged is the new writer's.
func (j *judge) checkFencing() {
	if len(j.result.RPO.Lost) == 0 {
		j.skip("no row is lost by which it could be seen")
		return
	}
	i := slices.IndexFunc(j.acknowledged, func(a evidence.Attempt) bool { return j.stored(a) && a.At.After(j.result.RPO.Lost[0].At) })
	if i < 0 {
		j.skip("no row was stored after the first lost one")
		return
	}
	first := j.acknowledged[i]
	var last evidence.Attempt // to begin, of those that are lost
	for _, a := range j.acknowledged {
		if !j.stored(a) && a.At.After(last.At) {
			last = a
		}
	}
	if after := last.At.Sub(first.End()); after > 0 {
		j.fail("Two writers: the old one took number %d, which is lost, although the new one had acknowledged number %d %s before.",
			last.Number, first.Number, formatDuration(after))
		return
	}
	j.note("The old writer was fenced: its last write that is lost, number %d, was begun %s before "+
		"the new writer's first, number %d, was acknowledged.",
		last.Number, formatDuration(first.End().Sub(last.At)), first.Number)
}

// checkEnd checks that the platform is as before, and that Pulumi agrees.
func (j *judge) checkEnd() {
	if j.Aborted != "" {
		j.skip(brokenOff)
		return
	}
	for _, topic := range [...]evidence.Topic{evidence.Writer, evidence.Answer} {
		if last, ok := j.LastKnown(topic); ok && last.Value != j.Primary {
			j.failLate("At the end the %s is %q, want %s.", topic, last.Value, j.Primary)
		}
	}
	switch {
	case j.Preview == nil:
		j.note("Whether the stacks preview without changes was not asked.")
	case !j.Preview.Clean:
		j.fail("The stacks do not preview without changes.")
	}
}

// checkMachine doubts a drill that failed by timing alone on an overloaded machine. A loss, a duplicate or a move by the wrong
// rule stays a failure.
func (j *judge) checkMachine() {
	from, begun := j.MarkedAt(evidence.LoadBegan)
	busiest, known := j.Busiest(from, j.markedOrEnd(evidence.LoadEnded))
	if !begun || !known {
		j.skip("this machine does not say how busy its processors are")
		return
	}
	j.result.Busiest = &busiest
	if busiest < maxCPUPressure || len(j.failures) == 0 || slices.ContainsFunc(j.failures, func(f failure) bool { return !f.timing }) {
		return
	}
	j.doubt("This machine was too busy for times to count: for %.0f %% of the busiest minute something waited for a processor, "+
		"%.0f %% are too much. Run it again with less beside it.", 100*busiest, 100*maxCPUPressure)
}
