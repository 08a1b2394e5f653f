package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/invocation"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/move"
	"warmstandby/shared/contract/controller"
)

const (
	// writeProbes is the number of failed probes, probeGap apart, after which a failover takes the primary region's writes for
	// lost. A single probe may fail for a lost packet or a function that has just started.
	writeProbes = 3
	probeGap    = time.Second
	// leaseDuration is how long the controller waits for a command that was killed.
	leaseDuration = time.Minute
	// retryInterval is the time between two attempts.
	retryInterval = 5 * time.Second
)

// switchover moves the writer to the standby region if all checks pass.
func switchover(ctx context.Context, s *session) Result {
	p, obs, early := s.collectBeforeMove(ctx, standbyOf)
	if early != nil {
		return *early
	}
	if assessed := s.assessSwitchover(ctx, obs); assessed.ExitCode != OK {
		return assessed
	}
	return s.executeMove(ctx, p.Store, p.Mover, toStandby(p.Config, decision.Switchover), false)
}

// failover moves the writer to the standby region with the data that has arrived there. Unless forced, it is refused while the
// primary region accepts writes, and to a standby that could not take over.
func failover(ctx context.Context, s *session) Result {
	if !s.allowDataLoss {
		return Result{
			ExitCode: Usage,
			Message:  "A failover loses what the standby has not received. It needs your consent: --allow-data-loss, for make DATA_LOSS=yes.",
			Next:     []string{s.commandLine(invocation.Status), "To consent: " + s.commandLine(invocation.Failover, invocation.AllowDataLoss)},
		}
	}
	p, obs, early := s.collectBeforeMove(ctx, standbyOf)
	if early != nil {
		return *early
	}
	obs.probeAgain(ctx)
	objections := obs.failoverObjections()
	if len(objections) > 0 && !s.force {
		return s.refuseFailover(ctx, obs, objections)
	}
	intent := toStandby(p.Config, decision.Failover)
	intent.Reasons = append(intent.Reasons, objections...)
	return s.executeMove(ctx, p.Store, p.Mover, intent, false)
}

// failback moves the writer back to the primary region if that is healthy and caught up.
func failback(ctx context.Context, s *session) Result {
	p, obs, early := s.collectBeforeMove(ctx, primaryOf)
	if early != nil {
		return *early
	}
	if assessed := s.assessFailback(ctx, obs); assessed.ExitCode != OK {
		return assessed
	}
	return s.executeMove(ctx, p.Store, p.Mover, switchBack(p.Config.PrimaryClusterARN, p.Config.PrimaryRegion, p.Config.StandbyRegion), false)
}

// moveTarget returns the target of a move: a member of the global database and its region.
type moveTarget func(controller.Config) (clusterARN, region string)

func standbyOf(c controller.Config) (string, string) { return c.StandbyClusterARN, c.StandbyRegion }
func primaryOf(c controller.Config) (string, string) { return c.PrimaryClusterARN, c.PrimaryRegion }

// collectBeforeMove connects and observes the environment. It returns a Result when there is nothing to move: RDS does not
// report the state, or the writer is already at the target.
func (s *session) collectBeforeMove(ctx context.Context, target moveTarget) (Platform, observation, *Result) {
	p, failed := s.connect(ctx)
	if failed != nil {
		return Platform{}, observation{}, failed
	}
	obs := collect(ctx, p)
	if failed := s.unavailable(obs); failed != nil {
		return Platform{}, observation{}, failed
	}
	if clusterARN, region := target(p.Config); obs.snapshot.Global.WriterIs(clusterARN) {
		result := writerAlreadyIn(region)
		return Platform{}, observation{}, &result
	}
	return p, obs, nil
}

func writerAlreadyIn(region string) Result {
	return Result{Message: "The writer is in " + region + " already: nothing to do."}
}

func toStandby(c controller.Config, action decision.Action) journal.Move {
	return journal.Move{
		Action: action, Target: c.StandbyClusterARN, To: c.StandbyRegion, From: c.PrimaryRegion,
		By: journal.Operator, Reasons: []string{"An operator asked for it."},
	}
}

