package reconciliation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// available is the status of a cluster and of an instance that can be used.
const available = "available"

// failedStatuses begin the statuses that a new cluster does not leave by itself (Amazon Aurora User Guide, "Viewing DB cluster status").
var failedStatuses = []string{"inaccessible", "cloning-failed", "migration-failed", "incompatible", "failed", "deleting"}

// pollInterval is the time between two descriptions of a cluster that is being restored, which takes RDS minutes.
const pollInterval = 5 * time.Second

// Snapshot is a snapshot of a cluster.
type Snapshot struct {
	Name    string
	Cluster string // the identifier of the cluster whose volume it has
	Status  string
	Created time.Time
}

// RestoredCluster is a cluster that was restored from a snapshot. Instance is the status of its instance, empty when there is none.
type RestoredCluster struct {
	Identifier, Status, Instance string
	Host                         string
	Port                         int32
	// Snapshot is the value of the cluster's tag with the name of its snapshot.
	Snapshot string
}

// Databases is RDS in the region of the snapshot.
type Databases interface {
	// Snapshots returns the snapshots of a cluster, or the snapshot of that name unless name is empty, of any cluster. None is no error.
	Snapshots(ctx context.Context, cluster, name string) ([]Snapshot, error)
	// Restored returns a restored cluster; false if there is none.
	Restored(ctx context.Context, identifier string) (RestoredCluster, bool, error)
	// Restore restores a snapshot to a cluster with the network, the groups and the capacity of another one.
	Restore(ctx context.Context, snapshot Snapshot, identifier, like string) error
	// AddInstance adds the instance of a restored cluster.
	AddInstance(ctx context.Context, identifier string) error
	// Delete deletes a restored cluster, and its instance if it has one.
	Delete(ctx context.Context, restored RestoredCluster) error
}

// restore restores the snapshot unless that was done, and returns the restored cluster when it accepts connections.
func (r regional) restore(ctx context.Context, snapshot Snapshot, identifier string) (RestoredCluster, error) {
	restored, there, err := r.Databases.Restored(ctx, identifier)
	switch {
	case err != nil:
		return RestoredCluster{}, err
	case there && restored.Snapshot != snapshot.Name:
		return RestoredCluster{}, Refusal{Reason: fmt.Sprintf("DB cluster %s exists and was restored from another snapshot, %q: delete it first.",
			identifier, restored.Snapshot)}
	case !there:
		r.progress("restoring %s beside the running cluster, as %s in %s", snapshot.Name, identifier, r.Region)
		if err := r.Databases.Restore(ctx, snapshot, identifier, r.Cluster); err != nil {
			return RestoredCluster{}, err
		}
	}
	for waiting := false; ; waiting = true {
		restored, there, err = r.Databases.Restored(ctx, identifier)
		switch {
		case err != nil:
			return RestoredCluster{}, err
		case !there:
			return RestoredCluster{}, fmt.Errorf("DB cluster %s is gone: somebody has deleted it", identifier)
		case slices.ContainsFunc(failedStatuses, func(one string) bool { return strings.HasPrefix(restored.Status, one) }):
			return RestoredCluster{}, fmt.Errorf("DB cluster %s is %s: delete it and run this again", identifier, restored.Status)
		case restored.Status == available && restored.Instance == available:
			return restored, nil
		case restored.Status == available && restored.Instance == "":
			if err := r.Databases.AddInstance(ctx, identifier); err != nil {
				return RestoredCluster{}, err
			}
		case !waiting:
			r.progress("waiting for DB cluster %s", identifier)
		}
		select {
		case <-ctx.Done():
			return RestoredCluster{}, fmt.Errorf("waiting for DB cluster %s, which is %s: %w", identifier, restored.Status, ctx.Err())
		case <-time.After(pollInterval):
		}
	}
}

// delete deletes the restored cluster.
func (r regional) delete(ctx context.Context, restored RestoredCluster) error {
	r.progress("deleting DB cluster %s", restored.Identifier)
	return r.Databases.Delete(ctx, restored)
}
