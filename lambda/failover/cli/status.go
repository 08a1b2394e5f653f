package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/observe"
	"warmstandby/lambda/failover/readiness"
)

// status shows everything that is known, and names what is not. The exit code is Unknown when RDS does not report the writer.
func status(ctx context.Context, s *session) Result {
	p, failed := s.connect(ctx)
	if failed != nil {
		return *failed
	}
	obs := collect(ctx, p)
	result := Result{Status: obs.status()}
	switch region := obs.snapshot.WriterRegion(); {
	case obs.snapshot.Unknown[observe.SourceGlobalCluster] != nil:
		result.ExitCode, result.Message = Unknown, "RDS in "+s.region+" does not say where the writer is."
	case region == "":
		result.Message = "The writer is being moved: the database is " + obs.snapshot.Global.Status + "."
	case region == p.Config.StandbyRegion:
		result.Message = "The writer is in the standby region, " + region + "."
		result.Next = s.recommendFailback(ctx, obs)
	default:
		result.Message = "The writer is in the primary region, " + region + "."
		result.Next = s.recommend(ctx, obs)
	}
	return result
}

// status returns what was observed, as the command shows it.
func (obs observation) status() *Status {
	c := obs.Config
	shown := &Status{
		At:                obs.takenAt.UTC(),
		Writer:            obs.snapshot.WriterRegion(),
		Database:          obs.snapshot.Global.Status,
		EngineVersion:     obs.snapshot.Global.EngineVersion,
		Mode:              obs.snapshot.Mode,
		ReplicationStatus: obs.replication(),
		StandbyRegion:     c.StandbyRegion,
		Primary:           c.PrimaryRegion + ": " + obs.primaryProbe.Outcome,
		Standby:           c.StandbyRegion + ": " + obs.snapshot.StandbyProbe.Outcome,
		Move:              obs.state.Move,
		LastMove:          obs.state.Last,
		PrimaryReads:      c.PrimaryRegion + ": " + obs.snapshot.PrimaryReads.Outcome,
		Cause:             obs.state.Writes().Cause,
		CommitLimits: map[string]string{
			c.PrimaryRegion: obs.limits.primary.String(),
			c.StandbyRegion: obs.limits.standby.String(),
		},
	}
	users := obs.snapshot.Users()
	shown.Users.Detail = users.Detail
	if users.Known {
		shown.Users.Region = map[bool]string{true: c.PrimaryRegion, false: c.StandbyRegion}[users.Primary]
	}
	serves := map[string]bool{c.PrimaryRegion: obs.snapshot.PrimaryReads.OK, c.StandbyRegion: obs.snapshot.StandbyProbe.OK}
	for _, member := range obs.snapshot.Global.Members {
		shown.Members = append(shown.Members, Member{
			Region: member.Region(), Cluster: member.Identifier(), Writer: member.Writer, Connected: member.Connected,
			Serves: serves[member.Region()],
		})
	}
	if shown.Writer != c.StandbyRegion {
		shown.StandbyFaults = obs.snapshot.StandbyCondition().Faults
	}
	if obs.snapshot.Heartbeat.Known {
		shown.HeartbeatAge = inSeconds(obs.takenAt.Sub(obs.snapshot.Heartbeat.At))
	}
	if !obs.report.At.IsZero() {
		shown.Readiness = &obs.report
	}
	if !obs.state.Decision.At.IsZero() {
		shown.Decision = &obs.state.Decision
	}
	if unanswered := obs.snapshot.Unanswered(); unanswered != "" {
		shown.Unknown = append(shown.Unknown, unanswered)
	}
	if obs.stateErr != nil {
		shown.Unknown = append(shown.Unknown, obs.stateErr.Error())
	}
	return shown
}

// inSeconds returns a duration in seconds, to a thousandth.
func inSeconds(d time.Duration) *float64 {
	n := d.Round(time.Millisecond).Seconds()
	return &n
}

