package network

import (
	"fmt"
	"net/netip"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	awsvpc "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/region"
)

const (
	securityGroupsType = "warmstandby:network:SecurityGroups"

	httpPort     = 80
	httpsPort    = 443
	postgresPort = 5432 // Aurora PostgreSQL's default.
)

// anyIPv4 is every IPv4 address.
var anyIPv4 = netip.MustParsePrefix("0.0.0.0/0")

// SecurityGroupsArgs says who may talk to whom.
type SecurityGroupsArgs struct {
	Region region.Region
	VPCID  pulumi.StringInput
	// ListenerPort is the load balancer's; beside 443, port 80 is open too, for the redirect.
	ListenerPort int
	// Layouts are both regions' VPCs: functions of either region reach the databases of both. Across regions a rule can
	// name a range but no group (Amazon VPC Peering Guide, "Update your security groups to reference peer security groups").
	Layouts [2]Layout
	// InternetEgress lets functions reach any HTTPS server; it needs a NAT gateway.
	InternetEgress bool
}

// SecurityGroups are the groups of what runs in a VPC. AWS lets no traffic through a group but what a rule names; answers
// to admitted traffic need none.
type SecurityGroups struct {
	pulumi.ResourceState

	LoadBalancer, Function, Database, Endpoints *ec2.SecurityGroup
}

// NewSecurityGroups builds the groups and the rules between them. A load balancer needs no way out: it invokes its
// function through AWS, not through the VPC.
func NewSecurityGroups(
	ctx *pulumi.Context, name string, args SecurityGroupsArgs, opts ...pulumi.ResourceOption,
) (*SecurityGroups, error) {
	groups := &SecurityGroups{}
	if err := ctx.RegisterComponentResource(securityGroupsType, name, groups, opts...); err != nil {
		return nil, fmt.Errorf("registering security groups %s: %w", name, err)
	}
	for _, row := range []struct {
		group                **ec2.SecurityGroup
		purpose, description string
	}{
		{&groups.LoadBalancer, "loadbalancer", "Load balancer: the ports of its listeners from anywhere"},
		{&groups.Function, "function", "Application function: nothing in, the databases and VPC endpoints out"},
		{&groups.Database, "database", "Database: PostgreSQL from the functions of both regions"},
		{&groups.Endpoints, "endpoints", "VPC endpoints: HTTPS from functions"},
	} {
		physical, err := args.Region.Named(naming.SecurityGroup, row.purpose)
		if err != nil {
			return nil, err
		}
		*row.group, err = ec2.NewSecurityGroup(ctx, physical, &ec2.SecurityGroupArgs{
			Name:        pulumi.String(physical),
			Description: pulumi.String(row.description),
			VpcId:       args.VPCID,
			Tags:        pulumi.StringMap{"Name": pulumi.String(physical)},
		}, args.Region.Child(groups)...)
		if err != nil {
			return nil, fmt.Errorf("building security group %s: %w", physical, err)
		}
	}
	for _, row := range groups.rules(args) {
		if err := row.build(ctx, args.Region, groups); err != nil {
			return nil, err
		}
	}
	return groups, ctx.RegisterResourceOutputs(groups, pulumi.Map{
		"loadBalancer": groups.LoadBalancer.ID(), "function": groups.Function.ID(),
		"database": groups.Database.ID(), "endpoints": groups.Endpoints.ID(),
	})
}

