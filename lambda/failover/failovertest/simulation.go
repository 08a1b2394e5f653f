package failovertest

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"warmstandby/lambda/failover/config"
	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/move"
	"warmstandby/lambda/failover/notice"
	"warmstandby/lambda/failover/observe"
	"warmstandby/lambda/failover/readiness"
	"warmstandby/lambda/failover/reconcile"
)

// latency is what every call takes.
const latency = 10 * time.Millisecond

// The ARNs of both clusters.
const (
	East = "arn:aws:rds:us-east-1:000000000000:cluster:records-primary"
	West = "arn:aws:rds:us-west-2:000000000000:cluster:records-secondary"
)

// Config is the configuration of the world.
func Config() config.Config {
	return config.Config{
		Environment: "test", PrimaryRegion: "us-east-1", StandbyRegion: "us-west-2",
		GlobalCluster: "records", PrimaryCluster: "records-primary", StandbyCluster: "records-secondary",
		PrimaryClusterARN: East, StandbyClusterARN: West,
		PrimaryURL: "https://east.example", StandbyURL: "https://west.example", GlobalURL: "https://app.example",
		Table: "failover", ModeParameter: "/warmstandby/test/failover/mode",
		PrimaryTopicARN: "arn:aws:sns:us-east-1:000000000000:app", StandbyTopicARN: "arn:aws:sns:us-west-2:000000000000:app",
		BusName: "records", SecretName: "database",
		PrimaryDocumentsBucket: "documents-east", StandbyDocumentsBucket: "documents-west",
		StandbyFunction: "app", Alarms: []string{"lag", "heartbeat"},
		MetricNamespace: config.MetricNamespace, DashboardURL: "https://dashboard.example", RunbookURL: "https://runbook.example",
	}
}

// Simulation is both regions.
type Simulation struct {
	Table *Table
	// What may be set between runs.
	StoredMode   decision.Mode   // the mode that the parameter holds
	MoveDuration time.Duration   // how long RDS takes to move the writer
	MoveRefused  error           // what RDS answers to a request
	ResponseLost bool            // RDS hears a request, and its answer is lost
	CancelsMoves bool            // RDS agrees to a move and leaves the writer where it was
	Database     globaldb.Global // but for its members
	Standby      globaldb.Cluster
	Faults       map[string]error // by question
	// What the command line meets beside it.
	PrimaryCluster globaldb.Cluster
	ReverseLag     time.Duration // of replication to the primary region
	Lag            time.Duration // of replication to the standby region, as CloudWatch has it
	ConnectFails   error

	mu                                sync.Mutex
	crash                             *CrashInjector
	writer                            string
	moveTarget                        string // where the writer goes, until arrives
	moveEnds                          time.Time
	writerLeftPrimary, writerReturned time.Time // when the writer last left the primary region, and when it last came back
	regionLost                        time.Time
	split                             time.Time
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
}

