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

// SecurityGroupsArgs are the inputs of a VPC's security groups.
type SecurityGroupsArgs struct {
	Region region.Region
	VPCID  pulumi.StringInput
	// ListenerPort is the load balancer's port. With 443, port 80 is open too, for a redirect.
	ListenerPort int
	// Layouts are both regions' VPCs, because functions of either region reach the databases of both. Across regions a rule takes
	// a range but no group (Amazon VPC Peering Guide, "Update your security groups to reference peer security groups").
	Layouts [2]Layout
	// InternetEgress allows functions to reach any HTTPS server. It needs a NAT gateway.
	InternetEgress bool
}

// SecurityGroups are a VPC's security groups. They are stateful: a response to allowed traffic needs no rule.
type SecurityGroups struct {
	pulumi.ResourceState

	LoadBalancer, Function, Database, Endpoints *ec2.SecurityGroup
}

// NewSecurityGroups builds the groups and their rules. A load balancer has no egress rule, because it invokes its function
// through AWS and not through the VPC.
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
		if _, err := row.build(ctx, args.Region, groups); err != nil {
			return nil, err
		}
	}
	if err := groups.addListenerRules(ctx, args); err != nil {
		return nil, err
	}
	return groups, ctx.RegisterResourceOutputs(groups, pulumi.Map{
		"loadBalancer": groups.LoadBalancer.ID(), "function": groups.Function.ID(),
		"database": groups.Database.ID(), "endpoints": groups.Endpoints.ID(),
	})
}

// addListenerRules opens the listener's port, and port 80 for the redirect where the listener's is 443.
//
// When the listener's port changes between 80 and 443, one rule is about to have the port that the other has, and EC2 refuses the
// twin of a rule that stands (Amazon EC2 API, "Error codes", InvalidPermission.Duplicate). The redirect's rule therefore takes the
// group from the listener's rule: Pulumi creates it after that rule is replaced, and deletes it before that rule is, because a
// rule cannot change its group.
func (g *SecurityGroups) addListenerRules(ctx *pulumi.Context, args SecurityGroupsArgs) error {
	listener, err := rule{
		ingress, "loadbalancer-from-world", g.LoadBalancer.ID(), args.ListenerPort, rangePeer(anyIPv4),
	}.build(ctx, args.Region, g)
	if err != nil || args.ListenerPort != httpsPort {
		return err
	}
	// Browsers try HTTP for a name without a scheme, and are redirected.
	_, err = rule{ingress, "loadbalancer-redirect-from-world", listener, httpPort, rangePeer(anyIPv4)}.build(ctx, args.Region, g)
	return err
}

// rules returns the table of all rules but the listener's.
func (g *SecurityGroups) rules(args SecurityGroupsArgs) []rule {
	table := []rule{
		{ingress, "endpoints-from-function", g.Endpoints.ID(), httpsPort, groupPeer(g.Function)},
		{egress, "function-to-endpoints", g.Function.ID(), httpsPort, groupPeer(g.Endpoints)},
	}
	for vpc, layout := range args.Layouts {
		owner := [...]string{"own", "peer"}[vpc]
		for zone, cidr := range layout.Ranges(Private) {
			table = append(table, rule{
				ingress, fmt.Sprintf("database-from-%s-functions-%d", owner, zone+1), g.Database.ID(), postgresPort, rangePeer(cidr),
			})
		}
		for zone, cidr := range layout.Ranges(Isolated) {
			table = append(table, rule{
				egress, fmt.Sprintf("function-to-%s-databases-%d", owner, zone+1), g.Function.ID(), postgresPort, rangePeer(cidr),
			})
		}
	}
	if args.InternetEgress {
		table = append(table, rule{egress, "function-to-world", g.Function.ID(), httpsPort, rangePeer(anyIPv4)})
	}
	return table
}

type direction bool

const (
	ingress direction = true
	egress  direction = false
)

// rule allows TCP on one port between a group and a peer, in the direction seen from the group.
type rule struct {
	direction
	name string
	// group is the id of the group that the rule is of.
	group pulumi.StringInput
	port  int
	peer  peer
}

// peer is the other end of a rule. One of its fields is set.
type peer struct {
	cidr       pulumi.StringPtrInput
	group      pulumi.StringPtrInput
	prefixList pulumi.StringPtrInput
}

func rangePeer(cidr netip.Prefix) peer           { return peer{cidr: pulumi.String(cidr.String())} }
func groupPeer(group *ec2.SecurityGroup) peer    { return peer{group: group.ID()} }
func prefixListPeer(id pulumi.StringOutput) peer { return peer{prefixList: id} }

// replacedOnChange are the properties of a rule that is replaced when they change, by a deletion and then a creation. Changed in
// place, a rule could become the twin of one that stands for a moment longer.
var replacedOnChange = []string{"fromPort", "toPort"}

// build builds the rule in a region, and returns the id of its group once the rule exists.
func (r rule) build(ctx *pulumi.Context, in region.Region, parent pulumi.Resource) (pulumi.StringOutput, error) {
	logical := r.name + "-" + string(in.Role)
	port, protocol, description := pulumi.Int(r.port), pulumi.String("tcp"), pulumi.String(r.name)
	opts := in.Child(parent, pulumi.ReplaceOnChanges(replacedOnChange), pulumi.DeleteBeforeReplace(true))
	if r.direction == ingress {
		made, err := awsvpc.NewSecurityGroupIngressRule(ctx, logical, &awsvpc.SecurityGroupIngressRuleArgs{
			SecurityGroupId: r.group, IpProtocol: protocol, FromPort: port, ToPort: port, Description: description,
			CidrIpv4: r.peer.cidr, ReferencedSecurityGroupId: r.peer.group, PrefixListId: r.peer.prefixList,
		}, opts...)
		if err != nil {
			return pulumi.StringOutput{}, fmt.Errorf("building security group rule %s: %w", logical, err)
		}
		return made.SecurityGroupId, nil
	}
	made, err := awsvpc.NewSecurityGroupEgressRule(ctx, logical, &awsvpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId: r.group, IpProtocol: protocol, FromPort: port, ToPort: port, Description: description,
		CidrIpv4: r.peer.cidr, ReferencedSecurityGroupId: r.peer.group, PrefixListId: r.peer.prefixList,
	}, opts...)
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("building security group rule %s: %w", logical, err)
	}
	return made.SecurityGroupId, nil
}

// closeDefaultGroup removes every rule of the VPC's default security group, as the CIS AWS Foundations Benchmark requires
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
