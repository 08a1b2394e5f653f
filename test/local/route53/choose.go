package route53

import (
	"fmt"
	"strings"

	"github.com/miekg/dns"
)

// choose returns the one of a name's and type's record sets that is answered.
//
// AWS: Amazon Route 53 API Reference, ResourceRecordSet, Failover: the primary while it is healthy, or the secondary is not;
// else the secondary. A set that there is no other of is answered whatever its health.
func (v view) choose(zone *Zone, sets []Set) (Set, error) {
	parts := map[string]Set{}
	for _, set := range sets {
		if set.Policy != "" {
			return Set{}, fmt.Errorf("%s %s is routed by %s, which the embedded AWS does not evaluate", set.Name, set.Type, set.Policy)
		}
		if _, two := parts[set.Failover]; two {
			return Set{}, fmt.Errorf("%s %s has two record sets of the same part (%q) in its routing", set.Name, set.Type, set.Failover)
		}
		parts[set.Failover] = set
	}
	if len(sets) == 1 {
		return sets[0], nil
	}
	first, isFirst := parts[primary]
	second, isSecond := parts[secondary]
	if !isFirst || !isSecond {
		return Set{}, fmt.Errorf("%s %s has record sets of different routing policies", sets[0].Name, sets[0].Type)
	}
	firstHealthy, err := v.healthy(zone, first, chain)
	if err != nil {
		return Set{}, err
	}
	secondHealthy, err := v.healthy(zone, second, chain)
	if err != nil {
		return Set{}, err
	}
	if !firstHealthy && secondHealthy {
		return second, nil
	}
	return first, nil
}

// healthy says whether a record set is: its health check, and, when it evaluates its target's health, the target. A set with
// neither always is.
// AWS: Amazon Route 53 Developer Guide, "How Amazon Route 53 chooses records when health checking is configured".
func (v view) healthy(zone *Zone, set Set, depth int) (bool, error) {
	if depth == 0 {
		return false, errCircle
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
		return false, nil // the load balancer has gone
	}
	if !dns.IsSubDomain(zone.Name, target) {
		return false, fmt.Errorf("%s %s evaluates the health of %s, which is neither a load balancer nor in the zone", set.Name, set.Type, target)
	}
	// Of records, one that is healthy is enough.
	for _, one := range zone.sets(zone.owner(target), set.Type) {
		if healthy, err := v.healthy(zone, one, depth-1); err != nil || healthy {
			return healthy, err
		}
	}
	return false, nil
}
