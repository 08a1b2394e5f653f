package decision

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"warmstandby/shared/contract/controller"
)

// part is one piece of evidence: each way that it can be, by name.
type part struct {
	name   string
	change func(*Evidence)
}

// parts hold every way that each piece of evidence can be, in the order of Evidence's fields.
var parts = [][]part{
	{
		{"automatic", func(e *Evidence) { e.Mode = controller.Automatic }},
		{"advisory", func(e *Evidence) { e.Mode = controller.Advisory }},
		{"mode unknown", func(e *Evidence) { e.Mode = "" }},
	}, {
		{"writer in primary", func(e *Evidence) { e.Database = Database{Known: true, Status: "available"} }},
		{"writer in standby", func(e *Evidence) { e.Database = Database{Known: true, WriterInStandby: true, Status: "available"} }},
		{"writer moving", func(e *Evidence) { e.Database = Database{Known: true, Moving: true, Status: "switching-over"} }},
		{"writer unknown", func(e *Evidence) { e.Database = Database{} }},
	}, {
		{"writes unknown", func(e *Evidence) { e.Writes = Writes{} }},
		{"writes succeed", func(e *Evidence) { e.Writes = Writes{Known: true} }},
		{"a blip", func(e *Evidence) { failing(e, 30*time.Second) }},
		{"few probes failed", func(e *Evidence) { failing(e, 10*time.Minute); e.Writes.Failures = 2 }},
		{"writes fail", func(e *Evidence) { failing(e, 4*time.Minute) }},
		{"writes fail for long", func(e *Evidence) { failing(e, 10*time.Minute) }},
	}, {
		{"heartbeat unknown", func(e *Evidence) { e.Heartbeat = Heartbeat{} }},
		{"heartbeat lives", func(e *Evidence) { e.Heartbeat = Heartbeat{true, e.ago(30 * time.Second)} }},
		{"heartbeat overdue", func(e *Evidence) { e.Heartbeat = Heartbeat{true, e.ago(4 * time.Minute)} }},
	}, {
		{"replication unknown", func(e *Evidence) { e.Replication = Replication{} }},
		{"replication advances", func(e *Evidence) { e.Replication = Replication{true, e.ago(30 * time.Second)} }},
		{"replication stopped", func(e *Evidence) { e.Replication = Replication{true, e.ago(5 * time.Minute)} }},
		{"replication stopped long ago", func(e *Evidence) { e.Replication = Replication{true, e.ago(time.Hour)} }},
	}, {
		{"standby unknown", func(e *Evidence) { e.Standby = Standby{} }},
		{"standby healthy", func(e *Evidence) { e.Standby = Standby{Known: true} }},
		{"standby unhealthy", func(e *Evidence) { e.Standby = Standby{Known: true, Faults: []string{"no instance"}} }},
	}, {
		{"users stay", func(e *Evidence) { e.Routing = Routing{Known: true, Primary: true} }},
		{"users taken away", func(e *Evidence) { takenAway(e) }},
		{"users taken away late", func(e *Evidence) { takenAway(e); e.Routing.AwaySince = e.Now }},
		{"users not known", func(e *Evidence) { e.Routing = Routing{Detail: "no answer"} }},
	}, {
		{"unreachable", func(e *Evidence) { fails(e, CauseUnreachable) }},
		{"commits wait", func(e *Evidence) { fails(e, CauseReplicationWait) }},
		{"read-only", func(e *Evidence) { fails(e, CauseReadOnly) }},
		{"no connection slots", func(e *Evidence) { fails(e, CauseNoConnectionSlots) }},
		{"database unreachable", func(e *Evidence) { fails(e, CauseDatabaseUnreachable) }},
		{"another cause", func(e *Evidence) { fails(e, CauseUnknown) }},
		{"no cause", func(e *Evidence) { fails(e, "") }},
		{"unreachable, full just now", func(e *Evidence) { fails(e, CauseUnreachable); e.Writes.DatabaseAnswered = e.ago(20 * time.Second) }},
	}, {
		{"reads unknown", func(e *Evidence) { e.PrimaryReads = Reads{} }},
		{"reads fail", func(e *Evidence) { e.PrimaryReads = Reads{Known: true, Outcome: "status 503"} }},
		{"reads succeed", func(e *Evidence) { e.PrimaryReads = Reads{Known: true, OK: true, Outcome: "status 200"} }},
	}, {
		{"no gray failure", func(*Evidence) {}},
		{"a gray failure", func(e *Evidence) { e.Writes.Recent = Recent{Minutes: 20, Spoiled: 6, Probes: 70, Failed: 9} }},
	}, {
		{"never moved", func(e *Evidence) { e.LastMove = time.Time{} }},
		{"moved just now", func(e *Evidence) { e.LastMove = e.ago(time.Minute) }},
	},
}

