package route53

import "time"

// targets is how the target groups stand on whose health an alias depends.
type targets struct{ rows map[string]*watched }

// watched is one target group. Its targets are one here: those of a region's application are one function.
type watched struct {
	Group
	region string
	streak
	schedule
}

func newTargets() *targets { return &targets{rows: map[string]*watched{}} }

// replace makes the groups of these load balancers those that there are. A new one begins healthy.
func (t *targets) replace(balancers []Balancer, now time.Time) {
	rows := map[string]*watched{}
	for _, balancer := range balancers {
		for _, group := range balancer.Groups {
			row := t.rows[group.ARN]
			if row == nil {
				row = &watched{schedule: newSchedule(group.ARN, group.Interval, now)}
			}
			row.Group, row.region = group, balancer.Region
			rows[group.ARN] = row
		}
	}
	t.rows = rows
}

// due returns the groups to be looked at now.
func (t *targets) due(now time.Time) []watched {
	var found []watched
	for _, row := range t.rows {
		if row.schedule.due(row.Interval, now) {
			found = append(found, *row)
		}
	}
	return found
}

// settle ends a look that found nothing out.
func (t *targets) settle(group string) {
	if row := t.rows[group]; row != nil {
		row.busy = false
	}
}

// observe adds a look.
func (t *targets) observe(group string, healthy bool) (state, turned bool) {
	row := t.rows[group]
	if row == nil {
		return false, false
	}
	row.busy = false
	threshold := row.Unhealthy
	if healthy {
		threshold = row.Healthy
	}
	turned = row.streak.observe(healthy, threshold)
	return !row.unhealthy, turned
}

// healthy says whether a load balancer is, as an alias that evaluates its target's health sees it: each of its target groups
// has a healthy target. AWS: Amazon Route 53 API Reference, AliasTarget, EvaluateTargetHealth, "ELB load balancers".
func (t *targets) healthy(balancer *Balancer) bool {
	for _, group := range balancer.Groups {
		if row := t.rows[group.ARN]; row != nil && row.unhealthy {
			return false
		}
	}
	return true
}
