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
	"warmstandby/lambda/failover/readiness"
)

// status shows everything. What could not be found out is shown as such; it is exit code 4 when that is where the writer is.
func status(ctx context.Context, s *session) Answer {
	p, failed := s.connect(ctx)
	if failed != nil {
		return *failed
	}
	was := look(ctx, p)
	answer := Answer{Status: was.status()}
	switch region := was.found.WriterRegion(); {
	case was.found.Unknown[evidence.AskGlobal] != nil:
		answer.ExitCode, answer.Says = Unknown, "RDS in "+s.region+" does not say where the writer is."
	case region == "":
		answer.Says = "The writer is on its way: the database is " + was.found.Global.Status + "."
	case region == p.Config.StandbyRegion:
		answer.Says = "The writer is in the standby region, " + region + "."
		answer.Next = s.recommendFailback(ctx, was)
	default:
		answer.Says = "The writer is in the primary region, " + region + "."
		answer.Next = s.recommend(ctx, was)
	}
	return answer
}

func (s seen) status() *Status {
	c := s.Config
	shown := &Status{
		At: s.at.UTC(), Writer: s.found.WriterRegion(), Database: s.found.Global.Status, EngineVersion: s.found.Global.EngineVersion,
		Mode: s.found.Mode, Primary: c.PrimaryRegion + ": " + s.primary.Got, Standby: c.StandbyRegion + ": " + s.found.Health.Got,
		Move: s.state.Move, LastMove: s.state.Last,
	}
	for _, member := range s.found.Global.Members {
		shown.Members = append(shown.Members, Member{member.Region(), member.Identifier(), member.Writer, member.Connected})
	}
	if s.found.Replication.Known && shown.Writer != c.StandbyRegion { // the writer waits for nobody
		shown.Lag, shown.DataAge = inSeconds(s.found.Replication.Lag), inSeconds(s.at.Sub(s.through()))
	}
	if s.found.Heartbeat.Known {
		shown.HeartbeatAge = inSeconds(s.at.Sub(s.found.Heartbeat.At))
	}
	if !s.report.At.IsZero() {
		shown.Readiness = &s.report
	}
	if !s.state.Decision.At.IsZero() {
		shown.Decision = &s.state.Decision
	}
	if questions := s.found.Questions(); questions != "" {
		shown.Unknown = append(shown.Unknown, questions)
	}
	if s.unread != nil {
		shown.Unknown = append(shown.Unknown, s.unread.Error())
	}
	return shown
}

func inSeconds(d time.Duration) *float64 {
	n := d.Round(time.Millisecond).Seconds()
	return &n
}

// preflight says whether a switchover would work now.
func preflight(ctx context.Context, s *session) Answer {
	p, failed := s.connect(ctx)
	if failed != nil {
		return *failed
	}
	return s.judgedSwitchover(ctx, look(ctx, p))
}

// switchoverChecks are what a switchover to the standby region needs: the writer in the primary region, which takes part in
// it, and a standby that is whole, follows the writer and is able to open the database. RDS moves the writer only when the
// standby has everything, so a switchover while replication has stopped would wait without an end.
func switchoverChecks(ctx context.Context, was seen) []readiness.Check {
	verified := make(chan error, 1)
	go func() { verified <- was.Verify(ctx) }()
	c := was.Config
	var checks []readiness.Check
	for _, check := range readiness.Standing(c, was.found, was.at) {
		// Users' records reach the standby without events, and data within the promise may still be data that has stopped.
		if check.Name != "events" && check.Name != "replication" {
			checks = append(checks, check)
		}
	}
	primary := primaryCheck(ctx, was)
	opened := <-verified
	if errors.Is(opened, context.DeadlineExceeded) || errors.Is(opened, context.Canceled) {
		opened = readiness.NotKnown(opened)
	}
	return append(checks,
		readiness.NewCheck("membership", "DB cluster "+c.StandbyCluster+" follows the writer", was.following(c.StandbyClusterARN, c.StandbyCluster)),
		readiness.NewCheck("replication", fmt.Sprintf("the newest data that has arrived is %s old, after %s replication counts as stopped",
			was.at.Sub(was.through()).Round(time.Second), decision.ReplicationOverdue), was.halted()),
		primary,
		readiness.NewCheck("secret", "the application in "+c.StandbyRegion+" opens the database", opened),
		idle(was))
}

