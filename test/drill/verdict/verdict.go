// Package verdict judges a drill: evidence and a scenario's bounds in, PASS, FAIL or INCONCLUSIVE and the figures out. It asks
// nothing and reads no clock, so that the same evidence always gives the same verdict.
package verdict

import (
	"fmt"
	"time"

	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/scenario"
)

// Verdict is what a drill has shown.
type Verdict string

// The verdicts.
const (
	// Pass: the fault took, the load ran, and everything was within its bound.
	Pass Verdict = "PASS"
	// Fail: something was not.
	Fail Verdict = "FAIL"
	// Inconclusive: nothing is proven: the fault never took, the load never ran, or something was late on a machine that was too
	// busy to have it in time.
	Inconclusive Verdict = "INCONCLUSIVE"
)

// Result is the verdict and its figures. Times are in seconds; what is not known is null.
type Result struct {
	Verdict Verdict `json:"verdict"`
	// Reasons are why it is not Pass; empty when it is.
	Reasons []string `json:"reasons,omitempty"`
	// Notes are what a reader must know beside.
	Notes  []string `json:"notes,omitempty"`
	Phases []Phase  `json:"phases"`
	// RTO is from the fault, or the operator's command, to the first good write of those who took over.
	RTO *float64 `json:"rtoSeconds"`
	// Floor is what Route 53 takes of RTO by its documentation, three checks and the TTL, 0 where users need not wait for it. A
	// drill can be below it: the first check may come at once, and an answer in a cache may be old already.
	Floor float64 `json:"route53FloorSeconds"`
	// AnswerMoved is when the zone answered with the standby region, UsersMoved when the client first went there.
	AnswerMoved *float64 `json:"answerMovedSeconds"`
	UsersMoved  *float64 `json:"usersMovedSeconds"`
	// Outage is the longest time without a good write after the fault.
	Outage float64 `json:"outageSeconds"`
	RPO    RPO     `json:"rpo"`
	// Writers is for how long both regions' databases accepted writes, as far as their applications' answers can tell.
	Writers  []evidence.Interval `json:"twoWriters,omitempty"`
	Requests Requests            `json:"requests"`
	// Busiest is the part of the load's busiest minute, 0 to 1, in which something waited for a processor of the drill's machine.
	Busiest *float64 `json:"busiestMinute"`
}

// RPO is what was acknowledged and lost.
type RPO struct {
	Rows    int       `json:"rows"`
	Seconds float64   `json:"seconds"`
	Lost    []LostRow `json:"lost,omitempty"`
}

// LostRow is a row that a client was told of and that is not there.
type LostRow struct {
	Number int       `json:"number"`
	ID     string    `json:"id"`
	At     time.Time `json:"acknowledged"`
	// Arrived says that it had been read in the standby region.
	Arrived bool `json:"hadReachedStandby"`
}

// Requests counts the client's attempts.
type Requests struct {
	Good, Bad      int
	Held           int // of the bad: held back by the client itself
	Numbers, Acked int
	// Unknown are numbers that were never acknowledged and are there: the client was right to ask again.
	Unknown int
	// ReadsBad are reads of acknowledged rows that failed.
	ReadsBad int
}

// Phase is a moment of the drill.
type Phase struct {
	Name string    `json:"name"`
	At   time.Time `json:"at"`
	// After is the seconds since the fault, or the operator's command.
	After    float64 `json:"afterSeconds"`
	Evidence string  `json:"evidence"`
}

// judge is a judgement under way.
type judge struct {
	evidence.Evidence
	scenario.Scenario
	faultTime     time.Time // of the fault, or of the operator's first command
	faulted       bool
	acknowledged  []evidence.Attempt // good writes, one a number, in the order of their answers
	failures      []failure
	doubts        []string
	result        Result
	writerMovedAt time.Time // when the writer was first seen in the standby region
	commandTime   time.Time // the operator's first command
	writerMoved   bool
}

// fault is what was not as it should be.
type failure struct {
	message string
	// late says that it was a matter of time alone, so that a machine that is too busy can have caused it.
	timing bool
}

// Of judges the evidence of a scenario.
func Of(s scenario.Scenario, e evidence.Evidence) Result {
	j := &judge{Evidence: e, Scenario: s}
	j.begin()
	j.checkLoad()
	j.checkFault()
	j.checkReplication()
	j.checkSteps()
	j.checkMove()
	j.checkNothingMoved()
	j.checkFirstGood()
	j.checkRows()
	j.checkEvents()
	j.checkWriters()
	j.checkFencing()
	j.checkEnd()
	j.checkMachine()
	j.phases()
	j.result.Verdict, j.result.Reasons = Pass, j.doubts
	switch {
	case len(j.doubts) > 0:
		j.result.Verdict = Inconclusive
	case len(j.failures) > 0:
		j.result.Verdict = Fail
	}
	for _, f := range j.failures {
		j.result.Reasons = append(j.result.Reasons, f.message)
	}
	return j.result
}

// fail notes what no machine excuses.
func (j *judge) fail(format string, values ...any) {
	j.failures = append(j.failures, failure{message: fmt.Sprintf(format, values...)})
}

// failLate notes what was a matter of time alone.
func (j *judge) failLate(format string, values ...any) {
	j.failures = append(j.failures, failure{fmt.Sprintf(format, values...), true})
}

func (j *judge) doubt(format string, values ...any) {
	j.doubts = append(j.doubts, fmt.Sprintf(format, values...))
}

func (j *judge) note(format string, values ...any) {
	j.result.Notes = append(j.result.Notes, fmt.Sprintf(format, values...))
}

// begin finds the moment from which everything is counted, and what the client was told.
func (j *judge) begin() {
	fault, faulted := j.MarkedAt(evidence.Faulted)
	for _, m := range j.Marks {
		if m.Step == evidence.OperatorCommand && j.commandTime.IsZero() {
			j.commandTime = m.At
		}
	}
	j.faultTime, j.faulted = fault, faulted
	if !faulted {
		j.faultTime = j.commandTime
	}
	acked := map[int]bool{}
	for _, a := range byEnd(j.Attempts) {
		switch {
		case a.Kind == evidence.Read && !a.Good():
			j.result.Requests.ReadsBad++
		case a.Kind == evidence.Read:
		case a.Good():
			j.result.Requests.Good++
			if !acked[a.Number] {
				acked[a.Number] = true
				j.acknowledged = append(j.acknowledged, a)
			}
		default:
			j.result.Requests.Bad++
			if a.Withheld {
				j.result.Requests.Held++
			}
		}
	}
	numbers := map[int]bool{}
	for _, a := range j.Attempts {
		if a.Kind == evidence.Write {
			numbers[a.Number] = true
		}
	}
	j.result.Requests.Numbers, j.result.Requests.Acked = len(numbers), len(acked)
	for number := range numbers {
		if !acked[number] && j.Rows.Records[number] > 0 {
			j.result.Requests.Unknown++
		}
	}
	if !j.faultTime.IsZero() {
		if when, ok := j.First(evidence.Writer, j.faultTime, j.Standby); ok {
			j.writerMovedAt, j.writerMoved = when.At, true
		}
	}
	j.note("The client makes a connection for each request, as a new user does: connections that a pool keeps would notice a loss by themselves, and not by DNS.")
	for _, unseen := range j.NotObserved {
		j.note("Not watched: %s", unseen)
	}
}

// span gives a duration to a tenth of a second.
func formatDuration(d time.Duration) string { return d.Round(time.Second / 10).String() }
