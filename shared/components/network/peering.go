package network

import (
	"fmt"
	"net/netip"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/region"
)

const peeringType = "warmstandby:network:Peering"

// PeerArgs is one VPC of a peering.
type PeerArgs struct {
	Region region.Region
	VPC    *VPC
	CIDR   netip.Prefix
}

// PeeringArgs are the inputs of a peering. The requester requests it, the accepter accepts it, and traffic then passes in both
// directions.
type PeeringArgs struct {
	Requester, Accepter PeerArgs
}

// Peering connects the VPCs of two regions.
type Peering struct {
	pulumi.ResourceState

	// ID is the connection's, the same in both regions.
	ID pulumi.IDOutput
}

// NewPeering connects two VPCs, lets each resolve the other's private DNS names, and routes the private and isolated tiers of
// each to the other. The public tiers have no route.
//
// Across regions a request cannot accept itself. Its DNS options can be set only while it is active, by each VPC in its own
// region (Amazon VPC Peering Guide, "Enable DNS resolution for a VPC peering connection").
func NewPeering(ctx *pulumi.Context, name string, args PeeringArgs, opts ...pulumi.ResourceOption) (*Peering, error) {
	peering := &Peering{}
	if err := ctx.RegisterComponentResource(peeringType, name, peering, opts...); err != nil {
		return nil, fmt.Errorf("registering peering %s: %w", name, err)
	}
	physical, err := args.Requester.Region.Named(naming.PeeringConnection, "")
	if err != nil {
		return nil, err
	}
	request, err := ec2.NewVpcPeeringConnection(ctx, physical, &ec2.VpcPeeringConnectionArgs{
		VpcId:      args.Requester.VPC.ID,
		PeerVpcId:  args.Accepter.VPC.ID,
		PeerRegion: pulumi.String(args.Accepter.Region.Name),
		AutoAccept: pulumi.Bool(false),
		Tags:       pulumi.StringMap{"Name": pulumi.String(physical)},
	}, args.Requester.Region.Child(peering)...)
	if err != nil {
		return nil, fmt.Errorf("requesting peering %s: %w", physical, err)
	}
	physical, err = args.Accepter.Region.Named(naming.PeeringConnection, "")
	if err != nil {
		return nil, err
	}
	accepted, err := ec2.NewVpcPeeringConnectionAccepter(ctx, physical, &ec2.VpcPeeringConnectionAccepterArgs{
		VpcPeeringConnectionId: request.ID(),
		AutoAccept:             pulumi.Bool(true),
		Tags:                   pulumi.StringMap{"Name": pulumi.String(physical)},
	}, args.Accepter.Region.Child(peering)...)
	if err != nil {
		return nil, fmt.Errorf("accepting peering %s: %w", physical, err)
	}
	// The accepter's id is the connection's too, and is known only when the connection is active.
	peering.ID = accepted.ID()
	if err := peering.resolveNames(ctx, args); err != nil {
		return nil, err
	}
	for _, direction := range [...]struct{ from, to PeerArgs }{{args.Requester, args.Accepter}, {args.Accepter, args.Requester}} {
		if err := peering.route(ctx, direction.from, direction.to); err != nil {
			return nil, err
		}
	}
	return peering, ctx.RegisterResourceOutputs(peering, pulumi.Map{"id": peering.ID})
}

// resolveNames lets each VPC resolve the other's private DNS names.
func (p *Peering) resolveNames(ctx *pulumi.Context, args PeeringArgs) error {
	_, err := ec2.NewPeeringConnectionOptions(ctx, "dns-requester", &ec2.PeeringConnectionOptionsArgs{
		VpcPeeringConnectionId: p.ID,
		Requester:              ec2.PeeringConnectionOptionsRequesterArgs{AllowRemoteVpcDnsResolution: pulumi.Bool(true)},
	}, args.Requester.Region.Child(p)...)
	if err != nil {
		return fmt.Errorf("letting the requester's names be resolved: %w", err)
	}
	_, err = ec2.NewPeeringConnectionOptions(ctx, "dns-accepter", &ec2.PeeringConnectionOptionsArgs{
		VpcPeeringConnectionId: p.ID,
		Accepter:               ec2.PeeringConnectionOptionsAccepterArgs{AllowRemoteVpcDnsResolution: pulumi.Bool(true)},
	}, args.Accepter.Region.Child(p)...)
	if err != nil {
		return fmt.Errorf("letting the accepter's names be resolved: %w", err)
	}
	return nil
}

// route adds the routes from the private and isolated tiers of one VPC to the other VPC.
func (p *Peering) route(ctx *pulumi.Context, from, to PeerArgs) error {
	for _, tier := range [...]Tier{Private, Isolated} {
		for i, table := range from.VPC.RouteTableIDs(tier) {
			logical := fmt.Sprintf("%s-%s-%d-to-%s", from.Region.Role, tier, i+1, to.Region.Role)
			_, err := ec2.NewRoute(ctx, logical, &ec2.RouteArgs{
				RouteTableId:           table,
				DestinationCidrBlock:   pulumi.String(to.CIDR.String()),
				VpcPeeringConnectionId: p.ID,
			}, from.Region.Child(p)...)
			if err != nil {
				return fmt.Errorf("routing %s: %w", logical, err)
			}
		}
	}
	return nil
}
