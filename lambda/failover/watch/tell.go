package watch

import (
	"context"
	"fmt"
	"maps"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/evidence"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/metric"
	"warmstandby/lambda/failover/notice"
	"warmstandby/lambda/failover/pair"
	"warmstandby/lambda/failover/readiness"
)

const (
	// settled is how long a concern must be away to be over: what comes and goes within it is told of once.
	settled = 5 * time.Minute
	// documentEvery is the time between two probe documents, a third of the promise that they are checked against.
	documentEvery = 5 * time.Minute
)

// tell announces what has changed since the operators were last told, and nothing when nothing has.
func (w Watch) tell(ctx context.Context, j *journal.Journal, e decision.Evidence, d decision.Decision, region string) error {
	notices := notice.Writer{Config: w.Config}
	told, news := remember(j.Told, concerns(e, d), e.Now)
	var err error
	switch {
	case news:
		err = w.Board.Announce(ctx, notices.Advice(d, e.Concerns()))
	case len(j.Told) > 0 && len(told) == 0 && !e.Database.WriterInStandby:
		err = w.Board.Announce(ctx, notices.Calm(d))
	}
	if err != nil {
		return fmt.Errorf("telling of the decision: %w", err)
	}
	j.Told = told
	if region != "" && j.Writer != "" && region != j.Writer {
		if err := w.Board.Announce(ctx, notices.Seen(region)); err != nil {
			return fmt.Errorf("telling where the writer is: %w", err)
		}
	}
	if region != "" {
		j.Writer = region
	}
	return nil
}

// concerns are those of the evidence, and the move that is advised, which is one of its own.
func concerns(e decision.Evidence, d decision.Decision) []decision.Concern {
	all := e.Concerns()
	if d.Would.Moves() {
		all = append(all, decision.Concern("a "+string(d.Would)+" is advised"))
	}
	return all
}

// remember returns what the operators know of once they are told of what is wrong now, and whether some of it is new to
// them. What has been away for long enough is forgotten.
func remember(told map[string]time.Time, wrong []decision.Concern, now time.Time) (map[string]time.Time, bool) {
	known := maps.Clone(told)
	if known == nil {
		known = map[string]time.Time{}
	}
	maps.DeleteFunc(known, func(_ string, last time.Time) bool { return now.Sub(last) >= settled })
	news := false
	for _, concern := range wrong {
		if _, old := known[string(concern)]; !old {
			news = true
		}
		known[string(concern)] = now.UTC()
	}
	return known, news
}

// publish puts the metrics into both regions, and now and then a probe document into the primary's bucket, all at once.
func (w Watch) publish(ctx context.Context, j *journal.Journal, found evidence.Found) error {
	now := time.Now()
	report, err := w.Reports.LoadReport(ctx)
	if err != nil {
		w.Log.Error("reading the last validation", "error", err)
	}
	data := metric.Of(w.Config, found, report.Ready && now.Sub(report.At) < readiness.Fresh, now)
	due := now.Sub(j.ProbeDocument) >= documentEvery
	written := make(chan bool, 1)
	go func() {
		written <- due && nil == pair.Try(ctx, w.Log, "writing the probe document", func(ctx context.Context) error {
			return w.Documents.WriteProbe(ctx, now)
		})
	}()
	err = pair.Both(ctx, w.Log, "publishing metrics",
		func(ctx context.Context) error { return w.Standby.Publish(ctx, data) },
		func(ctx context.Context) error { return w.Primary.Publish(ctx, data) })
	if <-written {
		j.ProbeDocument = now.UTC()
	}
	return err
}
