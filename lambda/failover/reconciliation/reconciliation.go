// Package reconciliation brings back what a failover with data loss has given up; `make reconcile` calls it. RDS keeps the volume of the
// old primary as a snapshot. The snapshot is restored to a cluster of its own, the application's function compares that cluster with the
// writer step by step and writes back what does not collide, and the restored cluster is deleted. The package knows no AWS SDK and no
// database.
//
// Package restore, which makes a cluster with the data of an earlier time, writes nothing back. Package controlloop is the run of every
// minute.
package reconciliation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// SnapshotPrefix begins the names of the snapshots that RDS takes of an old primary's volume (Amazon Aurora User Guide, "Recovering
// an Amazon Aurora global database from an unplanned outage").
const SnapshotPrefix = "rds:unplanned-global-failover-"

// The purposes in the identifiers of the database's clusters, aurora-records-primary-prod, and of a restored one,
// aurora-reconcile-primary-prod. The application's function opens no other (lambda/app/src/reconcile/source.js).
const (
	purpose         = "records-"
	restoredPurpose = "reconcile-"
)

// afterLastRow is a row number that no report reaches, so that a query for it is answered without rows.
const afterLastRow = 1 << 30

// Report is the result of a reconciliation: the snapshot with its time and region, how many changes were compared, and the lost ones.
type Report struct {
	Snapshot string    `json:"snapshot"`
	TakenAt  time.Time `json:"takenAt"`
	Region   string    `json:"region"`
	Compared int       `json:"compared"`
	Fork     *Fork     `json:"fork,omitempty"`
	Totals   Totals    `json:"totals"`
	Rows     []Row     `json:"rows"`
}

// Refusal is the error that says in one line why nothing was compared.
type Refusal struct {
	Reason string
	// Keep leaves the restored cluster, which the operator can mend as Reason says; the next run uses it.
	Keep bool
}

// Error implements error.
func (r Refusal) Error() string { return r.Reason }

// Source is a region in which the snapshot of an old volume may be, with its DB cluster: either region, since both clusters can have been
// the primary.
type Source struct {
	Region, Cluster string
	Databases       Databases
	Application     Application
}

// Reconciliation is one run of `make reconcile`.
type Reconciliation struct {
	// Sources are both regions.
	Sources []Source
	// Snapshot is the name of the snapshot, the newest of the clusters' old volumes when it is empty.
	Snapshot string
	// Keep leaves the restored cluster, which costs until the next run without Keep deletes it.
	Keep     bool
	Progress func(format string, values ...any)
}

// regional is a reconciliation in the region of its snapshot.
type regional struct {
	Source
	progress func(format string, values ...any)
}

// Run reconciles. After an error it may be run again, and goes on: a restored cluster of the same snapshot is used as it is, and
// the function finds what is missing still.
func (r Reconciliation) Run(ctx context.Context) (report Report, err error) {
	source, snapshot, err := r.find(ctx)
	if err != nil {
		return Report{}, err
	}
	region := regional{Source: source, progress: r.Progress}
	identifier := strings.Replace(region.Cluster, purpose, restoredPurpose, 1)
	if identifier == region.Cluster {
		return Report{}, Refusal{
			Reason: fmt.Sprintf("DB cluster %s is not named as the platform names its clusters: %q is not in it", region.Cluster, purpose),
		}
	}
	// Before anything is begun, this query shows that the function may be invoked and that it reaches the writer.
	if _, err := region.Application.Report(ctx, ReportQuery{Task: taskReport, Source: snapshot.Name, After: afterLastRow}); err != nil {
		return Report{}, err
	}
	report = Report{Snapshot: snapshot.Name, TakenAt: snapshot.Created, Region: region.Region, Rows: []Row{}}
	restored, err := region.restore(ctx, snapshot, identifier)
	if err != nil {
		return report, err
	}
	if err := region.compare(ctx, snapshot, restored, &report); err != nil {
		refusal := Refusal{}
		if errors.As(err, &refusal) && !r.Keep && !refusal.Keep {
			err = errors.Join(err, region.delete(ctx, restored))
		}
		return report, err
	}
	if err := region.collect(ctx, &report); err != nil || r.Keep {
		return report, err
	}
	return report, region.delete(ctx, restored)
}

// find returns the snapshot and its region. A region that does not answer is an error: its snapshot may be the newest.
func (r Reconciliation) find(ctx context.Context) (Source, Snapshot, error) {
	var found Source
	var newest Snapshot
	var clusters []string
	for _, source := range r.Sources {
		all, err := source.Databases.Snapshots(ctx, source.Cluster, r.Snapshot)
		if err != nil {
			return Source{}, Snapshot{}, fmt.Errorf("looking for the snapshot in %s: %w", source.Region, err)
		}
		clusters = append(clusters, source.Cluster+" in "+source.Region)
		for _, one := range all {
			wanted := r.Snapshot != "" || strings.HasPrefix(one.Name, SnapshotPrefix)
			if wanted && (newest.Name == "" || one.Created.After(newest.Created)) {
				found, newest = source, one
			}
		}
	}
	switch {
	case newest.Name == "" && r.Snapshot != "":
		return Source{}, Snapshot{}, Refusal{Reason: fmt.Sprintf("There is no snapshot %s of %s.", r.Snapshot, strings.Join(clusters, " or "))}
	case newest.Name == "":
		return Source{}, Snapshot{}, Refusal{Reason: fmt.Sprintf("There is no snapshot %s… of %s: RDS takes it after a failover with data loss, "+
			"when the region is back.", SnapshotPrefix, strings.Join(clusters, " or "))}
	case newest.Cluster != found.Cluster:
		return Source{}, Snapshot{}, Refusal{
			Reason: fmt.Sprintf("Snapshot %s is of DB cluster %s, not of %s.", newest.Name, newest.Cluster, found.Cluster),
		}
	case newest.Status != available:
		return Source{}, Snapshot{}, Refusal{Reason: fmt.Sprintf("Snapshot %s is %s: wait until it is available.", newest.Name, newest.Status)}
	}
	return found, newest, nil
}
