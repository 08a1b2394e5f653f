package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/invocation"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/observe"
	"warmstandby/lambda/failover/readiness"
)

// adviceTimeout bounds the checks behind a recommendation, so that a command responds soon although a region is lost. A check
// that does not finish has failed, so nothing is recommended on it.
const adviceTimeout = 5 * time.Second

// commandLine returns a command line for this environment, in the form of this call: make or the program.
func (s *session) commandLine(name string, flags ...invocation.Flag) string {
	return s.form.Command(name, flags...)
}

// forcedFailover returns the failover command that no objection stops.
func (s *session) forcedFailover() string {
	return s.commandLine(invocation.Failover, invocation.AllowDataLoss, invocation.Force)
}

// failoverObjections returns why a failover is refused unless it is forced; empty when it is not refused.
func (obs observation) failoverObjections() []string {
	var objections []string
	if obs.primaryProbe.OK {
		objections = append(objections, obs.Config.PrimaryRegion+" accepts writes")
	}
	if users := obs.snapshot.Users(); !obs.primaryProbe.OK && users.Known && users.Primary {
		objections = append(objections, "Route 53 sends users to "+obs.Config.PrimaryRegion+", whose writes fail as seen from here alone")
	}
	return append(objections, obs.snapshot.StandbyCondition().Faults...)
}

// canMoveToStandby reports whether a move to the standby region could begin: the writer is known to be in the primary region,
// and no move is in progress.
func (obs observation) canMoveToStandby() bool {
	return obs.snapshot.WriterRegion() == obs.Config.PrimaryRegion && obs.stateErr == nil && obs.state.Move == nil
}

// replicatedThrough returns the time up to which all data is known to be in the standby region: from the newest measurement, or
// the time at which a recorded move took the writer out of that region if that is later, because until then the region wrote
// all data itself. CloudWatch has no measurement of replication to the region that has the writer, nor for some minutes after
// the writer has left.
func (obs observation) replicatedThrough() time.Time {
	through := obs.snapshot.Replication.Through
	if obs.writerReturned() && obs.state.Last.Ended.After(through) {
		return obs.state.Last.Ended
	}
	return through
}

// writerReturned reports whether the last recorded move brought the writer to the primary region.
func (obs observation) writerReturned() bool {
	last := obs.state.Last
	return last != nil && last.To == obs.Config.PrimaryRegion && (last.Phase == journal.Moved || last.Phase == journal.Announced)
}

// replicationStopped reports whether replication to the standby region is known to have stopped.
func (obs observation) replicationStopped() bool {
	return obs.snapshot.Replication.Known && obs.takenAt.Sub(obs.replicatedThrough()) > decision.ReplicationOverdue
}

// dataLossWarning is the sentence about the data that a failover gives up, and about writes that the old writer still accepts.
func (obs observation) dataLossWarning() string {
	c := obs.Config
	text := "How much " + c.StandbyRegion + " has not received is not known, and a failover gives it up."
	if through := obs.replicatedThrough(); obs.snapshot.Replication.Known {
		text = fmt.Sprintf("A failover gives up what %s has not received: all that was written after %s UTC, %s ago.",
			c.StandbyRegion, through.UTC().Format(time.DateTime), obs.takenAt.Sub(through).Round(time.Second))
	}
	if obs.primaryProbe.OK {
		text += " " + c.PrimaryRegion + " goes on taking writes until RDS has stopped them there, and those are given up too."
	}
	return text
}

// checksWithinTimeout runs the checks of a move within adviceTimeout.
func checksWithinTimeout(
	ctx context.Context,
	obs observation,
	checks func(context.Context, observation) []readiness.Check,
) []readiness.Check {
	ctx, cancel := context.WithTimeout(ctx, adviceTimeout)
	defer cancel()
	return checks(ctx, obs)
}

// recommend returns what an operator can do while the writer is in the primary region; empty when nothing is wrong or the
// controller acts by itself. Every command it names would be accepted, or contains the flag that forces it.
func (s *session) recommend(ctx context.Context, obs observation) []string {
	advised := obs.state.Decision.Recommended.Moves() && !obs.primaryProbe.OK
	if !obs.canMoveToStandby() || !advised && !(obs.primaryProbe.OK && obs.replicationStopped()) {
		return nil
	}
	faults := failedNames(checksWithinTimeout(ctx, obs, switchoverChecks))
	if len(faults) == 0 {
		return []string{s.commandLine(invocation.Switchover)}
	}
	refused := "A switchover would be refused now: " + strings.Join(faults, ", ") + "."
	if obs.state.Decision.Recommended != decision.Failover && !obs.replicationStopped() {
		return []string{refused, s.commandLine(invocation.Preflight)} // the data is not lost: what is wrong can be mended
	}
	return append([]string{refused}, s.recommendFailover(obs)...)
}

