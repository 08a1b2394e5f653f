package failovertest

import (
	"context"
	"strings"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/metric"
	"warmstandby/lambda/failover/notice"
	"warmstandby/lambda/failover/observe"
	"warmstandby/lambda/failover/readiness"
	"warmstandby/shared/contract/controller"
)

// Global implements observe.Databases and move.Database.
func (sim *Simulation) Global(ctx context.Context) (globaldb.Global, error) {
	if err := sim.call(ctx, "DescribeGlobalClusters", ""); err != nil {
		return globaldb.Global{}, err
	}
	g, stopped := sim.Database, sim.stoppedAt()
	sim.locked(func() {
		sim.completeMove()
		if sim.moveTarget != "" {
			g.Moving, g.MovingTo, g.Status = true, sim.moveTarget, "failing-over"
		}
		g.Members = nil
		for _, arn := range [...]string{West, East} {
			if !sim.detached[arn] {
				g.Members = append(
					g.Members,
					globaldb.Member{ARN: arn, Writer: arn == sim.writer, Connected: arn != sim.writer && stopped.IsZero()},
				)
			}
		}
	})
	return g, nil
}

// Move implements move.Database as RDS does: it accepts one move at a time, and none to the cluster that has the writer.
func (sim *Simulation) Move(ctx context.Context, action decision.Action, target string) error {
	if err := sim.call(ctx, "Move", ""); err != nil {
		return err
	}
	if sim.MoveRefused != nil {
		return sim.MoveRefused
	}
	refused := false
	sim.locked(func() {
		sim.completeMove()
		if refused = sim.moveTarget != "" || sim.writer == target; !refused {
			sim.requests = append(sim.requests, string(action))
			sim.moveTarget, sim.moveEnds = target, time.Now().Add(sim.MoveDuration)
		}
	})
	switch {
	case refused:
		return globaldb.Refusal{Code: "InvalidGlobalClusterStateFault", Message: "the global cluster is not available"}
	case sim.ResponseLost:
		return context.DeadlineExceeded
	}
	return sim.crash.step(ctx, "after Move")
}

// Cluster implements observe.Databases.
func (sim *Simulation) Cluster(ctx context.Context, _ string) (globaldb.Cluster, error) {
	return sim.Standby, sim.call(ctx, "DescribeDBClusters", "")
}

// CommitLimit implements observe.Databases.
func (sim *Simulation) CommitLimit(ctx context.Context, _ string) (globaldb.CommitLimit, error) {
	return sim.CommitLimits[West], sim.call(ctx, "DescribeDBClusterParameters", "")
}

// Replication implements observe.Replication: one measurement a minute, with the lag that the test sets, up to the data that has
// arrived. While the writer is in the standby region there is none.
func (sim *Simulation) Replication(ctx context.Context) (observe.Measurement, error) {
	if err := sim.call(ctx, "GetMetricData", ""); err != nil {
		return observe.Measurement{}, err
	}
	at := time.Now().Truncate(time.Minute)
	sim.locked(func() {
		if sim.completeMove(); sim.writer != East || at.Before(sim.writerReturned) {
			at = sim.writerLeftPrimary.Truncate(time.Minute)
		}
	})
	through := at.Add(-sim.Lag)
	if stopped := sim.stoppedAt(); !stopped.IsZero() && stopped.Before(through) {
		through = stopped
	}
	return observe.Measurement{Known: true, Through: through, Lag: sim.Lag, At: at}, nil
}

// Heartbeat implements observe.Heartbeats: one arrives every full minute while the regions are connected.
func (sim *Simulation) Heartbeat(ctx context.Context) (time.Time, bool, error) {
	if err := sim.call(ctx, "GetHeartbeat", ""); err != nil {
		return time.Time{}, false, err
	}
	last := time.Now()
	if cut := sim.disconnectedAt(); !cut.IsZero() {
		last = cut
	}
	return last.Truncate(time.Minute), true, nil
}

// Mode implements observe.Modes.
func (sim *Simulation) Mode(ctx context.Context) (controller.Mode, error) {
	return sim.StoredMode, sim.call(ctx, "GetParameter", "")
}

// Probe implements observe.Prober.
func (sim *Simulation) Probe(ctx context.Context, url string) observe.ProbeResult {
	region := ""
	if strings.HasPrefix(url, Config().PrimaryURL) {
		region = "primary"
	}
	ctx, cancel := context.WithTimeout(ctx, observe.ProbeTimeout)
	defer cancel()
	begun := time.Now()
	if err := sim.call(ctx, "Probe", region); err != nil {
		return observe.ProbeResult{Outcome: "a time-out", Cause: decision.CauseUnreachable, Took: time.Since(begun)}
	}
	var result observe.ProbeResult
	fails := region == "primary" && strings.HasSuffix(url, observe.ReadyPath) && sim.grayFailure()
	sim.locked(func() {
		if region == "primary" {
			result = sim.primaryAnswer(url)
		} else {
			result = observe.ProbeResult{OK: sim.standbyResponse == "status 200", Outcome: sim.standbyResponse}
		}
	})
	if fails {
		result = observe.ProbeResult{Outcome: "status 502", Cause: decision.CauseUnreachable}
	}
	result.Took = time.Since(begun)
	return result
}

// WriteProbe implements controlloop.DocumentWriter.
func (sim *Simulation) WriteProbe(ctx context.Context, at time.Time) error {
	if err := sim.call(ctx, "PutObject", "primary"); err != nil {
		return err
	}
	sim.locked(func() { sim.document = at })
	return nil
}

// Document returns when the last probe document was written.
func (sim *Simulation) Document() (at time.Time) { sim.locked(func() { at = sim.document }); return at }

// LoadReport implements readiness.Store.
func (sim *Simulation) LoadReport(ctx context.Context) (report readiness.Report, err error) {
	err = sim.call(ctx, "LoadReport", "")
	sim.locked(func() { report = sim.report })
	return report, err
}

// SaveReport implements readiness.Store.
func (sim *Simulation) SaveReport(ctx context.Context, report readiness.Report) error {
	if err := sim.call(ctx, "SaveReport", ""); err != nil {
		return err
	}
	sim.locked(func() { sim.report = report })
	return nil
}

type topic struct {
	*Simulation
	region string
}

// Publish implements notice.Topic.
func (t topic) Publish(ctx context.Context, n notice.Notice) error {
	if err := t.call(ctx, "Publish", t.region); err != nil {
		return err
	}
	if t.region == "" {
		t.locked(func() { t.notices = append(t.notices, n) })
	}
	return t.crash.step(ctx, "after Publish")
}

type metricPublisher struct {
	*Simulation
	region string
}

// Publish implements metric.Publisher.
func (g metricPublisher) Publish(ctx context.Context, data []metric.Datum) error {
	if err := g.call(ctx, "PutMetricData", g.region); err != nil {
		return err
	}
	if g.region == "" {
		g.locked(func() {
			g.metrics = map[string]float64{}
			for _, one := range data {
				g.metrics[strings.TrimSpace(one.Name+" "+one.Region)] = one.Value
			}
		})
	}
	return nil
}
