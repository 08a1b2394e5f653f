package reconciliation

import (
	"context"
	"errors"
	"time"
)

// stepAttempts is how often a step is tried that fails: a restored cluster accepts connections a while after it is available, and a
// step may be repeated at any time.
const stepAttempts = 5

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

// StepResult is what one step of the function has done. Next is nil after the last step; Refused says why nothing was compared, and
// Keep that the operator can mend the restored cluster, as Refused says.
type StepResult struct {
	Compared int     `json:"compared"`
	Next     *Cursor `json:"next"`
	Refused  string  `json:"refused"`
	Keep     bool    `json:"keep"`
	Fork     *Fork   `json:"fork"`
}

// Fork is where the histories part. Timeline is nil when they parted before the first change.
type Fork struct {
	Timeline *string `json:"timeline"`
	BeganAt  string  `json:"beganAt"`
}

// ReportQuery is the event that asks the function for a page of the report: the rows after the one of that number.
type ReportQuery struct {
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

// OutcomeConflict is the outcome of a change that was put aside for a person (lambda/app/src/reconcile/report.js).
const OutcomeConflict = "conflict"

// Row is a lost change. Outcome is returned or [OutcomeConflict]; Reason says why a change is in conflict. Tenant is whose record it is,
// empty where there is one tenant.
type Row struct {
	ID         string    `json:"id"`
	Tenant     string    `json:"tenant,omitempty"`
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
	Reconcile(ctx context.Context, step Step) (StepResult, error)
	Report(ctx context.Context, query ReportQuery) (Page, error)
}

// compare invokes the function step by step until nothing is left to compare.
func (r regional) compare(ctx context.Context, snapshot Snapshot, restored RestoredCluster, report *Report) error {
	step := Step{
		Task: taskReconcile, Host: restored.Host, Port: restored.Port, Source: snapshot.Name, SnapshotAt: snapshot.Created.UTC(),
	}
	for {
		result, err := r.step(ctx, step)
		if err != nil {
			return err
		}
		if result.Refused != "" {
			return Refusal{Reason: result.Refused, Keep: result.Keep}
		}
		report.Compared += result.Compared
		if result.Fork != nil {
			report.Fork = result.Fork
		}
		if result.Next == nil {
			return nil
		}
		r.progress("%d changes compared", report.Compared)
		step.Cursor = result.Next
	}
}

// step invokes the function for one step, and again after an error, stepAttempts times at most.
func (r regional) step(ctx context.Context, step Step) (StepResult, error) {
	for attempt := 1; ; attempt++ {
		result, err := r.Application.Reconcile(ctx, step)
		if err == nil || attempt == stepAttempts {
			return result, err
		}
		r.progress("trying again: %v", err)
		select {
		case <-ctx.Done():
			return StepResult{}, errors.Join(err, ctx.Err())
		case <-time.After(pollInterval):
		}
	}
}

// collect reads the report, page after page.
func (r regional) collect(ctx context.Context, report *Report) error {
	query := ReportQuery{Task: taskReport, Source: report.Snapshot}
	for {
		page, err := r.Application.Report(ctx, query)
		if err != nil {
			return err
		}
		report.Totals = page.Totals
		report.Rows = append(report.Rows, page.Rows...)
		if page.Next == 0 {
			return nil
		}
		query.After = page.Next
	}
}
