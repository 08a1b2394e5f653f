// Package recovery brings back what a failover with data loss has given up. RDS keeps the old volume as a snapshot. It is restored to
// a cluster beside the running ones, the application's function compares both databases step by step and writes back what does not
// collide, and the restored cluster is deleted. The package knows no AWS SDK and no database.
package recovery

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

// available is the status of a cluster and of an instance that can be used.
const available = "available"

// failedStatuses begin the statuses that a new cluster does not leave by itself (Amazon Aurora User Guide, "Viewing DB cluster status").
var failedStatuses = []string{"inaccessible", "cloning-failed", "migration-failed", "incompatible", "failed", "deleting"}

// pollInterval is the time between two questions how far a restore is, which takes RDS minutes.
const pollInterval = 5 * time.Second

// stepAttempts is how often a step is tried that fails: a restored cluster accepts connections a while after it is available, and a
// step may be repeated at any time.
const stepAttempts = 5

// noRow is after the last row of any report.
const noRow = 1 << 30

// Snapshot is a snapshot of a cluster.
type Snapshot struct {
	Name    string
	Cluster string // the identifier of the cluster that it was taken of
	Status  string
	Created time.Time
}

// Restored is a restored cluster with its instance. Instance is the instance's status, empty when there is none.
type Restored struct {
	Identifier, Status, Instance string
	Host                         string
	Port                         int32
	// Snapshot is the value of the tag by which the cluster names the snapshot that it was restored of.
	Snapshot string
}

// Databases is RDS in the region of the snapshot.
type Databases interface {
	// Snapshots returns the snapshots of a cluster, or the one of a name, of whichever cluster. None is no error.
	Snapshots(ctx context.Context, cluster, name string) ([]Snapshot, error)
	// Restored returns a restored cluster; false if there is none.
	Restored(ctx context.Context, identifier string) (Restored, bool, error)
	// Restore restores a snapshot to a cluster with the network, the groups and the capacity of another one.
	Restore(ctx context.Context, snapshot Snapshot, identifier, like string) error
	// AddInstance adds the instance of a restored cluster.
	AddInstance(ctx context.Context, identifier string) error
	// Delete deletes a restored cluster, and its instance if it has one.
	Delete(ctx context.Context, restored Restored) error
}

// Step is the event of one step of the application's function.
type Step struct {
	Task       string    `json:"task"`
	Host       string    `json:"host"`
	Port       int32     `json:"port"`
	Source     string    `json:"source"`
	SnapshotAt time.Time `json:"snapshotAt"`
	Cursor     *Cursor   `json:"cursor,omitempty"`
}

// Cursor is where the function has got to.
type Cursor struct {
	Since string   `json:"since"`
	After Position `json:"after"`
}

// Position is a change in the log of the restored database.
type Position struct {
	OccurredAt string `json:"occurredAt"`
	ID         string `json:"id"`
}

// Answer is what a step has done. Next is nil when all is done; Refused says why nothing was begun.
type Answer struct {
	Compared int     `json:"compared"`
	Next     *Cursor `json:"next"`
	Refused  string  `json:"refused"`
	Fork     *Fork   `json:"fork"`
}

// Fork is where the histories part. Timeline is nil when they parted before the first change.
type Fork struct {
	Timeline *string `json:"timeline"`
	BeganAt  string  `json:"beganAt"`
}

// Question asks for a page of the report.
type Question struct {
	Task   string `json:"task"`
	Source string `json:"source"`
	After  int    `json:"after"`
}

// Page is a page of the report. Next is 0 on the last one.
type Page struct {
	Totals Totals `json:"totals"`
	Rows   []Row  `json:"rows"`
	Next   int    `json:"next"`
}

// Totals are sums over the changes that a failover lost. ConflictRecords counts records, Unpublished the events that wait in the
// outbox for the application's next maintenance, the others changes.
type Totals struct {
	Lost            int `json:"lost"`
	Returned        int `json:"returned"`
	Conflict        int `json:"conflict"`
	ConflictRecords int `json:"conflictRecords"`
	Doubled         int `json:"doubled"`
	Unpublished     int `json:"unpublished"`
}

// Row is a lost change. Reason says why it was put aside.
type Row struct {
	ID         string    `json:"id"`
	Kind       string    `json:"kind"`
	RecordID   string    `json:"recordId"`
	Version    int       `json:"version"`
	OccurredAt time.Time `json:"occurredAt"`
	Outcome    string    `json:"outcome"`
	Reason     string    `json:"reason,omitempty"`
}

