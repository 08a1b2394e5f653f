// Package promotion makes a restored cluster the primary of the global database. `make restore PROMOTE=yes` calls it.
//
// RDS takes no existing cluster into a global database, and renames none that is in one. So the copy is cloned under the name that the
// stacks know, and the old clusters make room for it: their data stay as a snapshot. Names and ARNs are the same afterwards, so that
// configuration, contracts, the secret and alarms follow. The stacks make the new secondary.
//
// Each step looks at what there is and does what is missing, so that a run which was broken off goes on where it was. A new primary differs
// from the old one by the snapshot, which is older than the former and younger than the latter.
package promotion

import (
	"context"
	"errors"
	"fmt"
	"time"

	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/restore"
	"warmstandby/shared/naming"
)

// Cluster is a DB cluster with the time of its creation.
type Cluster struct {
	restore.Cluster
	Created time.Time
}

// Snapshot is a snapshot of a cluster.
type Snapshot struct {
	Status  string
	Created time.Time
}

// Database is RDS in one region. Its errors wrap [globaldb.ErrNotFound] and are a [globaldb.Refusal] where RDS declines.
type Database interface {
	Describe(ctx context.Context, cluster string) (Cluster, error)
	Snapshot(ctx context.Context, name string) (Snapshot, error)
	TakeSnapshot(ctx context.Context, cluster, name string) error
	// Clone makes a cluster of that name with the newest data of source, in its network, with its encryption, groups and tags.
	Clone(ctx context.Context, source, cluster string) error
	// AddInstance adds an instance as source has.
	AddInstance(ctx context.Context, source, cluster, instance string) error
	RemoveInstance(ctx context.Context, instance string) error
	// Remove removes a cluster without a final snapshot, although it is protected.
	Remove(ctx context.Context, cluster string) error
}

// Globals is the global database.
type Globals interface {
	Global(ctx context.Context) (globaldb.Global, error)
	Detach(ctx context.Context, arn string) error
	// Delete deletes the global database, which has no members, although it is protected.
	Delete(ctx context.Context) error
	// Create makes the global database of a cluster.
	Create(ctx context.Context, primaryARN string) error
}

// Promotion is one run.
type Promotion struct {
	// Primary and Standby are RDS of the regions, Globals the global database by the primary region.
	Primary, Standby Database
	Globals          Globals
	Environment      string
	// The clusters of the stacks.
	PrimaryCluster, StandbyCluster       string
	PrimaryClusterARN, StandbyClusterARN string
	// Paused says that the controller moves nothing.
	Paused bool
	// Wait is the pause between two descriptions.
	Wait     time.Duration
	Progress func(format string, values ...any)
}

// Report is the result: the time whose data the global database has, and the snapshot of what it had.
type Report struct {
	RestoredTo, Snapshot string
	// Done says that there was nothing left to do.
	Done bool
}

// Refusal is why nothing was begun.
type Refusal struct{ Reason string }

// Error implements error.
func (r Refusal) Error() string { return r.Reason }

const available = "available"

// names are the clusters, the instance and the snapshot of a promotion.
type names struct {
	copy, instance, snapshot string
}

// names returns the names. The instance is the stacks' own (shared/components/database); the snapshot has the time of the copy, in the form
// of the final snapshots, so that a sweep knows whose it is.
func (p Promotion) names(restoredTo time.Time) (n names, err error) {
	if n.copy, err = restore.ClusterName(p.Environment, naming.Primary); err != nil {
		return n, err
	}
	namer, err := naming.New(p.Environment)
	if err != nil {
		return n, err
	}
	if n.instance, err = namer.Name(naming.DatabaseInstance, "records", string(naming.Primary), "1"); err != nil {
		return n, err
	}
	n.snapshot, err = namer.Name(naming.DatabaseSnapshot, "records", string(naming.Primary), restoredTo.UTC().Format(naming.SnapshotTime))
	return n, err
}

// state is what there is.
type state struct {
	names
	restoredTo string
	copy       Cluster
	// primary is the cluster of that name, there unless it is missing; promoted says that it is the new one.
	primary         Cluster
	there, promoted bool
	snapshot        Snapshot
	// global is there unless it is missing.
	global      globaldb.Global
	globalThere bool
}

