// Package network builds the platform's network: in each region a [Network], which is a VPC with its subnets, security groups,
// endpoints and flow logs, and between the two regions a [Peering].
//
// Only load balancers are reachable from the internet. Functions reach AWS through VPC endpoints, and the other region's
// database through the peering.
package network

import (
	"fmt"
	"net/netip"

	"github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/region"
)

const networkType = "warmstandby:network:Network"

// Args are the inputs of a region's network.
type Args struct {
	// Region is the network's region.
	Region region.Region
	// CIDR is the VPC's range.
	CIDR netip.Prefix
	// PeerCIDR is the range of the other region's VPC.
	PeerCIDR netip.Prefix
	// ZoneIDs are the ids of [ZoneCount] availability zones for the subnets. Empty has the region choose.
	ZoneIDs []string
	// NAT is the number of NAT gateways. Without any, functions reach AWS through VPC endpoints and nothing else.
	NAT ec2.NatGatewayStrategy
	// ListenerPort is the load balancer's port, which is open to the internet. With 443, port 80 is open too, for a redirect.
	ListenerPort int
	// FlowLogRetentionDays is how long the flow logs are kept.
	FlowLogRetentionDays int
	// Protection keeps the VPC from being destroyed, and the flow logs and their key after the stack is destroyed.
	Protection bool
}

// Network is one region's network.
type Network struct {
	pulumi.ResourceState

	// VPC is the VPC with its subnets and route tables.
	VPC *VPC
	// Groups are the VPC's security groups.
	Groups *SecurityGroups
}

// New builds a region's network.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Network, error) {
	layout, err := NewLayout(args.CIDR)
	if err != nil {
		return nil, err
	}
	peerLayout, err := NewLayout(args.PeerCIDR)
	if err != nil {
		return nil, err
	}
	network := &Network{}
	if err := ctx.RegisterComponentResource(networkType, name, network, args.Region.Component(opts...)...); err != nil {
		return nil, fmt.Errorf("registering network %s: %w", name, err)
	}
	parentOpt := pulumi.Parent(network)
	network.VPC, err = NewVPC(ctx, name, VPCArgs{
		Region: args.Region, CIDR: args.CIDR, NAT: args.NAT, ZoneIDs: args.ZoneIDs, Protection: args.Protection,
	}, parentOpt)
	if err != nil {
		return nil, fmt.Errorf("building network %s: %w", name, err)
	}
	network.Groups, err = NewSecurityGroups(ctx, name, SecurityGroupsArgs{
		Region: args.Region, VPCID: network.VPC.ID, ListenerPort: args.ListenerPort,
		Layouts:        [...]Layout{layout, peerLayout},
		InternetEgress: args.NAT != ec2.NatGatewayStrategyNone,
	}, parentOpt)
	if err != nil {
		return nil, fmt.Errorf("building network %s: %w", name, err)
	}
	if _, err := NewEndpoints(ctx, name, EndpointsArgs{Region: args.Region, VPC: network.VPC, Groups: network.Groups}, parentOpt); err != nil {
		return nil, fmt.Errorf("building network %s: %w", name, err)
	}
	if _, err := NewFlowLogs(ctx, name, FlowLogsArgs{
		Region: args.Region, VPCID: network.VPC.ID, RetentionDays: args.FlowLogRetentionDays, Protection: args.Protection,
	}, parentOpt); err != nil {
		return nil, fmt.Errorf("building network %s: %w", name, err)
	}
	return network, ctx.RegisterResourceOutputs(network, pulumi.Map{"vpcId": network.VPC.ID})
}