// The tasks of the application's function.
const (
	taskReconcile = "reconcile"
	taskReport    = "report"
)

// Application is the application's function in the region of the snapshot, which opens the restored cluster and the writer.
type Application interface {
	Reconcile(ctx context.Context, step Step) (Answer, error)
	Report(ctx context.Context, question Question) (Page, error)
}

// Report is what has come of a reconciliation.
type Report struct {
	Snapshot string    `json:"snapshot"`
	TakenAt  time.Time `json:"takenAt"`
	Region   string    `json:"region"`
	Compared int       `json:"compared"`
	Fork     *Fork     `json:"fork,omitempty"`
	Totals   Totals    `json:"totals"`
	Rows     []Row     `json:"rows"`
}

// Refused is an error that says in one line why nothing was begun.
type Refused struct{ Reason string }

// Error implements error.
func (r Refused) Error() string { return r.Reason }

// Place is a region in which an old volume's snapshot may be: that of a cluster that was once the primary.
type Place struct {
	Region, Cluster string
	Databases       Databases
	Application     Application
}

// Recovery is one reconciliation.
type Recovery struct {
	Places []Place
	// Snapshot is the name of the snapshot, the newest of the clusters' old volumes when it is empty.
	Snapshot string
	// Keep leaves the restored cluster there.
	Keep     bool
	Progress func(format string, values ...any)
}

// restoration is a reconciliation in one place.
type restoration struct {
	Place
	progress func(format string, values ...any)
}

// Run reconciles. After an error it may be run again, and goes on: a restored cluster of the same snapshot is used as it is, and
// the function finds what is missing still.
func (r Recovery) Run(ctx context.Context) (report Report, err error) {
	place, snapshot, err := r.find(ctx)
	if err != nil {
		return Report{}, err
	}
	at := restoration{place, r.Progress}
	identifier := strings.Replace(at.Cluster, purpose, restoredPurpose, 1)
	if identifier == at.Cluster {
		return Report{}, Refused{
			fmt.Sprintf("DB cluster %s is not named as the platform names its clusters: %q is not in it", at.Cluster, purpose),
		}
	}
	// Asked before anything is begun: whether the function may be invoked, and whether it reaches the writer.
	if _, err := at.Application.Report(ctx, Question{Task: taskReport, Source: snapshot.Name, After: noRow}); err != nil {
		return Report{}, err
	}
	report = Report{Snapshot: snapshot.Name, TakenAt: snapshot.Created, Region: at.Region, Rows: []Row{}}
	restored, err := at.restore(ctx, snapshot, identifier)
	if err != nil {
		return report, err
	}
	if err := at.compare(ctx, snapshot, restored, &report); err != nil {
		refused := Refused{}
		if errors.As(err, &refused) && !r.Keep {
			err = errors.Join(err, at.delete(ctx, restored))
		}
		return report, err
	}
	if err := at.collect(ctx, &report); err != nil || r.Keep {
		return report, err
	}
	return report, at.delete(ctx, restored)
}

// find returns the snapshot and the place where it is. A region that does not answer is an error: its snapshot may be the newest.
func (r Recovery) find(ctx context.Context) (Place, Snapshot, error) {
	var found Place
	var newest Snapshot
	var clusters []string
	for _, place := range r.Places {
		all, err := place.Databases.Snapshots(ctx, place.Cluster, r.Snapshot)
		if err != nil {
			return Place{}, Snapshot{}, fmt.Errorf("looking for the snapshot in %s: %w", place.Region, err)
		}
		clusters = append(clusters, place.Cluster+" in "+place.Region)
		for _, one := range all {
			wanted := r.Snapshot != "" || strings.HasPrefix(one.Name, SnapshotPrefix)
			if wanted && (newest.Name == "" || one.Created.After(newest.Created)) {
				found, newest = place, one
			}
		}
	}
	switch {
	case newest.Name == "" && r.Snapshot != "":
		return Place{}, Snapshot{}, Refused{fmt.Sprintf("There is no snapshot %s of %s.", r.Snapshot, strings.Join(clusters, " or "))}
	case newest.Name == "":
		return Place{}, Snapshot{}, Refused{fmt.Sprintf("There is no snapshot %s… of %s: RDS takes it after a failover with data loss, "+
			"when the region is back.", SnapshotPrefix, strings.Join(clusters, " or "))}
	case newest.Cluster != found.Cluster:
		return Place{}, Snapshot{}, Refused{
			fmt.Sprintf("Snapshot %s is of DB cluster %s, not of %s.", newest.Name, newest.Cluster, found.Cluster),
		}
	case newest.Status != available:
		return Place{}, Snapshot{}, Refused{fmt.Sprintf("Snapshot %s is %s: wait until it is available.", newest.Name, newest.Status)}
	}
	return found, newest, nil
}

