// Package route53 is Route 53's data plane in the embedded AWS: it evaluates the health checks that stacks created, answers DNS
// for their hosted zones by what it finds, and gives every load balancer an address of its own on loopback, at which it is
// reached whatever a request's Host header says.
//
// It knows the control plane from the emulator (read.go), which it reads when it starts and when the gateway says that
// something changed (Changed). Like Route 53's own data plane it depends on no region: one that is lost takes the control plane
// with it, and the answers go on by what was read last.
//
// Of health checkers there is one where AWS has more than a dozen in several regions, each with a phase of its own, and calls
// an endpoint healthy while more than 18 % of them do (Amazon Route 53 Developer Guide, "How Amazon Route 53 determines whether
// a health check is healthy"). It stands for that majority: its verdict is the health check's. With an interval of 30 s and a
// threshold of 3, AWS's checkers of even phases have agreed on a loss 60 + 0.82 * 30 = 85 s after it and on a return after
// 60 + 0.18 * 30 = 65 s; the one here does after 60 to 90 s, by its phase, which is part of the health check's id: two checks
// are not in step, and one keeps its phase over its life.
//
// Nothing is kept over a restart: health checks and targets begin healthy again, as new ones do.
package route53

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"sync"
	"time"
)

const (
	// pulse is how often the plane looks for checks that are due: a tenth of a second does not show in intervals of 10 s.
	pulse = 100 * time.Millisecond
	// readPause is the least time between two reads of the control plane: a deployment changes it many times a second. AWS takes
	// up to a minute (Developer Guide, "How Route 53 propagates changes").
	readPause = time.Second
	// sayings bounds what the log says between two changes: a name that cannot be answered may stand for any number of others.
	sayings = 100
	// readTime bounds one read.
	readTime = 10 * time.Second
)

// Options say what a data plane works on.
type Options struct {
	// Read returns what the control plane holds.
	Read func(context.Context) (Snapshot, error)
	// Targets says how many of a target group's targets are healthy at this moment. An error says that nobody can tell.
	Targets func(ctx context.Context, region, group string) (all, healthy int, err error)
	// Serve returns what answers for a load balancer.
	Serve func(Balancer) http.Handler
	// Port is the port at which load balancers listen, the gateway's own.
	Port int
	Log  *log.Logger
}

// Plane is the data plane. Its methods may be called by several goroutines.
type Plane struct {
	options Options
	changed chan struct{}
	doors   *doors
	server  *server
	done    sync.WaitGroup

	mu    sync.Mutex
	state state
	said  map[string]bool // what the log has said of what is there now
}

// state is what answers are made of.
type state struct {
	Snapshot
	checks  *checks
	targets *targets
}

// New returns a data plane that listens for DNS on a free port of 127.0.0.1 and refuses every name until Start.
func New(options Options) (*Plane, error) {
	p := &Plane{
		options: options,
		changed: make(chan struct{}, 1),
		doors:   newDoors(options.Port, options.Serve, options.Log),
		state:   state{checks: newChecks(), targets: newTargets()},
		said:    map[string]bool{},
	}
	var err error
	if p.server, err = listen(p); err != nil {
		return nil, err
	}
	return p, nil
}

// Address is where DNS is answered, by UDP and TCP: 127.0.0.1:PORT.
func (p *Plane) Address() string { return p.server.address }

// Changed says that the control plane may have changed.
func (p *Plane) Changed() {
	select {
	case p.changed <- struct{}{}:
	default: // a read is due already, and will see it
	}
}

// Start reads the control plane and works until ctx ends; Close then returns when all of it has ended. A control plane that
// cannot be read is in the log and is tried again.
func (p *Plane) Start(ctx context.Context) {
	p.Changed()
	p.done.Go(func() { p.follow(ctx) })
	p.done.Go(func() { p.watch(ctx) })
}

// Close ends listening. It is called after the end of Start's context.
func (p *Plane) Close() error {
	p.done.Wait()
	return errors.Join(p.server.close(), p.doors.close())
}

// follow reads the control plane after each change.
func (p *Plane) follow(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.changed:
		}
		if err := p.reload(ctx); err != nil && ctx.Err() == nil {
			p.options.Log.Printf("Route 53: %v", err)
			p.Changed()
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(readPause):
		}
	}
}

func (p *Plane) reload(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	read, err := p.options.Read(ctx)
	if err != nil {
		return fmt.Errorf("reading what stands: %w", err)
	}
	p.use(read, time.Now())
	return nil
}

// use makes a snapshot the one that answers are made of.
func (p *Plane) use(read Snapshot, now time.Time) {
	p.doors.replace(read.Balancers)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state.Snapshot = read
	p.state.checks.replace(read.Checks, now)
	p.state.targets.replace(read.evaluated(), now)
	clear(p.said)
	for _, check := range read.Checks {
		if err := check.supported(); err != nil {
			p.say(err)
		}
	}
}

// watch makes the checks that are due, each on its own: one that waits for an answer holds up no other.
func (p *Plane) watch(ctx context.Context) {
	ticker := time.NewTicker(pulse)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			p.mu.Lock()
			due, groups := p.state.checks.due(now), p.state.targets.due(now)
			p.mu.Unlock()
			for _, check := range due {
				p.done.Go(func() { p.probe(ctx, check) })
			}
			for _, group := range groups {
				p.done.Go(func() { p.count(ctx, group) })
			}
		}
	}
}

// probe makes one check and remembers what it found.
func (p *Plane) probe(ctx context.Context, check Check) {
	found := check.probe(ctx, p.dial(check))
	if ctx.Err() != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if healthy, turned := p.state.checks.observe(check.ID, found); turned {
		p.options.Log.Printf("Route 53: health check %s of %s%s turns %s: %s", check.ID, check.endpoint(), check.Path, word(healthy), found.Status)
	}
}

// count asks for a target group's targets and remembers how they are.
func (p *Plane) count(ctx context.Context, group watched) {
	within, cancel := context.WithTimeout(ctx, group.Interval)
	defer cancel()
	all, healthy, err := p.options.Targets(within, group.region, group.ARN)
	if ctx.Err() != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		p.state.targets.settle(group.ARN)
		p.say(fmt.Errorf("the targets of %s stay as they were: %w", group.ARN, err))
		return
	}
	if state, turned := p.state.targets.observe(group.ARN, all > 0 && healthy > 0); turned {
		p.options.Log.Printf("Route 53: target group %s turns %s: %d of %d targets are healthy", group.ARN, word(state), healthy, all)
	}
}

// say logs a message once until the control plane changes. The caller holds mu.
func (p *Plane) say(err error) {
	if text := err.Error(); !p.said[text] && len(p.said) < sayings {
		p.said[text] = true
		p.options.Log.Printf("Route 53: %s", text)
	}
}

func word(healthy bool) string {
	if healthy {
		return "healthy"
	}
	return "unhealthy"
}
