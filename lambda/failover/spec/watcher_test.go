package spec

import (
	"slices"
	"testing"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/shared/contract/controller"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// at returns a time so many seconds after noon.
func at(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }

// lost is the evidence of a primary region that was lost at noon, five minutes later.
func lost() decision.Evidence {
	return decision.Evidence{
		Now: at(300), Mode: controller.Automatic,
		Database:    decision.Database{Known: true, Status: "available"},
		Writes:      decision.Writes{Known: true, FailingSince: at(0), Failures: 9, Last: "a time-out", Cause: decision.CauseUnreachable},
		Heartbeat:   decision.Heartbeat{Known: true, At: at(-30)},
		Replication: decision.Replication{Known: true, Through: at(-20)},
		Standby:     decision.Standby{Known: true},
		Routing:     decision.Routing{Known: true, Detail: "4 of 4 name servers answer with us-west-2"},
		PrimaryReads: decision.Reads{
			Known: true, Outcome: "a time-out",
		},
	}
}

const target = "arn:aws:rds:us-west-2:000000000000:cluster:records"

// failover is the log of a right failover, with the evidence changed.
func failover(change func(*decision.Evidence)) []Event {
	evidence := lost()
	if change != nil {
		change(&evidence)
	}
	return []Event{
		{At: at(300), Kind: Decided, Run: "1", Action: decision.Failover, Evidence: &evidence},
		{At: at(301), Kind: Saved, Run: "1", Action: decision.Failover, Phase: "intent", Target: target, By: "controller", Loss: at(0)},
		{At: at(302), Kind: Requested, Run: "1", Action: decision.Failover, Target: target},
		{At: at(303), Kind: Answered, Run: "1", Action: decision.Failover, Target: target, Outcome: Accepted},
		{At: at(304), Kind: Saved, Run: "1", Action: decision.Failover, Phase: "requested", Target: target, By: "controller", Loss: at(0)},
	}
}

// after moves the log of a move to so many seconds later, for the loss at that time.
func after(seconds int, events []Event) []Event {
	for i := range events {
		events[i].At = events[i].At.Add(time.Duration(seconds) * time.Second)
		if !events[i].Loss.IsZero() {
			events[i].Loss = events[i].Loss.Add(time.Duration(seconds) * time.Second)
		}
	}
	return events
}

func replace(events []Event, i int, change func(*Event)) []Event {
	change(&events[i])
	return events
}

// otherRun is the log as of another run.
func otherRun(events []Event) []Event {
	for i := range events {
		events[i].Run = "2"
	}
	return events
}

// writerSeen is a decision whose evidence has the writer in the standby region, or in the primary.
func writerSeen(seconds int, standby bool) []Event {
	evidence := decision.Evidence{
		Mode:        controller.Automatic,
		Database:    decision.Database{Known: true, WriterInStandby: standby},
		Writes:      decision.Writes{Known: true},
		Heartbeat:   decision.Heartbeat{Known: true},
		Replication: decision.Replication{Known: true},
		Standby:     decision.Standby{Known: true},
		Routing:     decision.Routing{Known: true, Primary: true},
	}
	return []Event{{At: at(seconds), Kind: Decided, Run: "1", Action: decision.None, Evidence: &evidence}}
}

// movedSaved is a change of the journal by which somebody's move has reached its target.
func movedSaved(by string) Event {
	return Event{At: at(600), Kind: Saved, Run: "1", Action: decision.Failover, Phase: "moved", Target: target, By: by, Loss: at(0)}
}

func TestRules(t *testing.T) {
	advice := func(second int, run string) Event {
		e := lost()
		e.Now = at(second)
		return Event{At: at(second), Kind: Decided, Run: run, Action: decision.Advise, Evidence: &e}
	}
	saved := func(second int, concerns ...decision.Concern) Event {
		e := Event{At: at(second), Kind: Saved, Run: "1", Concerns: map[string]time.Time{}}
		for _, one := range concerns {
			e.Concerns[string(one)] = at(second)
		}
		return e
	}
	all := []decision.Concern{decision.WritesLost, decision.HeartbeatLost, decision.ReplicationLost}
	notice := func(second int, run, subject string) Event {
		return Event{At: at(second), Kind: Notified, Run: run, Subject: "[prod] " + subject}
	}
	outside := func(second int, routed, writable bool) Event {
		return Event{At: at(second), Kind: OutsideView, Routed: routed, Writable: writable}
	}
	for name, test := range map[string]struct {
		log  []Event
		want []string // the rules that are broken
	}{
		"a right failover": {failover(nil), nil},
		"a request without an intent": {
			slices.Delete(failover(nil), 1, 2), []string{RuleIntent},
		},
		"a request for another target than the intent's": {
			replace(failover(nil), 2, func(e *Event) { e.Target = "other" }), []string{RuleIntent},
		},
		"a request after the intent has ended": {
			slices.Insert(failover(nil), 2, Event{At: at(301), Kind: Saved}), []string{RuleIntent},
		},
		"a request of a run that decided nothing": {
			replace(failover(nil), 0, func(e *Event) { e.Action = decision.None }), []string{RuleDecided},
		},
		"a request of a run that decided in another": {
			replace(failover(nil), 2, func(e *Event) { e.Run = "2" }), []string{RuleDecided},
		},
		"a second request for the loss": {
			append(failover(nil), failover(nil)[1:]...), []string{RuleOneRequest, RuleOneRequest},
		},
		"a second request whose first was accepted by RDS, and is not in the journal": {
			append(failover(nil)[:4], otherRun(failover(nil))...), nil,
		},
		"a second request of the run that knows of the first": {
			append(failover(nil)[:4], failover(nil)[2:]...), []string{RuleOneRequest},
		},
		"a second request whose first was not answered": {
			append(replace(failover(nil), 3, func(e *Event) { e.Outcome = Unanswered })[:4], failover(nil)[2:]...), nil,
		},
		"a second loss within the cooldown": {append(failover(nil), after(1200, failover(nil))...), []string{RuleCooldown}},
		"a second loss after the cooldown":  {append(failover(nil), after(1900, failover(nil))...), nil},
		"a second loss after an operator's failback": {
			slices.Concat(failover(nil), after(600, replace(failover(nil), 1, func(e *Event) { e.By = "operator" })),
				after(1200, failover(nil))), nil,
		},
		"a second loss after an operator's failback that is seen only in where the writer is": {
			slices.Concat(failover(nil), writerSeen(600, true), writerSeen(900, false), after(1200, failover(nil))), nil,
		},
		"a second loss after a failback before a decision has seen the writer in the standby region": {
			slices.Concat(failover(nil), []Event{movedSaved("controller")}, after(1200, failover(nil))), nil,
		},
		"a second loss after the controller has finished an operator's move": {
			slices.Concat(failover(nil), []Event{movedSaved("operator")}, after(1200, failover(nil))), []string{RuleCooldown},
		},
		"a second loss after a failback that did not end the cooldown": {
			slices.Concat(failover(nil), writerSeen(600, true),
				after(1200, failover(func(e *decision.Evidence) { e.LastMove = at(302) }))), []string{RuleCooldown},
		},
		"a second loss after a move that the journal alone has as made": {
			slices.Concat(failover(nil), []Event{movedSaved("controller")},
				after(1200, failover(func(e *decision.Evidence) { e.LastMove = at(302) }))), []string{RuleCooldown},
		},
		"a third loss after a failback before the second": {
			slices.Concat(failover(nil), writerSeen(600, true), writerSeen(900, false), after(1200, failover(nil)), after(2400, failover(nil))),
			[]string{RuleCooldown},
		},
		"a second loss after the writer was on its way, or nobody knows where": {
			slices.Concat(failover(nil), writerSeen(600, true), []Event{
				{At: at(660), Kind: Decided, Run: "1", Evidence: &decision.Evidence{Database: decision.Database{Known: true, Moving: true}}},
			}, after(1200, failover(func(e *decision.Evidence) { e.Database.Known = false }))), []string{RuleCooldown},
		},
		"a mode that is not automatic": {failover(func(e *decision.Evidence) { e.Mode = controller.Advisory }), []string{RuleMode}},
		"a standby that is unhealthy":  {failover(func(e *decision.Evidence) { e.Standby.Faults = []string{"unhealthy"} }), []string{RuleMode}},
		"a standby that is not seen":   {failover(func(e *decision.Evidence) { e.Standby.Known = false }), []string{RuleMode}},
		"writes that fail for less than a minute": {
			failover(func(e *decision.Evidence) { e.Writes.FailingSince = at(250) }), []string{RuleTwoCauses},
		},
		"two failed probes": {failover(func(e *decision.Evidence) { e.Writes.Failures = 2 }), []string{RuleTwoCauses}},
		"nothing but writes fails": {
			failover(func(e *decision.Evidence) { e.Heartbeat.At, e.Replication.Through = at(250), at(200) }),
			[]string{RuleTwoCauses, RuleTwoCauses},
		},
		"a heartbeat that arrives, and stopped replication": {
			failover(func(e *decision.Evidence) { e.Heartbeat.At = at(250) }), []string{RuleTwoCauses},
		},
		"a heartbeat that arrives, stopped replication, and an application without its database": {
			failover(func(e *decision.Evidence) {
				e.Heartbeat.At, e.Writes.Cause = at(250), decision.CauseDatabaseUnreachable
			}), nil,
		},
		"commits that wait": {
			failover(func(e *decision.Evidence) { e.Writes.Cause = decision.CauseReplicationWait }), []string{RuleTwoCauses},
		},
		"a full database": {
			failover(func(e *decision.Evidence) { e.Writes.Cause = decision.CauseNoConnectionSlots }), []string{RuleTwoCauses},
		},
		"users sent to the primary": {failover(func(e *decision.Evidence) { e.Routing.Primary = true }), []string{RuleOutside}},
		"a failover that is advised while users are sent to the primary": {
			replace(failover(func(e *decision.Evidence) { e.Routing.Primary = true }), 0, func(e *Event) {
				e.Action, e.Recommended = decision.Advise, decision.Failover
			})[:1], []string{RuleOutside},
		},
		"users sent nobody knows where": {failover(func(e *decision.Evidence) { e.Routing.Known = false }), []string{RuleOutside}},
		"a good read at the primary":    {failover(func(e *decision.Evidence) { e.PrimaryReads.OK = true }), []string{RuleOutside}},
		"more missing than the RPO": {
			failover(func(e *decision.Evidence) { e.Replication.Through = at(-901) }), []string{RuleRPO},
		},
		"nobody knows how much is missing": {
			failover(func(e *decision.Evidence) { e.Replication.Known = false }), []string{RuleRPO},
		},
		"a switchover after four minutes": {
			replace(replace(replace(failover(func(e *decision.Evidence) { e.Writes.FailingSince = at(60) }),
				0, func(e *Event) { e.Action = decision.Switchover }), 1, func(e *Event) { e.Action = decision.Switchover }),
				2, func(e *Event) { e.Action = decision.Switchover }), []string{RuleMode},
		},
		"Route 53 answers with the primary": {
			slices.Insert(failover(nil), 0, outside(0, true, false)), []string{RuleOutside},
		},
		"users write to the primary": {
			slices.Insert(failover(nil), 0, outside(0, false, true)), []string{RuleOutside},
		},
		"users write to the primary, and two causes are present": {
			slices.Insert(failover(nil), 0, Event{At: at(0), Kind: OutsideView, Writable: true, Causes: 2}), nil,
		},
		"users write to the primary again, for a minute": {
			slices.Insert(failover(nil), 0, outside(0, false, false), outside(240, false, true)), nil,
		},
		"lost rows with one cause":             {[]Event{{Kind: RowsLost, Rows: 3, Causes: 1}}, []string{RuleTwoCauses}},
		"lost rows with two causes":            {[]Event{{Kind: RowsLost, Rows: 3, Causes: 2}}, nil},
		"lost rows of a database that is lost": {[]Event{{Kind: RowsLost, Rows: 3, Causes: 1, PrimaryLost: true}}, nil},
		"lost rows of more than the RPO": {
			[]Event{{Kind: RowsLost, Rows: 3, Causes: 2, Span: 901 * time.Second}}, []string{RuleRPO},
		},
		"a concern that is notified once": {
			[]Event{advice(300, "1"), notice(301, "1", "advice: writes fail"), saved(302, all...), advice(360, "2")}, nil,
		},
		"a concern that is notified twice": {
			[]Event{
				advice(300, "1"), notice(301, "1", "a FAILOVER is advised"), saved(302, all...),
				advice(360, "2"), notice(361, "2", "a FAILOVER is advised"),
			},
			[]string{RuleOnce},
		},
		"a concern that is notified again because the journal does not have it": {
			[]Event{advice(300, "1"), notice(301, "1", "advice: writes fail"), advice(360, "2"), notice(361, "2", "advice: writes fail")}, nil,
		},
		"a concern that the journal has as notified, without a notice": {
			[]Event{saved(0), advice(300, "1"), saved(302, decision.WritesLost)}, []string{RuleNotified},
		},
		"a concern that was notified before the log begins": {
			[]Event{saved(299, all...), advice(300, "1"), saved(302, all...)}, nil,
		},
		"a concern that comes back after it was resolved": {
			[]Event{
				advice(300, "1"), notice(301, "1", "advice: writes fail"), saved(302, all...),
				advice(900, "2"), notice(901, "2", "advice: writes fail"),
			},
			nil,
		},
		"a concern that nobody is notified of": {
			[]Event{advice(300, "1"), advice(601, "2")}, []string{RuleNotified, RuleNotified, RuleNotified},
		},
		"a concern that nobody can be notified of": {
			[]Event{{At: at(0), Kind: Excused, Detail: "SNS"}, advice(300, "1"), advice(601, "2")}, nil,
		},
		"a concern that nobody is notified of when the service is back": {
			[]Event{
				{At: at(0), Kind: Excused, Detail: "SNS"}, advice(300, "1"),
				{At: at(400), Kind: Restored, Detail: "SNS"}, advice(601, "2"), advice(701, "3"),
			},
			[]string{RuleNotified, RuleNotified, RuleNotified},
		},
	} {
		t.Run(name, func(t *testing.T) { checkRules(t, test.log, test.want) })
	}
}

// checkRules checks which rules a log breaks.
func checkRules(t *testing.T, log []Event, want []string) {
	t.Helper()
	w := NewWatcher()
	for _, e := range log {
		w.Observe(e)
	}
	var got []string
	for _, v := range w.Violations() {
		got = append(got, v.Rule)
	}
	if !slices.Equal(got, want) {
		t.Errorf("broken are %q, want %q: %v", got, want, w.Violations())
	}
}
