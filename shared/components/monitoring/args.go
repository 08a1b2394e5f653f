package monitoring

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/region"
)

// Args says what is watched, by the names that metrics know it by.
type Args struct {
	Regions region.Pair
	// Environment is what the controller's metrics are found by.
	Environment string
	// Primary and Standby are the regions' parts.
	Primary, Standby Side
	// BusName is the event bus's, in either region.
	BusName string
	// ReplicationRuleID is that of the rule by which each bucket replicates to the other region's.
	ReplicationRuleID string
	// Controller is the failover controller's function, in the standby region.
	Controller string
	// PrimaryCheckID and StandbyCheckID are Route 53's health checks of the regions.
	PrimaryCheckID, StandbyCheckID pulumi.StringInput
	// Runbook is where an operator reads on: a URL, or a file of this repository.
	Runbook string
}

// Side is what is watched in one region.
type Side struct {
	// TopicARN is where the region's alarms go.
	TopicARN string
	// LoadBalancer and TargetGroup are the ends of their ARNs.
	LoadBalancer, TargetGroup string
	// Function is the application's.
	Function string
	// Cluster is the region's member of the global database.
	Cluster string
	// DeadLetterQueue has the events that could not be forwarded by ForwardingRule.
	DeadLetterQueue, ForwardingRule string
	// Buckets are the replicated buckets' names, by purpose, such as documents; both regions have the same purposes.
	Buckets map[string]string
}

// place is a region with what is watched there, beside the other.
type place struct {
	in, far   region.Region
	side, off Side
}

// places are both regions, the primary first.
func (a Args) places() [2]place {
	return [...]place{
		{a.Regions.Primary, a.Regions.Standby, a.Primary, a.Standby},
		{a.Regions.Standby, a.Regions.Primary, a.Standby, a.Primary},
	}
}
