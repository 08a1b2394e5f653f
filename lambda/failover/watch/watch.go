// Package watch is what the controller does each minute: it probes the primary region as its users would, gathers the
// evidence, decides, acts, and tells.
package watch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"warmstandby/lambda/failover/aurora"
	"warmstandby/lambda/failover/config"
	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/evidence"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/metric"
	"warmstandby/lambda/failover/move"
	"warmstandby/lambda/failover/notice"
	"warmstandby/lambda/failover/readiness"
)

const (
	// length is how long a run may last: the next begins a minute after this one.
	length = 55 * time.Second
	// margin is what a run leaves of the time that its function has, to end by itself.
	margin = 2 * time.Second
	// firstProbes are made probeGap apart, so that one lost packet is not the whole of what a run has seen.
	firstProbes = 3
	probeGap    = time.Second
	// roundEvery is the time between two looks while writes fail, and with it the delay of a decision after its evidence.
	roundEvery = 20 * time.Second
	// roundTime is what a round needs at most: a probe, the questions beside it, the journal and the request.
	roundTime = 10 * time.Second
	// closeTime is kept for the journal after everything else.
	closeTime = 2 * time.Second
)

// Documents is the primary region's bucket.
type Documents interface {
	// WriteProbe puts the probe document, which says when it was written.
	WriteProbe(ctx context.Context, at time.Time) error
}

// Watch is a run's equipment.
type Watch struct {
	Config  config.Config
	Sources evidence.Sources
	Store   journal.Store
	Reports readiness.Store
	Mover   move.Mover
	Board   notice.Board
	// Standby and Primary are CloudWatch of both regions.
	Standby, Primary metric.Gauge
	Documents        Documents
	Log              *slog.Logger
	// Owner names the run, unlike any other.
	Owner string
}

// Run makes one run. Another run at the same moment makes it leave, which is no error.
func (w Watch) Run(ctx context.Context) error {
	begun := time.Now()
	until := begun.Add(length)
	if deadline, ok := ctx.Deadline(); ok && deadline.Add(-margin).Before(until) {
		until = deadline.Add(-margin)
	}
	ctx, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	j, err := journal.Open(ctx, w.Store, w.Owner, until.Add(closeTime))
	var held journal.Held
	if errors.As(err, &held) || errors.Is(err, journal.ErrConflict) {
		w.Log.Info("another run is at work", "error", err)
		return nil
	}
	if err != nil {
		return err
	}
	found, err := w.rounds(ctx, j, begun)
	if isLost(err) {
		return err // the journal may be another run's now
	}
	err = errors.Join(err, w.publish(ctx, j, found))
	closing, stop := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer stop()
	return errors.Join(err, j.Close(closing))
}

func isLost(err error) bool {
	return errors.Is(err, journal.ErrConflict) || errors.Is(err, journal.ErrLost)
}

// rounds looks once, and again every 20 seconds while writes fail and the minute lasts. It returns what was found last, and
// what went wrong; a round that went wrong does not keep the next from being made.
func (w Watch) rounds(ctx context.Context, j *journal.Journal, begun time.Time) (evidence.Found, error) {
	deadline, _ := ctx.Deadline()
	var wrong error
	for round := 0; ; round++ {
		probes := 1
		if round == 0 {
			probes = firstProbes
		}
		found := w.look(ctx, j, probes)
		if err := w.judge(ctx, j, found); err != nil {
			w.Log.Error("acting on the decision", "error", err)
			if wrong = errors.Join(wrong, err); isLost(err) {
				return found, wrong
			}
		}
		next := nextLook(begun, time.Now(), found)
		if j.FailingSince.IsZero() || next.Add(roundTime).After(deadline) {
			return found, wrong
		}
		// What was seen must not be lost with the run.
		if err := j.Save(ctx); err != nil {
			return found, errors.Join(wrong, err)
		}
		select {
		case <-ctx.Done():
			return found, wrong
		case <-time.After(time.Until(next)):
		}
	}
}

// nextLook is the next of the marks that lie 20 seconds apart, or the moment at which the heartbeat is overdue if that comes
// before it: nothing is gained by waiting longer.
func nextLook(begun, now time.Time, found evidence.Found) time.Time {
	mark := begun.Add(now.Sub(begun).Truncate(roundEvery) + roundEvery)
	if overdue := found.Heartbeat.At.Add(decision.HeartbeatOverdue + time.Millisecond); overdue.After(now) && overdue.Before(mark) {
		return overdue
	}
	return mark
}

// look probes the primary region while it gathers the rest of the evidence.
func (w Watch) look(ctx context.Context, j *journal.Journal, probes int) evidence.Found {
	gathered := make(chan evidence.Found, 1)
	go func() { gathered <- evidence.Gather(ctx, w.Config, w.Sources) }()
	for i := range probes {
		if i > 0 {
			time.Sleep(probeGap)
		}
		at := time.Now()
		result := w.Sources.Prober.Probe(ctx, w.Config.PrimaryURL+evidence.ReadyPath)
		j.Seen(at, result.Good, result.Got)
	}
	found := <-gathered
	if questions := found.Questions(); questions != "" {
		w.Log.Error("not found out", "questions", questions)
	}
	return found
}

// judge decides on what was found and does what was decided.
func (w Watch) judge(ctx context.Context, j *journal.Journal, found evidence.Found) error {
	now := time.Now()
	e := found.Evidence(now, j.Writes(), j.LastMove)
	if e.Database.WriterInStandby || e.Database.Moving {
		j.ForgetFailures()
	}
	d := once(j, decision.Decide(e))
	j.Decision = journal.Decision{At: now.UTC(), Action: d.Action, Would: d.Would, Reasons: d.Reasons}
	w.Log.Info("decision", "action", d.Action, "would", d.Would, "reasons", d.Reasons)
	switch {
	case j.Move != nil:
	case d.Action.Moves():
		if err := move.Begin(ctx, j, w.intent(j, d)); err != nil {
			return err
		}
	default:
		return w.tell(ctx, j, e, d, found.WriterRegion())
	}
	err := w.Mover.Advance(ctx, j, j.Move.Action == d.Action)
	var refusal aurora.Refusal
	if errors.Is(err, move.ErrUnfinished) || errors.As(err, &refusal) {
		w.Log.Warn("the move goes on with the next look", "error", err)
		return nil
	}
	return err
}

func (w Watch) intent(j *journal.Journal, d decision.Decision) journal.Move {
	return journal.Move{
		Action: d.Action, Target: w.Config.StandbyClusterARN, To: w.Config.StandbyRegion, From: w.Config.PrimaryRegion,
		By: journal.Controller, Loss: j.FailingSince, Reasons: d.Reasons,
	}
}

// once turns a second move for the same loss into advice: RDS agreed to the first and the writer is not where it should be.
func once(j *journal.Journal, d decision.Decision) decision.Decision {
	if !d.Action.Moves() || j.Move != nil || !j.Last.WasRequested() || !j.Last.Loss.Equal(j.FailingSince) {
		return d
	}
	return decision.Decision{Action: decision.Advise, Would: d.Action, Reasons: append(d.Reasons, fmt.Sprintf(
		"This loss was answered with a %s already, which is %s: a second is an operator's.", j.Last.Action, j.Last.Phase))}
}
