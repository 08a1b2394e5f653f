// Package controlloop is the failover controller's run of every minute: it probes the primary region from outside, collects the evidence,
// decides, acts and notifies.
package controlloop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/metric"
	"warmstandby/lambda/failover/move"
	"warmstandby/lambda/failover/notice"
	"warmstandby/lambda/failover/observe"
	"warmstandby/lambda/failover/readiness"
	"warmstandby/shared/contract/controller"
)

const (
	// runBudget bounds a run: the next one begins a minute after it.
	runBudget = 55 * time.Second
	// shutdownReserve is the part of the function's timeout that a run leaves unused, so that it ends before Lambda kills it.
	shutdownReserve = 2 * time.Second
	// firstProbes is the number of probes in a run's first round, probeGap apart: a run must not rest on one lost packet.
	firstProbes = 3
	probeGap    = time.Second
	// roundInterval is the time between two rounds while writes fail. It bounds how late a decision follows its evidence.
	roundInterval = 20 * time.Second
	// roundBudget is the longest that a round takes: a probe with the other sources beside it, the journal and the request to RDS.
	roundBudget = 10 * time.Second
	// closeReserve is the time kept for closing the journal after everything else.
	closeReserve = 2 * time.Second
)

// DocumentWriter writes to the primary region's bucket.
type DocumentWriter interface {
	// WriteProbe puts the probe document, which says when it was written.
	WriteProbe(ctx context.Context, at time.Time) error
}

// Controller is what one run needs.
type Controller struct {
	Config   controller.Config
	Sources  observe.Sources
	Store    journal.Store
	Reports  readiness.Store
	Mover    move.Mover
	Notifier notice.Notifier
	// StandbyMetrics and PrimaryMetrics publish to CloudWatch of their region.
	StandbyMetrics, PrimaryMetrics metric.Publisher
	Documents                      DocumentWriter
	Log                            *slog.Logger
	// Owner is a unique name of the run, for its lease.
	Owner string
}

// Run makes one run. It returns nil at once while another run holds the lease.
func (c Controller) Run(ctx context.Context) error {
	begun := time.Now()
	until := begun.Add(runBudget)
	if deadline, ok := ctx.Deadline(); ok && deadline.Add(-shutdownReserve).Before(until) {
		until = deadline.Add(-shutdownReserve)
	}
	ctx, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	j, err := journal.Open(ctx, c.Store, c.Owner, until.Add(closeReserve))
	var held journal.LeaseHeldError
	if errors.As(err, &held) || errors.Is(err, journal.ErrConflict) {
		c.Log.Info("another run holds the lease", "error", err)
		return nil
	}
	if err != nil {
		return err
	}
	snapshot, err := c.loop(ctx, j, begun)
	if isLeaseLost(err) {
		return err // the journal may be another run's now
	}
	err = errors.Join(err, c.publish(ctx, j, snapshot))
	closing, stop := context.WithTimeout(context.WithoutCancel(ctx), closeReserve)
	defer stop()
	return errors.Join(err, j.Close(closing))
}

func isLeaseLost(err error) bool {
	return errors.Is(err, journal.ErrConflict) || errors.Is(err, journal.ErrLeaseLost)
}

// loop makes one round, and another every roundInterval while writes fail and time is left. It returns the last snapshot and the
// errors of all rounds: a round that fails does not prevent the next.
func (c Controller) loop(ctx context.Context, j *journal.Journal, begun time.Time) (observe.Snapshot, error) {
	deadline, _ := ctx.Deadline()
	var errs error
	for round := 0; ; round++ {
		probes := 1
		if round == 0 {
			probes = firstProbes
		}
		snapshot := c.collect(ctx, j, probes)
		if err := c.decideAndAct(ctx, j, snapshot); err != nil {
			c.Log.Error("acting on the decision", "error", err)
			if errs = errors.Join(errs, err); isLeaseLost(err) {
				return snapshot, errs
			}
		}
		next := nextRound(begun, time.Now(), snapshot)
		if j.FailingSince.IsZero() || next.Add(roundBudget).After(deadline) {
			return snapshot, errs
		}
		// The failure count must survive a run that is killed.
		if err := j.Save(ctx); err != nil {
			return snapshot, errors.Join(errs, err)
		}
		select {
		case <-ctx.Done():
			return snapshot, errs
		case <-time.After(time.Until(next)):
		}
	}
}