// preflight reports whether the move that is possible would be accepted now: a switchover while the writer is in the primary region, a
// failback while it is in the standby. It changes nothing.
func preflight(ctx context.Context, s *session) Result {
	p, failed := s.connect(ctx)
	if failed != nil {
		return *failed
	}
	obs := collect(ctx, p)
	if obs.snapshot.WriterRegion() == p.Config.StandbyRegion {
		return s.assessFailback(ctx, obs)
	}
	return s.assessSwitchover(ctx, obs)
}

// switchoverChecks are the conditions of a switchover to the standby region: the writer in a healthy primary region, and a
// standby that is healthy, replicates and can open the database. RDS moves the writer only when the standby has all data, so a
// switchover while replication has stopped would wait for ever.
func switchoverChecks(ctx context.Context, obs observation) []readiness.Check {
	verifyResult := make(chan error, 1)
	go func() { verifyResult <- obs.Verify(ctx) }()
	c := obs.Config
	var checks []readiness.Check
	for _, check := range readiness.PassiveChecks(c, obs.snapshot, obs.takenAt) {
		// Two passive checks are left out: records need no events, and data within the RPO may be data that has stopped arriving.
		if check.Name != "events" && check.Name != "replication" {
			checks = append(checks, check)
		}
	}
	primary := checkPrimary(ctx, obs)
	opened := <-verifyResult
	if errors.Is(opened, context.DeadlineExceeded) || errors.Is(opened, context.Canceled) {
		opened = readiness.AsUnknown(opened)
	}
	return append(
		checks,
		readiness.NewCheck(
			"membership",
			"DB cluster "+c.StandbyCluster+" follows the writer",
			obs.checkMembership(c.StandbyClusterARN, c.StandbyCluster),
		),
		readiness.NewCheck("replication", fmt.Sprintf("the newest data that has arrived is %s old, after %s replication counts as stopped",
			obs.takenAt.Sub(obs.replicatedThrough()).Round(time.Second), decision.ReplicationOverdue), obs.checkReplication()),
		primary,
		readiness.NewCheck("secret", "the application in "+c.StandbyRegion+" opens the database", opened),
		checkIdle(obs),
		readiness.CheckRouting(obs.snapshot).AsWarning(),
		obs.checkCommitLimit(),
	)
}

// checkCommitLimit warns of a standby whose commits would wait after a failover.
func (obs observation) checkCommitLimit() readiness.Check {
	return readiness.CheckCommitLimit(obs.Config, obs.limits.standby.CommitLimit, obs.limits.standby.err).AsWarning()
}

// checkMembership returns why a member does not replicate from the writer, nil when it does.
func (obs observation) checkMembership(clusterARN, identifier string) error {
	err := obs.snapshot.Unknown[observe.SourceGlobalCluster]
	member, is := obs.snapshot.Global.Member(clusterARN)
	switch {
	case errors.Is(err, globaldb.ErrNotFound):
		return err
	case err != nil:
		return readiness.AsUnknown(err)
	case !is:
		return fmt.Errorf("DB cluster %s is no member of the global database (yet): RDS adds it when its region is healthy again", identifier)
	case !member.Connected:
		return fmt.Errorf("DB cluster %s does not follow the writer (yet)", identifier)
	}
	return nil
}

// checkReplication returns why replication to the standby region does not keep up or is unknown, nil when it keeps up.
func (obs observation) checkReplication() error {
	if obs.replicationStopped() {
		return fmt.Errorf(
			"the newest data that has arrived is %s old: after %s replication counts as stopped, and a switchover waits for what has not arrived",
			obs.takenAt.Sub(obs.replicatedThrough()).Round(time.Second),
			decision.ReplicationOverdue,
		)
	}
	// A measurement covers the minute that begins at its time.
	if measured := obs.snapshot.Replication; measured.Known && obs.writerReturned() &&
		measured.At.Add(time.Minute).Before(obs.state.Last.Ended) {
		return readiness.AsUnknown(fmt.Errorf("CloudWatch has no measurement since the writer came to %s", obs.Config.PrimaryRegion))
	}
	if lag := obs.snapshot.Replication.Lag; obs.snapshot.Replication.Known && lag > caughtUp {
		return fmt.Errorf("%s behind; want at most %s, because a switchover waits for the rest", lag.Round(time.Millisecond), caughtUp)
	}
	return readiness.CheckMeasured(obs.snapshot)
}

