package verdict

import (
	"slices"
	"time"

	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/scenario"
)

const (
	// minWrites before the fault prove that the load ran: ten seconds of it.
	minWrites = 50
	// minGoodShare of the writes before the fault must have been acknowledged before it, in any number of tries: on an unhealthy
	// platform a fault shows nothing.
	minGoodShare = 0.95
	// maxTriesDuration before the fault is left out, because writes begun then may still have been retried.
	maxTriesDuration = 5 * time.Second
	// replicationTime is the longest time in which a row reaches the standby region of a healthy platform. Aurora takes less than
	// a second (Amazon Aurora User Guide, "Using Amazon Aurora Global Database"), and the drill up to seven to observe it: two
	// between lists, and five for a slow one.
	replicationTime = 15 * time.Second
	// minCutShare of the probes must have failed during the fault. The first of them may have been in flight when it began.
	minCutShare = 0.8
	// readinessAge is the greatest age of an application's answer on whether its database accepts writes, with the second between
	// two queries.
	readinessAge = 6 * time.Second
	// maxCPUPressure is the share of a minute with a process waiting for a processor, from which on lateness can be the machine's.
	// Five platforms on two cores at 91 to 96 % were a second later than quiet ones; at 99.5 % up to 17 s later (ADR 17).
	maxCPUPressure = 0.97
)

// checkLoad doubts a drill whose load did not run, or whose platform was unhealthy before the fault.
func (j *judge) checkLoad() {
	if j.Aborted != "" {
		j.doubt("The drill was broken off: %s", j.Aborted)
	}
	if j.faultTime.IsZero() {
		j.doubt("Nothing was done to the platform.")
		return
	}
	begun := map[int]bool{}
	for _, a := range j.Attempts {
		if a.Kind == evidence.Write && a.At.Before(j.faultTime.Add(-maxTriesDuration)) {
			begun[a.Number] = true
		}
	}
	writes, good := len(begun), 0
	for _, a := range j.acknowledged {
		if begun[a.Number] && a.End().Before(j.faultTime) {
			good++
		}
	}
	switch {
	case writes < minWrites:
		j.doubt("The load never ran: %d writes before the fault, want %d.", writes, minWrites)
	case float64(good) < minGoodShare*float64(writes):
		j.doubt("The platform was ill before the fault: of %d numbers %d were acknowledged.", writes, good)
	}
}

// checkFault doubts a drill whose fault took no effect.
func (j *judge) checkFault() {
	if j.Scenario.Fault == "" {
		j.skip(notPart)
		return
	}
	if !j.faulted {
		j.doubt("The fault was never begun.")
		return
	}
	if j.Scenario.Fault.BreaksBackups() {
		return // checkBackups asks the jobs
	}
	probes, cut := 0, 0
	for _, p := range j.Probes {
		probes++
		if !p.Works {
			cut++
		}
	}
	switch {
	case probes == 0:
		j.doubt("What the fault cuts was not probed while it lasted.")
	case float64(cut) < minCutShare*float64(probes):
		j.doubt("The fault never took: of %d probes of what it cuts %d were cut.", probes, cut)
	}
}

// checkReplication fails a platform whose rows did not reach the standby region while it was healthy: then no recovery point
// can be guaranteed.
func (j *judge) checkReplication() {
	if j.faultTime.IsZero() {
		j.skip(nothingDone)
		return
	}
	behind, first := 0, 0
	for _, a := range j.acknowledged {
		if when, arrived := j.Arrivals[a.Number]; a.End().Before(j.faultTime.Add(-replicationTime)) && (!arrived || when.After(j.faultTime)) {
			if behind++; first == 0 {
				first = a.Number
			}
		}
	}
	if behind > 0 {
		j.fail("Replication was off or late before anything was lost: "+
			"%d rows, from number %d on, had been acknowledged for %s and had not reached %s.",
			behind, first, replicationTime, j.Standby)
	}
}

// checkSteps fails each step that timed out.
func (j *judge) checkSteps() {
	for _, late := range j.Timeouts {
		j.failLate("%s", late)
	}
}

// checkMove checks that the writer was moved, by the expected action and actor.
func (j *judge) checkMove() {
	if !j.Expectations.WriterMoves {
		j.skip(notPart)
		return
	}
	if j.faultTime.IsZero() {
		j.skip(nothingDone)
		return
	}
	if !j.writerMoved {
		message := ""
		if last, ok := j.LastKnown(evidence.Decision); ok {
			message = " The controller's last decision: " + last.Value + ". " + last.Reason
		}
		j.failLate("The writer never came to %s.%s", j.Standby, message)
		return
	}
	i := slices.IndexFunc(j.Moves, func(m evidence.Move) bool { return m.To == j.Standby })
	switch {
	case i < 0 && j.Expectations.MovedBy == operator:
		j.note("The journal has no move: the operator's command makes it without the controller.")
	case i < 0:
		j.fail("The journal has no move to %s: the controller did not make it.", j.Standby)
	case j.Moves[i].Action != j.Expectations.Action || j.Moves[i].By != j.Expectations.MovedBy:
		j.fail("The writer was moved by a %s of the %s, want a %s of the %s.",
			j.Moves[i].Action, j.Moves[i].By, j.Expectations.Action, j.Expectations.MovedBy)
	}
	if j.Expectations.MovedBy == operator && j.faulted && j.writerMovedAt.Before(j.commandTime) {
		j.fail("The writer moved before the operator asked.")
	}
	if j.Expectations.UsersMove {
		if _, ok := j.First(evidence.Answer, j.faultTime, j.Standby); !ok {
			j.failLate("Route 53 never answered with %s.", j.Standby)
		} else if _, red := j.Turned(evidence.Check(j.Primary), j.faultTime, evidence.Unhealthy); !red {
			j.note("When the check of %s turned red was not observed: Route 53's API did not answer. "+
				"It is in us-east-1 and lost with it; the name servers are not.", j.Primary)
		}
	}
}