// nextRound returns the start of the next round: the next multiple of roundInterval since the run began, or the time at which the
// heartbeat becomes overdue when that is earlier, because a decision may follow from it.
func nextRound(begun, now time.Time, snapshot observe.Snapshot) time.Time {
	mark := begun.Add(now.Sub(begun).Truncate(roundInterval) + roundInterval)
	if overdue := snapshot.Heartbeat.At.Add(controller.HeartbeatOverdue + time.Millisecond); overdue.After(now) && overdue.Before(mark) {
		return overdue
	}
	return mark
}

// collect probes the primary region and reads the other sources concurrently.
func (c Controller) collect(ctx context.Context, j *journal.Journal, probes int) observe.Snapshot {
	gathered := make(chan observe.Snapshot, 1)
	go func() { gathered <- observe.Gather(ctx, c.Config, c.Sources) }()
	for i := range probes {
		if i > 0 {
			time.Sleep(probeGap)
		}
		at := time.Now()
		result := c.Sources.Prober.Probe(ctx, c.Config.PrimaryURL+observe.ReadyPath)
		j.RecordProbe(at, result)
	}
	snapshot := <-gathered
	if unanswered := snapshot.Unanswered(); unanswered != "" {
		c.Log.Error("sources could not be read", "unanswered", unanswered)
	}
	return snapshot
}

// decideAndAct decides on the snapshot and carries the decision out.
func (c Controller) decideAndAct(ctx context.Context, j *journal.Journal, snapshot observe.Snapshot) error {
	now := time.Now()
	e := snapshot.Evidence(now, j.Writes(), j.LastMove)
	e.Routing = j.RecordRouting(now, e.Routing)
	if e.Database.WriterInStandby || e.Database.Moving {
		j.ForgetFailures()
	}
	d := suppressRepeat(j, decision.Decide(e))
	j.Decision = journal.Decision{At: now.UTC(), Action: d.Action, Recommended: d.Recommended, Reasons: d.Reasons}
	c.Log.Info("decision", "action", d.Action, "would", d.Recommended, "reasons", d.Reasons, "evidence", e)
	switch {
	case j.Move != nil:
	case d.Action.Moves():
		if err := move.Begin(ctx, j, c.intent(j, d)); err != nil {
			return err
		}
	default:
		return c.notify(ctx, j, e, d, snapshot.WriterRegion())
	}
	err := c.Mover.Advance(ctx, j, j.Move.Action == d.Action)
	var refusal globaldb.Refusal
	if errors.Is(err, move.ErrUnfinished) || errors.As(err, &refusal) {
		c.Log.Warn("the move continues in the next round", "error", err)
		return nil
	}
	return err
}

func (c Controller) intent(j *journal.Journal, d decision.Decision) journal.Move {
	return journal.Move{
		Action: d.Action, Target: c.Config.StandbyClusterARN, To: c.Config.StandbyRegion, From: c.Config.PrimaryRegion,
		By: journal.Controller, LossSince: j.FailingSince, Reasons: d.Reasons,
	}
}

// suppressRepeat turns a second move for the same loss into advice: RDS accepted the first, and the writer is still not where it
// should be.
func suppressRepeat(j *journal.Journal, d decision.Decision) decision.Decision {
	if !d.Action.Moves() || j.Move != nil || !j.Last.WasRequested() || !j.Last.LossSince.Equal(j.FailingSince) {
		return d
	}
	return decision.Decision{Action: decision.Advise, Recommended: d.Action, Reasons: append(d.Reasons, fmt.Sprintf(
		"This loss was answered with a %s already, which is %s: a second is an operator's.", j.Last.Action, j.Last.Phase))}
}
