package cli

import (
	"context"
	"errors"
	"sync"
	"time"

	"warmstandby/lambda/failover/documents"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/move"
	"warmstandby/lambda/failover/observe"
	"warmstandby/lambda/failover/promotion"
	"warmstandby/lambda/failover/readiness"
	"warmstandby/lambda/failover/reconciliation"
	"warmstandby/lambda/failover/restore"
	"warmstandby/shared/contract/controller"
)

// ErrNotDeployed says that the environment has no configuration of the controller.
var ErrNotDeployed = errors.New("the failover controller is not deployed")

// Connector connects to an environment.
type Connector interface {
	// Connect reads the configuration from a parameter of the standby region. The error wraps ErrNotDeployed when there is none.
	Connect(ctx context.Context, region, parameter string) (Platform, error)
	// Databases returns RDS of both regions for a global database, without a configuration.
	Databases(ctx context.Context, region, globalCluster, primaryRegion string) (standby Detacher, primary Clusters, err error)
	// Restores returns RDS of a region, as a restore needs it, without a configuration.
	Restores(ctx context.Context, region string) (restore.Database, error)
}

// Clusters is RDS in one region.
type Clusters interface {
	Cluster(ctx context.Context, identifier string) (globaldb.Cluster, error)
	CommitLimit(ctx context.Context, identifier string) (globaldb.CommitLimit, error)
}

// Detacher is RDS in the standby region, which moves the writer and detaches members.
type Detacher interface {
	move.Database
	// Detach removes a member from the global database.
	Detach(ctx context.Context, arn string) error
}

// ModeSetter is Parameter Store in one region.
type ModeSetter interface {
	SetMode(ctx context.Context, mode controller.Mode) error
}

// Platform holds what the commands use of an environment.
type Platform struct {
	Config  controller.Config
	Sources observe.Sources
	Store   journal.Store
	Reports readiness.Store
	// Verify has the application in the standby region open the database.
	Verify func(ctx context.Context) error
	Mover  move.Mover
	// Databases is RDS in the standby region, Primary is RDS in the primary region.
	Databases Detacher
	Primary   Clusters
	// ReverseReplication is CloudWatch in the primary region, which measures replication to it while the writer is in the standby.
	ReverseReplication observe.Replication
	StandbyMode        ModeSetter
	PrimaryMode        ModeSetter
	// Reconciliation returns RDS of a region and the application's function there.
	Reconciliation func(region string) (reconciliation.Databases, reconciliation.Application, error)
	// Promotion makes a restored cluster the global database's primary.
	Promotion promotion.Promotion
	// Documents returns what brings documents back, with the application's function in a region.
	Documents func(region string) (documents.Restorer, error)
}

// connect connects to the environment, or returns the Result that says why that failed.
func (s *session) connect(ctx context.Context) (Platform, *Result) {
	parameter, err := s.parameter()
	if err != nil {
		return Platform{}, &Result{ExitCode: Usage, Message: err.Error()}
	}
	p, err := s.connector.Connect(ctx, s.region, parameter)
	if err != nil {
		return p, &Result{ExitCode: Unknown, Message: "Environment " + s.environment + " is not reached in " + s.region + ": " + err.Error()}
	}
	return p, nil
}

// observation is the state of an environment as a command observed it.
type observation struct {
	Platform
	takenAt      time.Time
	snapshot     observe.Snapshot
	primaryProbe observe.ProbeResult // of a probe whether the primary region accepts writes
	state        journal.State
	// stateErr is why the state or the report could not be read.
	stateErr error
	report   readiness.Report
	limits   commitLimits
	// reverse is replication to the primary region, with the error of reading it.
	reverse    observe.Measurement
	reverseErr error
}

// commitLimit is a cluster's limit, with the error of reading it.
type commitLimit struct {
	globaldb.CommitLimit
	err error
}

// String returns the limit, "not known" when it could not be read.
func (c commitLimit) String() string {
	if c.err != nil {
		return "not known"
	}
	return c.CommitLimit.String()
}

// commitLimits are the limits of both clusters.
type commitLimits struct{ primary, standby commitLimit }

// primaryTimeout bounds how long answers of the primary region are waited for: as long as the sources of evidence, because that region
// may be lost.
const primaryTimeout = 3 * time.Second

func readCommitLimits(ctx context.Context, p Platform) commitLimits {
	ctx, cancel := context.WithTimeout(ctx, primaryTimeout)
	defer cancel()
	var limits commitLimits
	var all sync.WaitGroup
	all.Go(func() {
		limits.primary.CommitLimit, limits.primary.err = p.Primary.CommitLimit(ctx, p.Config.PrimaryCluster)
	})
	all.Go(func() {
		limits.standby.CommitLimit, limits.standby.err = p.Sources.Databases.CommitLimit(ctx, p.Config.StandbyCluster)
	})
	all.Wait()
	return limits
}

// probeAgain repeats the write probe until one is good or writeProbes were made.
func (obs *observation) probeAgain(ctx context.Context) {
	for range writeProbes - 1 {
		if obs.primaryProbe.OK {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(probeGap):
		}
		obs.primaryProbe = obs.Sources.Prober.Probe(ctx, obs.Config.PrimaryURL+observe.ReadyPath)
	}
}

// collect reads all sources concurrently, once.
func collect(ctx context.Context, p Platform) observation {
	obs := observation{Platform: p}
	probed, read, limited := make(chan observe.ProbeResult, 1), make(chan error, 1), make(chan commitLimits, 1)
	reversed := make(chan struct{})
	go func() { limited <- readCommitLimits(ctx, p) }()
	go func() {
		defer close(reversed)
		ctx, cancel := context.WithTimeout(ctx, primaryTimeout)
		defer cancel()
		obs.reverse, obs.reverseErr = p.ReverseReplication.Replication(ctx)
	}()
	go func() { probed <- p.Sources.Prober.Probe(ctx, p.Config.PrimaryURL+observe.ReadyPath) }()
	go func() {
		var stateErr, reportErr error
		obs.state, stateErr = p.Store.Load(ctx)
		obs.report, reportErr = p.Reports.LoadReport(ctx)
		read <- errors.Join(stateErr, reportErr)
	}()
	obs.snapshot = observe.Gather(ctx, p.Config, p.Sources)
	<-reversed
	obs.primaryProbe, obs.stateErr, obs.limits, obs.takenAt = <-probed, <-read, <-limited, time.Now()
	return obs
}
