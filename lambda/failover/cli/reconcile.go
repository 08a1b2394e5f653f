package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"warmstandby/lambda/failover/documents"
	"warmstandby/lambda/failover/invocation"
	"warmstandby/lambda/failover/reconciliation"
)

// shownConflicts bounds the conflicts that the text names; JSON has all rows.
const shownConflicts = 20

// reconcile brings back what the last failover with data loss has given up. The snapshot of the old volume is in the region that the
// failover left, which after a failback is the writer's region again.
func reconcile(ctx context.Context, s *session) Result {
	p, failed := s.connect(ctx)
	if failed != nil {
		return *failed
	}
	global, err := p.Databases.Global(ctx)
	_, known := global.Writer()
	switch {
	case err != nil:
		return Result{ExitCode: Unknown, Message: "RDS does not say where the writer is: " + err.Error()}
	case !known || global.Moving:
		return Result{
			ExitCode: Unknown, Message: "The writer is being moved: the database is " + global.Status + ".",
			Next: []string{"When it is available: " + s.commandLine(invocation.Reconcile)},
		}
	}
	sources := []reconciliation.Source{
		{Region: p.Config.PrimaryRegion, Cluster: p.Config.PrimaryCluster}, {Region: p.Config.StandbyRegion, Cluster: p.Config.StandbyCluster},
	}
	for i := range sources {
		if sources[i].Databases, sources[i].Application, err = p.Reconciliation(sources[i].Region); err != nil {
			return Result{ExitCode: Failed, Message: err.Error()}
		}
	}
	report, err := reconciliation.Reconciliation{Sources: sources, Snapshot: s.snapshot, Keep: s.keep, Progress: s.progress}.Run(ctx)
	if refusal := (reconciliation.Refusal{}); errors.As(err, &refusal) {
		result := Result{ExitCode: Refused, Message: refusal.Reason}
		if refusal.Keep {
			result.Next = []string{"The restored cluster stays, and costs, until this has ended: " + s.commandLine(invocation.Reconcile)}
		}
		return result
	}
	if err != nil {
		return Result{
			ExitCode: Failed, Message: "The reconciliation is not finished, and goes on when it is run again: " + err.Error(),
			Next: []string{s.commandLine(invocation.Reconcile)},
		}
	}
	result := s.reconciled(report)
	if err := s.bringDocuments(ctx, p, report, &result); err != nil {
		return Result{
			ExitCode: Failed, Reconciliation: &report, Documents: result.Documents,
			Message: "The records are back, and not all of their documents; it goes on when it is run again: " + err.Error(),
			Next:    []string{s.commandLine(invocation.Reconcile)},
		}
	}
	return result
}

// bringDocuments brings back the documents of the lost changes' records. A deletion counts from where the histories parted.
func (s *session) bringDocuments(ctx context.Context, p Platform, report reconciliation.Report, result *Result) error {
	if report.Fork == nil || len(report.Rows) == 0 {
		return nil
	}
	since, err := time.Parse(time.RFC3339Nano, report.Fork.BeganAt)
	if err != nil {
		return fmt.Errorf("reading when the histories parted: %w", err)
	}
	restorer, err := p.Documents(report.Region)
	if err != nil {
		return err
	}
	restorer.Progress = s.progress
	var records []string
	for _, row := range report.Rows {
		records = append(records, row.RecordID)
	}
	s.progress("looking for the documents of %d changes", len(records))
	found, err := restorer.Bring(ctx, since, records)
	result.Documents = &found
	if found.Returned > 0 {
		result.Message += fmt.Sprintf(" %d documents are back.", found.Returned)
	}
	return err
}

// documentRows are the rows of the documents that were brought back.
func documentRows(row func(name, format string, values ...any), report documents.Report) {
	row("documents", "%d compared, %d returned, %d deleted by their users", report.Compared, report.Returned, report.Deleted)
	for i, one := range report.Rows {
		if i == shownConflicts {
			row("", "and further ones: --json has all")
			return
		}
		row("", "of record %s, in bucket %s: %s", one.RecordID, one.Bucket, one.Outcome)
	}
}

// reconciled is the result of a reconciliation that has ended.
func (s *session) reconciled(report reconciliation.Report) Result {
	result := Result{Reconciliation: &report}
	totals := report.Totals
	switch {
	case totals.Doubled > 0:
		result.ExitCode = Failed
		result.Message = fmt.Sprintf("%d changes are there twice.", totals.Doubled)
	case totals.Conflict > 0:
		result.Message = fmt.Sprintf("%d of %d lost changes are back; %d records wait for a person, in the table conflicts.",
			totals.Returned, totals.Lost, totals.ConflictRecords)
	case totals.Lost == 0:
		result.Message = "Nothing was lost."
	default:
		result.Message = fmt.Sprintf("All %d lost changes are back.", totals.Lost)
	}
	if s.keep {
		result.Next = append(result.Next, "The restored cluster is still there, and costs: "+s.commandLine(invocation.Reconcile)+" deletes it")
	}
	return result
}

func reconciliationRows(row func(name, format string, values ...any), report reconciliation.Report) {
	row("snapshot", "%s, taken %s, in %s", report.Snapshot, report.TakenAt.UTC().Format("2006-01-02 15:04:05 UTC"), report.Region)
	if report.Fork != nil {
		row("the histories parted", "before %s", report.Fork.BeganAt)
	}
	totals := report.Totals
	row("changes compared", "%d", report.Compared)
	row("lost", "%d", totals.Lost)
	row("returned", "%d", totals.Returned)
	row("in conflict", "%d, of %d records", totals.Conflict, totals.ConflictRecords)
	row("doubled", "%d", totals.Doubled)
	row("events to be published", "%d", totals.Unpublished)
	shown := 0
	for _, one := range report.Rows {
		if one.Outcome != reconciliation.OutcomeConflict {
			continue
		}
		if shown++; shown > shownConflicts {
			row("", "and further ones: --json has all")
			return
		}
		owner := ""
		if one.Tenant != "" {
			owner = " of tenant " + one.Tenant
		}
		row("", "%s of record %s%s, version %d, %s", one.Kind, one.RecordID, owner, one.Version, one.Reason)
	}
}
