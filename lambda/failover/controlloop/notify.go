package controlloop

import (
	"context"
	"fmt"
	"maps"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/dualregion"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/metric"
	"warmstandby/lambda/failover/notice"
	"warmstandby/lambda/failover/observe"
	"warmstandby/lambda/failover/readiness"
)

const (
	// resolvedAfter is how long a concern must be absent to count as resolved: one that flaps faster is notified once.
	resolvedAfter = 5 * time.Minute
	// documentInterval is the time between two probe documents: a third of the RPO that their age is checked against.
	documentInterval = 5 * time.Minute
)

// notify sends what has changed since the last notice; nothing when nothing has.
func (c Controller) notify(ctx context.Context, j *journal.Journal, e decision.Evidence, d decision.Decision, region string) error {
	composer := notice.Composer{Config: c.Config}
	notified, changed := updateNotified(j.Notified, notifiableConcerns(e, d), e.Now)
	var err error
	switch {
	case changed:
		err = c.Notifier.Notify(ctx, composer.Advice(d, e.Concerns()))
	case len(j.Notified) > 0 && len(notified) == 0 && !e.Database.WriterInStandby:
		err = c.Notifier.Notify(ctx, composer.Resolved(d))
	}
	if err != nil {
		return fmt.Errorf("notifying the operators of the decision: %w", err)
	}
	j.Notified = notified
	if region != "" && j.Writer != "" && region != j.Writer {
		if err := c.Notifier.Notify(ctx, composer.WriterChanged(region)); err != nil {
			return fmt.Errorf("notifying the operators of the writer's region: %w", err)
		}
	}
	if region != "" {
		j.Writer = region
	}
	return nil
}

// notifiableConcerns returns the concerns of the evidence, and one more for a move that is advised.
func notifiableConcerns(e decision.Evidence, d decision.Decision) []decision.Concern {
	all := e.Concerns()
	if d.Recommended.Moves() {
		all = append(all, decision.Concern("a "+string(d.Recommended)+" is advised"))
	}
	return all
}

// updateNotified returns the notified concerns with the current ones added and the resolved ones removed, and whether a current
// one was new.
func updateNotified(notified map[string]time.Time, current []decision.Concern, now time.Time) (map[string]time.Time, bool) {
	known := maps.Clone(notified)
	if known == nil {
		known = map[string]time.Time{}
	}
	maps.DeleteFunc(known, func(_ string, last time.Time) bool { return now.Sub(last) >= resolvedAfter })
	changed := false
	for _, concern := range current {
		if _, old := known[string(concern)]; !old {
			changed = true
		}
		known[string(concern)] = now.UTC()
	}
	return known, changed
}

// publish publishes the metrics in both regions and, every documentInterval, a probe document in the primary's bucket, concurrently.
func (c Controller) publish(ctx context.Context, j *journal.Journal, snapshot observe.Snapshot) error {
	now := time.Now()
	report, err := c.Reports.LoadReport(ctx)
	if err != nil {
		c.Log.Error("reading the last validation", "error", err)
	}
	data := metric.FromSnapshot(c.Config, snapshot, report.Ready && now.Sub(report.At) < readiness.ReportValidFor, now)
	due := now.Sub(j.ProbeDocument) >= documentInterval
	written := make(chan bool, 1)
	go func() {
		written <- due && nil == dualregion.TryPrimary(ctx, c.Log, "writing the probe document", func(ctx context.Context) error {
			return c.Documents.WriteProbe(ctx, now)
		})
	}()
	err = dualregion.Both(ctx, c.Log, "publishing metrics",
		func(ctx context.Context) error { return c.StandbyMetrics.Publish(ctx, data) },
		func(ctx context.Context) error { return c.PrimaryMetrics.Publish(ctx, data) })
	if <-written {
		j.ProbeDocument = now.UTC()
	}
	return err
}
