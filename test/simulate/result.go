package simulate

import (
	"fmt"
	"strings"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/spec"
)

// Result is what became of a seed.
type Result struct {
	Seed  uint64
	Cause string
	// Moves are the requests that RDS accepted, with their times from the first fault.
	Moves []Accepted
	// Gap is the longest time without an acknowledged row since the first fault, Recovered whether it ended.
	Gap       time.Duration
	Recovered bool
	// Lost is how many acknowledged rows were given up, Span the time that they were written in.
	Lost       int
	Span       time.Duration
	Violations []spec.Violation
	// Wrong says what differs from the right answer; empty when nothing does.
	Wrong string
	// Met are the rare cases that came up, a bit each.
	Met uint64

	faults                    uint32
	lostRequests, lostAnswers int
}

// Accepted is a request that RDS accepted.
type Accepted struct {
	Action decision.Action
	After  time.Duration
}

// The rare cases that the simulator exists for. A run of enough seeds that never met one fails.
const (
	metRouted = iota
	metQuorum
	metEndpointFlaps
	metRefused
	metCancelled
	metLostRequest
	metLostAnswer
	metLostPublish
	metTwoRuns
	metDouble
	metConflict
	metSlow
	metSkew
	metKilled
	metKilledIntent
	metKilledRequested
	metKilledMoved
	metAbandoned
	metFailover
	metSwitchover
	metAdvice
	metRowsLost
	metCommitWaits
	metAdvisory
	metDisagree

	rareCases
)

var rareNames = [rareCases]string{
	"Route 53 moves the users", "checkers disagree and the quorum decides", "the writer endpoint leads to both writers in turn",
	"RDS refuses a move",
	"RDS cancels a move", "a request to RDS is lost", "an answer of RDS is lost", "an answer of SNS is lost", "two runs at once",
	"an invocation comes twice", "two runs write the journal", "a slow call", "clocks differ", "a run is killed",
	"a run is killed with an intent", "a run is killed with a move requested", "a run is killed with a move made",
	"a move is abandoned", "a failover", "a switchover", "advice", "rows are lost", "commits wait at the RPO", "the mode is advisory",
	"name servers disagree",
}

// meet counts a rare case.
func (w *World) meet(rare int) { w.result.Met |= 1 << rare }

func (w *World) met(rare int) bool { return w.result.Met&(1<<rare) != 0 }

// count counts the events of the controller's log.
func (w *World) count(e spec.Event) {
	switch {
	case e.Kind == spec.Decided && e.Action == decision.Advise:
		w.meet(metAdvice)
	case e.Kind == spec.Notified:
		w.truthful(e)
		if strings.HasSuffix(e.Subject, "is not made") {
			w.meet(metAbandoned)
		}
	}
}

// truthful checks that what a notice reports has happened in the world.
func (w *World) truthful(e spec.Event) {
	g := &w.global
	subject := e.Subject
	is := func(text string) bool { return strings.HasSuffix(subject, text) }
	wrong := ""
	switch {
	case is("the writer is in us-west-2") && g.writer != west:
		wrong = "the writer is in us-east-1"
	case (is("has failed") || is("is not made")) && (g.moving != "" || g.writer == west):
		wrong = "RDS has accepted the move"
	}
	for i := range promised {
		if strings.Contains(subject, promised[i].subject) && w.promisedAt[i] == 0 {
			w.promisedAt[i] = w.now
		}
	}
	if wrong != "" {
		w.untrue = append(w.untrue, fmt.Sprintf("the notice %q is sent, and %s", subject, wrong))
	}
}

// promised are notices that the operators must have soon after their cause begins, where nothing else is wrong.
var promised = [...]struct {
	cause   string
	subject string
	within  time.Duration
}{
	{"replication stalled", "commits wait", 2 * time.Minute},
	// A minute of failing probes, a schedule that is a minute late after one that was not, and a round.
	{"saturated", "has no connection left", 4 * time.Minute},
}

// notifiedLate says which promised notice is late. A killed run and a lost answer of SNS may each delay it.
func (w *World) notifiedLate() string {
	if w.plan.Right != Nothing || w.met(metKilled) || w.met(metLostPublish) || w.met(metSlow) {
		return ""
	}
	for i, p := range promised {
		begun := w.firstFault()
		if p.cause == "replication stalled" {
			begun = w.waits
		}
		if end := w.plan.Length - begun; p.cause == w.plan.Cause && begun > 0 && end > p.within+time.Minute &&
			(w.promisedAt[i] == 0 || w.promisedAt[i]-begun > p.within) {
			return fmt.Sprintf("%q is notified at %s; it began at %s, and %s are allowed", p.subject, w.promisedAt[i], begun, p.within)
		}
	}
	return ""
}

// accept records a request that RDS has accepted.
func (w *World) accept(action decision.Action) {
	w.result.Moves = append(w.result.Moves, Accepted{action, w.now - w.firstFault()})
	if action == decision.Failover {
		w.meet(metFailover)
	} else {
		w.meet(metSwitchover)
	}
}

// Finish ends the simulation and returns its result.
func (w *World) Finish() Result {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.advance(w.plan.Length)
	r := &w.result
	if last := w.now - max(w.lastGood, w.firstFault()); last > r.Gap {
		r.Gap = last
	}
	r.Recovered = w.now-w.lastGood < 2*writeInterval
	if r.Lost > 0 {
		w.meet(metRowsLost)
	}
	if w.plan.Skew != 0 {
		w.meet(metSkew)
	}
	if !w.plan.Automatic {
		w.meet(metAdvisory)
	}
	r.Violations = w.watcher.Violations()
	r.Wrong = w.judge()
	return *r
}

// judge compares what was done with the right answer.
func (w *World) judge() string {
	failovers, switchovers := 0, 0
	for _, m := range w.result.Moves {
		if m.Action == decision.Failover {
			failovers++
		} else {
			switchovers++
		}
	}
	first := time.Duration(0)
	if len(w.result.Moves) > 0 {
		first = w.result.Moves[0].After
	}
	due := w.plan.Due <= w.plan.Length-w.firstFault()
	wrong := false
	if len(w.untrue) > 0 {
		return w.untrue[0]
	}
	if late := w.notifiedLate(); late != "" {
		return late
	}
	switch w.plan.Right {
	case Nothing:
		wrong = failovers+switchovers > 0
	case LosesNothing:
		wrong = failovers > 0
	case FailsOver:
		wrong = switchovers > 0 || due && (failovers != 1 || first > w.plan.Due)
	case SwitchesOver:
		wrong = failovers > 0 || due && (switchovers != 1 || first > w.plan.Due)
	}
	if !wrong {
		return ""
	}
	text := "right is " + w.plan.Right.String()
	if w.plan.Due > 0 {
		text += " within " + w.plan.Due.String()
	}
	if len(w.result.Moves) == 0 {
		return text + "; nothing moved"
	}
	for _, m := range w.result.Moves {
		text += "; a " + string(m.Action) + " after " + m.After.Round(time.Second).String()
	}
	return text
}
