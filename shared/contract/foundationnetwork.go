package contract

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// FoundationNetworkProject is the project of both regions' networks.
const FoundationNetworkProject = "foundation-network"

// FoundationNetwork holds the outputs of foundation-network: the environment's identity, which is configured there alone, and
// both regions' networks.
type FoundationNetwork struct {
	// EnvironmentSuffix ends every physical name.
	EnvironmentSuffix Value[string] `key:"environmentSuffix"`
	// Profile is the row of defaults: local, dev or prod.
	Profile Value[string] `key:"profile"`
	// Protection says whether the guards against deletion are on.
	Protection Value[bool] `key:"protection"`
	// AllowedAccountIDs are the accounts that may be deployed to; empty admits any.
	AllowedAccountIDs Value[[]string] `key:"allowedAccountIds"`
	// ListenerPort is the load balancers' TCP port, which is open to the internet.
	ListenerPort Value[int] `key:"listenerPort"`
	// PeeringConnectionID is the peering's, the same in both regions.
	PeeringConnectionID Value[string] `key:"peeringConnectionId"`
	// Primary and Standby are the regions' networks.
	Primary RegionNetwork `key:"primary"`
	Standby RegionNetwork `key:"standby"`
}

// RegionNetwork is one region's network.
type RegionNetwork struct {
	// Region is AWS's name of the region.
	Region Value[string] `key:"region"`
	// CIDR is the VPC's range.
	CIDR  Value[string] `key:"cidr"`
	VPCID Value[string] `key:"vpcId"`
	// The subnets of each tier, one a zone, in the order of zones.
	PublicSubnetIDs   Value[[]string] `key:"publicSubnetIds"`
	PrivateSubnetIDs  Value[[]string] `key:"privateSubnetIds"`
	IsolatedSubnetIDs Value[[]string] `key:"isolatedSubnetIds"`
	// The security groups of the resources that the other stacks put into the VPC.
	LoadBalancerSecurityGroupID Value[string] `key:"loadBalancerSecurityGroupId"`
	FunctionSecurityGroupID     Value[string] `key:"functionSecurityGroupId"`
	DatabaseSecurityGroupID     Value[string] `key:"databaseSecurityGroupId"`
	EndpointsSecurityGroupID    Value[string] `key:"endpointsSecurityGroupId"`
}

// Export publishes the contract from foundation-network. It fails when a field was not set.
func (f FoundationNetwork) Export(ctx *pulumi.Context) error { return export(ctx, &f) }

// ReadFoundationNetwork reads the contract in another stack of the same name. The error names each output that is missing
// or of another type, and what to run.
func ReadFoundationNetwork(ctx *pulumi.Context) (FoundationNetwork, error) {
	var foundation FoundationNetwork
	err := read(ctx, FoundationNetworkProject, &foundation)
	return foundation, err
}
