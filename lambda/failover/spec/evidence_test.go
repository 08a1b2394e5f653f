package spec

import (
	"testing"

	"warmstandby/lambda/failover/decision"
)

// A signal that stopped long before users were lost has a cause of its own, which may be the cause of their loss.
func TestSignalsOfTheLoss(t *testing.T) {
	for name, test := range map[string]struct {
		log  []Event
		want []string // the rules that are broken
	}{
		"a database that answered half a minute before": {
			failover(func(e *decision.Evidence) { e.Writes.DatabaseAnswered = at(270) }), []string{RuleTwoCauses},
		},
		"a database that answered two minutes before": {
			failover(func(e *decision.Evidence) { e.Writes.DatabaseAnswered = at(180) }), nil,
		},
		"a heartbeat and replication that both stopped long before the loss": {
			failover(func(e *decision.Evidence) { e.Heartbeat.At, e.Replication.Through = at(-301), at(-301) }), []string{RuleTwoCauses},
		},
		"replication that stopped long before the loss, and a heartbeat that nobody has seen": {
			failover(func(e *decision.Evidence) { e.Heartbeat.Known, e.Replication.Through = false, at(-600) }), []string{RuleTwoCauses},
		},
		"replication that stopped long before the loss, and an application without its database": {
			failover(func(e *decision.Evidence) {
				e.Heartbeat.At, e.Replication.Through, e.Writes.Cause = at(250), at(-600), decision.CauseDatabaseUnreachable
			}), []string{RuleTwoCauses},
		},
		"replication that stopped long before the loss, and a heartbeat that stopped with it": {
			failover(func(e *decision.Evidence) { e.Replication.Through = at(-600) }), nil,
		},
		"a cut between the regions, and users who are taken away ten minutes later": {
			after(600, failover(func(e *decision.Evidence) { e.Now, e.Routing.AwaySince = at(900), at(780) })), []string{RuleTwoCauses},
		},
		"users who are taken away as late as Route 53 may be": {
			failover(func(e *decision.Evidence) { e.Routing.AwaySince = at(180) }), nil,
		},
		"more missing than the RPO, of what users wrote until they were taken away": {
			after(600, failover(func(e *decision.Evidence) {
				e.Now, e.Routing.AwaySince, e.Heartbeat.At, e.Replication.Through = at(900), at(780), at(590), at(-500)
			})), []string{RuleRPO},
		},
		"a last move within the cooldown that the log does not have": {
			failover(func(e *decision.Evidence) { e.LastMove = at(-600) }), []string{RuleCooldown},
		},
		"a last move before the cooldown that the log does not have": {
			failover(func(e *decision.Evidence) { e.LastMove = at(-1800) }), nil,
		},
	} {
		t.Run(name, func(t *testing.T) { checkRules(t, test.log, test.want) })
	}
}
