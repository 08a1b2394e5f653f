package route53

import (
	"fmt"
	"strings"

	"github.com/miekg/dns"
)

// selectSet returns the record set that answers, of those with one name and type.
//
// AWS: Amazon Route 53 API Reference, ResourceRecordSet, Failover: the primary answers while it is healthy, or while the
// secondary is unhealthy too; otherwise the secondary answers. A single set answers whatever its health.
func (v view) selectSet(zone *Zone, sets []RecordSet) (RecordSet, error) {
	parts := map[string]RecordSet{}
	for _, set := range sets {
		if set.Policy != "" {
			return RecordSet{}, fmt.Errorf("%s %s is routed by %s, which the local AWS emulator does not evaluate", set.Name, set.Type, set.Policy)
		}
		if _, two := parts[set.Failover]; two {
			return RecordSet{}, fmt.Errorf("%s %s has two record sets with the same failover role (%q)", set.Name, set.Type, set.Failover)
		}
		parts[set.Failover] = set
	}
	if len(sets) == 1 {
		return sets[0], nil
	}
	first, isFirst := parts[failoverPrimary]
	second, isSecond := parts[failoverSecondary]
	if !isFirst || !isSecond {
		return RecordSet{}, fmt.Errorf("%s %s has record sets of different routing policies", sets[0].Name, sets[0].Type)
	}
	firstHealthy, err := v.healthy(zone, first, maxIndirections)
	if err != nil {
		return RecordSet{}, err
	}
	secondHealthy, err := v.healthy(zone, second, maxIndirections)
	if err != nil {
		return RecordSet{}, err
	}
	if !firstHealthy && secondHealthy {
		return second, nil
	}
	return first, nil
}

// healthy says whether a record set is healthy: its health check, and the target of an alias that evaluates its target's
// health. A set with neither is always healthy. AWS: Amazon Route 53 Developer Guide, "How Amazon Route 53 chooses records
// when health checking is configured".
func (v view) healthy(zone *Zone, set RecordSet, depth int) (bool, error) {
	if depth == 0 {
		return false, errTooManyIndirections
	}
	if set.CheckID != "" {
		status, err := v.checks.status(set.CheckID)
		if err != nil || !status.Healthy {
			return false, err
		}
	}
	if set.Alias == nil || !set.Alias.Evaluate {
		return true, nil
	}
	target := set.Alias.Name
	if balancer := v.balancer(target); balancer != nil {
		return v.targets.healthy(balancer), nil
	}
	if strings.HasSuffix(target, balancerDomain) {
		return false, nil // the load balancer was deleted
	}
	if !dns.IsSubDomain(zone.Name, target) {
		return false, fmt.Errorf("%s %s evaluates the health of %s, which is neither a load balancer nor in the zone", set.Name, set.Type, target)
	}
	// Of records, one that is healthy is enough.
	for _, one := range zone.setsOf(zone.owner(target), set.Type) {
		if healthy, err := v.healthy(zone, one, depth-1); err != nil || healthy {
			return healthy, err
		}
	}
	return false, nil
}
