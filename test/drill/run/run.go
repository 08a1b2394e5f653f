// Package run takes a platform through a scenario, under the load of a client and with everything observed, and returns the
// evidence. However a drill ends, it heals its faults and removes its resources.
package run

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"warmstandby/test/access/events"
	"warmstandby/test/drill/client"
	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/fault"
	"warmstandby/test/drill/observe"
	"warmstandby/test/drill/scenario"
)

const (
	// pollInterval is the time between two checks of a condition.
	pollInterval = 500 * time.Millisecond
	// retryInterval is the pause before a refused command of the operator is repeated.
	retryInterval = 5 * time.Second
	// eventsTimeout bounds the wait for events. Those that a request could not publish are published half a minute later by a task
	// that runs each minute in each region, and EventBridge retries for longer than that.
	eventsTimeout = 4 * time.Minute
	// cleanUpTimeout bounds each part of the clean-up.
	cleanUpTimeout = time.Minute
	// servedWrites is how many writes in a row must be good for users to be served, and bad for commits to be paused: two seconds of
	// them.
	servedWrites = 10
)

// Drill is one run. Its fields are set before Run.
type Drill struct {
	Scenario scenario.Scenario
	Log      *evidence.Log
	Client   *client.Client
	Users    []*client.Client // the kinds of user beside it
	// Contention is the load whose histories are checked; nil is none.
	Contention *client.Contention
	Watch      *observe.Watch
	Queues     map[string]*events.Queue // by region
	Injector   fault.Injector
	// Operate runs a command of the operator's command line.
	Operate func(ctx context.Context, command []string) error
	// Reconcile runs the operator's reconciliation and returns what it reports.
	Reconcile func(ctx context.Context) (evidence.Reconciliation, error)
	// TakeBack writes the damaged rows back from the restored cluster and returns how many.
	TakeBack func(ctx context.Context) (int, error)
	// Backups watches AWS Backup and moves its calendar; nil in scenarios without a fault of it.
	Backups Backups
	// Flooder and Concurrency are the load of a flood and what is noticed of it; nil in scenarios without one.
	Flooder     Flooder
	Concurrency Concurrency
	// CheckControllerLog reads the failover controller's log of the drill and checks it.
	CheckControllerLog func(ctx context.Context) evidence.ControllerLog
	// Preview previews every stack; nil skips that.
	Preview func(ctx context.Context) evidence.Preview
	// Logf reports progress.
	Logf func(format string, values ...any)

	stopLoad    func() // and waits for the requests in flight; does nothing without a load
	stopProbing func()
	stopFlood   func() // and waits for its requests in flight; does nothing without one
}

// Run goes through the scenario and returns the evidence. An error reports what could not be cleaned up; the evidence is
// complete even then.
func (d *Drill) Run(ctx context.Context) (evidence.Evidence, error) {
	d.stopLoad, d.stopProbing, d.stopFlood = func() {}, func() {}, func() {}
	watching, stopWatching := context.WithCancel(context.WithoutCancel(ctx))
	var watchers sync.WaitGroup
	watchers.Go(func() { d.Watch.Run(watching) })
	for _, queue := range d.Queues {
		watchers.Go(func() { queue.Run(watching) })
	}
	if d.Backups != nil {
		watchers.Go(func() { d.Backups.Run(watching) })
	}
	if d.Concurrency != nil {
		watchers.Go(func() { d.Concurrency.Run(watching) })
	}
	for _, limit := range d.limits() {
		d.Log.Update(func(e *evidence.Evidence) { e.NotObserved = append(e.NotObserved, limit) })
	}
	broken := d.steps(ctx)
	d.stopProbing()
	d.stopFlood()
	if broken != nil {
		d.Log.Mark(evidence.Healed, "the drill was broken off")
	}
	healed := d.cleanUp(ctx, func(ctx context.Context) error { return d.Injector.Heal(ctx, d.Watch.Primary, d.Watch.Standby) })
	d.stopLoad()
	if broken == nil {
		broken = d.count(ctx)
	}
	if d.Concurrency != nil {
		d.countThrottled(ctx)
	}
	stopWatching()
	watchers.Wait()
	controllerLog := d.checkControllerLog(ctx)
	d.Log.Update(func(e *evidence.Evidence) {
		e.Ended, e.ControllerLog = time.Now(), &controllerLog
		if broken != nil {
			e.Aborted = broken.Error()
		}
	})
	var leftovers error
	for _, queue := range d.Queues {
		leftovers = errors.Join(leftovers, d.cleanUp(ctx, queue.Detach))
	}
	if d.Backups != nil {
		leftovers = errors.Join(leftovers, d.cleanUp(ctx, d.Backups.Detach))
	}
	if d.Concurrency != nil {
		leftovers = errors.Join(leftovers, d.cleanUp(ctx, d.Concurrency.Detach))
	}
	if d.Preview != nil && broken == nil && leftovers == nil {
		d.Logf("previewing every stack")
		preview := d.Preview(ctx)
		d.Log.Update(func(e *evidence.Evidence) { e.Preview = &preview })
	}
	return d.Log.Copy(), errors.Join(healed, leftovers)
}