// recommendFailover returns what a failover would give up, and the command that makes it.
func (s *session) recommendFailover(obs observation) []string {
	if objections := obs.failoverObjections(); len(objections) > 0 {
		return []string{
			obs.dataLossWarning() + " It is refused, because " + strings.Join(objections, "; ") + ", unless it is forced.",
			s.forcedFailover(),
		}
	}
	return []string{obs.dataLossWarning(), s.commandLine(invocation.Failover, invocation.AllowDataLoss)}
}

// refuseFailover returns why a failover is refused, and the alternatives.
func (s *session) refuseFailover(ctx context.Context, obs observation, objections []string) Result {
	result := Result{ExitCode: Refused, Message: "A failover is not made: " + strings.Join(objections, "; ") + "."}
	if !obs.canMoveToStandby() {
		result.Next = []string{s.commandLine(invocation.Status)}
		return result
	}
	result.Checks = checksWithinTimeout(ctx, obs, switchoverChecks)
	faults := failedNames(result.Checks)
	if len(faults) == 0 {
		result.Message = "A failover is not made: " + strings.Join(objections, "; ") + ", and a switchover loses nothing."
		result.Next = []string{s.commandLine(invocation.Switchover), "To force it, which gives up data needlessly: " + s.forcedFailover()}
		return result
	}
	result.Message += " A switchover would be refused too: " + strings.Join(faults, ", ") + ". " + obs.dataLossWarning()
	result.Next = []string{s.commandLine(invocation.Status), s.forcedFailover()}
	return result
}

// recommendFailback returns the failback command while the writer is in the standby region, with the failed checks if there are
// any.
func (s *session) recommendFailback(ctx context.Context, obs observation) []string {
	faults := failedNames(checksWithinTimeout(ctx, obs, failbackChecks))
	if len(faults) == 0 {
		return []string{s.commandLine(invocation.Failback)}
	}
	return []string{"A switchover back to " + obs.Config.PrimaryRegion + " would be refused now: " + strings.Join(faults, ", ") +
		". When " + obs.Config.PrimaryRegion + " is healthy: " + s.commandLine(invocation.Failback)}
}

// failedNames returns the names of the failed checks.
func failedNames(checks []readiness.Check) []string {
	var names []string
	for _, check := range checks {
		if !check.Passed {
			names = append(names, check.Name)
		}
	}
	return names
}

// warnings returns the sentence about what does not forbid a move and must be mended; empty when there is nothing.
func warnings(checks []readiness.Check) string {
	var names []string
	for _, check := range checks {
		if check.Warning {
			names = append(names, check.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " What !! marks is to be mended: " + strings.Join(names, ", ") + "."
}

// assess returns whether a move would be accepted: Refused when a check failed, Unknown when the only failed checks are those
// whose source could not be read.
func (s *session) assess(move string, checks []readiness.Check) Result {
	faults := failedNames(checks)
	if len(faults) == 0 {
		return Result{Checks: checks, Message: "A " + move + " would work now." + warnings(checks)}
	}
	result := Result{
		ExitCode: Unknown, Checks: checks, Next: []string{s.commandLine(invocation.Status)},
		Message: "Whether a " + move + " would work now is not known: " + strings.Join(faults, ", ") + ".",
	}
	for _, check := range checks {
		if !check.Passed && !check.Unknown {
			result.ExitCode, result.Message = Refused, "A "+move+" would not work now: "+strings.Join(faults, ", ")+"."
		}
	}
	return result
}

// assessSwitchover assesses a switchover to the standby region. If replication has stopped it adds what a failover would do.
func (s *session) assessSwitchover(ctx context.Context, obs observation) Result {
	result := s.assess("switchover to "+obs.Config.StandbyRegion, switchoverChecks(ctx, obs))
	if result.ExitCode != OK && obs.canMoveToStandby() && obs.replicationStopped() {
		result.Next = append(result.Next, s.recommendFailover(obs)...)
	}
	return result
}

// assessFailback assesses a switchover back to the primary region.
func (s *session) assessFailback(ctx context.Context, obs observation) Result {
	return s.assess("switchover back to "+obs.Config.PrimaryRegion, failbackChecks(ctx, obs))
}

// unavailable returns the Result when RDS could not be read, or when there is no global database.
func (s *session) unavailable(obs observation) *Result {
	switch err := obs.snapshot.Unknown[observe.SourceGlobalCluster]; {
	case err == nil:
		return nil
	case errors.Is(err, globaldb.ErrNotFound):
		return &Result{
			ExitCode: Refused,
			Message:  "There is nothing to move: " + err.Error() + ".",
			Next:     []string{s.commandLine(invocation.Status)},
		}
	default:
		return &Result{ExitCode: Unknown, Message: "Nothing is moved without knowing where the writer is: " + err.Error()}
	}
}
