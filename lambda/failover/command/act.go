package command

import (
	"context"
	"errors"
	"fmt"
	"time"

	"warmstandby/lambda/failover/aurora"
	"warmstandby/lambda/failover/config"
	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/invocation"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/move"
)

const (
	// probes are made of the primary region, probeGap apart, before a failover takes its writes for lost: of one that is well
	// a single probe may find a lost packet or a function that has just started.
	probes   = 3
	probeGap = time.Second
	// lease is how long the controller stays away from a command that was killed.
	lease = time.Minute
	// againEvery is the time between two attempts at what was refused or not heard.
	againEvery = 5 * time.Second
)

// switchover moves the writer to the standby region when the checks say that it would work.
func switchover(ctx context.Context, s *session) Answer {
	p, was, answered := s.lookBeforeMove(ctx, standbyOf)
	if answered != nil {
		return *answered
	}
	if judged := s.judgedSwitchover(ctx, was); judged.ExitCode != OK {
		return judged
	}
	return s.carry(ctx, p.Store, p.Mover, toStandby(p.Config, decision.Switchover), false)
}

// failover moves the writer to the standby region with what is there. It is refused while the primary region accepts writes,
// and to a standby that could not take over, unless it is forced.
func failover(ctx context.Context, s *session) Answer {
	if !s.allowDataLoss {
		return Answer{
			ExitCode: Usage, Says: "A failover loses what the standby has not received, which must be agreed to by --allow-data-loss, of make DATA_LOSS=yes.",
			Next: []string{s.command(invocation.Status), "Whoever agrees: " + s.command(invocation.Failover, invocation.AllowDataLoss)},
		}
	}
	p, was, answered := s.lookBeforeMove(ctx, standbyOf)
	if answered != nil {
		return *answered
	}
	was.probeAgain(ctx)
	against := was.againstFailover()
	if len(against) > 0 && !s.force {
		return s.refuseFailover(ctx, was, against)
	}
	intent := toStandby(p.Config, decision.Failover)
	intent.Reasons = append(intent.Reasons, against...)
	return s.carry(ctx, p.Store, p.Mover, intent, false)
}

// failback brings the writer back to the primary region when that is whole and current.
func failback(ctx context.Context, s *session) Answer {
	p, was, answered := s.lookBeforeMove(ctx, primaryOf)
	if answered != nil {
		return *answered
	}
	if judged := s.judged("switchover back to "+p.Config.PrimaryRegion, failbackChecks(ctx, was)); judged.ExitCode != OK {
		return judged
	}
	return s.carry(ctx, p.Store, p.Mover, back(p.Config.PrimaryClusterARN, p.Config.PrimaryRegion, p.Config.StandbyRegion), false)
}

// place is where a move leads: a member of the global database and its region.
type place func(config.Config) (clusterARN, region string)

func standbyOf(c config.Config) (string, string) { return c.StandbyClusterARN, c.StandbyRegion }
func primaryOf(c config.Config) (string, string) { return c.PrimaryClusterARN, c.PrimaryRegion }

// lookBeforeMove connects and looks. It answers by itself where RDS does not say how things are, and where the writer is at
// the move's target already.
func (s *session) lookBeforeMove(ctx context.Context, target place) (Platform, seen, *Answer) {
	p, failed := s.connect(ctx)
	if failed != nil {
		return Platform{}, seen{}, failed
	}
	was := look(ctx, p)
	if failed := s.unavailable(was); failed != nil {
		return Platform{}, seen{}, failed
	}
	if clusterARN, region := target(p.Config); was.found.Global.WriterIs(clusterARN) {
		answer := already(region)
		return Platform{}, seen{}, &answer
	}
	return p, was, nil
}

func already(region string) Answer {
	return Answer{Says: "The writer is in " + region + " already: nothing to do."}
}

func toStandby(c config.Config, action decision.Action) journal.Move {
	return journal.Move{
		Action: action, Target: c.StandbyClusterARN, To: c.StandbyRegion, From: c.PrimaryRegion,
		By: journal.Operator, Reasons: []string{"An operator asked for it."},
	}
}

func back(target, to, from string) journal.Move {
	return journal.Move{
		Action: decision.Switchover, Target: target, To: to, From: from, By: journal.Operator, Reasons: []string{"An operator asked for it."},
	}
}

// carry makes a move, with the controller kept away, and asks RDS whether it is done. What RDS refuses is asked for again
// until the time is over when the caller is patient.
func (s *session) carry(ctx context.Context, store journal.Store, mover move.Mover, intent journal.Move, patient bool) Answer {
	j, err := s.open(ctx, store)
	if err != nil {
		return Answer{ExitCode: Unknown, Says: "The failover state is not at hand, so nothing was moved: " + err.Error()}
	}
	// A command that was broken off goes on where it was.
	if same := j.Move != nil && j.Move.Action == intent.Action && j.Move.Target == intent.Target; !same {
		if j.Move != nil {
			return s.leave(ctx, j, Answer{ExitCode: Refused, Says: fmt.Sprintf("A %s to %s by the %s is under way.", j.Move.Action, j.Move.To, j.Move.By), Next: []string{s.command(invocation.Status)}})
		}
		if err := move.Begin(ctx, j, intent); err != nil {
			return Answer{ExitCode: Unknown, Says: "Nothing was moved: " + err.Error()}
		}
	}
	s.say("asking RDS for a %s to %s", intent.Action, intent.To)
	mover.Keep = func(ctx context.Context) error { return j.Extend(ctx, time.Now().Add(lease)) }
	err = s.advance(ctx, j, mover, patient)
	var refusal aurora.Refusal
	switch {
	case err == nil:
		return s.leave(ctx, j, s.confirm(ctx, j, mover, intent))
	case errors.As(err, &refusal):
		if ended := j.End(context.WithoutCancel(ctx), journal.Abandoned); ended != nil {
			err = errors.Join(err, ended)
		}
		return s.leave(ctx, j, Answer{ExitCode: Failed, Says: "The writer was not moved: " + err.Error(), Next: []string{s.command(invocation.Preflight), s.command(invocation.Status)}})
	}
	if j.Move != nil && j.Move.Phase == journal.Intent {
		return s.leave(ctx, j, Answer{
			ExitCode: Unknown, Says: "RDS was not heard to agree to the " + string(intent.Action) + ": " + err.Error(),
			Next: []string{"The controller goes on with it if RDS has heard, and else gives it up.", s.command(invocation.Status)},
		})
	}
	return s.leave(ctx, j, Answer{ExitCode: Unfinished, Says: "The move is not finished, and the controller goes on with it: " + err.Error(), Next: []string{s.command(invocation.Status)}})
}