func switchBack(target, to, from string) journal.Move {
	return journal.Move{
		Action: decision.Switchover, Target: target, To: to, From: from, By: journal.Operator, Reasons: []string{"An operator asked for it."},
	}
}

// executeMove makes a move while the lease keeps the controller away, then asks RDS whether it is done. With retryRefusals a
// refusal is retried until the context ends.
func (s *session) executeMove(ctx context.Context, store journal.Store, mover move.Mover, intent journal.Move, retryRefusals bool) Result {
	j, err := s.acquireJournal(ctx, store)
	if err != nil {
		return Result{ExitCode: Unknown, Message: "The failover state could not be read or locked, so nothing was moved: " + err.Error()}
	}
	// An interrupted command of the same kind is continued.
	if same := j.Move != nil && j.Move.Action == intent.Action && j.Move.Target == intent.Target; !same {
		if j.Move != nil {
			return s.release(ctx, j, Result{
				ExitCode: Refused,
				Message:  fmt.Sprintf("A %s to %s by the %s is under way.", j.Move.Action, j.Move.To, j.Move.By),
				Next:     []string{s.commandLine(invocation.Status)},
			})
		}
		if err := move.Begin(ctx, j, intent); err != nil {
			return Result{ExitCode: Unknown, Message: "Nothing was moved: " + err.Error()}
		}
	}
	s.progress("asking RDS for a %s to %s", intent.Action, intent.To)
	mover.ExtendLease = func(ctx context.Context) error { return j.Extend(ctx, time.Now().Add(leaseDuration)) }
	err = s.advanceUntilDone(ctx, j, mover, retryRefusals)
	var refusal globaldb.Refusal
	switch {
	case err == nil:
		return s.release(ctx, j, s.confirm(ctx, j, mover, intent))
	case errors.As(err, &refusal):
		if ended := j.End(context.WithoutCancel(ctx), journal.Abandoned); ended != nil {
			err = errors.Join(err, ended)
		}
		return s.release(ctx, j, Result{
			ExitCode: Failed,
			Message:  "The writer was not moved: " + err.Error(),
			Next:     []string{s.commandLine(invocation.Preflight), s.commandLine(invocation.Status)},
		})
	}
	if j.Move != nil && j.Move.Phase == journal.Intent {
		return s.release(ctx, j, Result{
			ExitCode: Unknown, Message: "RDS has not confirmed the " + string(intent.Action) + ": " + err.Error(),
			Next: []string{"The controller finishes it if RDS has accepted it, and abandons it otherwise.", s.commandLine(invocation.Status)},
		})
	}
	return s.release(ctx, j, Result{
		ExitCode: Unfinished,
		Message:  "The move is not finished, and the controller goes on with it: " + err.Error(),
		Next:     []string{s.commandLine(invocation.Status)},
	})
}

// advanceUntilDone advances the move until it ends, and retries while RDS does not respond.
func (s *session) advanceUntilDone(ctx context.Context, j *journal.Journal, mover move.Mover, retryRefusals bool) error {
	for {
		err := mover.Advance(ctx, j, true)
		var refusal globaldb.Refusal
		declined := errors.As(err, &refusal)
		switch {
		case err == nil,
			errors.Is(err, move.ErrUnfinished),
			errors.Is(err, journal.ErrConflict),
			errors.Is(err, journal.ErrLeaseLost),
			declined && !retryRefusals:
			return err
		}
		s.progress("%v; trying again", err)
		select {
		case <-ctx.Done():
			return err
		case <-time.After(retryInterval):
		}
		if err := mover.ExtendLease(ctx); err != nil {
			return err
		}
	}
}

