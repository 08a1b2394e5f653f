// Package observe collects the evidence for a decision. It reads RDS, CloudWatch, DynamoDB and Parameter Store of the standby
// region, asks Route 53's name servers and probes the applications, all concurrently and each with a timeout. A source that fails
// is recorded as unknown; the collection as a whole never fails.
package observe

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/shared/contract/controller"
)

// gatherTimeout bounds every source. With the probes, a run with everything healthy stays well under five seconds.
const gatherTimeout = 3 * time.Second

// The health endpoints of the application: ReadyPath is 200 while the region's own cluster accepts writes, HealthPath while the
// region serves reads.
const (
	ReadyPath  = "/readyz"
	HealthPath = "/healthz"
)

// Databases is RDS in the standby region.
type Databases interface {
	Global(ctx context.Context) (globaldb.Global, error)
	Cluster(ctx context.Context, identifier string) (globaldb.Cluster, error)
	// CommitLimit returns the lag at which a cluster's commits wait while it is the primary. No run needs it; validations and
	// operators do.
	CommitLimit(ctx context.Context, identifier string) (globaldb.CommitLimit, error)
}

// Measurement is CloudWatch's measurement of replication to a region.
type Measurement struct {
	Known bool
	// Through is the newest time up to which all data is known to have arrived.
	Through time.Time
	// Lag is the newest measurement's, and At when it was made.
	Lag time.Duration
	At  time.Time
}

// Replication is CloudWatch in the standby region.
type Replication interface {
	Replication(ctx context.Context) (Measurement, error)
}

// Heartbeats stores, in the standby region, the send time of the newest heartbeat that arrived.
type Heartbeats interface {
	// Heartbeat returns that time, false when no heartbeat has ever arrived.
	Heartbeat(ctx context.Context) (time.Time, bool, error)
}

// Modes is Parameter Store in the standby region.
type Modes interface {
	Mode(ctx context.Context) (controller.Mode, error)
}

// Router is Route 53's data plane.
type Router interface {
	// Route returns where the global name leads. What is not known is no error: Detail says why.
	Route(ctx context.Context) (decision.Routing, error)
}

// Sources are the clients that Gather reads.
type Sources struct {
	Databases   Databases
	Replication Replication
	Heartbeats  Heartbeats
	Modes       Modes
	Prober      Prober
	Router      Router
}

// Snapshot is the state of both regions as Gather read it.
type Snapshot struct {
	Global       globaldb.Global
	Standby      globaldb.Cluster
	Replication  Measurement
	Heartbeat    decision.Heartbeat
	Mode         controller.Mode
	StandbyProbe ProbeResult // of the standby's application
	PrimaryReads ProbeResult // of a read at the primary region's application
	Routing      decision.Routing
	// Unknown has the error of every source that could not be read, by the source's name.
	Unknown map[string]error

	cfg controller.Config
}

// The names of the sources in Unknown.
const (
	SourceGlobalCluster  = "the global database"
	SourceStandbyCluster = "the standby's DB cluster"
	SourceReplication    = "replication"
	SourceHeartbeat      = "the heartbeat"
	SourceMode           = "the mode"
	SourceRouting        = "Route 53's name servers"
)

// Gather reads all sources concurrently. It returns after gatherTimeout at the latest.
func Gather(ctx context.Context, c controller.Config, sources Sources) Snapshot {
	ctx, cancel := context.WithTimeout(ctx, gatherTimeout)
	defer cancel()
	snapshot := Snapshot{Unknown: map[string]error{}, cfg: c}
	var all sync.WaitGroup
	var mu sync.Mutex
	ask := func(source string, question func() error) {
		all.Go(func() {
			if err := question(); err != nil {
				mu.Lock()
				defer mu.Unlock()
				snapshot.Unknown[source] = err
			}
		})
	}
	ask(SourceGlobalCluster, func() (err error) { snapshot.Global, err = sources.Databases.Global(ctx); return err })
	ask(SourceStandbyCluster, func() (err error) {
		snapshot.Standby, err = sources.Databases.Cluster(ctx, c.StandbyCluster)
		return err
	})
	ask(SourceReplication, func() (err error) { snapshot.Replication, err = sources.Replication.Replication(ctx); return err })
	ask(SourceMode, func() (err error) { snapshot.Mode, err = sources.Modes.Mode(ctx); return err })
	ask(SourceHeartbeat, func() (err error) {
		snapshot.Heartbeat.At, snapshot.Heartbeat.Known, err = sources.Heartbeats.Heartbeat(ctx)
		return err
	})
	ask(SourceRouting, func() (err error) { snapshot.Routing, err = sources.Router.Route(ctx); return err })
	all.Go(func() { snapshot.PrimaryReads = sources.Prober.Probe(ctx, c.PrimaryURL+HealthPath) })
	all.Go(func() { snapshot.StandbyProbe = sources.Prober.Probe(ctx, c.StandbyURL+HealthPath) })
	all.Wait()
	return snapshot
}