// advance takes the move to its end, again and again while RDS is not heard.
func (s *session) advance(ctx context.Context, j *journal.Journal, mover move.Mover, patient bool) error {
	for {
		err := mover.Advance(ctx, j, true)
		var refusal aurora.Refusal
		declined := errors.As(err, &refusal)
		switch {
		case err == nil, errors.Is(err, move.ErrUnfinished), errors.Is(err, journal.ErrConflict), errors.Is(err, journal.ErrLost), declined && !patient:
			return err
		}
		s.say("%v; trying again", err)
		select {
		case <-ctx.Done():
			return err
		case <-time.After(againEvery):
		}
		if err := mover.Keep(ctx); err != nil {
			return err
		}
	}
}

// open takes the journal from the controller as soon as that lets go of it.
func (s *session) open(ctx context.Context, store journal.Store) (*journal.Journal, error) {
	for {
		j, err := journal.Open(ctx, store, s.owner, time.Now().Add(lease))
		var held journal.Held
		if !errors.As(err, &held) && !errors.Is(err, journal.ErrConflict) {
			return j, err
		}
		s.say("waiting: %v", err)
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(againEvery):
		}
	}
}

// leave gives the journal back.
func (s *session) leave(ctx context.Context, j *journal.Journal, answer Answer) Answer {
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), againEvery)
	defer cancel()
	if err := j.Close(closing); err != nil {
		answer.Next = append(answer.Next, "The controller is away for up to "+lease.String()+": "+err.Error())
	}
	return answer
}

// confirm asks RDS where the writer is, whatever the journal says.
func (s *session) confirm(ctx context.Context, j *journal.Journal, mover move.Mover, intent journal.Move) Answer {
	if j.Last != nil && j.Last.Phase == journal.Abandoned {
		return Answer{ExitCode: Refused, Says: "The " + string(intent.Action) + " to " + intent.To + " is given up: RDS is moving the writer elsewhere.", Next: []string{s.command(invocation.Status)}}
	}
	if j.Last != nil && j.Last.Phase == journal.Failed {
		return Answer{ExitCode: Failed, Says: "RDS agreed to the " + string(intent.Action) + " and left the writer in " + intent.From + ".", Next: []string{s.command(invocation.Status)}}
	}
	global, err := mover.Database.Global(ctx)
	switch {
	case err != nil:
		return Answer{ExitCode: Unknown, Says: "The move is done by the journal, and RDS could not be asked: " + err.Error()}
	case !global.WriterIs(intent.Target):
		return Answer{ExitCode: Failed, Says: "The move is done by the journal, and RDS has the writer elsewhere.", Next: []string{s.command(invocation.Status)}}
	}
	answer := Answer{Says: "The writer is in " + intent.To + ", as RDS says."}
	if intent.To == mover.Notices.Config.StandbyRegion {
		answer.Next = []string{s.command(invocation.Status), "When " + intent.From + " is well: " + s.command(invocation.Failback)}
		return answer
	}
	// Somebody has looked at both regions: the controller may act again at once.
	j.LastMove = time.Time{}
	return answer
}

// pause has the controller advise only.
func pause(ctx context.Context, s *session) Answer { return s.setMode(ctx, decision.Advisory) }

// resume has it act again.
func resume(ctx context.Context, s *session) Answer { return s.setMode(ctx, decision.Automatic) }

// setMode sets the mode where the controller reads it, and as well as it can in the primary region.
func (s *session) setMode(ctx context.Context, mode decision.Mode) Answer {
	p, failed := s.connect(ctx)
	if failed != nil {
		return *failed
	}
	if err := p.StandbyMode.SetMode(ctx, mode); err != nil {
		return Answer{ExitCode: Failed, Says: "The mode was not set: " + err.Error()}
	}
	if got, err := p.Sources.Modes.Mode(ctx); err != nil {
		return Answer{ExitCode: Unknown, Says: fmt.Sprintf("The mode was set to %s, and could not be read back: %v", mode, err)}
	} else if got != mode {
		return Answer{ExitCode: Failed, Says: fmt.Sprintf("The mode was set to %s and reads %q.", mode, got)}
	}
	answer := Answer{Says: fmt.Sprintf("The mode is %s in %s, where the controller reads it with its next look.", mode, p.Config.StandbyRegion)}
	if err := p.tryPrimaryMode(ctx, mode); err != nil {
		again := invocation.Resume
		if mode == decision.Advisory {
			again = invocation.Pause
		}
		answer.Next = []string{"The copy in " + p.Config.PrimaryRegion + " was not set (" + err.Error() + "). When the region is well: " + s.command(again)}
	}
	return answer
}
