package verdict

import (
	"fmt"
	"time"

	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/scenario"
)

// Objective is something that is asked of the platform in figures, with what was measured.
type Objective struct {
	Name     string       `json:"name"`
	Allowed  string       `json:"allowed"`
	Measured string       `json:"measured"`
	Outcome  CheckOutcome `json:"outcome"`
}

// objectives lists what the scenario asks in figures. It follows from the figures that the checks have left.
func (j *judge) objectives() {
	if j.faultTime.IsZero() {
		return
	}
	if j.Expectations.WriterMoves {
		from := "the fault"
		if j.Expectations.MovedBy == operator {
			from = "the operator's command"
		}
		j.inTime("RTO of the platform: first good write after "+from, objective, j.result.RTO)
		j.inTime("bound of this scenario on it", j.Expectations.FirstGoodWithin, j.result.RTO)
	} else {
		j.inTime("longest time without a good write", j.Expectations.MaxOutage, &j.result.Outage)
	}
	if j.Expectations.CommitsPause {
		j.inTime("advice after commits paused", j.Expectations.AdviceWithin, j.result.Advice)
	}
	if f := j.result.Flood; f != nil {
		j.inTime("decision of the controller after the fault", j.Expectations.DecidedWithin, f.Decided)
	}
	if c := j.result.Corruption; c != nil {
		j.inTime("RTO of the platform: damaged records are as they were", objective, c.RTO)
	}
	j.recoveryPoint()
}

// operator is who makes a move, as scenarios and the journal name it.
const operator = "operator"

// inTime adds an objective on a time in seconds, nil when it never came.
func (j *judge) inTime(name string, allowed time.Duration, seconds *float64) {
	one := Objective{Name: name, Allowed: "at most " + formatBound(allowed), Measured: "never", Outcome: NotMet}
	if seconds != nil {
		one.Measured = fmt.Sprintf("%.1f s", *seconds)
		if *seconds <= allowed.Seconds() {
			one.Outcome = Met
		}
	}
	j.result.Objectives = append(j.result.Objectives, j.judged(one))
}

// formatBound formats a bound in minutes where it is longer than those of the scenarios.
func formatBound(d time.Duration) string {
	if d > 10*time.Minute && d%time.Minute == 0 {
		return fmt.Sprintf("%.0f min", d.Minutes())
	}
	return fmt.Sprintf("%.0f s", d.Seconds())
}

// recoveryPoint adds the objective on acknowledged rows.
func (j *judge) recoveryPoint() {
	one := Objective{Name: "RPO: acknowledged rows that are lost", Allowed: "none", Outcome: NotJudged, Measured: "not counted"}
	if j.Expectations.AllowedLoss == scenario.UnreplicatedLoss {
		one.Allowed = fmt.Sprintf("%s, and %s at most", scenario.UnreplicatedLoss, formatBound(objective))
	}
	if j.Rows.Counted {
		rpo := j.result.RPO
		one.Measured, one.Outcome = "none", Met
		if rpo.Rows > 0 {
			one.Measured = fmt.Sprintf("%d rows of %.1f s", rpo.Rows, rpo.Seconds)
			if j.Expectations.AllowedLoss != scenario.UnreplicatedLoss || rpo.Seconds > objective.Seconds() || j.lostArrived() {
				one.Outcome = NotMet
			}
		}
	}
	j.result.Objectives = append(j.result.Objectives, j.judged(one))
	if r := j.result.Reconciled; r != nil {
		after := Objective{
			Name: "RPO after the reconciliation", Allowed: "every lost row is back, or listed as in conflict", Outcome: Met,
			Measured: fmt.Sprintf("%d of %d back, %d in conflict, %d still lost", r.Returned, r.Lost, r.Conflict, len(r.StillLost)),
		}
		if len(r.StillLost) > 0 {
			after.Outcome = NotMet
		}
		j.result.Objectives = append(j.result.Objectives, j.judged(after))
	}
}

// judged is an objective whose figure proves nothing where the drill proves nothing.
func (j *judge) judged(one Objective) Objective {
	if one.Outcome == Met && len(j.doubts) > 0 {
		one.Outcome = Doubtful
	}
	return one
}

// lostArrived reports whether a lost row had reached the standby region.
func (j *judge) lostArrived() bool {
	for _, row := range j.result.RPO.Lost {
		if row.Arrived {
			return true
		}
	}
	return false
}

// recovered is when users were served again: with the first good write of the region that took over, or when the fault had ended.
func (j *judge) recovered() (time.Time, string) {
	if j.Expectations.WriterMoves {
		if first, ok := j.firstGood(); ok {
			return first.At, "first good write"
		}
	}
	for i := len(j.Marks) - 1; i >= 0; i-- {
		if m := j.Marks[i]; m.Step == evidence.Healed && m.At.After(j.faultTime) {
			return m.At, "end of the fault"
		}
	}
	if c := j.Evidence.Corruption; c != nil && !c.TakenBack.IsZero() {
		return c.TakenBack, "damaged rows are back"
	}
	return j.markedOrEnd(evidence.LoadEnded), "end of the load"
}
