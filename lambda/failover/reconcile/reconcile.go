// Package reconcile is what the controller does each minute: it probes the primary region as its users would, gathers the
// evidence, decides, acts, and tells.
package reconcile

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"warmstandby/lambda/failover/config"
	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/metric"
	"warmstandby/lambda/failover/move"
	"warmstandby/lambda/failover/notice"
	"warmstandby/lambda/failover/observe"
	"warmstandby/lambda/failover/readiness"
)

const (
	// runBudget is how long a run may last: the next begins a minute after this one.
	runBudget = 55 * time.Second
	// shutdownReserve is what a run leaves of the time that its function has, to end by itself.
	shutdownReserve = 2 * time.Second
	// firstProbes are made probeGap apart, so that one lost packet is not the whole of what a run has seen.
	firstProbes = 3
	probeGap    = time.Second
	// roundInterval is the time between two looks while writes fail, and with it the delay of a decision after its evidence.
	roundInterval = 20 * time.Second
	// roundBudget is what a round needs at most: a probe, the questions beside it, the journal and the request.
	roundBudget = 10 * time.Second
	// closeReserve is kept for the journal after everything else.
	closeReserve = 2 * time.Second
)

// DocumentWriter is the primary region's bucket.
type DocumentWriter interface {
	// WriteProbe puts the probe document, which says when it was written.
	WriteProbe(ctx context.Context, at time.Time) error
}

// Reconciler is a run's equipment.
type Reconciler struct {
	Config   config.Config
	Sources  observe.Sources
	Store    journal.Store
	Reports  readiness.Store
	Mover    move.Mover
	Notifier notice.Notifier
	// StandbyMetrics and Primary are CloudWatch of both regions.
	StandbyMetrics, PrimaryMetrics metric.Publisher
	Documents                      DocumentWriter
	Log                            *slog.Logger
	// Owner names the run, unlike any other.
	Owner string
}

// Run makes one run. Another run at the same moment makes it leave, which is no error.
func (r Reconciler) Run(ctx context.Context) error {
	begun := time.Now()
	until := begun.Add(runBudget)
	if deadline, ok := ctx.Deadline(); ok && deadline.Add(-shutdownReserve).Before(until) {
		until = deadline.Add(-shutdownReserve)
	}
	ctx, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	j, err := journal.Open(ctx, r.Store, r.Owner, until.Add(closeReserve))
	var held journal.LeaseHeldError
	if errors.As(err, &held) || errors.Is(err, journal.ErrConflict) {
		r.Log.Info("another run is at work", "error", err)
		return nil
	}
	if err != nil {
		return err
	}
	snapshot, err := r.loop(ctx, j, begun)
	if isLeaseLost(err) {
		return err // the journal may be another run's now
	}
	err = errors.Join(err, r.publish(ctx, j, snapshot))
	closing, stop := context.WithTimeout(context.WithoutCancel(ctx), closeReserve)
	defer stop()
	return errors.Join(err, j.Close(closing))
}

func isLeaseLost(err error) bool {
	return errors.Is(err, journal.ErrConflict) || errors.Is(err, journal.ErrLeaseLost)
}

// loop looks once, and again every 20 seconds while writes fail and the minute lasts. It returns what was found last, and
// what went wrong; a round that went wrong does not keep the next from being made.
func (r Reconciler) loop(ctx context.Context, j *journal.Journal, begun time.Time) (observe.Snapshot, error) {
	deadline, _ := ctx.Deadline()
	var current error
	for round := 0; ; round++ {
		probes := 1
		if round == 0 {
			probes = firstProbes
		}
		snapshot := r.collect(ctx, j, probes)
		if err := r.decideAndAct(ctx, j, snapshot); err != nil {
			r.Log.Error("acting on the decision", "error", err)
			if current = errors.Join(current, err); isLeaseLost(err) {
				return snapshot, current
			}
		}
		next := nextRound(begun, time.Now(), snapshot)
		if j.FailingSince.IsZero() || next.Add(roundBudget).After(deadline) {
			return snapshot, current
		}
		// What was seen must not be lost with the run.
		if err := j.Save(ctx); err != nil {
			return snapshot, errors.Join(current, err)
		}
		select {
		case <-ctx.Done():
			return snapshot, current
		case <-time.After(time.Until(next)):
		}
	}
}

