package simulate

import (
	"context"
	"encoding/json"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/failovertest"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/metric"
	"warmstandby/lambda/failover/notice"
	"warmstandby/lambda/failover/observe"
	"warmstandby/lambda/failover/readiness"
	"warmstandby/shared/contract/controller"
)

// never is a fault that no call has.
const never = kinds

// Global implements observe.Databases and move.Database.
func (r *run) Global(ctx context.Context) (found globaldb.Global, err error) {
	err = r.call(ctx, "RDS.Global", RDSLost, func(*dice) error {
		g := &r.global
		found = globaldb.Global{Status: "available", EngineVersion: "16.8", Members: []globaldb.Member{
			{ARN: failovertest.East, Writer: g.writer == east, Connected: g.writer == west},
			{ARN: failovertest.West, Writer: g.writer == west, Connected: g.writer == east && g.flowing},
		}}
		if g.moving != "" && r.now-g.accepted >= r.plan.Visible {
			found.Moving, found.MovingTo, found.Status = true, failovertest.West, "failing-over"
		}
		return nil
	})
	return found, err
}

// Move implements move.Database.
func (r *run) Move(ctx context.Context, action decision.Action, target string) error {
	return r.call(ctx, "RDS.Move", RDSLost, func(*dice) error {
		if r.plan.LostRequests > r.result.lostRequests {
			r.result.lostRequests++
			r.meet(metLostRequest)
			return context.DeadlineExceeded
		}
		if refusal := r.request(action); refusal != "" {
			return globaldb.Refusal{Code: "InvalidGlobalClusterStateFault", Message: refusal}
		}
		if r.plan.LostAnswers > r.result.lostAnswers {
			r.result.lostAnswers++
			r.meet(metLostAnswer)
			return context.DeadlineExceeded
		}
		return nil
	})
}

// Cluster implements observe.Databases.
func (r *run) Cluster(ctx context.Context, _ string) (globaldb.Cluster, error) {
	err := r.call(ctx, "RDS.Cluster", RDSLost, func(*dice) error { return nil })
	return globaldb.Cluster{
		Identifier: controllerConfig.StandbyCluster, Status: "available", EngineVersion: "16.8",
		Instances: []globaldb.Instance{{Identifier: "one", Status: "available"}},
	}, err
}

// CommitLimit implements observe.Databases. No run of the controller needs it.
func (r *run) CommitLimit(ctx context.Context, _ string) (globaldb.CommitLimit, error) {
	return globaldb.CommitLimit{}, r.call(ctx, "RDS.Parameters", RDSLost, func(*dice) error { return nil })
}

// metricWindow is how far back the controller's client reads measurements.
const metricWindow = 20

// Replication implements observe.Replication: of the minutes whose measurement has arrived.
func (r *run) Replication(ctx context.Context) (m observe.Measurement, err error) {
	err = r.call(ctx, "CloudWatch.GetMetricData", CloudWatchLost, func(*dice) error {
		newest := int((r.now - r.plan.MetricsLate) / time.Minute)
		if r.now < r.plan.MetricsLate {
			newest = -1
		}
		for minute := newest; minute > newest-metricWindow; minute-- {
			lag := r.plan.Lag // before the simulation began
			if minute >= 0 {
				lag = r.lags[minute]
			}
			if lag < 0 {
				continue
			}
			at := r.start.Add(time.Duration(minute)*time.Minute - r.skew)
			if through := at.Add(-lag); !m.Known || through.After(m.Through) {
				m.Through = through
			}
			if !m.Known {
				m.At, m.Lag = at, lag
			}
			m.Known = true
		}
		return nil
	})
	return m, err
}

// Heartbeat implements observe.Heartbeats.
func (r *run) Heartbeat(ctx context.Context) (at time.Time, known bool, err error) {
	err = r.call(ctx, "DynamoDB.Heartbeat", TableLost, func(*dice) error {
		at, known = r.start.Add(r.heartbeat-r.skew), true
		return nil
	})
	return at, known, err
}

// Mode implements observe.Modes.
func (r *run) Mode(ctx context.Context) (mode controller.Mode, err error) {
	err = r.call(ctx, "SSM.GetParameter", ParameterLost, func(*dice) error {
		if mode = controller.Advisory; r.plan.Automatic {
			mode = controller.Automatic
		}
		return nil
	})
	return mode, err
}

// WriteProbe implements controlloop.DocumentWriter.
func (r *run) WriteProbe(ctx context.Context, _ time.Time) error {
	return r.call(ctx, "S3.PutObject", RegionLost, func(*dice) error { return nil })
}

// LoadReport implements readiness.Store.
func (r *run) LoadReport(context.Context) (readiness.Report, error) { return readiness.Report{}, nil }

// SaveReport implements readiness.Store.
func (r *run) SaveReport(context.Context, readiness.Report) error { return nil }

// table is the journal's table.
type table struct{ *run }

// Load implements journal.Store.
func (t table) Load(ctx context.Context) (state journal.State, err error) {
	err = t.call(ctx, "DynamoDB.Load", TableLost, func(*dice) error {
		if state.Version = t.version; t.version == 0 {
			return nil
		}
		return json.Unmarshal(t.document, &state)
	})
	shift(&state, -t.skew)
	return state, err
}

// Save implements journal.Store.
func (t table) Save(ctx context.Context, state journal.State) (version int64, err error) {
	shift(&state, t.skew)
	err = t.call(ctx, "DynamoDB.Save", TableLost, func(*dice) error {
		if state.Version != t.version {
			t.meet(metConflict)
			return journal.ErrConflict
		}
		document, err := json.Marshal(state)
		if err != nil {
			return err
		}
		t.document = document
		t.version++
		version = t.version
		return nil
	})
	return version, err
}

// topic is a region's topic.
type topic struct {
	*run
	standby bool
}

// Publish implements notice.Topic.
func (t topic) Publish(ctx context.Context, _ notice.Notice) error {
	if !t.standby {
		return t.call(ctx, "SNS.Publish.primary", RegionLost, func(*dice) error { return nil })
	}
	return t.call(ctx, "SNS.Publish", TopicLost, func(d *dice) error {
		if t.plan.LostPublishes > 0 && d.chance(t.plan.LostPublishes) {
			t.meet(metLostPublish)
			return context.DeadlineExceeded
		}
		return nil
	})
}

// metrics is a region's CloudWatch.
type metrics struct {
	*run
	standby bool
}

// Publish implements metric.Publisher.
func (m metrics) Publish(ctx context.Context, _ []metric.Datum) error {
	if m.standby {
		return m.call(ctx, "CloudWatch.PutMetricData", CloudWatchLost, func(*dice) error { return nil })
	}
	return m.call(ctx, "CloudWatch.PutMetricData.primary", RegionLost, func(*dice) error { return nil })
}