// Run promotes the restored cluster. After an error it may be run again, and goes on.
func (p Promotion) Run(ctx context.Context) (Report, error) {
	s, err := p.look(ctx)
	if err != nil {
		return Report{}, err
	}
	report := Report{RestoredTo: s.restoredTo, Snapshot: s.names.snapshot}
	if s.promoted && s.globalThere && s.global.WriterIs(p.PrimaryClusterARN) {
		report.Done = true
		return report, nil
	}
	if err := p.admit(s); err != nil {
		return report, err
	}
	if !s.promoted {
		if err := p.removeOldClusters(ctx, s); err != nil {
			return report, err
		}
	}
	return report, p.makePrimary(ctx, s.names)
}

// look describes what there is.
func (p Promotion) look(ctx context.Context) (s state, err error) {
	if s.names, err = p.names(time.Time{}); err != nil { // that they fit, before anything is asked; the time is not known yet
		return s, err
	}
	s.copy, err = p.Primary.Describe(ctx, s.names.copy)
	switch {
	case errors.Is(err, globaldb.ErrNotFound):
		return s, Refusal{fmt.Sprintf("there is no DB cluster %s to promote: restore one first", s.names.copy)}
	case err != nil:
		return s, fmt.Errorf("describing DB cluster %s: %w", s.names.copy, err)
	case s.copy.RestoredTo == "":
		return s, Refusal{fmt.Sprintf("DB cluster %s exists and is not tagged as restored", s.names.copy)}
	}
	s.restoredTo = s.copy.RestoredTo
	to, err := time.Parse(restore.TimeFormat, s.restoredTo)
	if err != nil {
		return s, fmt.Errorf("reading the tag %s of DB cluster %s: %w", restore.TimeTag, s.names.copy, err)
	}
	if s.names, err = p.names(to); err != nil {
		return s, err
	}
	if s.primary, s.there, err = describe(ctx, p.Primary, p.PrimaryCluster); err != nil {
		return s, err
	}
	if s.snapshot, err = p.Primary.Snapshot(ctx, s.names.snapshot); err != nil && !errors.Is(err, globaldb.ErrNotFound) {
		return s, fmt.Errorf("describing snapshot %s: %w", s.names.snapshot, err)
	}
	s.promoted = s.there && s.snapshot.Status != "" && s.primary.Created.After(s.snapshot.Created)
	s.global, err = p.Globals.Global(ctx)
	if s.globalThere = err == nil; errors.Is(err, globaldb.ErrNotFound) {
		err = nil
	}
	return s, err
}

// describe describes a cluster; there is false for none.
func describe(ctx context.Context, database Database, cluster string) (found Cluster, there bool, err error) {
	found, err = database.Describe(ctx, cluster)
	if errors.Is(err, globaldb.ErrNotFound) {
		return found, false, nil
	}
	if err != nil {
		return found, false, fmt.Errorf("describing DB cluster %s: %w", cluster, err)
	}
	return found, true, nil
}

// admit refuses what would do harm. A run that goes on has begun already, so that the old primary need not be there.
func (p Promotion) admit(s state) error {
	instances := s.copy.Instances
	writer, known := s.global.Writer()
	switch {
	case !p.Paused:
		return Refusal{"the failover controller is not paused, and would take the missing database for a loss"}
	case s.copy.Status != available || len(instances) == 0 || instances[0].Status != available:
		return Refusal{fmt.Sprintf("DB cluster %s does not serve yet: finish the restore and verify it", s.names.copy)}
	case !s.there && s.snapshot.Status != available:
		return Refusal{fmt.Sprintf("DB cluster %s is missing, and so is snapshot %s of it: nothing says that this promotion was begun",
			p.PrimaryCluster, s.names.snapshot)}
	case s.globalThere && s.global.Moving:
		return Refusal{"the writer is being moved"}
	case s.globalThere && len(s.global.Members) > 0 && (!known || writer.ARN != p.PrimaryClusterARN):
		return Refusal{fmt.Sprintf("the writer is not DB cluster %s: fail back first, and restore there", p.PrimaryCluster)}
	}
	return nil
}
