package spec

import (
	"fmt"
	"maps"
	"time"

	"warmstandby/lambda/failover/decision"
)

// The rules, as violations name them.
const (
	// RuleIntent: RDS is asked for nothing whose intent the journal does not have.
	RuleIntent = "no request without a saved intent"
	// RuleDecided: the controller asks for what its run has just decided, and for nothing else.
	RuleDecided = "no request without a decision"
	// RuleOneRequest: one loss is answered by one accepted request.
	RuleOneRequest = "one request for each loss"
	// RuleCooldown: the controller moves the writer once within the cooldown.
	RuleCooldown = "never two moves within the cooldown"
	// RuleOutside: no forced move while an outside observer sees the primary alive and writable.
	RuleOutside = "no forced move while the primary is seen alive"
	// RuleTwoCauses: data is given up on two independent signals only, and none that says that the primary lives.
	RuleTwoCauses = "data is lost only with two causes"
	// RuleRPO: a forced move gives up no more than the RPO.
	RuleRPO = "the loss is within the RPO"
	// RuleMode: the controller moves nothing unless the mode is automatic and the standby could take over.
	RuleMode = "no move that is not permitted"
	// RuleOnce: the operators get one notice of each concern.
	RuleOnce = "a concern is notified once"
	// RuleNotified: the operators get that one notice soon.
	RuleNotified = "a concern is notified"
)

// The limits of the rules. They repeat what the decision records promise and are deliberately not package decision's constants.
const (
	lossAfter         = time.Minute       // writes fail for so long
	lossProbes        = 3                 // and in so many probes
	applicationLost   = 5 * time.Minute   // a lost application is given that long to come back
	heartbeatOverdue  = 150 * time.Second // the age of a heartbeat that is late
	replicationStops  = 3 * time.Minute   // the age of the newest data at which replication counts as stopped
	stoppedBefore     = 5 * time.Minute   // how long before the loss a signal may have stopped to be one of it
	routingDue        = 3 * time.Minute   // the longest that Route 53 takes to take users away
	objective         = 15 * time.Minute  // the RPO
	cooldown          = 30 * time.Minute
	concernPasses     = 5 * time.Minute // a concern that is absent for so long counts as resolved
	notifiedWithin    = 5 * time.Minute // from the first decision that has a concern to the notice, two killed runs included
	clockDifference   = 10 * time.Second
	routedLongEnough  = 20 * time.Second // an answer of Route 53 that is older was there when the evidence was gathered
	writtenLongEnough = 2 * time.Minute  // what users see before Route 53 says it: three checks 30 s apart, and a round
)

// run is what is known of one run of the controller.
type run struct {
	decided  Event
	hasFresh bool // a concern of its last decision was not notified before
}

// accepted is a request that RDS has accepted.
type accepted struct {
	at, loss time.Time
	action   decision.Action
	run      string
}

// Watcher watches a log. The zero value is not ready: use NewWatcher.
type Watcher struct {
	violations []Violation
	runs       map[string]*run
	saved      Event     // the journal's last change
	last       *accepted // the controller's last accepted request that the journal has
	unrecorded *accepted // one that the journal does not have yet
	operator   time.Time // when an operator's move was last known to begin, or to have been made
	inStandby  bool      // the writer is in the standby region, by a decision's evidence or the journal's move

	notified     map[string]time.Time // concerns that the journal has as notified, each with the time at which it was last seen
	sent         map[string]bool      // concerns of which a notice was accepted; nil before the journal is first seen
	firstSeen    map[string]time.Time // concerns that are present and not notified
	excused      map[string]bool
	excusedUntil time.Time // since when nothing is excused

	routed, writable           bool // what outside observers see
	routedSince, writableSince time.Time
	outside                    bool // there is an outside observer
	causes                     int  // of which it knows
}

// NewWatcher returns a watcher of a log that begins.
func NewWatcher() *Watcher {
	return &Watcher{
		runs: map[string]*run{}, notified: map[string]time.Time{}, firstSeen: map[string]time.Time{}, excused: map[string]bool{},
	}
}

// Violations returns what broke the rules so far.
func (w *Watcher) Violations() []Violation { return w.violations }

func (w *Watcher) violate(e Event, rule, format string, values ...any) {
	w.violations = append(w.violations, Violation{e.At, rule, e.Run, fmt.Sprintf(format, values...)})
}

// Observe adds the next event. Events come in the order of their time.
func (w *Watcher) Observe(e Event) {
	switch e.Kind {
	case Decided:
		w.decided(e)
	case Saved:
		w.save(e)
	case Requested:
		w.requested(e)
	case Answered:
		w.answered(e)
	case Notified:
		w.noticed(e)
	case OutsideView:
		w.viewed(e)
	case RowsLost:
		w.lost(e)
	case Excused:
		w.excused[e.Detail] = true
	case Restored:
		if delete(w.excused, e.Detail); len(w.excused) == 0 {
			w.excusedUntil = e.At
		}
	}
}

func (w *Watcher) run(name string) *run {
	r := w.runs[name]
	if r == nil {
		r = &run{}
		w.runs[name] = r
	}
	return r
}