// following says why a member of the global database does not follow the writer, nil when it does.
func (was seen) following(clusterARN, identifier string) error {
	err := was.found.Unknown[evidence.AskGlobal]
	member, is := was.found.Global.Member(clusterARN)
	switch {
	case errors.Is(err, aurora.ErrNotFound):
		return err
	case err != nil:
		return readiness.NotKnown(err)
	case !is:
		return fmt.Errorf("DB cluster %s is no member of the global database (yet): RDS adds it when its region is well again", identifier)
	case !member.Connected:
		return fmt.Errorf("DB cluster %s does not follow the writer (yet)", identifier)
	}
	return nil
}

// halted says why replication to the standby region is not known to keep up, nil when it does.
func (was seen) halted() error {
	if was.stopped() {
		return fmt.Errorf("the newest data that has arrived is %s old: after %s replication counts as stopped, and a switchover waits for what has not arrived",
			was.at.Sub(was.through()).Round(time.Second), decision.ReplicationOverdue)
	}
	// A measurement is of the minute that begins at its time.
	if measured := was.found.Replication; measured.Known && was.brought() && measured.At.Add(time.Minute).Before(was.state.Last.Ended) {
		return readiness.NotKnown(fmt.Errorf("CloudWatch has no measurement since the writer came to %s", was.Config.PrimaryRegion))
	}
	if lag := was.found.Replication.Lag; was.found.Replication.Known && lag > caughtUp {
		return fmt.Errorf("%s behind; want at most %s, because a switchover waits for the rest", lag.Round(time.Millisecond), caughtUp)
	}
	return readiness.Unmeasured(was.found)
}

// primaryCheck asks the primary region's RDS whether its cluster could take part in a move of the writer.
func primaryCheck(ctx context.Context, was seen) readiness.Check {
	identifier := was.Config.PrimaryCluster
	cluster, err := was.Primary.Cluster(ctx, identifier)
	version, unread := was.found.Global.EngineVersion, was.found.Unknown[evidence.AskGlobal]
	if unread != nil {
		version = cluster.EngineVersion // with nothing to compare, everything else still counts
	}
	switch faults := cluster.Faults(version); {
	case errors.Is(err, aurora.ErrNotFound):
	case err != nil:
		err = readiness.NotKnown(err)
	case len(faults) > 0:
		err = errors.New(strings.Join(faults, "; "))
	case unread != nil:
		err = readiness.NotKnown(fmt.Errorf("the writer's engine version is not known: %w", unread))
	}
	return readiness.NewCheck("primary", "DB cluster "+identifier+" and an instance are available", err)
}

// idle checks that nobody moves the writer.
func idle(was seen) readiness.Check {
	var err error
	switch m := was.state.Move; {
	case was.unread != nil:
		err = readiness.NotKnown(was.unread)
	case m != nil:
		err = fmt.Errorf("a %s to %s by the %s is under way: %s", m.Action, m.To, m.By, m.Phase)
	case was.found.Global.Moving:
		err = fmt.Errorf("the database is %s", was.found.Global.Status)
	}
	return readiness.NewCheck("idle", "nothing is under way", err)
}

// caughtUp is the lag below which a switchover waits for moments only.
const caughtUp = time.Minute

// failbackChecks are what a switchover to the primary region needs.
func failbackChecks(ctx context.Context, was seen) []readiness.Check {
	c := was.Config
	var place, lag, health error
	if region := was.found.WriterRegion(); region != c.StandbyRegion {
		place = fmt.Errorf("it is in %q: there is nothing to bring back", region)
	}
	measured, err := was.Back.Replication(ctx)
	age := time.Since(measured.At)
	switch {
	case err != nil:
		lag = readiness.NotKnown(err)
	case !measured.Known:
		lag = readiness.NotKnown(errors.New("CloudWatch in " + c.PrimaryRegion + " has no measurement yet"))
	case measured.Lag > caughtUp || age > decision.ReplicationOverdue:
		lag = fmt.Errorf("%s behind, measured %s ago; want at most %s", measured.Lag.Round(time.Millisecond), age.Round(time.Second), caughtUp)
	}
	if result := was.Sources.Prober.Probe(ctx, c.PrimaryURL+evidence.HealthPath); !result.Good {
		health = fmt.Errorf("it got %s", result.Got)
	}
	return []readiness.Check{
		readiness.NewCheck("writer", "in "+c.StandbyRegion, place),
		readiness.NewCheck("membership", "DB cluster "+c.PrimaryCluster+" follows the writer", was.following(c.PrimaryClusterARN, c.PrimaryCluster)),
		primaryCheck(ctx, was),
		readiness.NewCheck("replication", "DB cluster "+c.PrimaryCluster+" is "+measured.Lag.Round(time.Millisecond).String()+" behind", lag),
		readiness.NewCheck("application", "a probe of "+c.PrimaryRegion+" got status 200", health),
		idle(was),
	}
}
