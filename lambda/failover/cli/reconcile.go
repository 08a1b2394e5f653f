package cli

import (
	"context"
	"errors"
	"fmt"

	"warmstandby/lambda/failover/invocation"
	"warmstandby/lambda/failover/recovery"
)

// shownConflicts bounds the conflicts that the text names; JSON has all rows.
const shownConflicts = 20

// conflicting is the outcome of a change that was put aside.
const conflicting = "conflict"

// reconcile brings back what the last failover with data loss has given up. The old volume's snapshot is in the region that the
// writer has left; after a failback that is the writer's again.
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
	places := []recovery.Place{
		{Region: p.Config.PrimaryRegion, Cluster: p.Config.PrimaryCluster}, {Region: p.Config.StandbyRegion, Cluster: p.Config.StandbyCluster},
	}
	for i := range places {
		if places[i].Databases, places[i].Application, err = p.Recovery(places[i].Region); err != nil {
			return Result{ExitCode: Failed, Message: err.Error()}
		}
	}
	report, err := recovery.Recovery{Places: places, Snapshot: s.snapshot, Keep: s.keep, Progress: s.progress}.Run(ctx)
	if refused := (recovery.Refused{}); errors.As(err, &refused) {
		return Result{ExitCode: Refused, Message: refused.Reason}
	}
	if err != nil {
		return Result{
			ExitCode: Failed, Message: "The reconciliation is not finished, and goes on when it is run again: " + err.Error(),
			Next: []string{s.commandLine(invocation.Reconcile)},
		}
	}
	return s.reconciled(report)
}

// reconciled is the result of a reconciliation that has ended.
func (s *session) reconciled(report recovery.Report) Result {
	result := Result{Recovery: &report}
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

func recoveryRows(row func(name, format string, values ...any), report recovery.Report) {
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
		if one.Outcome != conflicting {
			continue
		}
		if shown++; shown > shownConflicts {
			row("", "and further ones: --json has all")
			return
		}
		row("", "%s of record %s, version %d, %s", one.Kind, one.RecordID, one.Version, one.Reason)
	}
}
