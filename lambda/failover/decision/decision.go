// Package decision holds the failover rules: evidence in, a decision and its reasons out.
//
// It has no I/O, no state and no clock. The same evidence always gives the same decision, so tests can try every combination.
// The rules, in order:
//
//  1. The writer is in the standby region already, or is being moved: nothing.
//  2. Writes fail in the primary region, and a second, independent signal says that its database is gone (the heartbeat is
//     overdue, or replication no longer advances): a failover, which may lose what the standby has not received.
//  3. Writes fail for long while the database lives: the application is lost. A switchover, which loses nothing. What was
//     replicated after the loss began proves that the database lives, whatever the heartbeat says.
//  4. Anything else that is wrong: advice. One signal alone never loses data.
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
	if !lost {
		return e.decideWhileWritable(reasons)
	}
	heartbeat, replication := e.heartbeat(), e.replication()
	reasons = append(reasons, heartbeat.summary, replication.summary)
	switch {
	case replication.state == gone:
		return e.decideMove(Failover, reasons)
	case e.replicatedSinceLoss():
		reasons = append(reasons, "What was written since has been replicated: the database lives, the application does not.")
		if wait := ApplicationLostAfter - e.Now.Sub(e.Writes.FailingSince); wait > 0 {
			return none(append(reasons, e.announceMove(Switchover, wait)...)...)
		}
		return e.decideMove(Switchover, reasons)
	case heartbeat.state == gone:
		return e.decideMove(Failover, reasons)
	case replication.state == unknown:
		return advice(append(reasons, "Whether the database is lost is not known.")...)
	}
	return none(append(reasons, "No second signal agrees yet that the database is lost.")...)
}

// decideWhileWritable decides while the primary region accepts writes, or has not failed for long enough. Any other abnormal
// signal gives advice.
func (e Evidence) decideWhileWritable(reasons []string) Decision {
	allHealthy := true
	for _, signal := range []signal{e.heartbeat(), e.replication(), e.standby()} {
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

func none(reasons ...string) Decision   { return Decision{None, None, reasons} }
func advice(reasons ...string) Decision { return Decision{Advise, None, reasons} }
