package network

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	awsxec2 "github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/region"
)

const vpcType = "warmstandby:network:Vpc"

// VPCArgs are the inputs of a VPC.
type VPCArgs struct {
	Region region.Region
	CIDR   netip.Prefix
	NAT    awsxec2.NatGatewayStrategy
	// ZoneIDs are the ids of [ZoneCount] availability zones, in the order of the subnets. Empty has the region choose.
	ZoneIDs []string
	// Protection keeps the VPC from being destroyed. Its gateways and routes may still change.
	Protection bool
}

// VPC is a VPC with a public, a private and an isolated subnet in each of [ZoneCount] zones.
type VPC struct {
	pulumi.ResourceState

	ID pulumi.StringOutput
	// The subnets of each tier, in the order of zones.
	PublicSubnetIDs, PrivateSubnetIDs, IsolatedSubnetIDs pulumi.StringArrayOutput

	layout *awsxec2.Vpc
}

// NewVPC builds the VPC. Its default security group, which AWS gives to resources without a group, has no rules.
func NewVPC(ctx *pulumi.Context, name string, args VPCArgs, opts ...pulumi.ResourceOption) (*VPC, error) {
	// An error in the engine's log fails the deployment. The result of the logging itself cannot be returned from a transform.
	return newVPC(ctx, name, args, func(err error) { _ = ctx.Log.Error(err.Error(), nil) }, opts...)
}

// newVPC is NewVPC with the function that is called with errors that come after the program's end, and that fail the deployment.
func newVPC(
	ctx *pulumi.Context, name string, args VPCArgs, reportError func(error), opts ...pulumi.ResourceOption,
) (*VPC, error) {
	vpc := &VPC{}
	if err := ctx.RegisterComponentResource(vpcType, name, vpc, opts...); err != nil {
		return nil, fmt.Errorf("registering VPC %s: %w", name, err)
	}
	physical, err := args.Region.Named(naming.VPC, "")
	if err != nil {
		return nil, err
	}
	zones, err := args.Region.Zones(ctx, ZoneCount, args.ZoneIDs)
	if err != nil {
		return nil, err
	}
	specs := make([]awsxec2.SubnetSpecArgs, len(tiers))
	zoneMask := args.CIDR.Bits() + zoneHalvings
	for i, tier := range tiers {
		specs[i] = awsxec2.SubnetSpecArgs{
			Type:     awsxec2.SubnetType(tier.Tier),
			CidrMask: pulumi.IntRef(zoneMask + tier.halvings),
		}
	}
	transforms := []pulumi.ResourceTransform{nameTags(args.Region, physical, reportError), keepZone, givesNoAddress}
	if args.Protection {
		transforms = append(transforms, protectVPC)
	}
	strategy := awsxec2.SubnetAllocationStrategyAuto
	vpc.layout, err = awsxec2.NewVpc(ctx, physical, &awsxec2.VpcArgs{
		CidrBlock:                pulumi.StringRef(args.CIDR.String()),
		AvailabilityZoneNames:    zones,
		AvailabilityZoneCidrMask: pulumi.IntRef(zoneMask),
		SubnetStrategy:           &strategy,
		SubnetSpecs:              specs,
		NatGateways:              &awsxec2.NatGatewayConfigurationArgs{Strategy: args.NAT},
		// The private DNS names of interface endpoints and of the peer's databases need both.
		EnableDnsHostnames: pulumi.Bool(true),
		EnableDnsSupport:   pulumi.Bool(true),
	}, args.Region.Child(vpc, pulumi.Transforms(transforms))...)
	if err != nil {
		return nil, fmt.Errorf("building VPC %s: %w", physical, err)
	}
	vpc.reportOtherZones(args, reportError)
	vpc.ID = vpc.layout.VpcId
	vpc.PublicSubnetIDs = vpc.layout.PublicSubnetIds
	vpc.PrivateSubnetIDs = vpc.layout.PrivateSubnetIds
	vpc.IsolatedSubnetIDs = vpc.layout.IsolatedSubnetIds
	if err := closeDefaultGroup(ctx, name, vpc, args.Region); err != nil {
		return nil, err
	}
	return vpc, ctx.RegisterResourceOutputs(vpc, pulumi.Map{
		"id":                vpc.ID,
		"publicSubnetIds":   vpc.PublicSubnetIDs,
		"privateSubnetIds":  vpc.PrivateSubnetIDs,
		"isolatedSubnetIds": vpc.IsolatedSubnetIDs,
	})
}

// RouteTableIDs returns the ids of the tier's route tables, in the order of zones. awsx lists all tables by zone and, within a
// zone, in the order Public, Private, Isolated, whatever the order of the specs.
func (v *VPC) RouteTableIDs(tier Tier) pulumi.StringArray {
	listed := [...]Tier{Public, Private, Isolated}
	var ids pulumi.StringArray
	for i := range ZoneCount * len(listed) {
		if listed[i%len(listed)] == tier {
			id := v.layout.RouteTables.Index(pulumi.Int(i)).ApplyT(func(table *ec2.RouteTable) pulumi.StringOutput {
				return table.ID().ToStringOutput()
			}).(pulumi.StringOutput)
			ids = append(ids, id)
		}
	}
	return ids
}

