package command

import (
	"context"
	"errors"
	"time"

	"warmstandby/lambda/failover/aurora"
	"warmstandby/lambda/failover/config"
	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/evidence"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/move"
	"warmstandby/lambda/failover/readiness"
)

// ErrNotDeployed says that the environment has no controller: its configuration is not there.
var ErrNotDeployed = errors.New("the failover controller is not deployed")

// Connector finds the way to an environment.
type Connector interface {
	// Connect reads the configuration from a parameter of the standby region. The error wraps ErrNotDeployed when there is none.
	Connect(ctx context.Context, region, parameter string) (Platform, error)
	// Databases reaches a global database without a configuration: from the standby region, and from the primary.
	Databases(ctx context.Context, region, globalCluster, primaryRegion string) (standby Detacher, primary Clusters, err error)
}

// Clusters is RDS in one region.
type Clusters interface {
	Cluster(ctx context.Context, identifier string) (aurora.Cluster, error)
}

// Detacher is RDS in the standby region, for moving the writer and for taking the global database apart.
type Detacher interface {
	move.Database
	// Detach takes a member out of the global database.
	Detach(ctx context.Context, arn string) error
}

// ModeSetter is Parameter Store in one region.
type ModeSetter interface {
	SetMode(ctx context.Context, mode decision.Mode) error
}

// Platform is an environment, as the commands reach it.
type Platform struct {
	Config  config.Config
	Sources evidence.Sources
	Store   journal.Store
	Reports readiness.Store
	// Verify has the application in the standby region open the database.
	Verify func(ctx context.Context) error
	Mover  move.Mover
	// Databases is RDS in the standby region, Primary in the primary one.
	Databases Detacher
	Primary   Clusters
	// Back is CloudWatch in the primary region, which measures replication to it while the writer is in the standby.
	Back        evidence.Replication
	StandbyMode ModeSetter
	PrimaryMode ModeSetter
}

// connect reaches the environment, or says why not and with which exit code.
func (s *session) connect(ctx context.Context) (Platform, *Answer) {
	parameter, err := s.parameter()
	if err != nil {
		return Platform{}, &Answer{ExitCode: Usage, Says: err.Error()}
	}
	p, err := s.connector.Connect(ctx, s.region, parameter)
	if err != nil {
		return p, &Answer{ExitCode: Unknown, Says: "Environment " + s.environment + " is not reached in " + s.region + ": " + err.Error()}
	}
	return p, nil
}

// seen is what a command has found out about an environment.
type seen struct {
	Platform
	at      time.Time
	found   evidence.Found
	primary evidence.Result // of a probe whether the primary region accepts writes
	state   journal.State
	// unread is why the state or the report is not known.
	unread error
	report readiness.Report
}

// probeAgain probes the primary region again while it was not found to accept writes.
func (s *seen) probeAgain(ctx context.Context) {
	for range probes - 1 {
		if s.primary.Good {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(probeGap):
		}
		s.primary = s.Sources.Prober.Probe(ctx, s.Config.PrimaryURL+evidence.ReadyPath)
	}
}

// look asks everything once, all at the same time.
func look(ctx context.Context, p Platform) seen {
	s := seen{Platform: p}
	probed, read := make(chan evidence.Result, 1), make(chan error, 1)
	go func() { probed <- p.Sources.Prober.Probe(ctx, p.Config.PrimaryURL+evidence.ReadyPath) }()
	go func() {
		var stateErr, reportErr error
		s.state, stateErr = p.Store.Load(ctx)
		s.report, reportErr = p.Reports.LoadReport(ctx)
		read <- errors.Join(stateErr, reportErr)
	}()
	s.found = evidence.Gather(ctx, p.Config, p.Sources)
	s.primary, s.unread, s.at = <-probed, <-read, time.Now()
	return s
}
