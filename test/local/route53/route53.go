// Package route53 is Route 53's data plane in the local AWS emulator. It evaluates health checks, answers DNS for the hosted
// zones accordingly, and gives every load balancer a loopback address of its own, at which it is reached whatever the Host
// header says.
//
// It reads the control plane from the emulator (controlplane.go) at the start and after each change that the gateway reports
// (NotifyChanged). Like Route 53's own data plane it depends on no region: if the region of the control plane is lost, it
// continues with what it read last.
//
// There is one health checker. AWS has more than a dozen in several regions, each with its own phase, and considers an
// endpoint healthy while more than 18 % of them do (Amazon Route 53 Developer Guide, "How Amazon Route 53 determines whether a
// health check is healthy"). The one checker stands for that majority. With an interval of 30 s and a threshold of 3, AWS's
// checkers, if their phases are evenly spread, agree on a loss after 60 + 0.82 * 30 = 85 s and on a recovery after 60 + 0.18 *
// 30 = 65 s; the checker here does after 60 to 90 s, depending on its phase. The phase is derived from the health check's id:
// it is different for two checks, and constant for one.
//
// Nothing is kept over a restart: health checks and targets start healthy, as new ones do.
package route53

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net/http"
	"sync"
	"time"
)

const (
	// tickInterval is how often the plane looks for checks that are due: a tenth of a second is negligible in intervals of 10
	// s.
	tickInterval = 100 * time.Millisecond
	// minReadInterval is the least time between two reads of the control plane, which a deployment changes many times a
	// second. AWS takes up to a minute (Developer Guide, "How Route 53 propagates changes").
	minReadInterval = time.Second
	// maxLoggedErrors bounds the errors that are logged between two changes: there is no bound to the names that cannot be
	// answered.
	maxLoggedErrors = 100
	// readTimeout bounds one read.
	readTimeout = 10 * time.Second
)

// Options configure a data plane.
type Options struct {
	// Read returns the content of the control plane.
	Read func(context.Context) (Snapshot, error)
	// Targets returns how many of a target group's targets are healthy. An error means that this is unknown, and the state
	// stays.
	Targets func(ctx context.Context, region, group string) (all, healthy int, err error)
	// Serve returns the handler of a load balancer.
	Serve func(Balancer) http.Handler
	// Certificate returns the certificate of a load balancer's listener of HTTPS.
	Certificate func(context.Context, Balancer, Listener) (*tls.Certificate, error)
	// Port is the port at which load balancers listen, the gateway's own.
	Port int
	// Regions are those whose functions ask the name servers, each by an address of its own, which does not answer while Lost
	// says that the region is lost. Lost may be nil.
	Regions []string
	Lost    func(region string) bool
	Log     *log.Logger
}

// Plane is the data plane. Its methods are safe for concurrent use.
type Plane struct {
	options   Options
	changed   chan struct{}
	listeners *balancerListeners
	dns       *dnsServer
	regional  map[string]*dnsServer
	running   sync.WaitGroup

	mu     sync.Mutex
	state  state
	logged map[string]bool // errors logged since the last change of the control plane
}

// state is the data that answers are computed from.
type state struct {
	Snapshot
	checks  *checks
	targets *targets
}

// New returns a data plane that listens for DNS on a free port of 127.0.0.1. It refuses every name until Start.
func New(options Options) (*Plane, error) {
	p := &Plane{
		options:   options,
		changed:   make(chan struct{}, 1),
		listeners: newBalancerListeners(options),
		state:     state{checks: newChecks(), targets: newTargets()},
		logged:    map[string]bool{},
		regional:  map[string]*dnsServer{},
	}
	var err error
	if p.dns, err = listenDNS(p, p.options.Log); err != nil {
		return nil, err
	}
	for _, region := range options.Regions {
		server, err := listenDNS(p.serveRegion(region), p.options.Log)
		if err != nil {
			return nil, errors.Join(err, p.closeDNS())
		}
		p.regional[region] = server
	}
	return p, nil
}

// Address is the address of the DNS server, for UDP and TCP: 127.0.0.1:PORT.
func (p *Plane) Address() string { return p.dns.address }

