// Package move moves the writer, step by step, so that it can be killed between any two steps and be run again: each phase is
// in the journal before what it allows is done, and RDS is asked what there is before anything is asked of it.
package move

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/notice"
)

// Database is the global database, asked in the standby region.
type Database interface {
	Global(ctx context.Context) (globaldb.Global, error)
	// Move asks RDS once to move the writer. An error that is an globaldb.Refusal says that nothing happens; after any other
	// error it is not known whether RDS has heard.
	Move(ctx context.Context, action decision.Action, target string) error
}

const (
	// pollInterval is the time between two looks at a move that is under way; RDS takes a minute or two for it.
	pollInterval = 2 * time.Second
	// startTimeout is how long after RDS has agreed a move may not be seen yet. A writer that is then where it was, while
	// nothing moves, is not on its way: RDS has cancelled (Amazon RDS API Reference, FailoverState, cancelling).
	startTimeout = 2 * time.Minute
	// closingReserve is the time that a run keeps for what follows the wait: the journal, the notice and the metrics.
	closingReserve = 6 * time.Second
)

// ErrUnfinished says that the move is under way and the run's time is over: the next run goes on.
var ErrUnfinished = errors.New("the writer is still being moved")

// Mover moves the writer.
type Mover struct {
	Database Database
	Notifier notice.Notifier
	Composer notice.Composer
	Log      *slog.Logger
	// ExtendLease is called while the mover waits, to keep the lease; nil when the lease lasts as long as the context.
	ExtendLease func(ctx context.Context) error
}

// Advance takes the journal's move as far as it can within the context, and ends it where it ends. wanted says whether the
// evidence still asks for it: a move that RDS has not been asked for yet is abandoned when it does not. The error is
// ErrUnfinished when RDS is at work, an globaldb.Refusal when it declines, and any other when a step could not be made; the
// next call goes on at the same step.
func (m Mover) Advance(ctx context.Context, j *journal.Journal, stillWanted bool) error {
	for j.Move != nil {
		step := map[journal.Phase]func(context.Context, *journal.Journal, bool) error{
			journal.Intent: m.request, journal.Requested: m.awaitArrival, journal.Moved: m.announce,
		}[j.Move.Phase]
		if step == nil {
			return fmt.Errorf("moving the writer: the journal's move is %q, which is no phase of one under way", j.Move.Phase)
		}
		if err := step(ctx, j, stillWanted); err != nil {
			return err
		}
	}
	return nil
}

// Begin writes the intent. Nothing is asked of RDS before this.
func Begin(ctx context.Context, j *journal.Journal, intent journal.Move) error {
	intent.Phase, intent.Begun = journal.Intent, time.Now()
	j.Move = &intent
	return j.Save(ctx)
}

// request asks RDS, unless RDS is found to have heard already.
func (m Mover) request(ctx context.Context, j *journal.Journal, stillWanted bool) error {
	global, err := m.Database.Global(ctx)
	if err != nil {
		return fmt.Errorf("looking before asking for a %s: %w", j.Move.Action, err)
	}
	switch {
	case global.WriterIs(j.Move.Target):
		return m.arrived(ctx, j)
	case global.Moving && (global.MovingTo == "" || global.MovingTo == j.Move.Target):
		return m.accepted(ctx, j)
	case global.Moving, !stillWanted:
		m.Log.Warn("the move is abandoned", "action", j.Move.Action, "global", global)
		return m.endWithNotice(ctx, j, journal.Abandoned, m.Composer.Abandoned(*j.Move))
	}
	err = m.Database.Move(ctx, j.Move.Action, j.Move.Target)
	var refusal globaldb.Refusal
	switch declined := errors.As(err, &refusal); {
	case err == nil:
		return m.accepted(ctx, j)
	case declined:
		return m.handleRefusal(ctx, j, refusal)
	}
	return fmt.Errorf("asking RDS for a %s: %w", j.Move.Action, err)
}

