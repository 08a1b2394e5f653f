package spec

import (
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/shared/contract/controller"
)

// permitted checks that the evidence of a decision permits the request that follows from it.
func (w *Watcher) permitted(e Event, seen decision.Evidence) {
	if seen.Mode != controller.Automatic {
		w.violate(e, RuleMode, "RDS is asked for a %s in mode %q", e.Action, seen.Mode)
	}
	if !seen.Standby.Known || len(seen.Standby.Faults) > 0 {
		w.violate(e, RuleMode, "RDS is asked for a %s to a standby that is not known to be well: %q", e.Action, seen.Standby.Faults)
	}
	// The log may begin after the last move; the journal's record of it is in the evidence.
	if since := seen.Now.Sub(seen.LastMove); w.last == nil && !seen.LastMove.IsZero() && since < cooldown-clockDifference {
		w.violate(e, RuleCooldown, "RDS is asked for a %s %s after the last move; allowed after %s", e.Action, since, cooldown)
	}
	failing := seen.Now.Sub(seen.Writes.FailingSince)
	if !seen.Writes.Known || seen.Writes.FailingSince.IsZero() || failing < lossAfter || seen.Writes.Failures < lossProbes {
		w.violate(e, RuleTwoCauses, "RDS is asked for a %s with %d failed probes in %s; wanted are %d in %s",
			e.Action, seen.Writes.Failures, failing, lossProbes, lossAfter)
	}
	switch {
	case e.Action == decision.Failover:
		w.permittedLoss(e, seen)
	case failing < applicationLost:
		w.violate(e, RuleMode, "a switchover after %s of failing writes; wanted are %s", failing.Round(time.Second), applicationLost)
	}
}

// lossBegan returns when users lost the primary region at the latest: when the controller's probes began to fail, or later, as long
// before Route 53 was found to have taken users away as that takes.
func lossBegan(seen decision.Evidence) time.Time {
	if latest := seen.Routing.AwaySince.Add(-routingDue); !seen.Routing.AwaySince.IsZero() && latest.After(seen.Writes.FailingSince) {
		return latest
	}
	return seen.Writes.FailingSince
}

// permittedLoss checks the evidence of a forced move.
func (w *Watcher) permittedLoss(e Event, seen decision.Evidence) {
	began := lossBegan(seen)
	heartbeatLate := seen.Heartbeat.Known && seen.Now.Sub(seen.Heartbeat.At) > heartbeatOverdue
	replicationStopped := seen.Replication.Known && seen.Now.Sub(seen.Replication.Through) > replicationStops
	switch withLoss := func(last time.Time) bool { return began.Sub(last) <= stoppedBefore }; {
	case !heartbeatLate && !replicationStopped:
		w.violate(e, RuleTwoCauses, "a failover with a heartbeat from %s and data up to %s: nothing but writes fails",
			stamp(seen.Heartbeat.At), stamp(seen.Replication.Through))
	case (!heartbeatLate || !withLoss(seen.Heartbeat.At)) && (!replicationStopped || !withLoss(seen.Replication.Through)):
		w.violate(e, RuleTwoCauses, "a failover with a heartbeat from %s and data up to %s: neither stopped with the loss, which began at %s",
			stamp(seen.Heartbeat.At), stamp(seen.Replication.Through), stamp(began))
	}
	if seen.Heartbeat.Known && !heartbeatLate && seen.Writes.Cause != decision.CauseDatabaseUnreachable {
		w.violate(e, RuleTwoCauses, "a failover with a heartbeat from %s, and no word of the application that its database is unreachable",
			stamp(seen.Heartbeat.At))
	}
	if !seen.Routing.Known || seen.Routing.Primary {
		w.violate(e, RuleOutside, "a failover while where users are sent is known: %t, and the primary: %t (%s)",
			seen.Routing.Known, seen.Routing.Primary, seen.Routing.Detail)
	}
	if seen.PrimaryReads.Known && seen.PrimaryReads.OK {
		w.violate(e, RuleOutside, "a failover while the primary reads from its database: %s", seen.PrimaryReads.Outcome)
	}
	switch cause := seen.Writes.Cause; cause {
	case "replication-wait", "read-only", "no-connection-slots":
		w.violate(e, RuleTwoCauses, "a failover although the application says %q: its database answers", cause)
	}
	if answered := seen.Writes.DatabaseAnswered; !answered.IsZero() && seen.Now.Sub(answered) < lossAfter {
		w.violate(e, RuleTwoCauses, "a failover although the database answered its application at %s", stamp(answered))
	}
	missing := max(0, began.Sub(seen.Replication.Through))
	if !seen.Replication.Known || missing > objective {
		w.violate(e, RuleRPO, "a failover that gives up %s; the RPO is %s", missing.Round(time.Second), objective)
	}
}
