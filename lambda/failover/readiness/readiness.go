// Package readiness verifies hourly, and every 10 minutes while failing, that the standby could take over. Where it can, it
// exercises what a failover needs instead of reading configuration.
package readiness

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/notice"
	"warmstandby/lambda/failover/observe"
	"warmstandby/shared/contract/controller"
)

// checkTimeout bounds every active check. Opening the database with a function that starts cold takes the longest.
const checkTimeout = 15 * time.Second

// ReportValidFor is how long a report counts: one missed hourly validation is tolerated, two are not.
const ReportValidFor = 2 * time.Hour

// RecheckAfter is the age at which a report that is not ready is renewed by the next run, so that a repair need not wait for
// the hour.
const RecheckAfter = 10 * time.Minute

// Report is the result of a validation.
type Report struct {
	At     time.Time `json:"at"`
	Ready  bool      `json:"ready"`
	Checks []Check   `json:"checks"`
}

// Check is the result of one check.
type Check struct {
	Name   string `json:"name"`
	Passed bool   `json:"good"`
	Detail string `json:"says"`
	// Unknown says that a check failed because its source could not be read.
	Unknown bool `json:"unknown,omitempty"`
	// Warning says that a check passed for what it was made for, and found something else that must be mended.
	Warning bool `json:"warning,omitempty"`
}

// Failed returns a sentence for every failed check.
func (r Report) Failed() []string {
	var failed []string
	for _, check := range r.Checks {
		if !check.Passed {
			failed = append(failed, check.Name+": "+check.Detail)
		}
	}
	return failed
}

// failedNames returns the names of the failed checks. Their details contain ages, which change every hour.
func (r Report) failedNames() []string {
	var names []string
	for _, check := range r.Checks {
		if !check.Passed {
			names = append(names, check.Name)
		}
	}
	return names
}

// Application is the standby region's function.
type Application interface {
	// Verify has it open the database with the region's own replica of the secret.
	Verify(ctx context.Context) error
}

// Documents is the standby region's bucket.
type Documents interface {
	// Probe returns when the newest probe document that has arrived was written in the primary region.
	Probe(ctx context.Context) (time.Time, error)
}

// Alarms is CloudWatch in the standby region.
type Alarms interface {
	// MissingOrDisabled returns which of the alarms are missing or have their actions disabled.
	MissingOrDisabled(ctx context.Context, names []string) ([]string, error)
}

// Store persists the last report.
type Store interface {
	// LoadReport returns the zero Report when there is none.
	LoadReport(ctx context.Context) (Report, error)
	SaveReport(ctx context.Context, report Report) error
}

// Validator checks whether the standby could take over.
type Validator struct {
	Config      controller.Config
	Sources     observe.Sources
	Application Application
	Documents   Documents
	Alarms      Alarms
	// PrimaryQuotas, StandbyQuotas and PrimaryClusters are what both regions are allotted.
	PrimaryQuotas, StandbyQuotas Quotas
	PrimaryClusters              Clusters
	Certificates                 Certificates
	Store                        Store
	Notifier                     notice.Notifier
	Log                          *slog.Logger
}

// Run runs the checks, saves the report and notifies the operators of a change. A standby that is not ready is not an error:
// the report says so. The metric follows with the next run of the control loop.
func (v Validator) Run(ctx context.Context) (Report, error) {
	report := v.RunChecks(ctx)
	for _, check := range report.Checks {
		v.Log.Info("check", "name", check.Name, "good", check.Passed, "says", check.Detail)
	}
	last, err := v.Store.LoadReport(ctx)
	if err != nil {
		return report, fmt.Errorf("reading the last validation: %w", err)
	}
	first := last.At.IsZero()
	if first && !report.Ready || !first && (last.Ready != report.Ready || !slices.Equal(last.failedNames(), report.failedNames())) {
		if err := v.Notifier.Notify(ctx, notice.Composer{Config: v.Config}.Readiness(report.Ready, report.Failed())); err != nil {
			return report, fmt.Errorf("notifying the operators of the standby's readiness: %w", err)
		}
	}
	if err := v.Store.SaveReport(ctx, report); err != nil {
		return report, fmt.Errorf("keeping the validation: %w", err)
	}
	return report, nil
}

// RecheckIfNotReady validates between the hourly validations, when the last report is not ready and older than RecheckAfter.
// Without any report the platform has just been deployed and the first heartbeat and document are still to arrive, so a standby
// that is not ready is neither saved nor notified. A context that ends before checkTimeout leaves the validation to the next
// run.
func (v Validator) RecheckIfNotReady(ctx context.Context) error {
	if end, ends := ctx.Deadline(); ends && time.Until(end) < checkTimeout {
		return nil
	}
	last, err := v.Store.LoadReport(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("reading the last validation: %w", err)
	case last.At.IsZero():
		report := v.RunChecks(ctx)
		if !report.Ready {
			v.Log.Info("the standby is not ready yet", "failed", report.Failed())
			return nil
		}
		if err := v.Store.SaveReport(ctx, report); err != nil {
			return fmt.Errorf("keeping the first validation: %w", err)
		}
		return nil
	case last.Ready || time.Since(last.At) < RecheckAfter:
		return nil
	}
	_, err = v.Run(ctx)
	return err
}

// RunChecks runs all checks concurrently.
func (v Validator) RunChecks(ctx context.Context) Report {
	var snapshot observe.Snapshot
	var verified, alarmed, unread error
	var limit globaldb.CommitLimit
	var missingOrDisabled []string
	var document, quotas, certificates Check
	asking, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	var all sync.WaitGroup
	all.Go(func() { snapshot = observe.Gather(ctx, v.Config, v.Sources) })
	all.Go(func() { limit, unread = v.Sources.Databases.CommitLimit(asking, v.Config.StandbyCluster) })
	all.Go(func() { verified = v.Application.Verify(asking) })
	all.Go(func() { quotas = v.checkQuotas(asking) })
	all.Go(func() { certificates = v.checkCertificates(asking) })
	all.Go(func() { missingOrDisabled, alarmed = v.Alarms.MissingOrDisabled(asking, v.Config.Alarms) })
	all.Go(func() {
		at, err := v.Documents.Probe(asking)
		document = checkAge("documents", "the newest probe document that has arrived", time.Now(), at, controller.RPO, err)
	})
	all.Wait()
	if alarmed == nil && len(missingOrDisabled) > 0 {
		alarmed = fmt.Errorf("missing, or with their actions disabled: %s", strings.Join(missingOrDisabled, ", "))
	}
	checks := append(PassiveChecks(v.Config, snapshot, time.Now()),
		NewCheck("secret", "the application in "+v.Config.StandbyRegion+" opens the database with its replica of the secret", verified),
		document,
		CheckRouting(snapshot),
		CheckCommitLimit(v.Config, limit, unread),
		NewCheck("alarms", fmt.Sprintf("all %d stand, with their actions enabled", len(v.Config.Alarms)), alarmed),
		quotas, certificates)
	return Report{At: time.Now().UTC(), Ready: !slices.ContainsFunc(checks, func(c Check) bool { return !c.Passed }), Checks: checks}
}