func (s Snapshot) answered(source string) bool { return s.Unknown[source] == nil }

// Evidence converts the snapshot for package decision, and adds the journal's record of write probes and of the last move.
func (s Snapshot) Evidence(now time.Time, writes decision.Writes, lastMove time.Time) decision.Evidence {
	return decision.Evidence{
		Now: now, Mode: s.Mode, LastMove: lastMove, Writes: writes, Heartbeat: s.Heartbeat,
		Database:    s.database(),
		Replication: decision.Replication{Known: s.Replication.Known, Through: s.Replication.Through},
		Standby:     s.StandbyCondition(),
		Routing:     s.Users(),
		PrimaryReads: decision.Reads{
			Known: s.PrimaryReads.Outcome != "", OK: s.PrimaryReads.OK, Outcome: s.PrimaryReads.Outcome,
		},
	}
}

// Users returns where Route 53 sends them: not known, with the error as its detail, when the name servers could not be asked.
func (s Snapshot) Users() decision.Routing {
	if err := s.Unknown[SourceRouting]; err != nil {
		return decision.Routing{Detail: err.Error()}
	}
	return s.Routing
}

// database is known when RDS names one writer and it is one of the two clusters, or says that it is moving.
func (s Snapshot) database() decision.Database {
	writer, named := s.Global.Writer()
	known := s.answered(SourceGlobalCluster) &&
		(s.Global.Moving || named && (writer.ARN == s.cfg.StandbyClusterARN || writer.ARN == s.cfg.PrimaryClusterARN))
	return decision.Database{
		Known: known, Status: s.Global.Status,
		Moving: known && s.Global.Moving, WriterInStandby: known && writer.ARN == s.cfg.StandbyClusterARN,
	}
}

// StandbyCondition says whether the standby region could take over: its application answers, and its DB cluster could have the
// writer.
func (s Snapshot) StandbyCondition() decision.Standby {
	var faults []string
	if !s.StandbyProbe.OK {
		faults = append(faults, "its application does not answer "+HealthPath+" (got "+s.StandbyProbe.Outcome+")")
	}
	if s.answered(SourceGlobalCluster) {
		if _, member := s.Global.Member(s.cfg.StandbyClusterARN); !member {
			faults = append(faults, "DB cluster "+s.cfg.StandbyCluster+" is no member of the global database")
		}
	}
	if s.answered(SourceStandbyCluster) && s.answered(SourceGlobalCluster) {
		faults = append(faults, s.Standby.Faults(s.Global.EngineVersion)...)
	}
	return decision.Standby{Known: s.answered(SourceGlobalCluster) && s.answered(SourceStandbyCluster) || len(faults) > 0, Faults: faults}
}

// WriterRegion returns the writer's region; empty while it is unknown or the writer is being moved.
func (s Snapshot) WriterRegion() string {
	if writer, named := s.Global.Writer(); named && s.answered(SourceGlobalCluster) && !s.Global.Moving {
		return writer.Region()
	}
	return ""
}

// VersionsDiffer says whether the engines of the standby and the writer differ in version; the second result, whether that
// is known.
func (s Snapshot) VersionsDiffer() (differ, known bool) {
	return s.Standby.EngineVersion != s.Global.EngineVersion, s.answered(SourceStandbyCluster) && s.answered(SourceGlobalCluster)
}

// Unanswered says what had no answer, in one line, nothing when everything had one.
func (s Snapshot) Unanswered() string {
	var unanswered []string
	for _, source := range [...]string{
		SourceGlobalCluster, SourceStandbyCluster, SourceReplication, SourceHeartbeat, SourceMode, SourceRouting,
	} {
		if err := s.Unknown[source]; err != nil {
			unanswered = append(unanswered, fmt.Sprintf("%s: %v", source, err))
		}
	}
	return strings.Join(unanswered, "; ")
}