// handleRefusal looks why RDS declines: because it has heard before, which is agreement, or because it will not.
func (m Mover) handleRefusal(ctx context.Context, j *journal.Journal, refusal globaldb.Refusal) error {
	if global, err := m.Database.Global(ctx); err == nil {
		switch {
		case global.WriterIs(j.Move.Target):
			return m.arrived(ctx, j)
		case global.Moving && global.MovingTo == j.Move.Target:
			return m.accepted(ctx, j)
		}
	}
	if j.Move.Refusal == refusal.Error() {
		return refusal
	}
	j.Move.Refusal = refusal.Error()
	if j.Move.By == journal.Controller { // an operator sees it
		m.notifyBestEffort(ctx, m.Composer.Refused(*j.Move))
	}
	if err := j.Save(ctx); err != nil {
		return err
	}
	return refusal
}

// accepted notes that RDS has agreed, and tells so.
func (m Mover) accepted(ctx context.Context, j *journal.Journal) error {
	m.Log.Warn("RDS moves the writer", "action", j.Move.Action, "to", j.Move.To)
	j.Move.Phase = journal.Requested
	m.recordRequest(j)
	if err := j.Save(ctx); err != nil {
		return err
	}
	m.notifyBestEffort(ctx, m.Composer.Begun(*j.Move))
	return nil
}

// recordRequest notes when RDS agreed, and what that means for the moves to come.
func (m Mover) recordRequest(j *journal.Journal) {
	if j.Move.WasRequested() {
		return
	}
	j.Move.Requested, j.Move.Refusal = time.Now(), ""
	if j.Move.By == journal.Controller {
		j.LastMove = j.Move.Begun
	}
}

// awaitArrival looks until the writer has arrived.
func (m Mover) awaitArrival(ctx context.Context, j *journal.Journal, _ bool) error {
	for {
		global, err := m.Database.Global(ctx)
		switch {
		case err != nil:
			m.Log.Error("looking for the writer", "error", err)
		case global.WriterIs(j.Move.Target):
			return m.arrived(ctx, j)
		case !global.Moving && time.Since(j.Move.Requested) > startTimeout:
			m.Log.Error("RDS has left the writer where it was", "global", global)
			return m.endWithNotice(ctx, j, journal.Failed, m.Composer.Failed(*j.Move))
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < closingReserve+pollInterval {
			return ErrUnfinished
		}
		select {
		case <-ctx.Done():
			return ErrUnfinished
		case <-time.After(pollInterval):
		}
		if m.ExtendLease != nil {
			if err := m.ExtendLease(ctx); err != nil {
				return err
			}
		}
	}
}

// arrived notes that the writer is at the target.
func (m Mover) arrived(ctx context.Context, j *journal.Journal) error {
	m.Log.Warn("the writer has arrived", "action", j.Move.Action, "to", j.Move.To)
	m.recordRequest(j)
	j.Move.Phase, j.Move.Ended = journal.Moved, time.Now()
	j.Writer = j.Move.To
	j.ForgetFailures() // the run need not look again
	return j.Save(ctx)
}

// announce tells that the move is done, and ends it when it was told.
func (m Mover) announce(ctx context.Context, j *journal.Journal, _ bool) error {
	if err := m.Notifier.Notify(ctx, m.Composer.Moved(*j.Move)); err != nil {
		return fmt.Errorf("announcing that the writer is in %s: %w", j.Move.To, err)
	}
	return j.End(ctx, journal.Announced)
}

// endWithNotice tells of a move that did not come about, and ends it when it was told.
func (m Mover) endWithNotice(ctx context.Context, j *journal.Journal, phase journal.Phase, n notice.Notice) error {
	if err := m.Notifier.Notify(ctx, n); err != nil {
		return fmt.Errorf("announcing that the %s is %s: %w", j.Move.Action, phase, err)
	}
	return j.End(ctx, phase)
}

// notifyBestEffort announces what the journal does not wait for.
func (m Mover) notifyBestEffort(ctx context.Context, n notice.Notice) {
	if err := m.Notifier.Notify(ctx, n); err != nil {
		m.Log.Error("announcing", "subject", n.Subject, "error", err)
	}
}
