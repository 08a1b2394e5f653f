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

// permittedLoss checks the evidence of a forced move.
func (w *Watcher) permittedLoss(e Event, seen decision.Evidence) {
	heartbeatLate := seen.Heartbeat.Known && seen.Now.Sub(seen.Heartbeat.At) > heartbeatOverdue
	replicationStopped := seen.Replication.Known && seen.Now.Sub(seen.Replication.Through) > replicationStops
	if !heartbeatLate && !replicationStopped {
		w.violate(e, RuleTwoCauses, "a failover with a heartbeat from %s and data up to %s: nothing but writes fails",
			stamp(seen.Heartbeat.At), stamp(seen.Replication.Through))
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
	missing := max(0, seen.Writes.FailingSince.Sub(seen.Replication.Through))
	if !seen.Replication.Known || missing > objective {
		w.violate(e, RuleRPO, "a failover that gives up %s; the RPO is %s", missing.Round(time.Second), objective)
	}
}