// checkPrimary checks with the primary region's RDS that its cluster could take part in a move.
func checkPrimary(ctx context.Context, obs observation) readiness.Check {
	identifier := obs.Config.PrimaryCluster
	cluster, err := obs.Primary.Cluster(ctx, identifier)
	version, unread := obs.snapshot.Global.EngineVersion, obs.snapshot.Unknown[observe.SourceGlobalCluster]
	if unread != nil {
		version = cluster.EngineVersion // with nothing to compare, everything else still counts
	}
	switch faults := cluster.Faults(version); {
	case errors.Is(err, globaldb.ErrNotFound):
	case err != nil:
		err = readiness.AsUnknown(err)
	case len(faults) > 0:
		err = errors.New(strings.Join(faults, "; "))
	case unread != nil:
		err = readiness.AsUnknown(fmt.Errorf("the writer's engine version is not known: %w", unread))
	}
	return readiness.NewCheck("primary", "DB cluster "+identifier+" and an instance are available", err)
}

// checkIdle checks that no move is in progress.
func checkIdle(obs observation) readiness.Check {
	var err error
	switch m := obs.state.Move; {
	case obs.stateErr != nil:
		err = readiness.AsUnknown(obs.stateErr)
	case m != nil:
		err = fmt.Errorf("a %s to %s by the %s is under way: %s", m.Action, m.To, m.By, m.Phase)
	case obs.snapshot.Global.Moving:
		err = fmt.Errorf("the database is %s", obs.snapshot.Global.Status)
	}
	return readiness.NewCheck("idle", "nothing is under way", err)
}

// caughtUp is the greatest lag at which a switchover waits only moments for the remaining data.
const caughtUp = time.Minute

// failbackChecks are the conditions of a switchover back to the primary region.
func failbackChecks(ctx context.Context, obs observation) []readiness.Check {
	c := obs.Config
	var writerErr, lagErr, probeErr error
	if region := obs.snapshot.WriterRegion(); region != c.StandbyRegion {
		writerErr = fmt.Errorf("it is in %q: there is nothing to bring back", region)
	}
	measured := obs.reverse
	age := time.Since(measured.At)
	switch {
	case obs.reverseErr != nil:
		lagErr = readiness.AsUnknown(obs.reverseErr)
	case !measured.Known:
		lagErr = readiness.AsUnknown(errors.New("CloudWatch in " + c.PrimaryRegion + " has no measurement yet"))
	case measured.Lag > caughtUp || age > decision.ReplicationOverdue:
		lagErr = fmt.Errorf("%s behind, measured %s ago; want at most %s", measured.Lag.Round(time.Millisecond), age.Round(time.Second), caughtUp)
	}
	if result := obs.Sources.Prober.Probe(ctx, c.PrimaryURL+observe.HealthPath); !result.OK {
		probeErr = fmt.Errorf("it got %s", result.Outcome)
	}
	return []readiness.Check{
		readiness.NewCheck("writer", "in "+c.StandbyRegion, writerErr),
		readiness.NewCheck(
			"membership",
			"DB cluster "+c.PrimaryCluster+" follows the writer",
			obs.checkMembership(c.PrimaryClusterARN, c.PrimaryCluster),
		),
		checkPrimary(ctx, obs),
		readiness.NewCheck("replication", "DB cluster "+c.PrimaryCluster+" is "+measured.Lag.Round(time.Millisecond).String()+" behind", lagErr),
		readiness.NewCheck("application", "a probe of "+c.PrimaryRegion+" got status 200", probeErr),
		checkIdle(obs),
		obs.checkCommitLimit(),
	}
}
