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
	"warmstandby/lambda/failover/controlloop"
	"warmstandby/lambda/failover/failovertest"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/move"
	"warmstandby/lambda/failover/notice"
	"warmstandby/lambda/failover/observe"
	"warmstandby/lambda/failover/spec"
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