// acquireJournal acquires the lease as soon as the controller's run releases it.
func (s *session) acquireJournal(ctx context.Context, store journal.Store) (*journal.Journal, error) {
	for {
		j, err := journal.Open(ctx, store, s.owner, time.Now().Add(leaseDuration))
		var held journal.LeaseHeldError
		if !errors.As(err, &held) && !errors.Is(err, journal.ErrConflict) {
			return j, err
		}
		s.progress("waiting: %v", err)
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(retryInterval):
		}
	}
}

// release releases the lease.
func (s *session) release(ctx context.Context, j *journal.Journal, result Result) Result {
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), retryInterval)
	defer cancel()
	if err := j.Close(closing); err != nil {
		result.Next = append(result.Next,
			"The lease was not released, so the controller does not act for up to "+leaseDuration.String()+": "+err.Error())
	}
	return result
}

// confirm asks RDS where the writer is, independently of the journal.
func (s *session) confirm(ctx context.Context, j *journal.Journal, mover move.Mover, intent journal.Move) Result {
	if j.Last != nil && j.Last.Phase == journal.Abandoned {
		return Result{
			ExitCode: Refused,
			Message:  "The " + string(intent.Action) + " to " + intent.To + " is abandoned: RDS is moving the writer elsewhere.",
			Next:     []string{s.commandLine(invocation.Status)},
		}
	}
	if j.Last != nil && j.Last.Phase == journal.Failed {
		return Result{
			ExitCode: Failed,
			Message:  "RDS agreed to the " + string(intent.Action) + " and left the writer in " + intent.From + ".",
			Next:     []string{s.commandLine(invocation.Status)},
		}
	}
	global, err := mover.Database.Global(ctx)
	switch {
	case err != nil:
		return Result{ExitCode: Unknown, Message: "The journal says that the move is done, and RDS could not be asked: " + err.Error()}
	case !global.WriterIs(intent.Target):
		return Result{
			ExitCode: Failed,
			Message:  "The journal says that the move is done, and RDS has the writer elsewhere.",
			Next:     []string{s.commandLine(invocation.Status)},
		}
	}
	result := Result{Message: "The writer is in " + intent.To + ", as RDS says."}
	if intent.To == mover.Composer.Config.StandbyRegion {
		result.Next = []string{s.commandLine(invocation.Status), "When " + intent.From + " is healthy: " + s.commandLine(invocation.Failback)}
		return result
	}
	// The operator has checked both regions: the cooldown ends.
	j.LastMove = time.Time{}
	return result
}

// pause sets the mode to advisory: the controller only advises.
func pause(ctx context.Context, s *session) Result { return s.setMode(ctx, controller.Advisory) }

// resume sets the mode to automatic: the controller acts.
func resume(ctx context.Context, s *session) Result { return s.setMode(ctx, controller.Automatic) }

// setMode sets the mode in the standby region, where the controller reads it, and tries to set the primary region's copy.
func (s *session) setMode(ctx context.Context, mode controller.Mode) Result {
	p, failed := s.connect(ctx)
	if failed != nil {
		return *failed
	}
	if err := p.StandbyMode.SetMode(ctx, mode); err != nil {
		return Result{ExitCode: Failed, Message: "The mode was not set: " + err.Error()}
	}
	if got, err := p.Sources.Modes.Mode(ctx); err != nil {
		return Result{ExitCode: Unknown, Message: fmt.Sprintf("The mode was set to %s, and could not be read back: %v", mode, err)}
	} else if got != mode {
		return Result{ExitCode: Failed, Message: fmt.Sprintf("The mode was set to %s and reads %q.", mode, got)}
	}
	result := Result{
		Message: fmt.Sprintf("The mode is %s in %s, where the controller reads it in its next run.", mode, p.Config.StandbyRegion),
	}
	if err := p.tryPrimaryMode(ctx, mode); err != nil {
		again := invocation.Resume
		if mode == controller.Advisory {
			again = invocation.Pause
		}
		result.Next = []string{
			"The copy in " + p.Config.PrimaryRegion + " was not set (" + err.Error() + "). When the region is healthy: " + s.commandLine(again),
		}
	}
	return result
}
