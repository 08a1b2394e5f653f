package route53

import (
	"errors"
	"fmt"
	"time"
)

// ErrUnknown says that the health check did not exist when the control plane was last read.
var ErrUnknown = errors.New("no such health check")

// Observation is the result of one probe.
type Observation struct {
	Healthy bool
	Status  string // "Success: HTTP Status Code 200, OK", or why not
	Checked time.Time
}

// Status is the status of a health check.
type Status struct {
	ID      string
	Kind    string
	Healthy bool
	// Checkers is how many of the checkers, of which there is one, find the endpoint healthy, before inversion.
	Checkers int
	// Children is how many of a calculated check's children are healthy.
	Children int
	// Last is the last observation and LastFailure the last failed one; nil when there is none, as for a calculated check.
	Last, LastFailure *Observation
}

// Calculated says whether the status is calculated from other checks.
func (s Status) Calculated() bool { return s.Kind == kindCalculated }

// checks holds the state of all health checks.
type checks struct{ rows map[string]*checkState }

// checkState is the state of one health check.
type checkState struct {
	Check
	thresholdState
	schedule
	last, lastFailure *Observation
}

func newChecks() *checks { return &checks{rows: map[string]*checkState{}} }

// replace sets the health checks. A new check starts healthy; one whose configuration changed keeps its status and restarts
// its count.
func (c *checks) replace(all []Check, now time.Time) {
	rows := map[string]*checkState{}
	for _, check := range all {
		old := c.rows[check.ID]
		switch {
		case old == nil:
			rows[check.ID] = &checkState{Check: check, schedule: newSchedule(check.ID, check.Interval, now)}
		case old.Version != check.Version:
			old.Check, old.contrary = check, 0
			rows[check.ID] = old
		default:
			rows[check.ID] = old
		}
	}
	c.rows = rows
}

// due returns the checks to be probed now. Disabled and calculated checks are not probed.
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

// observe adds a probe's result; turned says that it changed the endpoint's status.
func (c *checks) observe(id string, found Observation) (healthy, changed bool) {
	row := c.rows[id]
	if row == nil {
		return false, false // the check was deleted during the probe
	}
	row.busy = false
	row.last = &found
	if !found.Healthy {
		row.lastFailure = &found
	}
	changed = row.thresholdState.observe(found.Healthy, row.Threshold)
	return !row.unhealthy, changed
}

// status returns the status of a check.
//
// AWS: Amazon Route 53 Developer Guide, "How Amazon Route 53 determines whether a health check is healthy": a new check is
// healthy until there is enough data, and unhealthy if it is inverted. API Reference, HealthCheckConfig: a disabled check is
// healthy, and unhealthy if it is inverted; a calculated check is healthy if at least HealthThreshold of its children are.
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

// Status returns the status of a health check.
func (p *Plane) Status(id string) (Status, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state.checks.status(id)
}

// Statuses returns the statuses of all health checks that can be evaluated here.
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
