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
		answer.Says, answer.Next = "The writer is in the standby region, "+region+".", []string{s.command("failback")}
	default:
		answer.Says = "The writer is in the primary region, " + region + "."
	}
	return answer
}

// command is a command of this environment, as the runbook has it.
func (s *session) command(target string) string { return "make " + target + " ENV=" + s.environment }

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
		shown.Lag, shown.DataAge = inSeconds(s.found.Replication.Lag), inSeconds(s.at.Sub(s.found.Replication.Through))
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
	return s.judged("A switchover to "+p.Config.StandbyRegion, switchoverChecks(ctx, look(ctx, p)))
}

// judged says whether something would work, by its checks.
func (s *session) judged(what string, checks []readiness.Check) Answer {
	var bad []string
	for _, check := range checks {
		if !check.Good {
			bad = append(bad, check.Name)
		}
	}
	if len(bad) > 0 {
		return Answer{ExitCode: Refused, Checks: checks, Says: what + " would not work now: " + strings.Join(bad, ", ") + ".", Next: []string{s.command("status")}}
	}
	return Answer{Checks: checks, Says: what + " would work now."}
}

// switchoverChecks are what a switchover to the standby region needs: the writer in the primary region, which takes part in
// it, and a standby that is whole, current and able to open the database.
func switchoverChecks(ctx context.Context, was seen) []readiness.Check {
	verified := make(chan error, 1)
	go func() { verified <- was.Verify(ctx) }()
	var checks []readiness.Check
	for _, check := range readiness.Standing(was.Config, was.found, was.at) {
		if check.Name != "events" { // users' records reach the standby without them
			checks = append(checks, check)
		}
	}
	return append(checks,
		clusterCheck(ctx, "primary", was.Primary, was.Config.PrimaryCluster, was.found.Global.EngineVersion),
		check("secret", "the application in "+was.Config.StandbyRegion+" opens the database", <-verified),
		idle(was))
}

// clusterCheck asks a region's RDS whether its cluster could have the writer.
func clusterCheck(ctx context.Context, name string, clusters Clusters, identifier, version string) readiness.Check {
	cluster, err := clusters.Cluster(ctx, identifier)
	if faults := cluster.Faults(version); err == nil && len(faults) > 0 {
		err = errors.New(strings.Join(faults, "; "))
	}
	return check(name, "DB cluster "+identifier+" and an instance are available", err)
}

// idle checks that nobody moves the writer.
func idle(was seen) readiness.Check {
	err := was.unread
	switch m := was.state.Move; {
	case err != nil:
	case m != nil:
		err = fmt.Errorf("a %s to %s by the %s is under way: %s", m.Action, m.To, m.By, m.Phase)
	case was.found.Global.Moving:
		err = fmt.Errorf("the database is %s", was.found.Global.Status)
	}
	return check("idle", "nothing is under way", err)
}

func check(name, says string, err error) readiness.Check {
	if err != nil {
		return readiness.Check{Name: name, Says: err.Error()}
	}
	return readiness.Check{Name: name, Good: true, Says: says}
}

// caughtUp is the lag below which a switchover waits for moments only.
const caughtUp = time.Minute

// failbackChecks are what a switchover to the primary region needs.
func failbackChecks(ctx context.Context, was seen) []readiness.Check {
	c := was.Config
	var place, connected, lag, health error
	if region := was.found.WriterRegion(); region != c.StandbyRegion {
		place = fmt.Errorf("it is in %q: there is nothing to bring back", region)
	}
	if member, is := was.found.Global.Member(c.PrimaryClusterARN); !is {
		connected = fmt.Errorf("DB cluster %s is no member of the global database (yet): RDS adds it when its region is well again", c.PrimaryCluster)
	} else if !member.Connected {
		connected = fmt.Errorf("DB cluster %s does not follow the writer (yet)", c.PrimaryCluster)
	}
	measured, err := was.Back.Replication(ctx)
	age := time.Since(measured.At)
	switch {
	case err != nil:
		lag = err
	case !measured.Known:
		lag = errors.New("CloudWatch in " + c.PrimaryRegion + " has no measurement yet")
	case measured.Lag > caughtUp || age > decision.ReplicationOverdue:
		lag = fmt.Errorf("%s behind, measured %s ago; want at most %s", measured.Lag.Round(time.Millisecond), age.Round(time.Second), caughtUp)
	}
	if result := was.Sources.Prober.Probe(ctx, c.PrimaryURL+evidence.HealthPath); !result.Good {
		health = fmt.Errorf("it got %s", result.Got)
	}
	return []readiness.Check{
		check("writer", "in "+c.StandbyRegion, place),
		check("membership", "DB cluster "+c.PrimaryCluster+" follows the writer", connected),
		clusterCheck(ctx, "primary", was.Primary, c.PrimaryCluster, was.found.Global.EngineVersion),
		check("replication", "DB cluster "+c.PrimaryCluster+" is "+measured.Lag.Round(time.Millisecond).String()+" behind", lag),
		check("application", "a probe of "+c.PrimaryRegion+" got status 200", health),
		idle(was),
	}
}

// unavailable says that RDS could not be asked.
func unavailable(was seen) *Answer {
	if err := was.found.Unknown[evidence.AskGlobal]; err != nil && !errors.Is(err, aurora.ErrNotFound) {
		return &Answer{ExitCode: Unknown, Says: "Nothing is moved without knowing where the writer is: " + err.Error()}
	}
	return nil
}
