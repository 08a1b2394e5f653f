package world

import (
	"context"
	"strings"
	"time"

	"warmstandby/lambda/failover/aurora"
	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/evidence"
	"warmstandby/lambda/failover/metric"
	"warmstandby/lambda/failover/notice"
	"warmstandby/lambda/failover/readiness"
)

// Global implements evidence.Databases and move.Database.
func (w *World) Global(ctx context.Context) (aurora.Global, error) {
	if err := w.call(ctx, "DescribeGlobalClusters", ""); err != nil {
		return aurora.Global{}, err
	}
	g := w.Database
	w.set(func() {
		w.settle()
		if w.next != "" {
			g.Moving, g.MovingTo, g.Status = true, w.next, "failing-over"
		}
		g.Members = nil
		for _, arn := range [...]string{West, East} {
			if !w.gone[arn] {
				g.Members = append(g.Members, aurora.Member{ARN: arn, Writer: arn == w.writer, Connected: arn != w.writer && w.regionLost.IsZero() && w.split.IsZero()})
			}
		}
	})
	return g, nil
}

// Move implements move.Database as RDS does: it agrees to one move at a time, and to none to where the writer is.
func (w *World) Move(ctx context.Context, action decision.Action, target string) error {
	if err := w.call(ctx, "Move", ""); err != nil {
		return err
	}
	if w.MoveRefused != nil {
		return w.MoveRefused
	}
	refused := false
	w.set(func() {
		w.settle()
		if refused = w.next != "" || w.writer == target; !refused {
			w.requests = append(w.requests, string(action))
			w.next, w.arrives = target, time.Now().Add(w.MoveTakes)
		}
	})
	switch {
	case refused:
		return aurora.Refusal{Code: "InvalidGlobalClusterStateFault", Message: "the global cluster is not available"}
	case w.AnswerLost:
		return context.DeadlineExceeded
	}
	return w.fuse.burn(ctx, "after Move")
}

// Cluster implements evidence.Databases.
func (w *World) Cluster(ctx context.Context, _ string) (aurora.Cluster, error) {
	return w.Standby, w.call(ctx, "DescribeDBClusters", "")
}

// Replication implements evidence.Replication: a measurement each minute, of the lag that the test says, up to what has arrived. There is none of the time when the writer is in the standby region.
func (w *World) Replication(ctx context.Context) (evidence.Measurement, error) {
	if err := w.call(ctx, "GetMetricData", ""); err != nil {
		return evidence.Measurement{}, err
	}
	at := time.Now().Truncate(time.Minute)
	w.set(func() {
		if w.settle(); w.writer != East || at.Before(w.back) {
			at = w.away.Truncate(time.Minute)
		}
	})
	through := at.Add(-w.Lag)
	if cut := w.cut(); !cut.IsZero() && cut.Before(through) {
		through = cut
	}
	return evidence.Measurement{Known: true, Through: through, Lag: w.Lag, At: at}, nil
}

// Heartbeat implements evidence.Heartbeats: one arrives at each full minute while the region lives and its events pass.
func (w *World) Heartbeat(ctx context.Context) (time.Time, bool, error) {
	if err := w.call(ctx, "GetHeartbeat", ""); err != nil {
		return time.Time{}, false, err
	}
	last := time.Now()
	if cut := w.cut(); !cut.IsZero() {
		last = cut
	}
	return last.Truncate(time.Minute), true, nil
}

// Mode implements evidence.Modes.
func (w *World) Mode(ctx context.Context) (decision.Mode, error) {
	return w.Set, w.call(ctx, "GetParameter", "")
}

// Probe implements evidence.Prober.
func (w *World) Probe(ctx context.Context, url string) evidence.Result {
	region := ""
	if strings.HasPrefix(url, Config().PrimaryURL) {
		region = "primary"
	}
	ctx, cancel := context.WithTimeout(ctx, evidence.ProbeTime)
	defer cancel()
	if err := w.call(ctx, "Probe", region); err != nil {
		return evidence.Result{Got: "a time-out"}
	}
	var got string
	w.set(func() {
		switch {
		case region == "":
			got = w.westIs
		case w.writer != East && strings.HasSuffix(url, evidence.ReadyPath):
			got = "status 503"
		default:
			got = w.applicationIs
		}
	})
	return evidence.Result{Good: got == "status 200", Got: got}
}

// WriteProbe implements watch.Documents.
func (w *World) WriteProbe(ctx context.Context, at time.Time) error {
	if err := w.call(ctx, "PutObject", "primary"); err != nil {
		return err
	}
	w.set(func() { w.document = at })
	return nil
}

// Document returns when the last probe document was written.
func (w *World) Document() (at time.Time) { w.set(func() { at = w.document }); return at }

// LoadReport implements readiness.Store.
func (w *World) LoadReport(ctx context.Context) (report readiness.Report, err error) {
	err = w.call(ctx, "LoadReport", "")
	w.set(func() { report = w.report })
	return report, err
}

// SaveReport implements readiness.Store.
func (w *World) SaveReport(ctx context.Context, report readiness.Report) error {
	if err := w.call(ctx, "SaveReport", ""); err != nil {
		return err
	}
	w.set(func() { w.report = report })
	return nil
}

type topic struct {
	*World
	region string
}

// Publish implements notice.Topic.
func (t topic) Publish(ctx context.Context, n notice.Notice) error {
	if err := t.call(ctx, "Publish", t.region); err != nil {
		return err
	}
	if t.region == "" {
		t.set(func() { t.notices = append(t.notices, n) })
	}
	return t.fuse.burn(ctx, "after Publish")
}

type gauge struct {
	*World
	region string
}

// Publish implements metric.Gauge.
func (g gauge) Publish(ctx context.Context, data []metric.Datum) error {
	if err := g.call(ctx, "PutMetricData", g.region); err != nil {
		return err
	}
	if g.region == "" {
		g.set(func() {
			g.metrics = map[string]float64{}
			for _, one := range data {
				g.metrics[strings.TrimSpace(one.Name+" "+one.Region)] = one.Value
			}
		})
	}
	return nil
}
