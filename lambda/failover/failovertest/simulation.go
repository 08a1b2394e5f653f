// Package failovertest simulates the platform for tests of the failover controller: a global database, a table, topics and
// regions that fail on demand, and calls that can kill the run. It behaves as AWS does in everything that the controller relies
// on.
package failovertest

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"warmstandby/lambda/failover/controlloop"
	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/documents"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/move"
	"warmstandby/lambda/failover/notice"
	"warmstandby/lambda/failover/observe"
	"warmstandby/lambda/failover/readiness"
	"warmstandby/shared/contract/controller"
)

// latency is how long every call takes.
const latency = 10 * time.Millisecond

// The ARNs of both clusters.
const (
	East = "arn:aws:rds:us-east-1:000000000000:cluster:records-primary"
	West = "arn:aws:rds:us-west-2:000000000000:cluster:records-secondary"
)

// Config is the configuration of the simulation.
func Config() controller.Config {
	return controller.Config{
		Environment: "test", PrimaryRegion: "us-east-1", StandbyRegion: "us-west-2",
		GlobalCluster: "records", PrimaryCluster: "records-primary", StandbyCluster: "records-secondary",
		PrimaryClusterARN: East, StandbyClusterARN: West,
		PrimaryURL: "https://east.example", StandbyURL: "https://west.example", GlobalURL: "https://app.example",
		Table: "failover", ModeParameter: "/warmstandby/test/failover/mode",
		PrimaryTopicARN: "arn:aws:sns:us-east-1:000000000000:app", StandbyTopicARN: "arn:aws:sns:us-west-2:000000000000:app",
		BusName: "records", SecretName: "database",
		PrimaryDocumentsBucket: "documents-east", StandbyDocumentsBucket: "documents-west",
		StandbyFunction: "app", Alarms: []string{"lag", "heartbeat"},
		MetricNamespace: controller.MetricNamespace, DashboardURL: "https://dashboard.example", RunbookURL: "https://runbook.example",
	}
}

// Simulation simulates both regions.
type Simulation struct {
	Table *Table
	// Settings that a test may change between runs.
	StoredMode   controller.Mode // the mode that the parameter holds
	MoveDuration time.Duration   // how long RDS takes to move the writer
	MoveRefused  error           // what RDS answers to a request
	ResponseLost bool            // RDS hears a request, and its answer is lost
	CancelsMoves bool            // RDS agrees to a move and leaves the writer where it was
	Database     globaldb.Global // but for its members
	Standby      globaldb.Cluster
	Faults       map[string]error // by question
	// Settings that only the command line uses.
	PrimaryCluster globaldb.Cluster
	// CommitLimits are what the clusters' parameter groups set, by ARN.
	CommitLimits map[string]globaldb.CommitLimit
	ReverseLag   time.Duration // of replication to the primary region
	Lag          time.Duration // of replication to the standby region, as CloudWatch has it
	ConnectFails error
	// Retention is how far back the clusters can be restored.
	Retention time.Duration
	// RouteDelay is how long after the primary region stops to accept users' writes Route 53 takes users away from it.
	RouteDelay time.Duration
	// RPO is rds.global_db_rpo of the primary's cluster: commits wait once replication has stalled for so long.
	RPO time.Duration
	// Gray, when it is not nil, says of each write probe of the primary region, by its number, whether it fails and how long it takes.
	Gray func(probe int) (fails bool, takes time.Duration)
	// Restoring is RDS where the snapshot of an old volume is, and the application's function there.
	Restoring *Restoring
	// Buckets are the documents' buckets of both regions, Records what the database answers about records.
	Buckets [2]*Bucket
	Records map[string]documents.Record
	// Cloud is RDS as a promotion finds it, with a restored cluster.
	Cloud *Cloud
	// Routing, when it is not nil, is what the name servers answer, whatever goes on.
	Routing *decision.Routing

	mu                                sync.Mutex
	crash                             *CrashInjector
	writer                            string
	moveTarget                        string // where the writer goes, until arrives
	moveEnds                          time.Time
	writerLeftPrimary, writerReturned time.Time // when the writer last left the primary region, and when it last came back
	regionLost                        time.Time
	split                             time.Time
	isolated                          time.Time // since when the standby region has not seen the primary
	databaseLost                      time.Time
	stalled                           time.Time // since when nothing is replicated, with both regions in sight of each other
	writeProbes                       int       // of the primary region
	saturated                         time.Time // since when the primary's database has no connection left
	applicationLost                   time.Time
	primaryResponse                   string
	standbyResponse                   string
	calls                             []string
	requests                          []string
	notices                           []notice.Notice
	metrics                           map[string]float64
	document                          time.Time
	report                            readiness.Report
	primaryDeleted                    bool
	detached                          map[string]bool // members that left the global database, by ARN
	restored                          map[string]*restoredCluster
}

// New returns a simulation in which everything is healthy.
func New() *Simulation {
	crash := NewCrashInjector(0)
	crash.CrashAfter(-1)
	return &Simulation{
		Table: &Table{Crash: crash}, crash: crash, StoredMode: controller.Automatic, MoveDuration: 3 * time.Second, writer: East,
		Database:       globaldb.Global{Status: "available", EngineVersion: "16.8"},
		Standby:        available("records-secondary"),
		Restoring:      newRestoring(),
		Buckets:        [2]*Bucket{NewBucket("documents-east", "us-east-1"), NewBucket("documents-west", "us-west-2")},
		Records:        map[string]documents.Record{},
		Cloud:          newSimulationCloud(),
		PrimaryCluster: available("records-primary"),
		CommitLimits: map[string]globaldb.CommitLimit{
			East: {Group: "parameters-primary", Value: "600"}, West: {Group: "parameters-secondary"},
		},
		RouteDelay: 90 * time.Second, RPO: 10 * time.Minute,
		ReverseLag: 50 * time.Millisecond, Lag: 50 * time.Millisecond, detached: map[string]bool{},
		restored: map[string]*restoredCluster{}, Retention: 7 * 24 * time.Hour,
		Faults: map[string]error{}, primaryResponse: "status 200", standbyResponse: "status 200",
	}
}

