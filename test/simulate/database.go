package simulate

import (
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/spec"
)

type region uint8

const (
	east region = iota
	west
)

// endpointFlaps is how long the global writer endpoint's name leads now to the one and now to the other cluster after a move.
const endpointFlaps = 30 * time.Second

// catchUp is how many seconds of changes replication brings in a second when it goes on after a stop.
const catchUp = 20

// global is the Aurora global database.
type global struct {
	writer region
	fenced bool // the old writer takes nothing more: a failover was accepted
	// moving is the action of the move that RDS has accepted, until arrives; cancelled leaves the writer where it was.
	moving             decision.Action
	accepted, arrives  time.Duration
	cancelled, arrived bool
	arrivedAt          time.Duration

	// replication: flowing since, and the time up to which all data had arrived then.
	flowing bool
	since   time.Duration
	base    time.Duration

	cancels, refusals int
}

// through returns the time up to which all acknowledged rows have reached the standby.
func (w *World) through() time.Duration {
	g := &w.global
	if !g.flowing {
		return g.base
	}
	return min(w.now-w.plan.Lag, g.base+(w.now-g.since)*catchUp)
}

// reflow follows changes of what replication needs.
func (w *World) reflow() {
	g := &w.global
	flowing := g.writer == east && !g.fenced &&
		!w.is(RegionLost) && !w.is(DatabaseLost) && !w.is(CutRegions) && !w.is(ReplicationStalled) && !w.is(WestLost)
	if flowing != g.flowing {
		g.base = w.through()
		g.flowing, g.since = flowing, w.now
	}
}

// commitWaits says that rds.global_db_rpo holds commits: the only secondary lags by more (Amazon Aurora User Guide, "Managing
// RPOs for Aurora PostgreSQL-based global databases").
func (w *World) commitWaits() bool {
	return w.plan.RPOSetting > 0 && w.global.writer == east && !w.global.fenced && w.now-w.through() >= w.plan.RPOSetting
}

// databaseAnswers says whether the cluster of a region answers queries.
func (w *World) databaseAnswers(p region) bool {
	if p == east {
		return !w.is(RegionLost) && !w.is(DatabaseLost)
	}
	return !w.is(WestLost)
}

// commits says whether the writer acknowledges a row from an application.
func (w *World) commits(from region, client uint64) bool {
	g := &w.global
	if g.moving == decision.Switchover && w.now < g.arrives && w.now > g.arrives-10*time.Second {
		return false // the short stop at a switchover's end
	}
	if g.arrived && w.now < g.arrivedAt+endpointFlaps {
		if d := draw(w.plan.Seed, 30, client, uint64(w.now)); d.chance(0.5) {
			w.meet(metEndpointFlaps)
			return false
		}
	}
	if g.writer != from && w.is(CutRegions) {
		return false
	}
	if g.writer == west {
		return w.databaseAnswers(west)
	}
	if w.commitWaits() {
		if w.waits == 0 {
			w.waits = w.now
		}
		return false
	}
	return !g.fenced && w.databaseAnswers(east) && !w.hits(Saturated, client, uint64(w.now))
}

// request is RDS taking a request to move the writer to the standby, as it is at that moment. It says whether it is accepted.
func (w *World) request(action decision.Action) (refusal string) {
	g := &w.global
	switch {
	case g.moving != "" || g.writer == west:
		return "the global cluster is not available"
	case g.refusals > 0:
		g.refusals--
		w.meet(metRefused)
		return "the target cluster is not in a state for it"
	case action == decision.Switchover && (!g.flowing || w.now-w.through() > time.Minute):
		w.meet(metRefused)
		return "the target cluster is not synchronized with the writer"
	}
	g.moving, g.accepted, g.cancelled = action, w.now, g.cancels > 0
	length := w.plan.Promotion
	if action == decision.Switchover {
		length = w.plan.Switching
	}
	g.arrives = w.now + length
	w.accept(action)
	switch {
	case g.cancelled:
		g.cancels--
		w.meet(metCancelled)
		g.arrives = w.now + min(length, 90*time.Second)
	case action == decision.Failover:
		w.giveUp()
		g.base, g.flowing = w.through(), false
		g.fenced = true
	}
	w.push(g.arrives, eventArrives, 0)
	return ""
}

// giveUp counts the acknowledged rows that a failover gives up.
func (w *World) giveUp() {
	through := w.through()
	first := len(w.acknowledged)
	for first > 0 && w.acknowledged[first-1] > through {
		first--
	}
	lost := w.acknowledged[first:]
	causes, primaryLost := w.causes()
	e := spec.Event{Kind: spec.RowsLost, Rows: len(lost), Causes: causes, PrimaryLost: primaryLost}
	if len(lost) > 0 {
		e.Span = lost[len(lost)-1] - through
	}
	w.result.Lost, w.result.Span = w.result.Lost+len(lost), max(w.result.Span, e.Span)
	w.watch(e)
}

// arrive ends a move.
func (w *World) arrive() {
	g := &w.global
	if g.moving == "" || w.now < g.arrives {
		return
	}
	if g.moving == decision.Switchover && !g.cancelled && !g.flowing {
		g.cancelled = true // what it waits for does not come: RDS leaves the writer where it was
		w.meet(metCancelled)
	}
	if !g.cancelled {
		g.writer, g.arrived, g.arrivedAt = west, true, w.now
		w.note("the writer is in us-west-2")
	} else {
		w.note("RDS leaves the writer where it was")
	}
	g.moving, g.fenced = "", false
	w.reflow()
}
