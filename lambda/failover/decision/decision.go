// Package decision holds the failover rules: evidence in, a decision and its reasons out.
//
// It has no I/O, no state and no clock. The same evidence always gives the same decision, so tests can try every combination.
// Each signal can be broken by causes that leave the database alone, and one cause can break several signals:
//
//	                          write probe  heartbeat  replication  Route 53  read of the database
//	the region is lost        fails        overdue    stops        leaves    fails
//	the database is lost      fails        arrives    stops        leaves    fails
//	the application is lost   fails        arrives    advances     leaves    fails
//	the regions are cut       fails        overdue    stops        stays     fails
//	the standby sees nothing  fails        overdue    stops        stays     fails
//	replication stalls (RPO)  fails        arrives    stops        leaves    succeeds
//	the database is full      fails        arrives    advances     leaves    either
//	events stop               succeeds     overdue    advances     stays     succeeds
//
// Data is given up only on two signals that no single cause can break, and on none that says that the primary region lives. The
// rules, in order:
//
//  1. The writer is in the standby region already, or is being moved: nothing.
//  2. Writes fail, and the application says why: commits wait for replication, the database is read-only or has no connection left.
//     The database answers, so it is not lost: advice.
//  3. Writes fail, and Route 53 sends users to the primary region: its checkers, which stand in many regions, write there. The
//     controller has lost sight of it: advice.
//  4. Writes fail, Route 53 has taken users away, and the heartbeat or replication has stopped together with that: a failover,
//     which may lose what the standby has not received. What says that the primary region lives forbids it: a read of its
//     database; an answer of the database within the last minute; a heartbeat that arrives, unless the application itself says that
//     its database is unreachable.
//  5. Writes fail for long while the database lives: the application is lost. A switchover, which loses nothing. What was
//     replicated after the loss began proves that the database lives, whatever the heartbeat says.
//  6. Anything else that is wrong: advice.
//
// A move is made only in automatic mode and to a standby that can take over. Otherwise it is advised.
package decision

import (
	"time"

	"warmstandby/shared/contract/controller"
)

// Action is what the controller does.
type Action string

// The actions.
const (
	// None changes nothing.
	None Action = "none"
	// Advise notifies the operators and changes nothing.
	Advise Action = "advise"
	// Switchover moves the writer to the standby region when all of its data is there.
	Switchover Action = "switchover"
	// Failover moves the writer to the standby region with the data that is there.
	Failover Action = "failover"
)

// Moves says whether the action moves the writer.
func (a Action) Moves() bool { return a == Switchover || a == Failover }

// The thresholds of the rules. The RPO and the age of an overdue heartbeat, by which alarms are set too, are in package controller.
const (
	// LossAfter is how long writes must fail before anything is concluded. It is longer than Aurora's failover within a
	// region, "typically less than 60 seconds, often less than 30" (Amazon Aurora User Guide, High availability), which
	// ends such a failure by itself.
	LossAfter = time.Minute
	// LossProbes are the failed probes in a row that LossAfter must hold: one lost packet is no lost region.
	LossProbes = 3
	// ApplicationLostAfter is how long writes fail, with the database alive, before the writer is brought to the users,
	// whom Route 53 has moved after 90 s of failed checks and 60 s of TTL: time for a bad deployment to be taken back.
	ApplicationLostAfter = 5 * time.Minute
	// ReplicationOverdue is the age at which the newest data known to have arrived says that replication stopped: Aurora's
	// metrics come once a minute and up to two minutes late.
	ReplicationOverdue = 3 * time.Minute
	// MeasurementLate is the age that the newest data can have where replication runs: a measurement that is three minutes late,
	// just before the next. Of data that is older than ReplicationOverdue and younger than this it is not known whether
	// replication has stopped.
	MeasurementLate = 4 * time.Minute
	// StoppedBefore is how long before the loss the heartbeat or replication may have stopped to count as a signal of it: what the
	// ages above can hide, and two minutes. What stopped earlier has a cause of its own, and may be the cause of the loss: a cut
	// between the regions stops replication, and commits wait when that has lasted for rds.global_db_rpo.
	StoppedBefore = 5 * time.Minute
	// CommitsWaitAfter is how long commits must wait before the operators are advised: the next round, because nothing ends it
	// by itself within a region, and advice is due within two minutes of the first commit that waits.
	CommitsWaitAfter = 15 * time.Second
	// RoutingDue is how long after the first failed probe Route 53 must have taken users away: three checks 30 s apart, of
	// which the first comes up to 30 s after the loss, and a minute for its checkers to agree.
	RoutingDue = 3 * time.Minute
	// RoutingUnknownAfter is how long it must be unknown where users are sent before the operators are advised: while Route 53
	// changes its answer, its name servers disagree for seconds.
	RoutingUnknownAfter = 3 * time.Minute
	// UsersAwayAfter is how long users may be sent to the standby region while the primary accepts the controller's writes, before
	// the operators are advised: after a failback Route 53 needs three good checks and its TTL to bring them back.
	UsersAwayAfter = 5 * time.Minute
	// Cooldown is how long after a move the controller makes no other: two moves within half an hour need a person.
	Cooldown = 30 * time.Minute
)