// New returns a world with nothing wrong.
func New() *Simulation {
	crash := NewCrashInjector(0)
	crash.CrashAfter(-1)
	return &Simulation{
		Table: &Table{Crash: crash}, crash: crash, StoredMode: decision.Automatic, MoveDuration: 3 * time.Second, writer: East,
		Database:       globaldb.Global{Status: "available", EngineVersion: "16.8"},
		Standby:        available("records-secondary"),
		PrimaryCluster: available("records-primary"),
		ReverseLag:     50 * time.Millisecond, Lag: 50 * time.Millisecond, detached: map[string]bool{},
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

// Reconciler returns the equipment of a run.
func (sim *Simulation) Reconciler(owner string) reconcile.Reconciler {
	c, log := Config(), slog.New(slog.DiscardHandler)
	notifier := notice.TopicNotifier{Standby: topic{sim, ""}, Primary: topic{sim, "primary"}, Log: log}
	return reconcile.Reconciler{
		Config: c, Sources: sim.Sources(), Store: sim.Table, Reports: sim, Notifier: notifier,
		Mover:          move.Mover{Database: sim, Notifier: notifier, Composer: notice.Composer{Config: c}, Log: log},
		StandbyMetrics: metricPublisher{sim, ""}, PrimaryMetrics: metricPublisher{sim, "primary"}, Documents: sim, Log: log, Owner: owner,
	}
}

// Sources returns what is asked for evidence.
func (sim *Simulation) Sources() observe.Sources {
	return observe.Sources{Databases: sim, Replication: sim, Heartbeats: sim, Modes: sim, Prober: sim}
}

// Crash kills the next run; see Fuse.
func (sim *Simulation) Crash() *CrashInjector { return sim.crash }

// LoseRegion makes the primary region unreachable from now on, and its database stop.
func (sim *Simulation) LoseRegion() { sim.locked(func() { sim.regionLost = time.Now() }) }

// Split lets nothing pass between the regions from now on, each of which answers whoever asks it.
func (sim *Simulation) Split() { sim.locked(func() { sim.split = time.Now() }) }

// LoseApplication makes the primary region's application answer so, such as "status 503".
func (sim *Simulation) LoseApplication(got string) { sim.locked(func() { sim.primaryResponse = got }) }

// LoseStandby makes the standby region's application answer so.
func (sim *Simulation) LoseStandby(got string) { sim.locked(func() { sim.standbyResponse = got }) }

// Heal ends all losses.
func (sim *Simulation) Heal() {
	sim.locked(func() {
		sim.regionLost, sim.split, sim.primaryResponse, sim.standbyResponse = time.Time{}, time.Time{}, "status 200", "status 200"
	})
}

// SetWriter makes a cluster the writer, as an operator would by hand.
func (sim *Simulation) SetWriter(arn string) { sim.locked(func() { sim.setWriter(arn) }) }

// setWriter makes a cluster the writer. The caller holds mu.
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

// regionLostAt says since when the primary region is, zero when it is not.
func (sim *Simulation) regionLostAt() time.Time {
	sim.mu.Lock()
	defer sim.mu.Unlock()
	return sim.regionLost
}

// disconnectedAt says since when nothing of the primary region arrives in the standby, zero when it does.
func (sim *Simulation) disconnectedAt() time.Time {
	sim.mu.Lock()
	defer sim.mu.Unlock()
	if sim.split.IsZero() || !sim.regionLost.IsZero() && sim.regionLost.Before(sim.split) {
		return sim.regionLost
	}
	return sim.split
}

// call notes a call and kills the run when it is its time. A call of a region that is lost hangs until its caller gives up.
func (sim *Simulation) call(ctx context.Context, name, region string) error {
	sim.locked(func() { sim.calls = append(sim.calls, strings.TrimSpace(region+" "+name)) })
	if err := sim.crash.step(ctx, name); err != nil {
		return err
	}
	if region == "primary" && !sim.regionLostAt().IsZero() {
		<-ctx.Done()
		return ctx.Err()
	}
	time.Sleep(latency)
	return sim.Faults[name]
}

// completeMove lets the writer arrive when it is time.
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

// Requests returns the moves that RDS has agreed to, such as "failover".
func (sim *Simulation) Requests() (all []string) {
	sim.locked(func() { all = append(all, sim.requests...) })
	return all
}

// Notices returns what the standby region's topic has.
func (sim *Simulation) Notices() (all []notice.Notice) {
	sim.locked(func() { all = append(all, sim.notices...) })
	return all
}

// Calls returns every call, that of the primary region's with "primary " before it, and forgets them.
func (sim *Simulation) Calls() (all []string) {
	sim.locked(func() { all, sim.calls = sim.calls, nil })
	return all
}

// Metrics returns the last values in the standby region by name, and region where there is one.
func (sim *Simulation) Metrics() (all map[string]float64) {
	sim.locked(func() { all = sim.metrics })
	return all
}

// State returns the journal's state.
func (sim *Simulation) State() journal.State { return sim.Table.State() }