// fails sets why writes fail, where they do.
func fails(e *Evidence, cause WriteFailure) {
	if !e.Writes.FailingSince.IsZero() {
		e.Writes.Cause = cause
	}
}

// choices are the ways of a part that can make a difference: where users are sent, why writes fail and what is read make none while
// the writer is elsewhere, and there is no cause while writes succeed.
func choices(at int, e Evidence) []part {
	const routing, cause, gray = 6, 7, 9
	elsewhere := !e.Database.Known || e.Database.Moving || e.Database.WriterInStandby
	if elsewhere && at >= routing && at <= gray || at == cause && e.Writes.FailingSince.IsZero() {
		return parts[at][:1]
	}
	return parts[at]
}

// everyEvidence calls visit with each combination and the names of its parts.
func everyEvidence(visit func(names []string, e Evidence)) {
	var choose func(int, []string, Evidence)
	choose = func(at int, names []string, e Evidence) {
		if at == len(parts) {
			visit(names, e)
			return
		}
		for _, one := range choices(at, e) {
			changed := e
			one.change(&changed)
			choose(at+1, append(names[:at:at], one.name), changed)
		}
	}
	choose(0, nil, healthy())
}

// What must hold of every decision, whatever the evidence, said without the rules that Decide is made of.
func TestInvariants(t *testing.T) {
	t.Run("no evidence breaks an invariant", func(t *testing.T) {
		seen := map[Action]int{}
		everyEvidence(func(names []string, e Evidence) {
			got := Decide(e)
			seen[got.Action]++
			if broken := brokenPromises(got, func(name string) bool { return slices.Contains(names, name) }); len(broken) > 0 && !t.Failed() {
				t.Errorf("%v: %s (recommended: %s) breaks %q", names, got.Action, got.Recommended, broken)
			}
		})
		for _, action := range []Action{None, Advise, Switchover, Failover} {
			if seen[action] == 0 {
				t.Errorf("no evidence led to %s: the promises above were not tried", action)
			}
		}
	})
}

