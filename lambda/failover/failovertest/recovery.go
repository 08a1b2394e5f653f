package failovertest

import (
	"context"
	"time"

	"warmstandby/lambda/failover/recovery"
)

// Restoring is RDS in the region of an old volume's snapshot, and the application's function there.
type Restoring struct {
	All []recovery.Snapshot // of the primary region
	// Cluster is the restored cluster, nil when there is none.
	Cluster *recovery.Restored
	// Answers are those of the function's steps, in order; the last one is repeated.
	Answers []recovery.Answer
	Pages   []recovery.Page
	// Asked are the steps and questions that the function got.
	Asked []any
}

// OldVolume is the name of a snapshot of the primary region's old volume.
const OldVolume = recovery.SnapshotPrefix + "records-primary-2026-03-01-12-00-00"

// newRestoring has the snapshot of the primary region's old volume, of which nothing was lost.
func newRestoring() *Restoring {
	return &Restoring{
		All:     []recovery.Snapshot{{Name: OldVolume, Cluster: "records-primary", Status: "available", Created: time.Unix(0, 0)}},
		Answers: []recovery.Answer{{}},
		Pages:   []recovery.Page{{}},
	}
}

// restorer implements recovery.Databases and recovery.Application on a simulation.
type restorer struct {
	*Simulation
	*Restoring
	region string
}

// Snapshots implements recovery.Databases.
func (r restorer) Snapshots(ctx context.Context, cluster, name string) ([]recovery.Snapshot, error) {
	var found []recovery.Snapshot
	for _, one := range r.All {
		if r.region == Config().PrimaryRegion && (one.Name == name || name == "" && one.Cluster == cluster) {
			found = append(found, one)
		}
	}
	return found, r.call(ctx, "DescribeDBClusterSnapshots", "")
}

// Restored implements recovery.Databases.
func (r restorer) Restored(ctx context.Context, _ string) (recovery.Restored, bool, error) {
	if r.Restoring.Cluster == nil {
		return recovery.Restored{}, false, r.call(ctx, "DescribeDBClusters", "")
	}
	return *r.Restoring.Cluster, true, r.call(ctx, "DescribeDBClusters", "")
}

// Restore implements recovery.Databases.
func (r restorer) Restore(ctx context.Context, snapshot recovery.Snapshot, identifier, like string) error {
	if err := r.call(ctx, "RestoreDBClusterFromSnapshot "+identifier+" like "+like, ""); err != nil {
		return err
	}
	r.Restoring.Cluster = &recovery.Restored{
		Identifier: identifier, Status: "available", Host: "restored", Port: 5432, Snapshot: snapshot.Name,
	}
	return nil
}

// AddInstance implements recovery.Databases.
func (r restorer) AddInstance(ctx context.Context, identifier string) error {
	if err := r.call(ctx, "CreateDBInstance "+identifier, ""); err != nil {
		return err
	}
	r.Restoring.Cluster.Instance = "available"
	return nil
}

// Delete implements recovery.Databases.
func (r restorer) Delete(ctx context.Context, restored recovery.Restored) error {
	if err := r.call(ctx, "DeleteDBCluster "+restored.Identifier, ""); err != nil {
		return err
	}
	r.Restoring.Cluster = nil
	return nil
}

// Reconcile implements recovery.Application.
func (r restorer) Reconcile(ctx context.Context, step recovery.Step) (recovery.Answer, error) {
	if err := r.call(ctx, "Invoke reconcile", ""); err != nil {
		return recovery.Answer{}, err
	}
	r.Asked = append(r.Asked, step)
	answer := r.Answers[0]
	if len(r.Answers) > 1 {
		r.Restoring.Answers = r.Answers[1:]
	}
	return answer, nil
}

// Report implements recovery.Application. A question after the last row has no row.
func (r restorer) Report(ctx context.Context, question recovery.Question) (recovery.Page, error) {
	if err := r.call(ctx, "Invoke report", ""); err != nil {
		return recovery.Page{}, err
	}
	r.Asked = append(r.Asked, question)
	if question.After >= len(r.Pages) {
		return recovery.Page{}, nil
	}
	return r.Pages[question.After], nil
}
