// Package evidence finds out what the controller decides on: it asks RDS, CloudWatch, DynamoDB and Parameter Store of the
// standby region and probes both applications, all at once and each within its time. What is not found out is not known;
// nothing here fails as a whole.
package evidence

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"warmstandby/lambda/failover/aurora"
	"warmstandby/lambda/failover/config"
	"warmstandby/lambda/failover/decision"
)

// gatherTime bounds each question. With the probes it leaves a run with all healthy well under five seconds.
const gatherTime = 3 * time.Second

// The paths that the applications answer: whether a region's own cluster accepts writes, and whether a region serves reads.
const (
	ReadyPath  = "/readyz"
	HealthPath = "/healthz"
)

// Databases is RDS in the standby region.
type Databases interface {
	Global(ctx context.Context) (aurora.Global, error)
	Cluster(ctx context.Context, identifier string) (aurora.Cluster, error)
}

// Measurement is what CloudWatch has of replication to a region.
type Measurement struct {
	Known bool
	// Through is the newest moment up to which all data is known to have arrived.
	Through time.Time
	// Lag is the newest measurement's, and At when it was made.
	Lag time.Duration
	At  time.Time
}

// Replication is CloudWatch in the standby region.
type Replication interface {
	Replication(ctx context.Context) (Measurement, error)
}

// Heartbeats is where the standby region keeps when the last heartbeat was sent that reached it.
type Heartbeats interface {
	// Heartbeat returns false when none ever did.
	Heartbeat(ctx context.Context) (time.Time, bool, error)
}

// Modes is Parameter Store in the standby region.
type Modes interface {
	Mode(ctx context.Context) (decision.Mode, error)
}

// Sources are what is asked.
type Sources struct {
	Databases   Databases
	Replication Replication
	Heartbeats  Heartbeats
	Modes       Modes
	Prober      Prober
}

// Found is what was found out.
type Found struct {
	Global      aurora.Global
	Standby     aurora.Cluster
	Replication Measurement
	Heartbeat   decision.Heartbeat
	Mode        decision.Mode
	Health      Result // of the standby's application
	// Unknown has an error for each question that had no answer, by the question.
	Unknown map[string]error

	c config.Config
}

// The questions, as they are named in Unknown.
const (
	AskGlobal      = "the global database"
	AskStandby     = "the standby's DB cluster"
	AskReplication = "replication"
	AskHeartbeat   = "the heartbeat"
	AskMode        = "the mode"
)

// Gather asks all sources. It returns after gatherTime at the latest.
func Gather(ctx context.Context, c config.Config, from Sources) Found {
	ctx, cancel := context.WithTimeout(ctx, gatherTime)
	defer cancel()
	found := Found{Unknown: map[string]error{}, c: c}
	var all sync.WaitGroup
	var mu sync.Mutex
	ask := func(what string, question func() error) {
		all.Go(func() {
			if err := question(); err != nil {
				mu.Lock()
				defer mu.Unlock()
				found.Unknown[what] = err
			}
		})
	}
	ask(AskGlobal, func() (err error) { found.Global, err = from.Databases.Global(ctx); return err })
	ask(AskStandby, func() (err error) { found.Standby, err = from.Databases.Cluster(ctx, c.StandbyCluster); return err })
	ask(AskReplication, func() (err error) { found.Replication, err = from.Replication.Replication(ctx); return err })
	ask(AskMode, func() (err error) { found.Mode, err = from.Modes.Mode(ctx); return err })
	ask(AskHeartbeat, func() (err error) {
		found.Heartbeat.At, found.Heartbeat.Known, err = from.Heartbeats.Heartbeat(ctx)
		return err
	})
	all.Go(func() { found.Health = from.Prober.Probe(ctx, c.StandbyURL+HealthPath) })
	all.Wait()
	return found
}

func (f Found) knows(what string) bool { return f.Unknown[what] == nil }

// Evidence is what was found, as the decision wants it, with what is remembered of the probes and of the last move.
func (f Found) Evidence(now time.Time, writes decision.Writes, lastMove time.Time) decision.Evidence {
	return decision.Evidence{
		Now: now, Mode: f.Mode, LastMove: lastMove, Writes: writes, Heartbeat: f.Heartbeat,
		Database:    f.database(),
		Replication: decision.Replication{Known: f.Replication.Known, Through: f.Replication.Through},
		Standby:     f.StandbyHealth(),
	}
}

// database is known when RDS names one writer and it is one of the two clusters, or says that it is moving.
func (f Found) database() decision.Database {
	writer, named := f.Global.Writer()
	known := f.knows(AskGlobal) && (f.Global.Moving || named && (writer.ARN == f.c.StandbyClusterARN || writer.ARN == f.c.PrimaryClusterARN))
	return decision.Database{
		Known: known, Status: f.Global.Status,
		Moving: known && f.Global.Moving, WriterInStandby: known && writer.ARN == f.c.StandbyClusterARN,
	}
}

// StandbyHealth says whether the standby region could take over: its application answers, and its DB cluster could have the
// writer.
func (f Found) StandbyHealth() decision.Standby {
	var faults []string
	if !f.Health.Good {
		faults = append(faults, "its application does not answer "+HealthPath+" (got "+f.Health.Got+")")
	}
	if f.knows(AskGlobal) {
		if _, member := f.Global.Member(f.c.StandbyClusterARN); !member {
			faults = append(faults, "DB cluster "+f.c.StandbyCluster+" is no member of the global database")
		}
	}
	if f.knows(AskStandby) && f.knows(AskGlobal) {
		faults = append(faults, f.Standby.Faults(f.Global.EngineVersion)...)
	}
	return decision.Standby{Known: f.knows(AskGlobal) && f.knows(AskStandby) || len(faults) > 0, Faults: faults}
}

// WriterRegion returns where the writer is, nothing while that is not known or changes.
func (f Found) WriterRegion() string {
	if writer, named := f.Global.Writer(); named && f.knows(AskGlobal) && !f.Global.Moving {
		return writer.Region()
	}
	return ""
}

// VersionsDiffer says whether the engines of the standby and the writer differ in version; the second result, whether that
// is known.
func (f Found) VersionsDiffer() (differ, known bool) {
	return f.Standby.EngineVersion != f.Global.EngineVersion, f.knows(AskStandby) && f.knows(AskGlobal)
}

// Questions says what had no answer, in one line, nothing when everything had one.
func (f Found) Questions() string {
	var open []string
	for _, what := range [...]string{AskGlobal, AskStandby, AskReplication, AskHeartbeat, AskMode} {
		if err := f.Unknown[what]; err != nil {
			open = append(open, fmt.Sprintf("%s: %v", what, err))
		}
	}
	return strings.Join(open, "; ")
}
