package gateway

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// dependencyViolation is EC2's code for the deletion of what others depend on. AWS: Amazon EC2 Developer Guide, "Error codes for the
// Amazon EC2 API".
const dependencyViolation = "DependencyViolation"

// inUse returns what uses a part of a network, and "" when nothing does.
type inUse func(g *Gateway, ctx context.Context, region, id string) (user string, err error)

// networkParts are the deletions that EC2 refuses while something uses the part: the parameter that names it, AWS's message, with %s
// for the id, and what may use it.
var networkParts = map[string]struct {
	param, message string
	user           inUse
}{
	"DeleteVpc":             {"VpcId", "The vpc '%s' has dependencies and cannot be deleted.", (*Gateway).vpcUser},
	"DeleteSubnet":          {"SubnetId", "The subnet '%s' has dependencies and cannot be deleted.", (*Gateway).subnetUser},
	"DeleteSecurityGroup":   {"GroupId", "resource %s has a dependent object", (*Gateway).securityGroupUser},
	"DeleteRouteTable":      {"RouteTableId", "The routeTable '%s' has dependencies and cannot be deleted.", (*Gateway).routeTableUser},
	"DeleteInternetGateway": {"InternetGatewayId", "The internetGateway '%s' has dependencies and cannot be deleted.", (*Gateway).gatewayUser},
	"DetachInternetGateway": {
		"VpcId",
		"Network %s has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.",
		(*Gateway).publicAddressUser,
	},
}

// newNetworkInUse refuses to delete what of a network is in use. The emulator deletes it, and neither a deployment nor a destroy of
// what used it works from then on.
func newNetworkInUse(string) (Handler, error) {
	var users sync.Map // what was last found to use a part, by operation and id: a client that tries again and again is logged once
	return Handler{
		Name: "parts of a network in use",
		AWS: "A VPC is not deleted while it has subnets, route tables, security groups, endpoints or an internet gateway; a subnet and" +
			" a security group while a network interface is in them; a security group while a rule of its VPC names it; a route table" +
			" while it is a subnet's; an internet gateway while it is attached, which it stays while something behind it is public.",
		Source:  "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html",
		Matches: func(c *Call) bool { return c.Service == "ec2" && networkParts[c.Action].user != nil },
		Refuse: func(g *Gateway, c *Call) (*apiResponse, error) {
			part := networkParts[c.Action]
			id := c.Form.Get(part.param)
			user, err := part.user(g, c.Context(), c.Region, id)
			if err != nil || user == "" {
				return nil, err
			}
			if last, _ := users.Swap(c.Action+" "+id, user); last != user {
				g.log.Printf("%s of %s in %s is refused: %s uses it", c.operation(), id, c.Region, user)
			}
			refusal := ec2Error(dependencyViolation, fmt.Sprintf(part.message, id))
			return &refusal, nil
		},
	}, nil
}

// vpcUser is what lies in a VPC: AWS deletes only its default security group, main route table and default network ACL with it.
// Subnets, further security groups and an attached internet gateway are refused by the emulator itself.
func (g *Gateway) vpcUser(ctx context.Context, region, id string) (string, error) {
	endpoints, err := g.describe(ctx, region, "ec2", "DescribeVpcEndpoints")
	if err != nil {
		return "", err
	}
	for _, endpoint := range endpoints.items("vpcEndpointSet") {
		if endpoint.findText("vpcId") == id && endpoint.findText("state") != "deleted" {
			return "VPC endpoint " + endpoint.findText("vpcEndpointId"), nil
		}
	}
	tables, err := g.describe(ctx, region, "ec2", "DescribeRouteTables")
	if err != nil {
		return "", err
	}
	for _, table := range tables.items("routeTableSet") {
		if table.findText("vpcId") == id && !slices.Contains(table.texts("main"), "true") {
			return "route table " + table.findText("routeTableId"), nil
		}
	}
	return "", nil
}

func (g *Gateway) subnetUser(ctx context.Context, region, id string) (string, error) {
	return g.interfaceOwner(ctx, region, func(of networkInterface) bool { return slices.Contains(of.subnets, id) })
}

func (g *Gateway) interfaceOwner(ctx context.Context, region string, uses func(networkInterface) bool) (string, error) {
	interfaces, err := g.networkInterfaces(ctx, region)
	if err != nil {
		return "", err
	}
	if i := slices.IndexFunc(interfaces, uses); i >= 0 {
		return interfaces[i].owner, nil
	}
	return "", nil
}

// securityGroupUser is an interface in the group, or another group of its VPC with a rule that names it. A rule of a peer's VPC does
// not keep it: such a rule becomes stale. AWS: Amazon EC2 API Reference, DeleteSecurityGroup.
func (g *Gateway) securityGroupUser(ctx context.Context, region, id string) (string, error) {
	groups, err := g.describe(ctx, region, "ec2", "DescribeSecurityGroups")
	if err != nil {
		return "", err
	}
	all := groups.items("securityGroupInfo")
	of := func(group *xmlElement) bool { return group.findText("groupId") == id }
	own := slices.IndexFunc(all, of)
	if own < 0 {
		return "", nil // the emulator refuses it with EC2's error
	}
	for _, group := range all {
		if of(group) || group.findText("vpcId") != all[own].findText("vpcId") {
			continue
		}
		for _, named := range group.all("groups") {
			if slices.Contains(named.texts("groupId"), id) {
				return "security group " + group.findText("groupId"), nil
			}
		}
	}
	return g.interfaceOwner(ctx, region, func(of networkInterface) bool { return slices.Contains(of.groups, id) })
}

// routeTableUser is a subnet whose table it is, or the VPC, of which it is the main one.
func (g *Gateway) routeTableUser(ctx context.Context, region, id string) (string, error) {
	tables, err := g.describe(ctx, region, "ec2", "DescribeRouteTables")
	if err != nil {
		return "", err
	}
	for _, table := range tables.items("routeTableSet") {
		if table.findText("routeTableId") != id {
			continue
		}
		for _, association := range table.items("associationSet") {
			return "association " + association.findText("routeTableAssociationId"), nil
		}
	}
	return "", nil
}

// gatewayUser is the VPC that an internet gateway is attached to.
func (g *Gateway) gatewayUser(ctx context.Context, region, id string) (string, error) {
	gateways, err := g.describe(ctx, region, "ec2", "DescribeInternetGateways")
	if err != nil {
		return "", err
	}
	for _, gateway := range gateways.items("internetGatewaySet") {
		for _, attachment := range gateway.items("attachmentSet") {
			if gateway.findText("internetGatewayId") == id && attachment.findText("state") != "detached" {
				return "VPC " + attachment.findText("vpcId"), nil
			}
		}
	}
	return "", nil
}

// publicAddressUser is what has a public address in a VPC. AWS: Amazon VPC User Guide, "Delete an internet gateway".
func (g *Gateway) publicAddressUser(ctx context.Context, region, vpc string) (string, error) {
	subnets, err := g.describe(ctx, region, "ec2", "DescribeSubnets")
	if err != nil {
		return "", err
	}
	var of []string
	for _, subnet := range subnets.items("subnetSet") {
		if subnet.findText("vpcId") == vpc {
			of = append(of, subnet.findText("subnetId"))
		}
	}
	return g.interfaceOwner(ctx, region, func(user networkInterface) bool {
		return user.public && slices.ContainsFunc(user.subnets, func(id string) bool { return slices.Contains(of, id) })
	})
}
