package main

import (
	"fmt"
	"maps"
	"net/netip"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
)

const (
	// awsVersion is the AWS plugin that pulumi-awsx v2.22.0 was made with: its children ask for exactly this one,
	// unless the program passes an AWS provider.
	awsVersion = "6.66.3"
	zonesToken = "aws:index/getAvailabilityZones:getAvailabilityZones"
	anywhere   = "0.0.0.0/0"
)

// constructVpc registers the component, then everything in it. All that can be wrong with the inputs is found before
// the first child.
func constructVpc(
	ctx *pulumi.Context, name string, args *inputs, options pulumi.ResourceOption,
) (*provider.ConstructResult, error) {
	component := &pulumi.ResourceState{}
	if err := ctx.RegisterComponentResource(vpcToken, name, component, options); err != nil {
		return nil, fmt.Errorf("registering %s %q: %w", vpcToken, name, err)
	}
	zones, err := args.zones(ctx, component)
	if err != nil {
		return nil, err
	}
	subnets, specs, err := plan(name, args, zones)
	if err != nil {
		return nil, err
	}
	n := &network{ctx: ctx, name: name, args: args}
	if n.register(component, subnets, zones); n.err != nil {
		return nil, n.err
	}
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{}); err != nil {
		return nil, fmt.Errorf("registering the outputs of %s %q: %w", vpcToken, name, err)
	}
	return &provider.ConstructResult{URN: component.URN(), State: n.state(specs)}, nil
}

// zones gives the names of the availability zones: the given ones, or the first of the region of the component's
// AWS provider.
func (a *inputs) zones(ctx *pulumi.Context, component pulumi.Resource) ([]string, error) {
	if a.AvailabilityZoneNames != nil {
		return a.AvailabilityZoneNames, nil
	}
	var region struct {
		Names []string `pulumi:"names"`
	}
	if err := ctx.Invoke(zonesToken, nil, &region, pulumi.Parent(component), pulumi.Version(awsVersion)); err != nil {
		return nil, fmt.Errorf("listing the region's availability zones (name them in availabilityZoneNames to avoid it): %w", err)
	}
	count := a.zoneCount()
	if len(region.Names) < count {
		return nil, officialErrorf("The configured region for this provider does not have at least %[1]d Availability Zones. "+
			"Either specify an explicit list of zones in availabilityZoneNames or choose a region with at least %[1]d AZs.", count)
	}
	return region.Names[:count], nil
}

// plan checks the inputs against the zones and lays the subnets out. It gives them with the specs behind them.
func plan(name string, args *inputs, zones []string) ([]subnet, []subnetSpec, error) {
	if err := args.NATGateways.checkAddresses(len(zones)); err != nil {
		return nil, nil, err
	}
	layout := vpcLayout{name: name, zones: zones, zoneMask: args.AvailabilityZoneCIDRMask}
	var err error
	if args.SubnetSpecs != nil {
		if layout.specs, err = normalised(args.SubnetSpecs); err != nil {
			return nil, nil, err
		}
	}
	cidr, err := netip.ParsePrefix(args.cidrBlock())
	if err != nil || !cidr.Addr().Is4() {
		return nil, nil, fmt.Errorf("cidrBlock is %q: give an IPv4 range such as %s", args.cidrBlock(), defaultCIDRBlock)
	}
	layout.vpc = cidr.Masked()
	subnets, specs, err := layout.subnets()
	if err != nil {
		return nil, nil, err
	}
	return subnets, specs, args.NATGateways.checkSubnets(subnets)
}

func (a *inputs) cidrBlock() string { return valueOr(a.CIDRBlock, defaultCIDRBlock) }

// network is what has been registered, each list in the order of the component's outputs: zone by zone, and public,
// private, isolated within a zone.
type network struct {
	ctx  *pulumi.Context
	name string
	args *inputs
	err  error // of the first registration that failed; nothing is registered after it

	vpc, internetGateway                                     *child
	subnets, tables, associations, routes, natGateways, eips []pulumi.Resource

	natIDs []pulumi.IDOutput // of the NAT gateways
	ids    map[kind][]any    // of the subnets: pulumi.IDOutput
}

// child is a resource of the AWS plugin of which only urn and id are read.
type child struct{ pulumi.CustomResourceState }

// elasticIP is the one resource of which more is read.
type elasticIP struct {
	pulumi.CustomResourceState

	AllocationID pulumi.StringOutput `pulumi:"allocationId"`
}

// register registers the VPC, its internet gateway and the subnets of every zone.
func (n *network) register(component pulumi.Resource, subnets []subnet, zones []string) {
	n.vpc, n.internetGateway, n.ids = &child{}, &child{}, map[kind][]any{}
	props := pulumi.Map{"cidrBlock": pulumi.String(n.args.cidrBlock()), "tags": n.sharedTags()}
	if v := n.args.EnableDNSHostnames; v != nil {
		props["enableDnsHostnames"] = v
	}
	if v := n.args.EnableDNSSupport; v != nil {
		props["enableDnsSupport"] = v
	}
	n.add(n.vpc, "aws:ec2/vpc:Vpc", n.name, props, pulumi.Parent(component))
	n.under(n.vpc, n.internetGateway, "aws:ec2/internetGateway:InternetGateway", n.name, pulumi.Map{
		"vpcId": n.vpc.ID(), "tags": n.sharedTags(),
	})
	for zone, zoneName := range zones {
		// Public first: a private subnet's route needs the NAT gateway that stands in a public one.
		for _, k := range []kind{public, private, isolated} {
			for _, s := range subnets {
				if s.zone == zone && s.kind == k {
					n.addSubnet(s, zoneName)
				}
			}
		}
	}
}