// limits are what the fault does not cut.
func (d *Drill) limits() []string {
	if d.Scenario.Fault == "" {
		return nil
	}
	return d.Injector.Limits(d.Scenario.Fault)
}

// cleanUp runs work that must be done however the drill ended, even after an interrupt.
func (d *Drill) cleanUp(ctx context.Context, work func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpTimeout)
	defer cancel()
	return work(ctx)
}

// checkControllerLog checks the controller's log, of a drill that was broken off, too.
func (d *Drill) checkControllerLog(ctx context.Context) evidence.ControllerLog {
	d.Logf("checking the controller's log")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpTimeout)
	defer cancel()
	return d.CheckControllerLog(ctx)
}

// steps runs the steps. The error is why the drill cannot go on. A step that times out is evidence, and the next one is run;
// but a platform that is not healthy at first is not touched.
func (d *Drill) steps(ctx context.Context) error {
	for _, step := range d.Scenario.Steps {
		if err := d.step(ctx, step); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return errors.New("interrupted")
		}
	}
	return nil
}

func (d *Drill) step(ctx context.Context, s scenario.Step) error {
	switch s.Do {
	case scenario.Load:
		d.startLoad(ctx)
		length := s.For
		if s.Jitter > 0 {
			length += rand.N(s.Jitter)
		}
		d.Logf("load for %s", length.Round(time.Second))
		sleep(ctx, length)
		return nil
	case scenario.Fault:
		return d.beginFault(ctx, s)
	case scenario.Blip:
		if err := d.beginFault(ctx, s); err != nil {
			return err
		}
		sleep(ctx, s.For)
		return d.heal(ctx)
	case scenario.Heal:
		return d.heal(ctx)
	case scenario.Operate:
		return d.operate(ctx, s)
	case scenario.Reconcile:
		return d.reconcile(ctx, s)
	case scenario.Corrupt:
		return d.corrupt(ctx, s)
	case scenario.Restore:
		return d.restore(ctx, s)
	case scenario.Flood:
		return d.flood(ctx, s)
	case scenario.Advance:
		return d.advance(ctx, s)
	}
	return d.await(ctx, s)
}

// startLoad starts the client, once.
func (d *Drill) startLoad(ctx context.Context) {
	begun := false
	d.Log.Read(func(e *evidence.Evidence) { _, begun = e.MarkedAt(evidence.LoadBegan) })
	if begun {
		return
	}
	d.Log.Mark(evidence.LoadBegan, "")
	writing, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		var users sync.WaitGroup
		for _, user := range d.Users {
			users.Go(func() { user.Run(writing) })
		}
		if d.Contention != nil {
			users.Go(func() { d.Contention.Run(writing) })
		}
		d.Client.Run(writing)
		users.Wait()
	}()
	d.stopLoad = func() {
		stop()
		<-ended
		d.Log.Mark(evidence.LoadEnded, "")
		d.stopLoad = func() {}
	}
}

// beginFault begins a fault and its probes.
func (d *Drill) beginFault(ctx context.Context, s scenario.Step) error {
	region := d.region(s.Role)
	d.Logf("fault: %s %s", region, s.Kind)
	if err := d.Injector.Begin(ctx, s.Kind, region); err != nil {
		return fmt.Errorf("beginning the fault: %w", err)
	}
	d.Log.Mark(evidence.Faulted, region+" "+string(s.Kind))
	probing, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		d.Watch.ProbeFault(probing, s.Kind, region)
	}()
	d.stopProbing = func() {
		stop()
		<-ended
	}
	return nil
}

func (d *Drill) heal(ctx context.Context) error {
	d.stopFlood()
	d.stopProbing()
	d.stopProbing = func() {}
	d.Logf("healing")
	if err := d.Injector.Heal(ctx, d.Watch.Primary, d.Watch.Standby); err != nil {
		return fmt.Errorf("healing: %w", err)
	}
	if d.Scenario.Fault != "" {
		d.Log.Mark(evidence.Healed, "")
	}
	return nil
}

// operate repeats a command of the operator until it succeeds.
func (d *Drill) operate(ctx context.Context, s scenario.Step) error {
	d.repeat(ctx, s, strings.Join(s.Command, " "), func(ctx context.Context) error { return d.Operate(ctx, s.Command) })
	return nil
}

// repeat runs a command of the operator until it succeeds or the step's time is over, which is evidence.
func (d *Drill) repeat(ctx context.Context, s scenario.Step, message string, command func(context.Context) error) {
	d.Logf("operator: %s", message)
	d.Log.Mark(evidence.OperatorCommand, message)
	for end := time.Now().Add(s.For); ; sleep(ctx, retryInterval) {
		err := command(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		if time.Now().After(end) {
			d.recordTimeout("The operator's %s did not succeed within %s: %v", message, s.For, err)
			return
		}
	}
}

func (d *Drill) region(role scenario.Role) string {
	if role == scenario.Standby {
		return d.Watch.Standby
	}
	return d.Watch.Primary
}