// Decision is the action to take and its reasons.
type Decision struct {
	Action Action
	// Recommended is the move that the rules ask for when an obstacle has turned it into advice (Action is Advise), else None.
	Recommended Action
	// Reasons are sentences for an operator: what was seen, then what follows. There is at least one.
	Reasons []string
}

// Decide applies the rules to the evidence.
func Decide(e Evidence) Decision {
	switch {
	case !e.Database.Known:
		return advice("RDS in the standby region does not say where the writer is: nothing is moved without knowing.")
	case e.Database.Moving:
		return none("The writer is being moved: the global database's state is " + e.Database.Status + ".")
	case e.Database.WriterInStandby:
		return none("The writer is in the standby region already; failing back is an operator's decision.")
	}
	lost, reasons := e.writesLost()
	if cause, is := e.explained(); is {
		return advice(e.failingSummary(), cause.summary, e.heartbeat().summary, e.replication().summary)
	}
	if !lost {
		return e.decideWhileWritable(reasons)
	}
	return e.decideLoss(reasons)
}

// decideLoss decides while writes fail for no cause that the application has named as harmless.
func (e Evidence) decideLoss(reasons []string) Decision {
	heartbeat, replication, routing := e.heartbeat(), e.replication(), e.routing()
	reasons = append(reasons, heartbeat.summary, replication.summary, routing.summary)
	switch {
	case routing.state == alive:
		return e.decideUnseen(reasons)
	case replication.state == gone && !e.replicatedWhileLost():
		return e.decideFailover(reasons)
	case e.replicatedSinceLoss():
		return e.decideSwitchover(append(reasons, "What was written since has been replicated: the database lives, the application does not."))
	case heartbeat.state == gone && e.stoppedWithLoss(e.Heartbeat.At):
		return e.decideFailover(reasons)
	case replication.state == unknown:
		return advice(append(reasons, "Whether the database is lost is not known.")...)
	}
	return none(append(reasons, "No second signal agrees yet that the database is lost.")...)
}

// decideUnseen decides while Route 53 sends users to the region in which the controller sees writes fail.
func (e Evidence) decideUnseen(reasons []string) Decision {
	if wait := RoutingDue - e.Now.Sub(e.Writes.FailingSince); wait > 0 {
		return none(
			append(reasons, "Nothing is moved while users are sent there; that Route 53 takes them away is due in "+formatSeconds(wait)+".")...)
	}
	return advice(
		append(
			reasons,
			"Nothing is moved: its checkers, which stand in many regions, write there, and it is the controller that does not see it.",
		)...)
}

// decideFailover returns the failover, or advice when something says that the primary region lives.
func (e Evidence) decideFailover(reasons []string) Decision {
	if living := e.signsOfDatabase(); len(living) > 0 {
		return advice(append(reasons, living...)...)
	}
	if e.Routing.Known && e.Routing.Primary { // which says nothing while neither region is healthy, and users may be served
		return advice(append(reasons, e.standby().summary)...)
	}
	return e.decideMove(Failover, reasons)
}

// signsOfDatabase returns what says that the primary region's database lives.
func (e Evidence) signsOfDatabase() []string {
	var living []string
	if e.PrimaryReads.Known && e.PrimaryReads.OK {
		living = append(
			living,
			"The primary region reads from its database ("+e.PrimaryReads.Outcome+"): it is not lost, whatever else has failed.",
		)
	}
	if at := e.Writes.DatabaseAnswered; !at.IsZero() && e.Now.Sub(at) < LossAfter {
		living = append(living, "The primary region's database answered its application "+formatSeconds(e.Now.Sub(at))+" ago.")
	}
	return living
}

