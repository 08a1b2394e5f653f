package route53

import "time"

// targets holds the state of the target groups whose health decides an alias.
type targets struct{ rows map[string]*targetGroupState }

// targetGroupState is one target group. Its targets count as one: a region's application is one function.
type targetGroupState struct {
	Group
	region string
	thresholdState
	schedule
}

func newTargets() *targets { return &targets{rows: map[string]*targetGroupState{}} }

// replace sets the load balancers whose target groups are checked. A new group starts healthy.
func (t *targets) replace(balancers []Balancer, now time.Time) {
	rows := map[string]*targetGroupState{}
	for _, balancer := range balancers {
		for _, group := range balancer.Groups {
			row := t.rows[group.ARN]
			if row == nil {
				row = &targetGroupState{schedule: newSchedule(group.ARN, group.Interval, now)}
			}
			row.Group, row.region = group, balancer.Region
			rows[group.ARN] = row
		}
	}
	t.rows = rows
}

// due returns the groups to be checked now.
func (t *targets) due(now time.Time) []targetGroupState {
	var found []targetGroupState
	for _, row := range t.rows {
		if row.schedule.due(row.Interval, now) {
			found = append(found, *row)
		}
	}
	return found
}

// endCheck ends a check without a result.
func (t *targets) endCheck(group string) {
	if row := t.rows[group]; row != nil {
		row.busy = false
	}
}

// observe adds a check's result.
func (t *targets) observe(group string, healthy bool) (state, changed bool) {
	row := t.rows[group]
	if row == nil {
		return false, false
	}
	row.busy = false
	threshold := row.Unhealthy
	if healthy {
		threshold = row.Healthy
	}
	changed = row.thresholdState.observe(healthy, threshold)
	return !row.unhealthy, changed
}

// healthy says whether a load balancer is healthy for an alias that evaluates its target's health: each of its target groups
// has a healthy target. AWS: Amazon Route 53 API Reference, AliasTarget, EvaluateTargetHealth, "ELB load balancers".
func (t *targets) healthy(balancer *Balancer) bool {
	for _, group := range balancer.Groups {
		if row := t.rows[group.ARN]; row != nil && row.unhealthy {
			return false
		}
	}
	return true
}
