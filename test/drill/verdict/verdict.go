// Package verdict judges a drill: from the evidence and the scenario's expectations it derives PASS, FAIL or INCONCLUSIVE, and
// the figures. It has no I/O and reads no clock, so the same evidence always gives the same verdict.
package verdict

import (
	"fmt"
	"time"

	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/history"
	"warmstandby/test/drill/scenario"
)

// Verdict is the result of a drill.
type Verdict string

// The verdicts.
const (
	// Pass: the fault took effect, the load ran, and every expectation was met.
	Pass Verdict = "PASS"
	// Fail: an expectation was not met.
	Fail Verdict = "FAIL"
	// Inconclusive: the drill proves nothing, because the fault took no effect, the load did not run, the controller's log was not
	// checked, or a time was exceeded on an overloaded machine.
	Inconclusive Verdict = "INCONCLUSIVE"
)

// Result is the verdict and its figures. Times are in seconds; unknown ones are null.
type Result struct {
	Verdict Verdict `json:"verdict"`
	// Reasons are why the verdict is not Pass.
	Reasons []string `json:"reasons,omitempty"`
	// Notes are further facts for the reader.
	Notes  []string `json:"notes,omitempty"`
	Phases []Phase  `json:"phases"`
	// Objectives are what was asked of the platform, each with what was measured.
	Objectives []Objective `json:"objectives,omitempty"`
	// Checks are all that the verdict was made from, in the order in which they were made.
	Checks []Check `json:"checks,omitempty"`
	// Experience is what users met before, during and after the outage.
	Experience []Experience `json:"experience,omitempty"`
	// GivenUp are the numbers that the client never had an acknowledgement of; nil where there are none.
	GivenUp *GivenUp `json:"givenUp,omitempty"`
	// RTO is the time from the fault, or the operator's command, to the first good write of the region that took over.
	RTO *float64 `json:"rtoSeconds"`
	// Floor is Route 53's documented part of RTO, three checks and the TTL; 0 where users need not wait for it. A drill can be
	// faster: the first check may come at once, and a cached answer may be old already.
	Floor float64 `json:"route53FloorSeconds"`
	// AnswerMoved is when the zone answered with the standby region, UsersMoved when the client first used it.
	AnswerMoved *float64 `json:"answerMovedSeconds"`
	UsersMoved  *float64 `json:"usersMovedSeconds"`
	// Outage is the longest time without a good write after the fault.
	Outage float64 `json:"outageSeconds"`
	RPO    RPO     `json:"rpo"`
	// Writers are the times in which both regions' databases accepted writes, by their applications' answers.
	Writers  []evidence.Interval `json:"twoWriters,omitempty"`
	Requests Requests            `json:"requests"`
	// Reconciled is what the reconciliation has brought back; nil where none is a part of the scenario.
	Reconciled *Reconciled `json:"reconciled,omitempty"`
	// Corruption is what a bad release did; nil in other scenarios.
	Corruption *Corruption `json:"corruption,omitempty"`
	// Backups is what a fault of AWS Backup did; nil in other scenarios.
	Backups *Backups `json:"backups,omitempty"`
	// Flood is what a flood did; nil in other scenarios.
	Flood *Flood `json:"flood,omitempty"`
	// Documents are those of records; nil where none was put.
	Documents *Documents `json:"documents,omitempty"`
	// Histories are those of contended records and of repeated keys; nil where there was no such load.
	Histories *history.Result `json:"histories,omitempty"`
	// Users are the kinds of user beside the client.
	Users []UserResult `json:"users,omitempty"`
	// Advice is from the first commit that waited to the advice that names rds.global_db_rpo; null where none was to wait.
	Advice *float64 `json:"adviceSeconds,omitempty"`
	// Busiest is the share of the load's busiest minute, 0 to 1, in which a process waited for a processor of the drill's machine.
	Busiest *float64 `json:"busiestMinute"`
}

// RPO is the acknowledged rows that are lost.
type RPO struct {
	Rows    int       `json:"rows"`
	Seconds float64   `json:"seconds"`
	Lost    []LostRow `json:"lost,omitempty"`
}

// LostRow is a row that was acknowledged and is not stored.
type LostRow struct {
	Number int       `json:"number"`
	ID     string    `json:"id"`
	At     time.Time `json:"acknowledged"`
	// Arrived is whether it had been read in the standby region.
	Arrived bool `json:"hadReachedStandby"`
	// Outcome is what the reconciliation made of it; empty without one.
	Outcome Outcome `json:"outcome,omitempty"`
}

// Requests counts the client's attempts. The names of its fields are JSON keys and must not change.
type Requests struct {
	Good, Bad      int
	Held           int // of the bad: withheld by the client
	Numbers, Acked int
	// Unknown are numbers that are stored without an acknowledgement: the client was right to retry.
	Unknown int
	// ReadsBad are reads of acknowledged rows that failed.
	ReadsBad int
}

// Phase is a moment of the drill.
type Phase struct {
	Name string    `json:"name"`
	At   time.Time `json:"at"`
	// After is the time since the fault, or the operator's command, in seconds.
	After    float64 `json:"afterSeconds"`
	Evidence string  `json:"evidence"`
}

// judge is a judgement in progress.
type judge struct {
	evidence.Evidence
	scenario.Scenario
	faultTime     time.Time // or of the operator's first command
	faulted       bool
	acknowledged  []evidence.Attempt // good writes, one a number, in the order of their answers
	failures      []failure
	doubts        []string
	result        Result
	writerMovedAt time.Time // when the writer was first observed in the standby region
	commandTime   time.Time // the operator's first command
	writerMoved   bool
	notMade       string // why the present check was not made; empty when it was
}

// failure is an expectation that was not met.
type failure struct {
	message string
	// timing is whether only a time was exceeded, which an overloaded machine may have caused.
	timing bool
}

// Of judges the evidence of a scenario.
func Of(s scenario.Scenario, e evidence.Evidence) Result {
	j := &judge{Evidence: e, Scenario: s}
	j.begin()
	j.runChecks()
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
	j.experience()
	j.givenUp()
	j.objectives()
	return j.result
}

// fail adds a failure that no overload excuses.
func (j *judge) fail(format string, values ...any) {
	j.failures = append(j.failures, failure{message: fmt.Sprintf(format, values...)})
}

// failLate adds a failure of timing.
func (j *judge) failLate(format string, values ...any) {
	j.failures = append(j.failures, failure{fmt.Sprintf(format, values...), true})
}

func (j *judge) doubt(format string, values ...any) {
	j.doubts = append(j.doubts, fmt.Sprintf(format, values...))
}

func (j *judge) note(format string, values ...any) {
	j.result.Notes = append(j.result.Notes, fmt.Sprintf(format, values...))
}

// begin finds the time of the fault, from which everything is counted, and the acknowledged writes.
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
	j.note("The client makes a connection for each request, as a new user does. " +
		"Users who keep a connection or an address are counted by themselves.")
	for _, unseen := range j.NotObserved {
		j.note("Not watched: %s", unseen)
	}
}

// formatDuration formats a duration to a tenth of a second.
func formatDuration(d time.Duration) string { return d.Round(time.Second / 10).String() }
