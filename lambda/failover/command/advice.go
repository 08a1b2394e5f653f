package command

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"warmstandby/lambda/failover/aurora"
	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/evidence"
	"warmstandby/lambda/failover/invocation"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/readiness"
)

// adviceTime bounds the checks that a recommendation rests on: an answer comes soon although a region is lost. A check
// that has not ended by then is not good, so nothing is recommended on it.
const adviceTime = 5 * time.Second

// command is a whole command of this environment, in the form in which this one was typed.
func (s *session) command(name string, flags ...invocation.Flag) string {
	return s.form.Command(name, flags...)
}

// forced is the failover that what was found cannot refuse.
func (s *session) forced() string {
	return s.command(invocation.Failover, invocation.AllowDataLoss, invocation.Force)
}

// againstFailover returns what a failover is refused for unless it is forced, nothing when it is not refused.
func (was seen) againstFailover() []string {
	var against []string
	if was.primary.Good {
		against = append(against, was.Config.PrimaryRegion+" accepts writes")
	}
	return append(against, was.found.StandbyHealth().Faults...)
}

// settled says whether a command that moves the writer to the standby region could begin: the writer is known to be in the
// primary region, and nobody moves it.
func (was seen) settled() bool {
	return was.found.WriterRegion() == was.Config.PrimaryRegion && was.unread == nil && was.state.Move == nil
}

// through is the moment up to which all data is known to be in the standby region: of the newest measurement, or when the
// writer last left that region by a move that is on record, because it had written everything itself until then. There is no
// measurement of replication to a region that has the writer, nor for some minutes after it has left.
func (was seen) through() time.Time {
	through := was.found.Replication.Through
	if was.brought() && was.state.Last.Ended.After(through) {
		return was.state.Last.Ended
	}
	return through
}

// brought says whether the last move on record brought the writer to the primary region.
func (was seen) brought() bool {
	last := was.state.Last
	return last != nil && last.To == was.Config.PrimaryRegion && (last.Phase == journal.Moved || last.Phase == journal.Announced)
}

// stopped says whether replication to the standby region is known to have stopped.
func (was seen) stopped() bool {
	return was.found.Replication.Known && was.at.Sub(was.through()) > decision.ReplicationOverdue
}

// price says what a failover gives up, in a sentence, and what becomes of an old writer that still takes writes.
func (was seen) price() string {
	c := was.Config
	text := "How much " + c.StandbyRegion + " has not received is not known, and a failover gives it up."
	if through := was.through(); was.found.Replication.Known {
		text = fmt.Sprintf("A failover gives up what %s has not received: all that was written after %s UTC, %s ago.",
			c.StandbyRegion, through.UTC().Format(time.DateTime), was.at.Sub(through).Round(time.Second))
	}
	if was.primary.Good {
		text += " " + c.PrimaryRegion + " goes on taking writes until RDS has stopped them there, and those are given up too."
	}
	return text
}

// quickly makes the checks of a move within adviceTime.
func quickly(ctx context.Context, was seen, checks func(context.Context, seen) []readiness.Check) []readiness.Check {
	ctx, cancel := context.WithTimeout(ctx, adviceTime)
	defer cancel()
	return checks(ctx, was)
}

// recommend returns what an operator can do about what status shows while the writer is in the primary region, nothing when
// nothing is wrong or the controller acts by itself. It names no command that would be refused, unless the command forces it.
func (s *session) recommend(ctx context.Context, was seen) []string {
	advised := was.state.Decision.Would.Moves() && !was.primary.Good
	if !was.settled() || !advised && !(was.primary.Good && was.stopped()) {
		return nil
	}
	faults := failed(quickly(ctx, was, switchoverChecks))
	if len(faults) == 0 {
		return []string{s.command(invocation.Switchover)}
	}
	refused := "A switchover would be refused now: " + strings.Join(faults, ", ") + "."
	if was.state.Decision.Would != decision.Failover && !was.stopped() {
		return []string{refused, s.command(invocation.Preflight)} // the data is not lost: what is wrong can be mended
	}
	return append([]string{refused}, s.withLoss(was)...)
}

