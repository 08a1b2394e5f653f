package failovertest

import (
	"context"
	"time"

	"warmstandby/lambda/failover/reconciliation"
)

// Restoring is RDS in the region of an old volume's snapshot, and the application's function there.
type Restoring struct {
	All []reconciliation.Snapshot // of the primary region
	// Cluster is the restored cluster, nil when there is none.
	Cluster *reconciliation.RestoredCluster
	// Answers are those of the function's steps, in order; the last one is repeated.
	Answers []reconciliation.StepResult
	Pages   []reconciliation.Page
	// Asked are the steps and querys that the function got.
	Asked []any
}

// OldVolume is the name of a snapshot of the primary region's old volume.
const OldVolume = reconciliation.SnapshotPrefix + "records-primary-2026-03-01-12-00-00"

// newRestoring has the snapshot of the primary region's old volume, of which nothing was lost.
func newRestoring() *Restoring {
	return &Restoring{
		All:     []reconciliation.Snapshot{{Name: OldVolume, Cluster: "records-primary", Status: "available", Created: time.Unix(0, 0)}},
		Answers: []reconciliation.StepResult{{}},
		Pages:   []reconciliation.Page{{}},
	}
}

// snapshotRestorer implements reconciliation.Databases and reconciliation.Application on a simulation.
type snapshotRestorer struct {
	*Simulation
	*Restoring
	region string
}

// Snapshots implements reconciliation.Databases.
func (r snapshotRestorer) Snapshots(ctx context.Context, cluster, name string) ([]reconciliation.Snapshot, error) {
	var found []reconciliation.Snapshot
	for _, one := range r.All {
		if r.region == Config().PrimaryRegion && (one.Name == name || name == "" && one.Cluster == cluster) {
			found = append(found, one)
		}
	}
	return found, r.call(ctx, "DescribeDBClusterSnapshots", "")
}

// Restored implements reconciliation.Databases.
func (r snapshotRestorer) Restored(ctx context.Context, _ string) (reconciliation.RestoredCluster, bool, error) {
	if r.Restoring.Cluster == nil {
		return reconciliation.RestoredCluster{}, false, r.call(ctx, "DescribeDBClusters", "")
	}
	return *r.Restoring.Cluster, true, r.call(ctx, "DescribeDBClusters", "")
}

// Restore implements reconciliation.Databases.
func (r snapshotRestorer) Restore(ctx context.Context, snapshot reconciliation.Snapshot, identifier, like string) error {
	if err := r.call(ctx, "RestoreDBClusterFromSnapshot "+identifier+" like "+like, ""); err != nil {
		return err
	}
	r.Restoring.Cluster = &reconciliation.RestoredCluster{
		Identifier: identifier, Status: "available", Host: "restored", Port: 5432, Snapshot: snapshot.Name,
	}
	return nil
}

// AddInstance implements reconciliation.Databases.
func (r snapshotRestorer) AddInstance(ctx context.Context, identifier string) error {
	if err := r.call(ctx, "CreateDBInstance "+identifier, ""); err != nil {
		return err
	}
	r.Restoring.Cluster.Instance = "available"
	return nil
}

// Delete implements reconciliation.Databases.
func (r snapshotRestorer) Delete(ctx context.Context, restored reconciliation.RestoredCluster) error {
	if err := r.call(ctx, "DeleteDBCluster "+restored.Identifier, ""); err != nil {
		return err
	}
	r.Restoring.Cluster = nil
	return nil
}

// Reconcile implements reconciliation.Application.
func (r snapshotRestorer) Reconcile(ctx context.Context, step reconciliation.Step) (reconciliation.StepResult, error) {
	if err := r.call(ctx, "Invoke reconcile", ""); err != nil {
		return reconciliation.StepResult{}, err
	}
	r.Asked = append(r.Asked, step)
	answer := r.Answers[0]
	if len(r.Answers) > 1 {
		r.Restoring.Answers = r.Answers[1:]
	}
	return answer, nil
}

// Report implements reconciliation.Application. A query for rows after the last row has no row.
func (r snapshotRestorer) Report(ctx context.Context, query reconciliation.ReportQuery) (reconciliation.Page, error) {
	if err := r.call(ctx, "Invoke report", ""); err != nil {
		return reconciliation.Page{}, err
	}
	r.Asked = append(r.Asked, query)
	if query.After >= len(r.Pages) {
		return reconciliation.Page{}, nil
	}
	return r.Pages[query.After], nil
}