// restore returns the restored cluster when it can be opened.
func (r restoration) restore(ctx context.Context, snapshot Snapshot, identifier string) (Restored, error) {
	restored, there, err := r.Databases.Restored(ctx, identifier)
	switch {
	case err != nil:
		return Restored{}, err
	case there && restored.Snapshot != snapshot.Name:
		return Restored{}, Refused{fmt.Sprintf("DB cluster %s is there already and is of another snapshot, %q: delete it first.",
			identifier, restored.Snapshot)}
	case !there:
		r.progress("restoring %s beside the running cluster, as %s in %s", snapshot.Name, identifier, r.Region)
		if err := r.Databases.Restore(ctx, snapshot, identifier, r.Cluster); err != nil {
			return Restored{}, err
		}
	}
	for waiting := false; ; waiting = true {
		restored, there, err = r.Databases.Restored(ctx, identifier)
		switch {
		case err != nil:
			return Restored{}, err
		case !there:
			return Restored{}, fmt.Errorf("DB cluster %s is gone: somebody has deleted it", identifier)
		case slices.ContainsFunc(failedStatuses, func(one string) bool { return strings.HasPrefix(restored.Status, one) }):
			return Restored{}, fmt.Errorf("DB cluster %s is %s: delete it and run this again", identifier, restored.Status)
		case restored.Status == available && restored.Instance == available:
			return restored, nil
		case restored.Status == available && restored.Instance == "":
			if err := r.Databases.AddInstance(ctx, identifier); err != nil {
				return Restored{}, err
			}
		case !waiting:
			r.progress("waiting for DB cluster %s", identifier)
		}
		select {
		case <-ctx.Done():
			return Restored{}, fmt.Errorf("waiting for DB cluster %s, which is %s: %w", identifier, restored.Status, ctx.Err())
		case <-time.After(pollInterval):
		}
	}
}

// compare has the function take step after step.
func (r restoration) compare(ctx context.Context, snapshot Snapshot, restored Restored, report *Report) error {
	step := Step{
		Task: taskReconcile, Host: restored.Host, Port: restored.Port, Source: snapshot.Name, SnapshotAt: snapshot.Created.UTC(),
	}
	for {
		answer, err := r.step(ctx, step)
		if err != nil {
			return err
		}
		if answer.Refused != "" {
			return Refused{answer.Refused}
		}
		report.Compared += answer.Compared
		if answer.Fork != nil {
			report.Fork = answer.Fork
		}
		if answer.Next == nil {
			return nil
		}
		r.progress("%d changes compared", report.Compared)
		step.Cursor = answer.Next
	}
}

// step has the function take one step.
func (r restoration) step(ctx context.Context, step Step) (Answer, error) {
	for attempt := 1; ; attempt++ {
		answer, err := r.Application.Reconcile(ctx, step)
		if err == nil || attempt == stepAttempts {
			return answer, err
		}
		r.progress("trying again: %v", err)
		select {
		case <-ctx.Done():
			return Answer{}, errors.Join(err, ctx.Err())
		case <-time.After(pollInterval):
		}
	}
}

// collect reads the report, page after page.
func (r restoration) collect(ctx context.Context, report *Report) error {
	question := Question{Task: taskReport, Source: report.Snapshot}
	for {
		page, err := r.Application.Report(ctx, question)
		if err != nil {
			return err
		}
		report.Totals = page.Totals
		report.Rows = append(report.Rows, page.Rows...)
		if page.Next == 0 {
			return nil
		}
		question.After = page.Next
	}
}

func (r restoration) delete(ctx context.Context, restored Restored) error {
	r.progress("deleting DB cluster %s", restored.Identifier)
	return r.Databases.Delete(ctx, restored)
}