// withLoss says what a failover would give up, and names the command by which it would be made.
func (s *session) withLoss(was seen) []string {
	if against := was.againstFailover(); len(against) > 0 {
		return []string{was.price() + " It is refused, because " + strings.Join(against, "; ") + ", unless it is forced.", s.forced()}
	}
	return []string{was.price(), s.command(invocation.Failover, invocation.AllowDataLoss)}
}

// refuseFailover says why a failover is not made, and what can be done instead.
func (s *session) refuseFailover(ctx context.Context, was seen, against []string) Answer {
	answer := Answer{ExitCode: Refused, Says: "A failover is not made: " + strings.Join(against, "; ") + "."}
	if !was.settled() {
		answer.Next = []string{s.command(invocation.Status)}
		return answer
	}
	answer.Checks = quickly(ctx, was, switchoverChecks)
	faults := failed(answer.Checks)
	if len(faults) == 0 {
		answer.Says = "A failover is not made: " + strings.Join(against, "; ") + ", and a switchover loses nothing."
		answer.Next = []string{s.command(invocation.Switchover), "By force, which gives up data for nothing: " + s.forced()}
		return answer
	}
	answer.Says += " A switchover would be refused too: " + strings.Join(faults, ", ") + ". " + was.price()
	answer.Next = []string{s.command(invocation.Status), s.forced()}
	return answer
}

// recommendFailback returns the failback while the writer is in the standby region, or what is missing for it.
func (s *session) recommendFailback(ctx context.Context, was seen) []string {
	faults := failed(quickly(ctx, was, failbackChecks))
	if len(faults) == 0 {
		return []string{s.command(invocation.Failback)}
	}
	return []string{"A switchover back to " + was.Config.PrimaryRegion + " would be refused now: " + strings.Join(faults, ", ") +
		". When " + was.Config.PrimaryRegion + " is well: " + s.command(invocation.Failback)}
}

// failed returns the names of the checks that are not good.
func failed(checks []readiness.Check) []string {
	var names []string
	for _, check := range checks {
		if !check.Good {
			names = append(names, check.Name)
		}
	}
	return names
}

// judged says whether a move would work, by its checks. It is refused when one of them speaks against it, and not known when
// those that are not good had no answer.
func (s *session) judged(move string, checks []readiness.Check) Answer {
	faults := failed(checks)
	if len(faults) == 0 {
		return Answer{Checks: checks, Says: "A " + move + " would work now."}
	}
	answer := Answer{
		ExitCode: Unknown, Checks: checks, Next: []string{s.command(invocation.Status)},
		Says: "Whether a " + move + " would work now is not known: " + strings.Join(faults, ", ") + ".",
	}
	for _, check := range checks {
		if !check.Good && !check.Unknown {
			answer.ExitCode, answer.Says = Refused, "A "+move+" would not work now: "+strings.Join(faults, ", ")+"."
		}
	}
	return answer
}

// judgedSwitchover is judged of a switchover to the standby region. Where replication has stopped it says what is left.
func (s *session) judgedSwitchover(ctx context.Context, was seen) Answer {
	answer := s.judged("switchover to "+was.Config.StandbyRegion, switchoverChecks(ctx, was))
	if answer.ExitCode != OK && was.settled() && was.stopped() {
		answer.Next = append(answer.Next, s.withLoss(was)...)
	}
	return answer
}

// unavailable says that RDS could not be asked, or that there is nothing to move.
func (s *session) unavailable(was seen) *Answer {
	switch err := was.found.Unknown[evidence.AskGlobal]; {
	case err == nil:
		return nil
	case errors.Is(err, aurora.ErrNotFound):
		return &Answer{ExitCode: Refused, Says: "There is nothing to move: " + err.Error() + ".", Next: []string{s.command(invocation.Status)}}
	default:
		return &Answer{ExitCode: Unknown, Says: "Nothing is moved without knowing where the writer is: " + err.Error()}
	}
}
