package run

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"warmstandby/lambda/failover/invocation"
	"warmstandby/lambda/failover/reconciliation"
	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/scenario"
)

// reconcile counts the rows, so that what was lost is known without the platform's word, and repeats the operator's reconciliation
// until it succeeds. The load goes on meanwhile.
func (d *Drill) reconcile(ctx context.Context, s scenario.Step) error {
	d.Logf("counting rows before the reconciliation")
	found := evidence.Reconciliation{CountedAt: time.Now(), Before: map[int]int{}}
	rows, err := d.listRows(ctx)
	if err != nil {
		return fmt.Errorf("before the reconciliation: %w", err)
	}
	for number, ids := range rows {
		found.Before[number] = len(ids)
	}
	d.repeat(ctx, s, invocation.Reconcile, func(ctx context.Context) error {
		report, err := d.Reconcile(ctx)
		if err == nil {
			report.CountedAt, report.Before, report.Ended = found.CountedAt, found.Before, time.Now()
			found = report
		}
		return err
	})
	d.Log.Update(func(e *evidence.Evidence) { e.Reconciliation = &found })
	return nil
}

// parseReconciliation reads what the operator's command prints as JSON, and completes the evidence by it.
func parseReconciliation(output []byte) (evidence.Reconciliation, error) {
	var printed struct{ Reconciliation *reconciliation.Report }
	if err := json.Unmarshal(output, &printed); err != nil {
		return evidence.Reconciliation{}, fmt.Errorf("reading the report of the reconciliation: %w", err)
	}
	if printed.Reconciliation == nil {
		return evidence.Reconciliation{}, errors.New("reading the report of the reconciliation: it has none")
	}
	report := printed.Reconciliation
	totals := report.Totals
	found := evidence.Reconciliation{
		Snapshot: report.Snapshot, Lost: totals.Lost, Returned: totals.Returned, Conflict: totals.Conflict, Doubled: totals.Doubled,
	}
	for _, row := range report.Rows {
		if row.Outcome == reconciliation.OutcomeConflict && !slices.Contains(found.Conflicts, row.RecordID) {
			found.Conflicts = append(found.Conflicts, row.RecordID)
		}
	}
	return found, nil
}

// reconcile runs the operator's reconciliation.
func (o Options) reconcile(ctx context.Context) (evidence.Reconciliation, error) {
	var stdout, stderr bytes.Buffer
	command := o.operator(ctx, invocation.Reconcile, "--json")
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return evidence.Reconciliation{}, fmt.Errorf("%w: %s", err, strings.TrimSpace(stdout.String()+stderr.String()))
	}
	return parseReconciliation(stdout.Bytes())
}