// brokenPromises returns the promises that a decision breaks, whose evidence has the parts that has confirms.
func brokenPromises(got Decision, has func(string) bool) []string {
	longEnough := has("writes fail") || has("writes fail for long")
	stopped := has("replication stopped") || has("replication stopped long ago")
	away := has("users taken away") || has("users taken away late")
	harmless := has("commits wait") || has("read-only") || has("no connection slots")
	unknown := got.Action == None && has("writer in primary") && has("writes succeed")
	var broken []string
	for _, promise := range []struct {
		broken bool
		text   string
	}{
		{len(got.Reasons) == 0, "a decision has a reason"},
		{got.Recommended != None && got.Action != Advise, "only advice names another action"},
		{got.Recommended != None && !got.Recommended.Moves(), "what would have been done is a move"},
		{got.Action.Moves() && !has("automatic"), "nothing is moved but in automatic mode"},
		{got.Action.Moves() && !has("writer in primary"), "nothing is moved unless the writer is known to be in the primary region"},
		{got.Action.Moves() && !has("standby healthy"), "nothing is moved to a standby that is not known to be healthy"},
		{got.Action.Moves() && has("moved just now"), "nothing is moved twice in a short time"},
		{got.Action.Moves() && !longEnough, "nothing is moved while writes may succeed"},
		{got.Action.Moves() && has("users stay"), "nothing is moved while Route 53 sends users to the primary region"},
		{got.Recommended == Failover && has("users stay"), "no loss of data is advised while Route 53 sends users to the primary region"},
		{
			got.Recommended.Moves() && has("users stay") && !has("standby unhealthy"),
			"no move is advised while Route 53 sends users to the primary region and would send them to a healthy standby",
		},
		{got.Action.Moves() && harmless, "nothing is moved for a cause that proves that the database answers"},
		{got.Action == Failover && !away, "no data is lost unless Route 53 has taken users away"},
		{got.Action == Failover && has("reads succeed"), "no data is lost while the primary region reads from its database"},
		{got.Recommended == Failover && has("reads succeed"), "no loss of data is advised while the primary region reads from its database"},
		{got.Action == Failover && has("unreachable, full just now"), "no data is lost a moment after the database has answered"},
		{
			got.Action == Failover && has("heartbeat lives") && !has("database unreachable"),
			"no data is lost while the heartbeat arrives, unless the application says that its database is unreachable",
		},
		{got.Action == Failover && !has("heartbeat overdue") && !stopped, "no data is lost on one signal"},
		{
			got.Action == Failover && (has("replication unknown") || has("replication stopped long ago")),
			"no data is lost that is not known to be within the RPO",
		},
		{got.Action == Failover && has("replication advances"), "no data is lost while the database lives"},
		{got.Action == Switchover && !has("replication advances"), "a switchover is for a database that lives"},
		{got.Action == Switchover && !has("writes fail for long"), "a switchover waits for five minutes"},
		{
			got.Action == Switchover && !away && (has("unreachable") || has("no cause")),
			"a switchover needs that somebody beside the controller's own sight says that the application is lost",
		},
		{got.Action == None && has("writer unknown"), "an unknown writer is notified"},
		{unknown && has("standby unhealthy"), "an unhealthy standby is notified"},
		{unknown && has("users not known"), "unknown routing is notified"},
		{unknown && has("a gray failure"), "a gray failure is notified"},
		{got.Action == None && longEnough && has("writer in primary") && harmless, "a cause that the application names is notified"},
		{
			longEnough && has("writer in primary") && stopped && !has("users stay") && !harmless && !has("reads succeed") &&
				!has("unreachable, full just now") && got.Action != Failover && got.Recommended != Failover,
			"a lost database is failed over, or the failover is advised",
		},
	} {
		if promise.broken {
			broken = append(broken, promise.text)
		}
	}
	return broken
}

// Evidence that comes at random: between an operator's failbacks the writer moves once at most, and it
// never moves back by itself.
func FuzzSequence(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7})
	f.Add([]byte{4, 4, 4, 4, 4, 4, 200, 4, 4, 4, 4})
	f.Fuzz(func(t *testing.T, choices []byte) {
		e := healthy()
		moves := 0
		for i, choice := range choices {
			e.Now = e.Now.Add(20 * time.Second)
			which := parts[2+int(choice)%8]
			which[int(choice/8)%len(which)].change(&e)
			if choice >= 250 { // an operator fails back
				e.Database.WriterInStandby, moves = false, 0
			}
			got := Decide(e)
			if !got.Action.Moves() {
				continue
			}
			if moves++; moves > 1 || e.Database.WriterInStandby {
				t.Fatalf("step %d of %v moves the writer again: %s", i, choices, fmt.Sprint(got.Reasons))
			}
			e.Database.WriterInStandby, e.LastMove = true, e.Now
		}
	})
}
