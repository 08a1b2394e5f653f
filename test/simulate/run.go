package simulate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"log/slog"
	"strings"
	"time"

	"warmstandby/lambda/failover/audit"
	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/failovertest"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/metric"
	"warmstandby/lambda/failover/move"
	"warmstandby/lambda/failover/notice"
	"warmstandby/lambda/failover/observe"
	"warmstandby/lambda/failover/readiness"
	"warmstandby/lambda/failover/controlloop"
	"warmstandby/lambda/failover/spec"
	"warmstandby/shared/contract/controller"
)

// functionTime is the function's timeout: Lambda kills a run that is longer.
const functionTime = time.Minute

var (
	errKilled = errors.New("the run was killed")
	errLost   = errors.New("the service is lost")
)

var controllerConfig = failovertest.Config()

// run is one run of the controller, and AWS's services as it sees them.
type run struct {
	*World
	name  string
	until time.Time // Lambda's timeout
	skew  time.Duration
	dead  bool // under the world's mu
}

// invoke makes a run, as Lambda does.
func (w *World) invoke(ctx context.Context, name string, skew time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, functionTime)
	defer cancel()
	r := &run{World: w, name: name, until: time.Now().Add(functionTime), skew: skew}
	w.mu.Lock()
	w.runs++
	if w.runs > 1 {
		w.meet(metTwoRuns)
	}
	w.mu.Unlock()
	log := slog.New(spec.Handler{Watch: r.observed, Other: r.logged}).With("run", name)
	err := r.controller(log).Run(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.runs--
	if w.tracing && err != nil {
		w.advance(time.Since(w.start))
		w.note("[" + name + "] ends: " + err.Error())
	}
	r.dead = true
}

// controller is the controller, put together as its main package does.
func (r *run) controller(log *slog.Logger) controlloop.Controller {
	c := controllerConfig
	notifier := notice.TopicNotifier{Standby: audit.Topic(topic{r, true}, log), Primary: topic{r, false}, Log: log}
	database := audit.Database(r, log)
	return controlloop.Controller{
		Config:  c,
		Sources: observe.Sources{Databases: r, Replication: r, Heartbeats: r, Modes: r, Prober: r, Router: r},
		Store:   audit.Store(table{r}, log), Reports: r, Notifier: notifier,
		Mover:          move.Mover{Database: database, Notifier: notifier, Composer: notice.Composer{Config: c}, Log: log},
		StandbyMetrics: metrics{r, true}, PrimaryMetrics: metrics{r, false}, Documents: r, Log: log, Owner: r.name,
	}
}

// observed gives an event of the controller's log to the specification. A run that was killed logs nothing.
func (r *run) observed(e spec.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dead {
		return
	}
	r.advance(time.Since(r.start))
	r.count(e)
	r.watch(e)
}

// logged adds a line of the controller's log to the trace.
func (r *run) logged(name string, record slog.Record) {
	if !r.tracing {
		return
	}
	var text strings.Builder
	fmt.Fprintf(&text, "[%s] %s", name, record.Message)
	record.Attrs(func(a slog.Attr) bool { fmt.Fprintf(&text, " %s=%v", a.Key, a.Value); return true })
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.dead {
		r.advance(time.Since(r.start))
		r.note(text.String())
	}
}

// The time that a call takes.
const (
	fastest = 5 * time.Millisecond
	usual   = 60 * time.Millisecond
	slowest = 2500 * time.Millisecond
)

// call is one call of a service. It takes its time, fails where the service is lost, and can be the one at which the run is
// killed. effect is what it does, at one moment, with the world locked.
func (r *run) call(ctx context.Context, name string, lost Kind, effect func(d *dice) error) error {
	begun := time.Now()
	r.mu.Lock()
	r.advance(begun.Sub(r.start))
	r.calls[name]++
	nth := r.calls[name]
	d := draw(r.plan.Seed, hashOf(name), uint64(nth))
	takes := d.between(fastest, usual)
	if r.plan.Slow > 0 && d.chance(r.plan.Slow) {
		takes = d.between(usual, slowest)
		r.meet(metSlow)
	}
	hangs := r.is(lost) && (lost == RegionLost || d.chance(0.5)) // a region that is lost hangs; a service may
	r.mu.Unlock()
	deadline, _ := ctx.Deadline()
	if hangs {
		takes = deadline.Sub(begun)
	}
	if rest := deadline.Sub(begun); takes >= rest {
		time.Sleep(rest)
		return context.DeadlineExceeded
	}
	time.Sleep(takes)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.advance(time.Since(r.start))
	if r.dead || r.is(WestLost) || !time.Now().Before(r.until) {
		r.dead = true
		return errKilled
	}
	kill, after := r.killed(name, nth)
	if kill && !after {
		r.die(name)
		return errKilled
	}
	if r.is(lost) {
		return errLost
	}
	err := effect(&d)
	if kill {
		r.die(name)
		return errKilled
	}
	return err
}

// killed says whether the run is killed at this call.
func (r *run) killed(name string, nth int) (kill, after bool) {
	for _, k := range r.plan.Kills {
		if k.Call == name && k.Nth == nth {
			return true, k.After
		}
	}
	return false, false
}

func (r *run) die(at string) {
	r.dead = true
	r.note("[" + r.name + "] is killed at " + at)
	r.meet(metKilled)
	var state journal.State
	if len(r.document) > 0 && json.Unmarshal(r.document, &state) == nil && state.Move != nil {
		switch state.Move.Phase {
		case journal.Intent:
			r.meet(metKilledIntent)
		case journal.Requested:
			r.meet(metKilledRequested)
		case journal.Moved:
			r.meet(metKilledMoved)
		}
	}
}

// hashOf returns a number for a name.
func hashOf(name string) uint64 {
	h := fnv.New64a()
	io.WriteString(h, name) // a hash takes everything
	return h.Sum64()
}

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
