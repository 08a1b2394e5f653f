// Package readiness proves each hour, and sooner after it could not be proved, that the standby region could take over: by doing, wherever it can, what a failover
// would need, and not by asking whether it is configured.
package readiness

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"warmstandby/lambda/failover/config"
	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/evidence"
	"warmstandby/lambda/failover/notice"
)

// askTime bounds each of the validation's own questions; opening the database with a cold function takes the longest.
const askTime = 15 * time.Second

// Fresh is how long a report counts: one that was missed is forgiven, the second is not.
const Fresh = 2 * time.Hour

// Again is how long it stands that the standby is not ready, before a watch proves it again: what was mended need not wait
// for the hour.
const Again = 10 * time.Minute

// Report is what a validation found.
type Report struct {
	At     time.Time `json:"at"`
	Ready  bool      `json:"ready"`
	Checks []Check   `json:"checks"`
}

// Check is one thing that a takeover needs.
type Check struct {
	Name string `json:"name"`
	Good bool   `json:"good"`
	Says string `json:"says"`
	// Unknown says that a check that is not good is so because its question had no answer.
	Unknown bool `json:"unknown,omitempty"`
}

// Failed returns the checks that are not good, a sentence each.
func (r Report) Failed() []string {
	var failed []string
	for _, check := range r.Checks {
		if !check.Good {
			failed = append(failed, check.Name+": "+check.Says)
		}
	}
	return failed
}

// names returns the names of the checks that are not good: what they say has ages in it, which change each hour.
func (r Report) names() []string {
	var names []string
	for _, check := range r.Checks {
		if !check.Good {
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
	// Unarmed returns which of the alarms are missing or have their actions disabled.
	Unarmed(ctx context.Context, names []string) ([]string, error)
}

// Store keeps the last report.
type Store interface {
	// LoadReport returns the zero Report when there is none.
	LoadReport(ctx context.Context) (Report, error)
	SaveReport(ctx context.Context, report Report) error
}

// Validation proves the standby.
type Validation struct {
	Config      config.Config
	Sources     evidence.Sources
	Application Application
	Documents   Documents
	Alarms      Alarms
	Store       Store
	Board       notice.Board
	Log         *slog.Logger
}

// Run validates, keeps the report and tells of a change. A standby that is not ready is no error: the report says so. The
// metric follows with the next watch.
func (v Validation) Run(ctx context.Context) (Report, error) {
	report := v.Examine(ctx)
	for _, check := range report.Checks {
		v.Log.Info("check", "name", check.Name, "good", check.Good, "says", check.Says)
	}
	last, err := v.Store.LoadReport(ctx)
	if err != nil {
		return report, fmt.Errorf("reading the last validation: %w", err)
	}
	first := last.At.IsZero()
	if first && !report.Ready || !first && (last.Ready != report.Ready || !slices.Equal(last.names(), report.names())) {
		if err := v.Board.Announce(ctx, notice.Writer{Config: v.Config}.Readiness(report.Ready, report.Failed())); err != nil {
			return report, fmt.Errorf("telling of the standby's readiness: %w", err)
		}
	}
	if err := v.Store.SaveReport(ctx, report); err != nil {
		return report, fmt.Errorf("keeping the validation: %w", err)
	}
	return report, nil
}

// RunAgain validates between the hours, when the last validation found that the standby was not ready, and that is a while
// ago. Where there was none the platform has just been deployed: the first heartbeat and the first document are still on
// their way, so a standby that is not ready yet is no news, and is examined again with the next watch. A context that ends
// too soon for a validation leaves it to the next watch too.
func (v Validation) RunAgain(ctx context.Context) error {
	if end, ends := ctx.Deadline(); ends && time.Until(end) < askTime {
		return nil
	}
	last, err := v.Store.LoadReport(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("reading the last validation: %w", err)
	case last.At.IsZero():
		report := v.Examine(ctx)
		if !report.Ready {
			v.Log.Info("the standby is not ready yet", "failed", report.Failed())
			return nil
		}
		if err := v.Store.SaveReport(ctx, report); err != nil {
			return fmt.Errorf("keeping the first validation: %w", err)
		}
		return nil
	case last.Ready || time.Since(last.At) < Again:
		return nil
	}
	_, err = v.Run(ctx)
	return err
}

// Examine makes every check, all at once.
func (v Validation) Examine(ctx context.Context) Report {
	var found evidence.Found
	var verified, alarmed error
	var unarmed []string
	var document Check
	asking, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	var all sync.WaitGroup
	all.Go(func() { found = evidence.Gather(ctx, v.Config, v.Sources) })
	all.Go(func() { verified = v.Application.Verify(asking) })
	all.Go(func() { unarmed, alarmed = v.Alarms.Unarmed(asking, v.Config.Alarms) })
	all.Go(func() {
		at, err := v.Documents.Probe(asking)
		document = younger("documents", "the newest probe document that has arrived", time.Now(), at, decision.RPO, err)
	})
	all.Wait()
	if alarmed == nil && len(unarmed) > 0 {
		alarmed = fmt.Errorf("missing, or with their actions disabled: %s", strings.Join(unarmed, ", "))
	}
	checks := append(Standing(v.Config, found, time.Now()),
		NewCheck("secret", "the application in "+v.Config.StandbyRegion+" opens the database with its replica of the secret", verified),
		document,
		NewCheck("alarms", fmt.Sprintf("all %d stand, with their actions enabled", len(v.Config.Alarms)), alarmed))
	return Report{At: time.Now().UTC(), Ready: !slices.ContainsFunc(checks, func(c Check) bool { return !c.Good }), Checks: checks}
}