// rules is the table of who may talk to whom.
func (g *SecurityGroups) rules(args SecurityGroupsArgs) []rule {
	table := []rule{
		{ingress, "loadbalancer-from-world", g.LoadBalancer, args.ListenerPort, rangePeer(anyIPv4)},
		{ingress, "endpoints-from-function", g.Endpoints, httpsPort, groupPeer(g.Function)},
		{egress, "function-to-endpoints", g.Function, httpsPort, groupPeer(g.Endpoints)},
	}
	for vpc, layout := range args.Layouts {
		owner := [...]string{"own", "peer"}[vpc]
		for zone, cidr := range layout.Ranges(Private) {
			table = append(table, rule{
				ingress, fmt.Sprintf("database-from-%s-functions-%d", owner, zone+1), g.Database, postgresPort, rangePeer(cidr),
			})
		}
		for zone, cidr := range layout.Ranges(Isolated) {
			table = append(table, rule{
				egress, fmt.Sprintf("function-to-%s-databases-%d", owner, zone+1), g.Function, postgresPort, rangePeer(cidr),
			})
		}
	}
	if args.ListenerPort == httpsPort {
		// Whoever types the name alone comes by HTTP, and is redirected.
		table = append(table, rule{ingress, "loadbalancer-redirect-from-world", g.LoadBalancer, httpPort, rangePeer(anyIPv4)})
	}
	if args.InternetEgress {
		table = append(table, rule{egress, "function-to-world", g.Function, httpsPort, rangePeer(anyIPv4)})
	}
	return table
}

type direction bool

const (
	ingress direction = true
	egress  direction = false
)

// rule lets TCP on one port pass between a group and a peer, in the direction seen from the group.
type rule struct {
	direction
	name  string
	group *ec2.SecurityGroup
	port  int
	peer  peer
}

// peerCIDR is the other end of a rule; one of its fields is set.
type peer struct {
	cidr       pulumi.StringPtrInput
	group      pulumi.StringPtrInput
	prefixList pulumi.StringPtrInput
}

func rangePeer(cidr netip.Prefix) peer           { return peer{cidr: pulumi.String(cidr.String())} }
func groupPeer(group *ec2.SecurityGroup) peer    { return peer{group: group.ID()} }
func prefixListPeer(id pulumi.StringOutput) peer { return peer{prefixList: id} }

func (r rule) build(ctx *pulumi.Context, in region.Region, parent pulumi.Resource) error {
	logical := r.name + "-" + string(in.Role)
	port, protocol, description := pulumi.Int(r.port), pulumi.String("tcp"), pulumi.String(r.name)
	var err error
	if r.direction == ingress {
		_, err = awsvpc.NewSecurityGroupIngressRule(ctx, logical, &awsvpc.SecurityGroupIngressRuleArgs{
			SecurityGroupId: r.group.ID(), IpProtocol: protocol, FromPort: port, ToPort: port, Description: description,
			CidrIpv4: r.peer.cidr, ReferencedSecurityGroupId: r.peer.group, PrefixListId: r.peer.prefixList,
		}, in.Child(parent)...)
	} else {
		_, err = awsvpc.NewSecurityGroupEgressRule(ctx, logical, &awsvpc.SecurityGroupEgressRuleArgs{
			SecurityGroupId: r.group.ID(), IpProtocol: protocol, FromPort: port, ToPort: port, Description: description,
			CidrIpv4: r.peer.cidr, ReferencedSecurityGroupId: r.peer.group, PrefixListId: r.peer.prefixList,
		}, in.Child(parent)...)
	}
	if err != nil {
		return fmt.Errorf("building security group rule %s: %w", logical, err)
	}
	return nil
}

// closeDefaultGroup takes every rule from the VPC's default security group, as CIS AWS Foundations Benchmark asks
// ("Ensure the default security group of every VPC restricts all traffic").
func closeDefaultGroup(ctx *pulumi.Context, name string, vpc *VPC, r region.Region) error {
	physical, err := r.Named(naming.SecurityGroup, "default")
	if err != nil {
		return err
	}
	_, err = ec2.NewDefaultSecurityGroup(ctx, physical, &ec2.DefaultSecurityGroupArgs{
		VpcId:   vpc.ID,
		Ingress: ec2.DefaultSecurityGroupIngressArray{},
		Egress:  ec2.DefaultSecurityGroupEgressArray{},
		Tags:    pulumi.StringMap{"Name": pulumi.String(physical)},
	}, r.Child(vpc)...)
	if err != nil {
		return fmt.Errorf("closing the default security group of %s: %w", name, err)
	}
	return nil
}