// Addresses are the addresses of the DNS server for the functions of each region.
func (p *Plane) Addresses() map[string]string {
	addresses := map[string]string{}
	for region, server := range p.regional {
		addresses[region] = server.address
	}
	return addresses
}

// NotifyChanged reports that the control plane may have changed.
func (p *Plane) NotifyChanged() {
	select {
	case p.changed <- struct{}{}:
	default: // a read is due already, and will see it
	}
}

// Start reads the control plane and evaluates health checks until ctx ends; Close then waits for the end of all goroutines. A
// failed read is logged and repeated.
func (p *Plane) Start(ctx context.Context) {
	p.NotifyChanged()
	p.running.Go(func() { p.syncControlPlane(ctx) })
	p.running.Go(func() { p.runChecks(ctx) })
}

// Close ends listening. Call it after Start's context has ended.
func (p *Plane) Close() error {
	p.running.Wait()
	return errors.Join(p.closeDNS(), p.listeners.close())
}

func (p *Plane) closeDNS() error {
	err := p.dns.close()
	for _, server := range p.regional {
		err = errors.Join(err, server.close())
	}
	return err
}

// syncControlPlane reads the control plane after each change.
func (p *Plane) syncControlPlane(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.changed:
		}
		if err := p.reload(ctx); err != nil && ctx.Err() == nil {
			p.options.Log.Printf("Route 53: %v", err)
			p.NotifyChanged()
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(minReadInterval):
		}
	}
}

func (p *Plane) reload(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	snapshot, err := p.options.Read(ctx)
	if err != nil {
		return fmt.Errorf("reading hosted zones, health checks and load balancers: %w", err)
	}
	p.apply(snapshot, time.Now())
	return nil
}

// apply makes a snapshot the data that answers are computed from.
func (p *Plane) apply(snapshot Snapshot, now time.Time) {
	p.listeners.replace(snapshot.Balancers)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state.Snapshot = snapshot
	p.state.checks.replace(snapshot.Checks, now)
	p.state.targets.replace(snapshot.balancersWithEvaluatedTargets(), now)
	clear(p.logged)
	for _, check := range snapshot.Checks {
		if err := check.supported(); err != nil {
			p.logOnce(err)
		}
	}
}

// runChecks starts the checks that are due, each in a goroutine of its own, so that a slow endpoint delays no other check.
func (p *Plane) runChecks(ctx context.Context) {
	ticker := time.NewTicker(tickInterval)
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
				p.running.Go(func() { p.probe(ctx, check) })
			}
			for _, group := range groups {
				p.running.Go(func() { p.checkTargets(ctx, group) })
			}
		}
	}
}

// probe runs one health check and records the result.
func (p *Plane) probe(ctx context.Context, check Check) {
	found := check.probe(ctx, p.dial(check))
	if ctx.Err() != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if healthy, changed := p.state.checks.observe(check.ID, found); changed {
		p.options.Log.Printf(
			"Route 53: health check %s of %s%s turns %s: %s",
			check.ID,
			check.endpoint(),
			check.Path,
			healthWord(healthy),
			found.Status,
		)
	}
}

// checkTargets reads the health of a target group's targets and records the result.
func (p *Plane) checkTargets(ctx context.Context, group targetGroupState) {
	within, cancel := context.WithTimeout(ctx, group.Interval)
	defer cancel()
	all, healthy, err := p.options.Targets(within, group.region, group.ARN)
	if ctx.Err() != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		p.state.targets.endCheck(group.ARN)
		p.logOnce(fmt.Errorf("the health of target group %s is unknown and stays unchanged: %w", group.ARN, err))
		return
	}
	if state, changed := p.state.targets.observe(group.ARN, all > 0 && healthy > 0); changed {
		p.options.Log.Printf("Route 53: target group %s turns %s: %d of %d targets are healthy", group.ARN, healthWord(state), healthy, all)
	}
}

// logOnce logs an error once until the control plane changes. The caller holds mu.
func (p *Plane) logOnce(err error) {
	if text := err.Error(); !p.logged[text] && len(p.logged) < maxLoggedErrors {
		p.logged[text] = true
		p.options.Log.Printf("Route 53: %s", text)
	}
}

func healthWord(healthy bool) string {
	if healthy {
		return "healthy"
	}
	return "unhealthy"
}