// addSubnet registers a subnet with its route table, the association of the two, and what its kind needs.
func (n *network) addSubnet(s subnet, zoneName string) {
	res, table, association := &child{}, &child{}, &child{}
	own := pulumi.StringMap{"Name": pulumi.String(s.name), "SubnetType": pulumi.String(s.label)}
	n.under(n.vpc, res, "aws:ec2/subnet:Subnet", s.name, pulumi.Map{
		"vpcId":               n.vpc.ID(),
		"availabilityZone":    pulumi.String(zoneName),
		"cidrBlock":           pulumi.String(s.cidr.String()),
		"mapPublicIpOnLaunch": pulumi.Bool(s.kind == public),
		"tags":                merged(n.sharedTags(), s.tags, own),
	})
	// The spec's own tags are for the subnet alone.
	n.under(res, table, "aws:ec2/routeTable:RouteTable", s.name, pulumi.Map{
		"vpcId": n.vpc.ID(), "tags": merged(n.sharedTags(), own),
	})
	n.under(table, association, "aws:ec2/routeTableAssociation:RouteTableAssociation", s.name, pulumi.Map{
		"routeTableId": table.ID(), "subnetId": res.ID(),
	})
	n.subnets = append(n.subnets, res)
	n.ids[s.kind] = append(n.ids[s.kind], res.ID())
	n.tables = append(n.tables, table)
	n.associations = append(n.associations, association)

	switch strategy, _ := n.args.NATGateways.strategy(); {
	case s.kind == public:
		if strategy == natSingle && len(n.natIDs) == 0 || strategy == natOnePerAZ && len(n.natIDs) == s.zone {
			n.addNATGateway(res, s.zone)
		}
		n.addRoute(table, s.name, "gatewayId", n.internetGateway.ID())
	case s.kind == private && strategy == natSingle:
		n.addRoute(table, s.name, "natGatewayId", n.natIDs[0])
	case s.kind == private && strategy == natOnePerAZ:
		n.addRoute(table, s.name, "natGatewayId", n.natIDs[s.zone])
	}
}

// addNATGateway registers a zone's NAT gateway in a public subnet, with an Elastic IP unless one was given.
func (n *network) addNATGateway(in *child, zone int) {
	name := fmt.Sprintf("%s-%d", n.name, zone+1)
	// Of the shared tags only the user's: the name is the gateway's own.
	tags := merged(n.args.Tags, pulumi.StringMap{"Name": pulumi.String(name)})
	var allocation pulumi.StringInput
	if n.args.NATGateways.addressCount() > 0 {
		allocation = n.args.NATGateways.ElasticIPAllocationIDs[zone]
	} else {
		eip := &elasticIP{}
		n.under(in, eip, "aws:ec2/eip:Eip", name, pulumi.Map{"tags": tags})
		n.eips = append(n.eips, eip)
		allocation = eip.AllocationID
	}
	gateway := &child{}
	n.under(in, gateway, "aws:ec2/natGateway:NatGateway", name, pulumi.Map{
		"subnetId": in.ID(), "allocationId": allocation, "tags": tags,
	})
	n.natGateways = append(n.natGateways, gateway)
	n.natIDs = append(n.natIDs, gateway.ID())
}

// addRoute registers the default route of a table; key names the argument that takes the target.
func (n *network) addRoute(table *child, name, key string, target pulumi.IDOutput) {
	route := &child{}
	n.under(table, route, "aws:ec2/route:Route", name, pulumi.Map{
		"routeTableId": table.ID(), key: target, "destinationCidrBlock": pulumi.String(anywhere),
	})
	n.routes = append(n.routes, route)
}

// under registers a resource whose parent it also depends on: all but the VPC, whose parent is the component.
func (n *network) under(parent, res pulumi.CustomResource, token, name string, props pulumi.Map) {
	n.add(res, token, name, props, pulumi.Parent(parent), pulumi.DependsOn([]pulumi.Resource{parent}))
}

func (n *network) add(res pulumi.Resource, token, name string, props pulumi.Map, opts ...pulumi.ResourceOption) {
	if n.err != nil {
		return
	}
	if err := n.ctx.RegisterResource(token, name, props, res, append(opts, pulumi.Version(awsVersion))...); err != nil {
		n.err = fmt.Errorf("registering %s %q: %w", token, name, err)
	}
}

// sharedTags are the user's tags and the component's name, which a Name of the user's replaces.
func (n *network) sharedTags() pulumi.StringMap {
	return merged(pulumi.StringMap{"Name": pulumi.String(n.name)}, n.args.Tags)
}

// merged joins tags; the later win. Each is a pulumi.StringMap or nothing, as readInputs has checked.
func merged(tags ...pulumi.StringMapInput) pulumi.StringMap {
	all := pulumi.StringMap{}
	for _, t := range tags {
		m, _ := t.(pulumi.StringMap)
		maps.Copy(all, m)
	}
	maps.DeleteFunc(all, func(_ string, v pulumi.StringInput) bool { return v == nil })
	return all
}