// checkNothingMoved checks that neither the writer nor the name moved. Late health checks can move the name; nothing excuses a
// move of the writer.
func (j *judge) checkNothingMoved() {
	if j.Expectations.WriterMoves {
		j.skip(notPart)
		return
	}
	if j.faultTime.IsZero() {
		j.skip(nothingDone)
		return
	}
	for _, topic := range [...]evidence.Topic{evidence.Writer, evidence.Answer} {
		seen := j.Observations[topic]
		if _, known := j.LastKnown(topic); !known {
			j.doubt("The %s was never seen.", topic)
		}
		fail := j.fail
		if topic == evidence.Answer && j.Expectations.CommitsPause {
			continue // Route 53's checks ask the application for a commit
		}
		if topic == evidence.Answer {
			fail = j.failLate
		}
		for _, s := range seen {
			if s.Value != j.Primary && s.Value != evidence.Unknown && s.At.After(j.faultTime) {
				fail("The %s moved to %q, %s after the fault.", topic, s.Value, formatDuration(s.At.Sub(j.faultTime)))
			}
		}
	}
	for _, m := range j.Moves {
		if m.Begun.After(j.faultTime) {
			j.fail("The journal has a %s to %s by the %s.", m.Action, m.To, m.By)
		}
	}
}

// checkFirstGood finds the first good write of the region that took over, and the longest time without one.
func (j *judge) checkFirstGood() {
	if j.faultTime.IsZero() {
		j.skip(nothingDone)
		return
	}
	j.result.Outage = j.outage().Seconds()
	if !j.Expectations.WriterMoves {
		if gap := j.outage(); gap > j.Expectations.MaxOutage {
			j.failLate("No write was good for %s, allowed are %s.", formatDuration(gap), j.Expectations.MaxOutage)
		}
		return
	}
	from := j.clockStart()
	j.measureDNS(from)
	first, ok := j.firstGood()
	if !ok {
		j.failLate("No write was good again.")
		return
	}
	took := first.End().Sub(from)
	j.result.RTO = new(took.Seconds())
	if took > j.Expectations.FirstGoodWithin {
		j.failLate("The first good write came after %s, allowed are %s.", formatDuration(took), j.Expectations.FirstGoodWithin)
	}
}

// measureDNS measures Route 53's part of the time to the first good write, where users wait for it.
func (j *judge) measureDNS(from time.Time) {
	if j.Expectations.ServedBy != scenario.Standby {
		return
	}
	j.result.Floor = (scenario.HealthCheckFloor + scenario.TTLFloor).Seconds()
	if moved, ok := j.First(evidence.Answer, from, j.Standby); ok {
		j.result.AnswerMoved = new(moved.At.Sub(from).Seconds())
	}
	for _, a := range j.Attempts {
		if after := a.At.Sub(from).Seconds(); a.Region == j.Standby && after > 0 && (j.result.UsersMoved == nil || after < *j.result.UsersMoved) {
			j.result.UsersMoved = &after
		}
	}
}

// clockStart is when users began to wait: at the fault, or, where the operator decides, at the operator's command.
func (j *judge) clockStart() time.Time {
	if j.Expectations.MovedBy == operator && !j.commandTime.IsZero() {
		return j.commandTime
	}
	return j.faultTime
}

// firstGood is the first good write that began after the fault and was answered by the expected region, or, if any region may
// answer, after the writer had moved. A write that succeeded only because the drill had healed does not count.
func (j *judge) firstGood() (evidence.Attempt, bool) {
	healed, wasHealed := j.MarkedAt(evidence.Healed)
	for _, a := range j.acknowledged {
		switch {
		case a.At.Before(j.clockStart()), wasHealed && a.End().After(healed):
		case j.Expectations.ServedBy == scenario.Standby && a.Region == j.Standby,
			j.Expectations.ServedBy == "" && j.writerMoved && !a.End().Before(j.writerMovedAt):
			return a, true
		}
	}
	return evidence.Attempt{}, false
}

// outage is the longest time after the fault without a good write.
func (j *judge) outage() time.Duration {
	return longestGap(j.acknowledged, j.faultTime, j.markedOrEnd(evidence.LoadEnded))
}

// longestGap returns the longest time between two moments without the end of an attempt. The attempts are in the order of their ends.
func longestGap(attempts []evidence.Attempt, from, to time.Time) time.Duration {
	last, longest := from, time.Duration(0)
	for _, a := range attempts {
		if when := a.End(); when.After(from) {
			longest, last = max(longest, when.Sub(last)), when
		}
	}
	return max(longest, to.Sub(last))
}

// markedOrEnd returns the time of the first mark of a step, or the end of the drill without one.
func (j *judge) markedOrEnd(step evidence.Step) time.Time {
	if when, ok := j.MarkedAt(step); ok {
		return when
	}
	return j.Ended
}

// byEnd returns attempts in the order of their ends.
func byEnd(attempts []evidence.Attempt) []evidence.Attempt {
	sorted := slices.Clone(attempts)
	slices.SortStableFunc(sorted, func(a, b evidence.Attempt) int { return a.End().Compare(b.End()) })
	return sorted
}