// decided remembers the decision for what the run does next, and checks that the operators know of its concerns.
func (w *Watcher) decided(e Event) {
	r := w.run(e.Run)
	r.decided, r.hasFresh = e, false
	if e.Evidence == nil {
		return
	}
	w.located(e)
	if e.Recommended == decision.Failover && e.Evidence.Routing.Known && e.Evidence.Routing.Primary {
		w.violate(e, RuleOutside, "a failover is advised while users are sent to the primary: %s", e.Evidence.Routing.Detail)
	}
	current := map[string]bool{}
	for _, concern := range concerns(e) {
		current[concern] = true
		last, known := w.notified[concern]
		if known && e.At.Sub(last) < concernPasses-clockDifference {
			continue
		}
		r.hasFresh = true
		if _, seen := w.firstSeen[concern]; !seen {
			w.firstSeen[concern] = e.At
		}
	}
	maps.DeleteFunc(w.firstSeen, func(concern string, _ time.Time) bool { return !current[concern] })
	if w.saved.Phase != "" || e.Action.Moves() { // what a move is announced by is the move's notices
		clear(w.firstSeen)
	}
	for concern, since := range w.firstSeen {
		if w.excusedUntil.After(since) {
			since = w.excusedUntil
		}
		if len(w.excused) == 0 && e.At.Sub(since) > notifiedWithin {
			w.violate(e, RuleNotified, "%q is seen for %s and is not notified; allowed are %s", concern, e.At.Sub(since), notifiedWithin)
			w.firstSeen[concern] = e.At
		}
	}
}

// save takes the journal over. An accepted request counts when the journal has it: of one whose run was killed before that the
// next run knows nothing, and asks again unless RDS shows it, which refuses a second while the first is under way.
func (w *Watcher) save(e Event) {
	w.inStandby = w.inStandby || e.Phase == "moved" && e.By != "operator"
	if w.saved = e; w.unrecorded != nil && e.Phase != "intent" {
		w.last, w.unrecorded = w.unrecorded, nil
	}
	w.notified = maps.Clone(e.Concerns)
	if w.notified == nil {
		w.notified = map[string]time.Time{}
	}
	begins := w.sent == nil // what the journal has by then was notified before the log begins
	if begins {
		w.sent = map[string]bool{}
	}
	for concern := range w.notified {
		delete(w.firstSeen, concern)
		if begins {
			w.sent[concern] = true
		}
		if !w.sent[concern] {
			w.violate(e, RuleNotified, "the journal has %q as notified, and no notice of it was accepted", concern)
			w.sent[concern] = true
		}
	}
	maps.DeleteFunc(w.sent, func(concern string, _ bool) bool {
		_, still := w.notified[concern]
		return !still
	})
}

// requested checks a request at the moment at which it is sent.
func (w *Watcher) requested(e Event) {
	saved := w.saved
	if saved.Phase != "intent" || saved.Action != e.Action || saved.Target != e.Target {
		w.violate(e, RuleIntent, "RDS is asked for a %s to %s; the journal has %q of a %q to %q",
			e.Action, e.Target, saved.Phase, saved.Action, saved.Target)
	}
	if saved.By == "operator" {
		w.operator = e.At
		return
	}
	known := w.last
	if w.unrecorded != nil && w.unrecorded.run == e.Run {
		known = w.unrecorded // the run itself has had the answer
	}
	if known != nil && known.loss.Equal(saved.Loss) {
		w.violate(e, RuleOneRequest, "RDS accepted a %s for the loss since %s, and is asked again", known.action, stamp(saved.Loss))
	}
	r := w.run(e.Run)
	if r.decided.Action != e.Action {
		w.violate(e, RuleDecided, "RDS is asked for a %s; the run decided %q", e.Action, r.decided.Action)
	}
	if r.decided.Evidence != nil {
		w.permitted(e, *r.decided.Evidence)
	}
	if e.Action != decision.Failover || !w.outside {
		return
	}
	if since := e.At.Sub(w.routedSince); w.routed && since > routedLongEnough {
		w.violate(e, RuleOutside, "Route 53 answers with the primary region for %s", since)
	}
	// With two causes at once a loss is allowed, also where one of them blinds Route 53's checkers and only users see the primary.
	if since := e.At.Sub(w.writableSince); w.writable && w.causes < 2 && since > writtenLongEnough {
		w.violate(e, RuleOutside, "users write to the primary for %s", since)
	}
}

func (w *Watcher) answered(e Event) {
	if e.Outcome != Accepted || w.saved.By == "operator" {
		return
	}
	if w.last != nil && w.last.loss.Equal(w.saved.Loss) {
		w.violate(e, RuleOneRequest, "RDS accepts a second request for the loss since %s", stamp(w.saved.Loss))
	} else if w.last != nil && w.operator.Before(w.last.at) && e.At.Sub(w.last.at) < cooldown-clockDifference {
		w.violate(e, RuleCooldown, "RDS accepts a %s %s after the last move; allowed after %s", e.Action, e.At.Sub(w.last.at), cooldown)
	}
	w.unrecorded = &accepted{e.At, w.saved.Loss, e.Action, e.Run}
}

func (w *Watcher) viewed(e Event) {
	if !w.outside || e.Routed != w.routed {
		w.routedSince = e.At
	}
	if !w.outside || e.Writable != w.writable {
		w.writableSince = e.At
	}
	w.outside, w.routed, w.writable, w.causes = true, e.Routed, e.Writable, e.Causes
}

func (w *Watcher) lost(e Event) {
	if e.Rows > 0 && !e.PrimaryLost && e.Causes < 2 {
		w.violate(e, RuleTwoCauses, "%d acknowledged rows are given up with %d cause and the primary's database alive", e.Rows, e.Causes)
	}
	if e.Span > objective {
		w.violate(e, RuleRPO, "acknowledged rows of %s are given up; the RPO is %s", e.Span, objective)
	}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
