// Package move moves the writer in phases. Each phase is saved in the journal before what it allows is done, and RDS is read
// before it is asked for a change. So a run can be killed between any two steps, and the next one continues.
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

// Database is the global database, through RDS in the standby region.
type Database interface {
	Global(ctx context.Context) (globaldb.Global, error)
	// Move asks RDS once to move the writer. After a globaldb.Refusal nothing happens. After any other error RDS may have
	// accepted.
	Move(ctx context.Context, action decision.Action, target string) error
}

const (
	// pollInterval is the time between two reads of a move in progress. A move takes RDS a minute or two.
	pollInterval = 2 * time.Second
	// startTimeout is how long an accepted move may stay invisible. If nothing is moving by then and the writer is where it was,
	// RDS has cancelled the move (Amazon RDS API Reference, FailoverState, cancelling).
	startTimeout = 2 * time.Minute
	// closingReserve is the time that a run keeps after the wait, for the journal, the notice and the metrics.
	closingReserve = 6 * time.Second
)

// ErrUnfinished says that the move is in progress and the run is out of time. The next run continues.
var ErrUnfinished = errors.New("the writer is still being moved")

// Mover moves the writer.
type Mover struct {
	Database Database
	Notifier notice.Notifier
	Composer notice.Composer
	Log      *slog.Logger
	// ExtendLease is called while the mover waits; nil when the lease lasts as long as the context.
	ExtendLease func(ctx context.Context) error
}

// Advance takes the journal's move as far as the context allows, and ends it when it is done. stillWanted says whether the
// evidence still asks for it; if not, a move that RDS has not been asked for is abandoned. The error is ErrUnfinished while RDS
// is working, a globaldb.Refusal when RDS declines, and another when a step failed. The next call continues at the same step.
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

// Begin saves the intent. Only after that may RDS be asked.
func Begin(ctx context.Context, j *journal.Journal, intent journal.Move) error {
	intent.Phase, intent.Begun = journal.Intent, time.Now()
	j.Move = &intent
	return j.Save(ctx)
}

// request asks RDS for the move, unless RDS turns out to have accepted it already. A request whose answer is not known may have been
// accepted and not show yet, so the move is not abandoned before startTimeout.
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
	case !global.Moving && !stillWanted && time.Since(j.Move.Asked) < startTimeout:
		m.Log.Warn("RDS may have accepted the move, which does not show yet", "action", j.Move.Action, "asked", j.Move.Asked)
		return ErrUnfinished
	case global.Moving, !stillWanted:
		m.Log.Warn("the move is abandoned", "action", j.Move.Action, "global", global)
		return m.endWithNotice(ctx, j, journal.Abandoned, m.Composer.Abandoned(*j.Move))
	}
	unanswered := j.Move.Asked
	j.Move.Asked = time.Now()
	if err := j.Save(ctx); err != nil {
		return err
	}
	err = m.Database.Move(ctx, j.Move.Action, j.Move.Target)
	var refusal globaldb.Refusal
	switch declined := errors.As(err, &refusal); {
	case err == nil:
		return m.accepted(ctx, j)
	case declined:
		j.Move.Asked = unanswered
		return m.handleRefusal(ctx, j, refusal)
	}
	return fmt.Errorf("asking RDS for a %s: %w", j.Move.Action, err)
}

// handleRefusal handles a refusal. RDS also refuses a move that it has accepted before: that counts as accepted.
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

// accepted records that RDS has accepted the move, and notifies the operators.
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

// recordRequest records when RDS accepted the move, and starts the cooldown when the controller made it.
func (m Mover) recordRequest(j *journal.Journal) {
	if j.Move.WasRequested() {
		return
	}
	j.Move.Requested, j.Move.Refusal = time.Now(), ""
	if j.Move.By == journal.Controller {
		j.LastMove = j.Move.Begun
	}
}

// awaitArrival polls RDS until the writer has arrived.
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

// arrived records that the writer is at the target.
func (m Mover) arrived(ctx context.Context, j *journal.Journal) error {
	m.Log.Warn("the writer has arrived", "action", j.Move.Action, "to", j.Move.To)
	m.recordRequest(j)
	j.Move.Phase, j.Move.Ended = journal.Moved, time.Now()
	j.Writer = j.Move.To
	j.ForgetFailures() // the run need not look again
	return j.Save(ctx)
}

// announce notifies the operators of the finished move, and ends it once they are notified.
func (m Mover) announce(ctx context.Context, j *journal.Journal, _ bool) error {
	if err := m.Notifier.Notify(ctx, m.Composer.Moved(*j.Move)); err != nil {
		return fmt.Errorf("announcing that the writer is in %s: %w", j.Move.To, err)
	}
	return j.End(ctx, journal.Announced)
}

// endWithNotice notifies the operators of a move that was not made, and ends it once they are notified.
func (m Mover) endWithNotice(ctx context.Context, j *journal.Journal, phase journal.Phase, n notice.Notice) error {
	if err := m.Notifier.Notify(ctx, n); err != nil {
		return fmt.Errorf("announcing that the %s is %s: %w", j.Move.Action, phase, err)
	}
	return j.End(ctx, phase)
}

// notifyBestEffort sends a notice that the move does not wait for. A failure is logged.
func (m Mover) notifyBestEffort(ctx context.Context, n notice.Notice) {
	if err := m.Notifier.Notify(ctx, n); err != nil {
		m.Log.Error("announcing", "subject", n.Subject, "error", err)
	}
}