// nextRound is the next of the marks that lie 20 seconds apart, or the moment at which the heartbeat is overdue if that comes
// before it: nothing is gained by waiting longer.
func nextRound(begun, now time.Time, snapshot observe.Snapshot) time.Time {
	mark := begun.Add(now.Sub(begun).Truncate(roundInterval) + roundInterval)
	if overdue := snapshot.Heartbeat.At.Add(decision.HeartbeatOverdue + time.Millisecond); overdue.After(now) && overdue.Before(mark) {
		return overdue
	}
	return mark
}

// collect probes the primary region while it gathers the rest of the evidence.
func (r Reconciler) collect(ctx context.Context, j *journal.Journal, probes int) observe.Snapshot {
	gathered := make(chan observe.Snapshot, 1)
	go func() { gathered <- observe.Gather(ctx, r.Config, r.Sources) }()
	for i := range probes {
		if i > 0 {
			time.Sleep(probeGap)
		}
		at := time.Now()
		result := r.Sources.Prober.Probe(ctx, r.Config.PrimaryURL+observe.ReadyPath)
		j.RecordProbe(at, result.OK, result.Outcome)
	}
	snapshot := <-gathered
	if questions := snapshot.Unanswered(); questions != "" {
		r.Log.Error("not found out", "questions", questions)
	}
	return snapshot
}

// decideAndAct decides on what was found and does what was decided.
func (r Reconciler) decideAndAct(ctx context.Context, j *journal.Journal, snapshot observe.Snapshot) error {
	now := time.Now()
	e := snapshot.Evidence(now, j.Writes(), j.LastMove)
	if e.Database.WriterInStandby || e.Database.Moving {
		j.ForgetFailures()
	}
	d := suppressRepeat(j, decision.Decide(e))
	j.Decision = journal.Decision{At: now.UTC(), Action: d.Action, Recommended: d.Recommended, Reasons: d.Reasons}
	r.Log.Info("decision", "action", d.Action, "would", d.Recommended, "reasons", d.Reasons)
	switch {
	case j.Move != nil:
	case d.Action.Moves():
		if err := move.Begin(ctx, j, r.intent(j, d)); err != nil {
			return err
		}
	default:
		return r.notify(ctx, j, e, d, snapshot.WriterRegion())
	}
	err := r.Mover.Advance(ctx, j, j.Move.Action == d.Action)
	var refusal globaldb.Refusal
	if errors.Is(err, move.ErrUnfinished) || errors.As(err, &refusal) {
		r.Log.Warn("the move goes on with the next look", "error", err)
		return nil
	}
	return err
}

func (r Reconciler) intent(j *journal.Journal, d decision.Decision) journal.Move {
	return journal.Move{
		Action: d.Action, Target: r.Config.StandbyClusterARN, To: r.Config.StandbyRegion, From: r.Config.PrimaryRegion,
		By: journal.Controller, LossSince: j.FailingSince, Reasons: d.Reasons,
	}
}

// suppressRepeat turns a second move for the same loss into advice: RDS agreed to the first and the writer is not where it should be.
func suppressRepeat(j *journal.Journal, d decision.Decision) decision.Decision {
	if !d.Action.Moves() || j.Move != nil || !j.Last.WasRequested() || !j.Last.LossSince.Equal(j.FailingSince) {
		return d
	}
	return decision.Decision{Action: decision.Advise, Recommended: d.Action, Reasons: append(d.Reasons, fmt.Sprintf(
		"This loss was answered with a %s already, which is %s: a second is an operator's.", j.Last.Action, j.Last.Phase))}
}