// available is a cluster that could have the writer.
func available(identifier string) globaldb.Cluster {
	return globaldb.Cluster{
		Identifier: identifier, Status: "available", EngineVersion: "16.8",
		Instances: []globaldb.Instance{{Identifier: "one", Status: "available"}},
	}
}

// Controller returns a run of the controller under the owner's name.
func (sim *Simulation) Controller(owner string) controlloop.Controller {
	c, log := Config(), slog.New(slog.DiscardHandler)
	notifier := notice.TopicNotifier{Standby: topic{sim, ""}, Primary: topic{sim, "primary"}, Log: log}
	return controlloop.Controller{
		Config: c, Sources: sim.Sources(), Store: sim.Table, Reports: sim, Notifier: notifier,
		Mover:          move.Mover{Database: sim, Notifier: notifier, Composer: notice.Composer{Config: c}, Log: log},
		StandbyMetrics: metricPublisher{sim, ""}, PrimaryMetrics: metricPublisher{sim, "primary"}, Documents: sim, Log: log, Owner: owner,
	}
}

// Sources returns the sources of evidence.
func (sim *Simulation) Sources() observe.Sources {
	return observe.Sources{Databases: sim, Replication: sim, Heartbeats: sim, Modes: sim, Prober: sim, Router: sim}
}

// Crash returns the injector that kills runs.
func (sim *Simulation) Crash() *CrashInjector { return sim.crash }

// LoseRegion makes the primary region unreachable and stops its database.
func (sim *Simulation) LoseRegion() { sim.locked(func() { sim.regionLost = time.Now() }) }

// Split partitions the regions from each other. Each still serves its users.
func (sim *Simulation) Split() { sim.locked(func() { sim.split = time.Now() }) }

// LoseApplication sets the outcome of probes of the primary region, such as "status 503", which is no answer of the application.
func (sim *Simulation) LoseApplication(got string) {
	sim.locked(func() { sim.primaryResponse, sim.applicationLost = got, time.Now() })
}

// LoseStandby sets the outcome of probes of the standby region.
func (sim *Simulation) LoseStandby(got string) { sim.locked(func() { sim.standbyResponse = got }) }

// Heal ends all losses.
func (sim *Simulation) Heal() {
	sim.locked(func() {
		sim.primaryResponse, sim.standbyResponse = "status 200", "status 200"
		for _, since := range sim.faults() {
			*since = time.Time{}
		}
	})
}

// SetWriter moves the writer to a cluster, as an operator would by hand.
func (sim *Simulation) SetWriter(arn string) { sim.locked(func() { sim.setWriter(arn) }) }

// setWriter moves the writer to a cluster. The caller holds mu.
func (sim *Simulation) setWriter(arn string) {
	switch {
	case sim.writer == East && arn != East:
		sim.writerLeftPrimary = time.Now()
	case sim.writer != East && arn == East:
		sim.writerReturned = time.Now()
	}
	sim.writer = arn
}

func (sim *Simulation) locked(change func()) {
	sim.mu.Lock()
	defer sim.mu.Unlock()
	change()
}

// call records a call, and kills the run if its time has come. A call of a lost region hangs until its context ends.
func (sim *Simulation) call(ctx context.Context, name, region string) error {
	sim.locked(func() { sim.calls = append(sim.calls, strings.TrimSpace(region+" "+name)) })
	if err := sim.crash.step(ctx, name); err != nil {
		return err
	}
	if region == "primary" && sim.outOfSight() {
		<-ctx.Done()
		return ctx.Err()
	}
	time.Sleep(latency)
	return sim.Faults[name]
}

// completeMove ends a move when its time has come.
func (sim *Simulation) completeMove() {
	if sim.moveTarget != "" && !time.Now().Before(sim.moveEnds) {
		if !sim.CancelsMoves {
			sim.setWriter(sim.moveTarget)
		}
		sim.moveTarget = ""
	}
}

// Writer returns the ARN of the writer.
func (sim *Simulation) Writer() (arn string) {
	sim.locked(func() { sim.completeMove(); arn = sim.writer })
	return arn
}

// Requests returns the moves that RDS has accepted, such as "failover".
func (sim *Simulation) Requests() (all []string) {
	sim.locked(func() { all = append(all, sim.requests...) })
	return all
}

// Notices returns what was published to the standby region's topic.
func (sim *Simulation) Notices() (all []notice.Notice) {
	sim.locked(func() { all = append(all, sim.notices...) })
	return all
}

// Calls returns all calls since the last Calls. Those of the primary region begin with "primary ".
func (sim *Simulation) Calls() (all []string) {
	sim.locked(func() { all, sim.calls = sim.calls, nil })
	return all
}

// Metrics returns the last published values in the standby region, by name and region.
func (sim *Simulation) Metrics() (all map[string]float64) {
	sim.locked(func() { all = sim.metrics })
	return all
}

// State returns the journal's state.
func (sim *Simulation) State() journal.State { return sim.Table.State() }
