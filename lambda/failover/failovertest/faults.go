package failovertest

import (
	"context"
	"strings"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/observe"
)

// LoseDatabase stops the primary region's database. Its application answers, and says so.
func (sim *Simulation) LoseDatabase() { sim.locked(func() { sim.databaseLost = time.Now() }) }

// Isolate takes the primary region out of the standby's sight: probes, heartbeats and replication. Users and Route 53's checkers
// reach it.
func (sim *Simulation) Isolate() { sim.locked(func() { sim.isolated = time.Now() }) }

// Stall stops replication while everything else lives. After RPO commits wait.
func (sim *Simulation) Stall() { sim.locked(func() { sim.stalled = time.Now() }) }

// Saturate takes the last connection of the primary region's database.
func (sim *Simulation) Saturate() { sim.locked(func() { sim.saturated = time.Now() }) }

// faults are since when each fault has lasted, zero when it does not.
func (sim *Simulation) faults() []*time.Time {
	return []*time.Time{
		&sim.regionLost, &sim.split, &sim.isolated, &sim.databaseLost, &sim.stalled, &sim.saturated, &sim.applicationLost,
	}
}

// earliest returns the first of the times that are not zero, zero when all are.
func earliest(times ...time.Time) time.Time {
	var first time.Time
	for _, at := range times {
		if !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first
}

// outOfSight says whether the standby region cannot reach the primary.
func (sim *Simulation) outOfSight() (lost bool) {
	sim.locked(func() { lost = !earliest(sim.regionLost, sim.isolated).IsZero() })
	return lost
}

// disconnectedAt returns since when no event of the primary region arrives in the standby, zero when it does.
func (sim *Simulation) disconnectedAt() (at time.Time) {
	sim.locked(func() { at = earliest(sim.regionLost, sim.split, sim.isolated) })
	return at
}

// stoppedAt returns since when nothing is replicated, zero when it is.
func (sim *Simulation) stoppedAt() (at time.Time) {
	sim.locked(func() { at = earliest(sim.regionLost, sim.split, sim.isolated, sim.databaseLost, sim.stalled) })
	return at
}

// waitingSince returns since when commits wait for replication, zero when they do not.
func (sim *Simulation) waitingSince() time.Time {
	stopped := earliest(sim.split, sim.isolated, sim.stalled)
	if waiting := stopped.Add(sim.RPO); !stopped.IsZero() && !time.Now().Before(waiting) {
		return waiting
	}
	return time.Time{}
}

// Route implements observe.Router as Route 53 does, whose checkers ask for writes.
func (sim *Simulation) Route(ctx context.Context) (decision.Routing, error) {
	if err := sim.call(ctx, "Route", ""); err != nil {
		return decision.Routing{}, err
	}
	if sim.Routing != nil {
		return *sim.Routing, nil
	}
	routing := decision.Routing{Known: true, Primary: true, Detail: "4 of 4 name servers answer with us-east-1"}
	sim.locked(func() {
		sim.completeMove()
		failing := earliest(sim.regionLost, sim.databaseLost, sim.saturated, sim.applicationLost, sim.waitingSince())
		if sim.writer != East {
			failing = earliest(failing, sim.writerLeftPrimary)
		}
		if !failing.IsZero() && time.Since(failing) >= sim.RouteDelay {
			routing.Primary, routing.Detail = false, "4 of 4 name servers answer with us-west-2"
		}
	})
	return routing, nil
}

// primaryAnswer is what the primary region's application answers to a health check.
func (sim *Simulation) primaryAnswer(url string) observe.ProbeResult {
	refuse := func(cause decision.WriteFailure) observe.ProbeResult {
		return observe.ProbeResult{Outcome: "status 503, " + string(cause), Cause: cause}
	}
	writes := strings.HasSuffix(url, observe.ReadyPath)
	switch {
	case sim.primaryResponse != "status 200":
		return observe.ProbeResult{Outcome: sim.primaryResponse, Cause: decision.CauseUnreachable}
	case !sim.databaseLost.IsZero():
		return refuse(decision.CauseDatabaseUnreachable)
	case !sim.saturated.IsZero():
		return refuse(decision.CauseNoConnectionSlots)
	case writes && sim.writer != East:
		return refuse(decision.CauseReadOnly)
	case writes && !sim.waitingSince().IsZero():
		return refuse(decision.CauseReplicationWait)
	}
	return observe.ProbeResult{OK: true, Outcome: sim.primaryResponse}
}

// grayFailure takes as long as a write probe takes in a gray failure, and says whether it fails.
func (sim *Simulation) grayFailure() bool {
	if sim.Gray == nil {
		return false
	}
	var number int
	sim.locked(func() { number = sim.writeProbes; sim.writeProbes++ })
	fails, takes := sim.Gray(number)
	time.Sleep(takes)
	return fails
}
