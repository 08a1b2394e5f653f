package route53

import (
	"errors"
	"fmt"
	"time"
)

// ErrUnknown is of a health check that was not there when the control plane was read.
var ErrUnknown = errors.New("no such health check")

// Observation is what a checker found at one moment.
type Observation struct {
	Healthy bool
	Status  string // "Success: HTTP Status Code 200, OK", or why not
	Checked time.Time
}

// Status is how a health check stands.
type Status struct {
	ID      string
	Kind    string
	Healthy bool
	// Checkers is how many of the checkers, of which there is one, find the endpoint healthy: not inverted.
	Checkers int
	// Children is how many of a calculated check's children are healthy.
	Children int
	// Last is the last observation, LastFailure the last bad one; nil when there is none, as of a calculated check.
	Last, LastFailure *Observation
}

// Calculated says whether the status follows from other checks' alone.
func (s Status) Calculated() bool { return s.Kind == kindCalculated }

// checks is how all health checks stand.
type checks struct{ rows map[string]*checked }

// checked is one of them.
type checked struct {
	Check
	streak
	schedule
	last, lastFailure *Observation
}

func newChecks() *checks { return &checks{rows: map[string]*checked{}} }

// replace makes these the checks that there are. One that is new begins healthy; one whose settings changed keeps its status
// and counts anew.
func (c *checks) replace(all []Check, now time.Time) {
	rows := map[string]*checked{}
	for _, check := range all {
		old := c.rows[check.ID]
		switch {
		case old == nil:
			rows[check.ID] = &checked{Check: check, schedule: newSchedule(check.ID, check.Interval, now)}
		case old.Version != check.Version:
			old.Check, old.against = check, 0
			rows[check.ID] = old
		default:
			rows[check.ID] = old
		}
	}
	c.rows = rows
}

// due returns the checks to be made now. A check that is disabled is not made, nor one that is calculated.
func (c *checks) due(now time.Time) []Check {
	var found []Check
	for _, row := range c.rows {
		if row.Disabled || row.Kind == kindCalculated || row.supported() != nil {
			continue
		}
		if row.schedule.due(row.Interval, now) {
			found = append(found, row.Check)
		}
	}
	return found
}

// observe adds what a check found; turned says that this turned what the endpoint is taken for.
func (c *checks) observe(id string, found Observation) (healthy, turned bool) {
	row := c.rows[id]
	if row == nil {
		return false, false // deleted meanwhile
	}
	row.busy = false
	row.last = &found
	if !found.Healthy {
		row.lastFailure = &found
	}
	turned = row.streak.observe(found.Healthy, row.Threshold)
	return !row.unhealthy, turned
}

// status returns how a check stands.
//
// AWS: Amazon Route 53 Developer Guide, "How Amazon Route 53 determines whether a health check is healthy": a new check is
// healthy until there is enough data, and unhealthy when it is inverted. API Reference, HealthCheckConfig: one that is disabled
// is healthy, and unhealthy when it is inverted; of a calculated one, as many children as HealthThreshold must be healthy.
func (c *checks) status(id string) (Status, error) {
	row := c.rows[id]
	if row == nil {
		return Status{}, fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	if err := row.supported(); err != nil {
		return Status{}, err
	}
	status := Status{ID: id, Kind: row.Kind, Healthy: !row.unhealthy, Last: row.last, LastFailure: row.lastFailure}
	if row.Kind == kindCalculated {
		for _, child := range row.Children {
			// AWS: Developer Guide, "Monitoring other health checks": a calculated check cannot monitor another one.
			if of := c.rows[child]; of != nil && of.Kind == kindCalculated {
				return Status{}, fmt.Errorf("health check %s is calculated from %s, which is calculated itself", id, child)
			}
			found, err := c.status(child)
			if err != nil {
				return Status{}, fmt.Errorf("health check %s is calculated: %w", id, err)
			}
			if found.Healthy {
				status.Children++
			}
		}
		status.Healthy = status.Children >= row.HealthyCount
	}
	if row.Kind != kindCalculated && !row.unhealthy {
		status.Checkers = 1
	}
	status.Healthy = (row.Disabled || status.Healthy) != row.Inverted
	return status, nil
}

// Status returns how a health check stands.
func (p *Plane) Status(id string) (Status, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state.checks.status(id)
}

// Statuses returns how all health checks stand that are evaluated here, by id.
func (p *Plane) Statuses() []Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []Status
	for _, check := range p.state.Checks {
		if status, err := p.state.checks.status(check.ID); err == nil {
			all = append(all, status)
		}
	}
	return all
}
