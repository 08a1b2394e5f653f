package monitoring

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/region"
)

// Args says what is monitored, by the names that metrics have in their dimensions.
type Args struct {
	Regions region.Pair
	// Environment is the value of the dimension Environment of the failover controller's metrics.
	Environment string
	// Primary and Standby are the resources of each region.
	Primary, Standby RegionArgs
	// BusName is the event bus's, the same in both regions.
	BusName string
	// ReplicationRuleID is that of the rule by which each bucket replicates to the other region's.
	ReplicationRuleID string
	// ControllerFunction is the name of the failover controller's function, in the standby region.
	ControllerFunction string
	// PrimaryCheckID and StandbyCheckID are Route 53's health checks of the regions.
	PrimaryCheckID, StandbyCheckID pulumi.StringInput
	// Runbook is where an operator reads on: a URL, or a file of this repository.
	Runbook string
}

// RegionArgs is what is monitored in one region.
type RegionArgs struct {
	// TopicARN is the topic that the region's alarms notify.
	TopicARN string
	// LoadBalancer and TargetGroup are the last parts of their ARNs, as CloudWatch's dimensions have them.
	LoadBalancer, TargetGroup string
	// Function is the application's.
	Function string
	// Cluster is the region's member of the global database.
	Cluster string
	// DeadLetterQueue has the events that ForwardingRule could not forward.
	DeadLetterQueue, ForwardingRule string
	// Buckets are the replicated buckets' names, by purpose, such as documents; both regions have the same purposes.
	Buckets map[string]string
}

// monitoredRegion is a region with its resources, and its peer with the peer's.
type monitoredRegion struct {
	region, peerRegion region.Region
	local, remote      RegionArgs
}

// monitoredRegions returns both regions, the primary first.
func (a Args) monitoredRegions() [2]monitoredRegion {
	return [...]monitoredRegion{
		{a.Regions.Primary, a.Regions.Standby, a.Primary, a.Standby},
		{a.Regions.Standby, a.Regions.Primary, a.Standby, a.Primary},
	}
}