// keepZone has a subnet stay in the zone that it was made in. A subnet cannot move: another choice, after the account was given a
// zone or lost one or after a change of this program, would replace each subnet with all that stands in it, the database's
// instances among it.
func keepZone(_ context.Context, child *pulumi.ResourceTransformArgs) *pulumi.ResourceTransformResult {
	if child.Type != "aws:ec2/subnet:Subnet" {
		return nil
	}
	child.Opts.IgnoreChanges = append(slices.Clone(child.Opts.IgnoreChanges), "availabilityZone")
	return &pulumi.ResourceTransformResult{Props: child.Props, Opts: child.Opts}
}

// givesNoAddress has a subnet give no public address to what is launched in it, as awsx has public subnets do. Load balancers and NAT
// gateways, of which alone something stands there, have addresses of their own.
func givesNoAddress(_ context.Context, child *pulumi.ResourceTransformArgs) *pulumi.ResourceTransformResult {
	if child.Type != "aws:ec2/subnet:Subnet" {
		return nil
	}
	props := maps.Clone(child.Props)
	props["mapPublicIpOnLaunch"] = pulumi.Bool(false)
	return &pulumi.ResourceTransformResult{Props: props, Opts: child.Opts}
}

// reportOtherZones has the deployment fail when zones are set and the subnets stand in others: the setting would change nothing.
func (v *VPC) reportOtherZones(args VPCArgs, report func(error)) {
	if len(args.ZoneIDs) == 0 {
		return
	}
	v.layout.Subnets.ApplyT(func(subnets []*ec2.Subnet) pulumi.StringArrayOutput {
		ids := make(pulumi.StringArray, len(subnets))
		for i, subnet := range subnets {
			ids[i] = subnet.AvailabilityZoneId
		}
		return ids.ToStringArrayOutput()
	}).(pulumi.StringArrayOutput).ApplyT(func(standing []string) []string {
		// awsx lists the subnets by zone.
		standing = slices.Compact(standing)
		if !slices.Equal(standing, args.ZoneIDs) {
			report(fmt.Errorf("placing the subnets of %s: the zones %s are set, and they stand in %s, which a subnet cannot leave: "+
				"set these, or none", args.Region.Name, strings.Join(args.ZoneIDs, ", "), strings.Join(standing, ", ")))
		}
		return standing
	})
}

// protectVPC protects the VPC among awsx's children and nothing else. Pulumi's own protect on the component would apply to all
// of them, and a NAT gateway could not be deleted when its strategy changes. It sets every child's protection, because a child
// without one inherits its parent's, which for a subnet is the VPC's.
func protectVPC(_ context.Context, child *pulumi.ResourceTransformArgs) *pulumi.ResourceTransformResult {
	child.Opts.Protect = child.Type == "aws:ec2/vpc:Vpc"
	return &pulumi.ResourceTransformResult{Props: child.Props, Opts: child.Opts}
}

// childKinds are the kinds of awsx's children. Routes and associations have no tags and no name.
var childKinds = map[string]naming.Kind{
	"aws:ec2/vpc:Vpc":                         naming.VPC,
	"aws:ec2/internetGateway:InternetGateway": naming.InternetGateway,
	"aws:ec2/subnet:Subnet":                   naming.Subnet,
	"aws:ec2/routeTable:RouteTable":           naming.RouteTable,
	"aws:ec2/eip:Eip":                         naming.ElasticIP,
	"aws:ec2/natGateway:NatGateway":           naming.NATGateway,
}

// nameTags names awsx's children: awsx gives a subnet and its route table the same name, <vpc>-private-1, and lets no tag
// override that. A transform cannot fail, so that reportError ends the deployment when the namer refuses a name.
func nameTags(r region.Region, vpc string, reportError func(error)) pulumi.ResourceTransform {
	return func(_ context.Context, child *pulumi.ResourceTransformArgs) *pulumi.ResourceTransformResult {
		kind, ok := childKinds[child.Type]
		tags, tagged := child.Props["tags"].(pulumi.Map)
		if !ok || !tagged {
			return nil
		}
		var details []string
		if detail := strings.TrimPrefix(strings.TrimPrefix(child.Name, vpc), "-"); detail != "" {
			details = append(details, detail)
		}
		name, err := r.Named(kind, "", details...)
		if err != nil {
			reportError(err)
			return nil
		}
		tags["Name"] = pulumi.String(name)
		return &pulumi.ResourceTransformResult{Props: child.Props, Opts: child.Opts}
	}
}
