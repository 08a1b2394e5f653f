package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"warmstandby/test/drill/incident"
	"warmstandby/test/drill/report"
	"warmstandby/test/drill/scenario"
	"warmstandby/test/drill/verdict"
)

// The exit codes.
const (
	Passed       = 0
	Failed       = 1
	Usage        = 2
	Inconclusive = 3
)

// exitCodes are the exit codes of the verdicts.
var exitCodes = map[verdict.Verdict]int{verdict.Pass: Passed, verdict.Inconclusive: Inconclusive, verdict.Fail: Failed}

// Main runs scenarios by their names, all of them, heal, table or timeline. It writes the reports and returns the exit code; FAIL takes
// precedence over INCONCLUSIVE.
func Main(ctx context.Context, o Options, drills string, names []string, stdout, stderr io.Writer) int {
	if len(names) == 1 && names[0] == "table" {
		return printTable(drills, time.Time{}, stdout, stderr)
	}
	if len(names) == 1 && names[0] == "heal" {
		return healAll(ctx, o, stderr)
	}
	if len(names) == 1 && names[0] == "timeline" {
		return writeTimeline(ctx, o, drills, stdout, stderr)
	}
	chosen, err := selectScenarios(names)
	if err != nil {
		fmt.Fprintln(stderr, "drill:", err)
		return Usage
	}
	release, err := acquireLock(drills)
	if err != nil {
		fmt.Fprintln(stderr, "drill:", err)
		return Usage
	}
	defer release()
	began, code := time.Now(), Passed
	for _, s := range chosen {
		verdict, err := runScenario(ctx, o, drills, s, stdout)
		if err != nil {
			fmt.Fprintln(stderr, "drill:", err)
		}
		if next := exitCodes[verdict]; err != nil && next == Passed || next == Failed {
			code = Failed
		} else if code == Passed {
			code = next
		}
		if ctx.Err() != nil {
			break
		}
	}
	if len(chosen) > 1 && printTable(drills, began, stdout, stderr) != Passed {
		return Failed
	}
	return code
}

// selectScenarios returns the scenarios of these names.
func selectScenarios(names []string) ([]scenario.Scenario, error) {
	if len(names) == 1 && names[0] == "all" {
		return scenario.All(), nil
	}
	var chosen []scenario.Scenario
	for _, name := range names {
		s, ok := scenario.Find(name)
		if !ok {
			return nil, fmt.Errorf("there is no scenario %q: there are %s", name, scenario.Names())
		}
		chosen = append(chosen, s)
	}
	return chosen, nil
}

// runScenario runs a scenario and writes its report.
func runScenario(ctx context.Context, o Options, drills string, s scenario.Scenario, stdout io.Writer) (verdict.Verdict, error) {
	begun := time.Now()
	logf := func(format string, values ...any) {
		fmt.Fprintf(stdout, "%6.1f s  %s: %s\n", time.Since(begun).Seconds(), s.Name, fmt.Sprintf(format, values...))
	}
	d, err := Open(ctx, o, s, logf)
	if err != nil {
		return verdict.Inconclusive, fmt.Errorf("preparing %s: %w", s.Name, err)
	}
	seen, leftovers := d.Run(ctx)
	document := report.Judge(s, seen)
	page, err := report.Write(context.WithoutCancel(ctx), drills, document, report.Signer{Command: o.Sign})
	r := document.Result
	logf("%s", r.Verdict)
	for _, reason := range r.Reasons {
		logf("  %s", reason)
	}
	if r.RTO != nil {
		logf("  first good write after %.1f s; Route 53's own part counts as %.0f s", *r.RTO, r.Floor)
	}
	logf("  longest time without a good write %.1f s, acknowledged and lost %d rows of %.1f s", r.Outage, r.RPO.Rows, r.RPO.Seconds)
	if c := r.Reconciled; c != nil {
		logf("  reconciled: %d changes lost, %d returned, %d in conflict, %d doubled; of %d lost rows %d are back, %d in conflict, %d still lost",
			c.Changes.Lost, c.Changes.Returned, c.Changes.Conflict, c.Changes.Doubled, c.Lost, c.Returned, c.Conflict, len(c.StillLost))
	}
	if c := r.Corruption; c != nil && c.RTO != nil {
		logf("  %d records overwritten and %d deleted: %d are back, %.1f s after the first; found after %.1f s, restored in %.1f s, "+
			"taken back in %.1f s; %d good writes since are there",
			c.Overwritten, c.Deleted, c.Back, *c.RTO, *c.Found, *c.Restore, *c.TakeBack, c.Kept)
	}
	if b := r.Backups; b != nil && b.Noticed != nil {
		logf("  backups: %d jobs before the fault, %d while it lasted, of which %d failed; %d notices, the last one due after %.1f s",
			b.Before, b.During, b.Failed, b.Notices, *b.Noticed)
	}
	if c := r.Documents; c != nil {
		logf("  documents: %d acknowledged, %d of them of lost rows; %d of rows in conflict, %d not there",
			c.Acked, c.OfLostRows, c.Conflict, len(c.Missing))
	}
	logf("  report: %s", page)
	return r.Verdict, errors.Join(leftovers, err)
}

// printTable prints the spread of the drills that began at or after a moment.
func printTable(drills string, from time.Time, stdout, stderr io.Writer) int {
	all, err := report.History(drills)
	if err == nil {
		var selected []report.Entry
		for _, e := range all {
			if !e.Began.Before(from) {
				selected = append(selected, e)
			}
		}
		err = report.Table(stdout, selected)
	}
	if err != nil {
		fmt.Fprintln(stderr, "drill:", err)
		return Failed
	}
	return Passed
}

// writeTimeline writes the post-mortem of the last time.
func writeTimeline(ctx context.Context, o Options, drills string, stdout, stderr io.Writer) int {
	account, deployed, err := o.Configuration(ctx)
	var found report.Incident
	if err == nil {
		found, err = incident.Read(ctx, o.Target, o.Since, o.describe(ctx, deployed, account.Platform(deployed).Databases))
	}
	var page string
	if err == nil {
		page, err = report.WriteIncident(ctx, drills, found, report.Signer{Command: o.Sign})
	}
	if err != nil {
		fmt.Fprintln(stderr, "drill:", err)
		return Failed
	}
	for _, missing := range found.NotKnown {
		fmt.Fprintln(stdout, "not known:", missing)
	}
	fmt.Fprintf(stdout, "%d phases, %d notices, decisions and alarms: %s\n", len(found.Phases), len(found.Entries), page)
	return Passed
}

// healAll ends the faults that a killed drill has left.
func healAll(ctx context.Context, o Options, stderr io.Writer) int {
	injector, regions, err := o.openInjector(ctx)
	if err == nil {
		err = injector.Heal(ctx, regions...)
	}
	if err != nil {
		fmt.Fprintln(stderr, "drill:", err)
		return Failed
	}
	return Passed
}
