package world

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"warmstandby/lambda/failover/aurora"
	"warmstandby/lambda/failover/config"
	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/evidence"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/move"
	"warmstandby/lambda/failover/notice"
	"warmstandby/lambda/failover/readiness"
	"warmstandby/lambda/failover/watch"
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

// World is both regions.
type World struct {
	Table *Table
	// What may be set between runs.
	Set         decision.Mode // the mode that the parameter holds
	MoveTakes   time.Duration // how long RDS takes to move the writer
	MoveRefused error         // what RDS answers to a request
	AnswerLost  bool          // RDS hears a request, and its answer is lost
	Cancels     bool          // RDS agrees to a move and leaves the writer where it was
	Database    aurora.Global // but for its members
	Standby     aurora.Cluster
	Faults      map[string]error // by question
	// What the command line meets beside it.
	PrimaryCluster aurora.Cluster
	BackLag        time.Duration // of replication to the primary region
	Lag            time.Duration // of replication to the standby region, as CloudWatch has it
	ConnectFails   error

	mu            sync.Mutex
	fuse          *Fuse
	writer        string
	next          string // where the writer goes, until arrives
	arrives       time.Time
	away, back    time.Time // when the writer last left the primary region, and when it last came back
	regionLost    time.Time
	split         time.Time
	applicationIs string
	westIs        string
	calls         []string
	requests      []string
	notices       []notice.Notice
	metrics       map[string]float64
	document      time.Time
	report        readiness.Report
	deleted       bool
	gone          map[string]bool // members that left the global database, by ARN
}

// New returns a world with nothing wrong.
func New() *World {
	fuse := NewFuse(0)
	fuse.Replace(-1)
	return &World{
		Table: &Table{Fuse: fuse}, fuse: fuse, Set: decision.Automatic, MoveTakes: 3 * time.Second, writer: East,
		Database:       aurora.Global{Status: "available", EngineVersion: "16.8"},
		Standby:        available("records-secondary"),
		PrimaryCluster: available("records-primary"),
		BackLag:        50 * time.Millisecond, Lag: 50 * time.Millisecond, gone: map[string]bool{},
		Faults: map[string]error{}, applicationIs: "status 200", westIs: "status 200",
	}
}

// available is a cluster that could have the writer.
func available(identifier string) aurora.Cluster {
	return aurora.Cluster{
		Identifier: identifier, Status: "available", EngineVersion: "16.8",
		Instances: []aurora.Instance{{Identifier: "one", Status: "available"}},
	}
}

// Watch returns the equipment of a run.
func (w *World) Watch(owner string) watch.Watch {
	c, log := Config(), slog.New(slog.DiscardHandler)
	board := notice.Topics{Standby: topic{w, ""}, Primary: topic{w, "primary"}, Log: log}
	return watch.Watch{
		Config: c, Sources: w.Sources(), Store: w.Table, Reports: w, Board: board,
		Mover:   move.Mover{Database: w, Board: board, Notices: notice.Writer{Config: c}, Log: log},
		Standby: gauge{w, ""}, Primary: gauge{w, "primary"}, Documents: w, Log: log, Owner: owner,
	}
}

// Sources returns what is asked for evidence.
func (w *World) Sources() evidence.Sources {
	return evidence.Sources{Databases: w, Replication: w, Heartbeats: w, Modes: w, Prober: w}
}

// Fuse kills the next run; see Fuse.
func (w *World) Fuse() *Fuse { return w.fuse }

// LoseRegion makes the primary region unreachable from now on, and its database stop.
func (w *World) LoseRegion() { w.set(func() { w.regionLost = time.Now() }) }

// Split lets nothing pass between the regions from now on, each of which answers whoever asks it.
func (w *World) Split() { w.set(func() { w.split = time.Now() }) }

// LoseApplication makes the primary region's application answer so, such as "status 503".
func (w *World) LoseApplication(got string) { w.set(func() { w.applicationIs = got }) }

// LoseStandby makes the standby region's application answer so.
func (w *World) LoseStandby(got string) { w.set(func() { w.westIs = got }) }

// Heal ends all losses.
func (w *World) Heal() {
	w.set(func() {
		w.regionLost, w.split, w.applicationIs, w.westIs = time.Time{}, time.Time{}, "status 200", "status 200"
	})
}

// PutWriter makes a cluster the writer, as an operator would by hand.
func (w *World) PutWriter(arn string) { w.set(func() { w.put(arn) }) }

// put makes a cluster the writer. The caller holds mu.
func (w *World) put(arn string) {
	switch {
	case w.writer == East && arn != East:
		w.away = time.Now()
	case w.writer != East && arn == East:
		w.back = time.Now()
	}
	w.writer = arn
}

func (w *World) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

// lost says since when the primary region is, zero when it is not.
func (w *World) lost() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.regionLost
}

// cut says since when nothing of the primary region arrives in the standby, zero when it does.
func (w *World) cut() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.split.IsZero() || !w.regionLost.IsZero() && w.regionLost.Before(w.split) {
		return w.regionLost
	}
	return w.split
}

// call notes a call and kills the run when it is its time. A call of a region that is lost hangs until its caller gives up.
func (w *World) call(ctx context.Context, name, region string) error {
	w.set(func() { w.calls = append(w.calls, strings.TrimSpace(region+" "+name)) })
	if err := w.fuse.burn(ctx, name); err != nil {
		return err
	}
	if region == "primary" && !w.lost().IsZero() {
		<-ctx.Done()
		return ctx.Err()
	}
	time.Sleep(latency)
	return w.Faults[name]
}

// settle lets the writer arrive when it is time.
func (w *World) settle() {
	if w.next != "" && !time.Now().Before(w.arrives) {
		if !w.Cancels {
			w.put(w.next)
		}
		w.next = ""
	}
}

// Writer returns the ARN of the writer.
func (w *World) Writer() (arn string) {
	w.set(func() { w.settle(); arn = w.writer })
	return arn
}

// Requests returns the moves that RDS has agreed to, such as "failover".
func (w *World) Requests() (all []string) {
	w.set(func() { all = append(all, w.requests...) })
	return all
}

// Notices returns what the standby region's topic has.
func (w *World) Notices() (all []notice.Notice) {
	w.set(func() { all = append(all, w.notices...) })
	return all
}

// Calls returns every call, that of the primary region's with "primary " before it, and forgets them.
func (w *World) Calls() (all []string) { w.set(func() { all, w.calls = w.calls, nil }); return all }

// Metrics returns the last values in the standby region by name, and region where there is one.
func (w *World) Metrics() (all map[string]float64) { w.set(func() { all = w.metrics }); return all }

// State returns the journal's state.
func (w *World) State() journal.State { return w.Table.State() }