// decideSwitchover returns the switchover once the application has been lost for long enough.
func (e Evidence) decideSwitchover(reasons []string) Decision {
	since := e.Writes.FailingSince
	if e.Writes.DatabaseAnswered.After(since) {
		since = e.Writes.DatabaseAnswered // until then the application was there, and named what it lacked
	}
	if wait := ApplicationLostAfter - e.Now.Sub(since); wait > 0 {
		return none(append(reasons, e.announceMove(Switchover, wait)...)...)
	}
	return e.decideMove(Switchover, reasons)
}

// decideWhileWritable decides while the primary region accepts writes, or has not failed for long enough. Any other abnormal
// signal gives advice.
func (e Evidence) decideWhileWritable(reasons []string) Decision {
	allHealthy := true
	signals := []signal{e.heartbeat(), e.replication(), e.standby()}
	if e.routingConcern(false) != "" {
		signals = append(signals, e.routing())
	}
	if gray, is := e.gray(); is {
		signals = append(signals, gray)
	}
	for _, signal := range signals {
		if signal.state != alive {
			allHealthy = false
			reasons = append(reasons, signal.summary)
		}
	}
	if allHealthy && e.Writes.Known {
		return none(reasons...)
	}
	return advice(reasons...)
}

// decideMove returns the move, or advice when there are obstacles to it.
func (e Evidence) decideMove(action Action, reasons []string) Decision {
	if obstacles := e.obstacles(action); len(obstacles) > 0 {
		return Decision{Advise, action, append(reasons, obstacles...)}
	}
	return Decision{action, None, reasons}
}

// announceMove returns the sentences for a move that is due after a wait, with the obstacles to it.
func (e Evidence) announceMove(action Action, wait time.Duration) []string {
	if obstacles := e.obstacles(action); len(obstacles) > 0 {
		return append([]string{"A " + string(action) + " is due in " + formatSeconds(wait) + ", and would be left to an operator."}, obstacles...)
	}
	return []string{"A " + string(action) + " follows in " + formatSeconds(wait) + "."}
}

// obstacles returns why a move must be left to an operator; empty when the controller may make it.
func (e Evidence) obstacles(action Action) []string {
	var reasons []string
	if standby := e.standby(); standby.state != alive {
		reasons = append(reasons, standby.summary)
	}
	reasons = append(reasons, e.doubts(action)...)
	if action == Failover {
		if missing, known := e.missingData(); !known {
			reasons = append(reasons, "How much the standby lacks is not known.")
		} else if missing > controller.RPO {
			reasons = append(reasons, "The standby lacks "+formatSeconds(missing)+", more than the RPO of "+controller.RPO.String()+".")
		}
	}
	if !e.LastMove.IsZero() && e.Now.Sub(e.LastMove) < Cooldown {
		reasons = append(
			reasons,
			"The writer was moved "+formatSeconds(e.Now.Sub(e.LastMove))+" ago: a second move within "+Cooldown.String()+" is an operator's.",
		)
	}
	if e.Mode != controller.Automatic {
		reasons = append(reasons, "The mode is "+string(e.Mode)+", not automatic.")
	}
	return reasons
}

// doubts returns why the signals do not suffice for a move by the controller.
func (e Evidence) doubts(action Action) []string {
	var reasons []string
	routing, heartbeat := e.routing(), e.heartbeat()
	if routing.state != gone && (action == Failover || !e.Writes.Cause.isFromApplication()) {
		reasons = append(reasons, routing.summary)
	}
	if action != Failover || heartbeat.state == gone && e.stoppedWithLoss(e.Heartbeat.At) {
		return reasons
	}
	if e.Replication.Known && !e.stoppedWithLoss(e.Replication.Through) {
		reasons = append(reasons, "Replication stopped "+formatSeconds(e.lossBegan().Sub(e.Replication.Through))+
			" before users were lost: it is no signal of their loss, and may be its cause.")
	}
	if heartbeat.state == alive && e.Writes.Cause != CauseDatabaseUnreachable {
		reasons = append(reasons, "The heartbeat arrives, so the region lives; its application and its replication may each have failed alone.")
	}
	return reasons
}

func none(reasons ...string) Decision   { return Decision{None, None, reasons} }
func advice(reasons ...string) Decision { return Decision{Advise, None, reasons} }
