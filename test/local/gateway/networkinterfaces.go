package gateway

import (
	"context"
	"net/url"
	"slices"
)

// networkInterface is what AWS puts into subnets for a resource, and what keeps them, and its security groups, from being deleted.
// The emulator has none: they are read off the resources.
type networkInterface struct {
	owner           string   // for the log: "load balancer arn:…"
	subnets, groups []string // ids
	public          bool     // it has a public address, which keeps an internet gateway attached
}

// networkInterfaces returns those of a region. AWS: Amazon VPC User Guide, "Requester-managed network interfaces", and "Delete your
// VPC": load balancers, NAT gateways, interface endpoints, functions and DB instances have them.
func (g *Gateway) networkInterfaces(ctx context.Context, region string) ([]networkInterface, error) {
	var found []networkInterface
	for _, of := range []func(context.Context, string) ([]networkInterface, error){
		g.ownInterfaces, g.endpointInterfaces, g.natGatewayInterfaces, g.loadBalancerInterfaces, g.functionInterfaces, g.databaseInterfaces,
	} {
		some, err := of(ctx, region)
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	return found, nil
}

// ownInterfaces are those that the account has made itself.
func (g *Gateway) ownInterfaces(ctx context.Context, region string) ([]networkInterface, error) {
	root, err := g.describe(ctx, region, "ec2", "DescribeNetworkInterfaces")
	if err != nil {
		return nil, err
	}
	var found []networkInterface
	for _, of := range root.items("networkInterfaceSet") {
		found = append(found, networkInterface{
			owner:   "network interface " + of.findText("networkInterfaceId"),
			subnets: []string{of.findText("subnetId")}, groups: of.texts("groupId"),
		})
	}
	return found, nil
}

func (g *Gateway) endpointInterfaces(ctx context.Context, region string) ([]networkInterface, error) {
	root, err := g.describe(ctx, region, "ec2", "DescribeVpcEndpoints")
	if err != nil {
		return nil, err
	}
	var found []networkInterface
	for _, of := range root.items("vpcEndpointSet") {
		if of.findText("vpcEndpointType") != "Interface" || of.findText("state") == "deleted" {
			continue
		}
		endpoint := networkInterface{owner: "VPC endpoint " + of.findText("vpcEndpointId"), groups: of.texts("groupId")}
		for _, subnet := range of.items("subnetIdSet") {
			endpoint.subnets = append(endpoint.subnets, subnet.Text)
		}
		found = append(found, endpoint)
	}
	return found, nil
}

func (g *Gateway) natGatewayInterfaces(ctx context.Context, region string) ([]networkInterface, error) {
	root, err := g.describe(ctx, region, "ec2", "DescribeNatGateways")
	if err != nil {
		return nil, err
	}
	var found []networkInterface
	for _, of := range root.items("natGatewaySet") {
		if of.findText("state") != "deleted" {
			found = append(found, networkInterface{
				owner:   "NAT gateway " + of.findText("natGatewayId"),
				subnets: []string{of.findText("subnetId")},
				public:  of.findText("connectivityType") != "private",
			})
		}
	}
	return found, nil
}

func (g *Gateway) loadBalancerInterfaces(ctx context.Context, region string) ([]networkInterface, error) {
	root, err := g.describe(ctx, region, "elasticloadbalancing", "DescribeLoadBalancers")
	if err != nil {
		return nil, err
	}
	var found []networkInterface
	for _, of := range members(root.find("DescribeLoadBalancersResult", "LoadBalancers"), "member") {
		balancer := networkInterface{
			owner:   "load balancer " + of.findText("LoadBalancerArn"),
			subnets: of.texts("SubnetId"),
			public:  of.findText("Scheme") == "internet-facing",
		}
		for _, group := range members(of.child("SecurityGroups"), "member") {
			balancer.groups = append(balancer.groups, group.Text)
		}
		found = append(found, balancer)
	}
	return found, nil
}

func (g *Gateway) functionInterfaces(ctx context.Context, region string) ([]networkInterface, error) {
	var found []networkInterface
	for marker := ""; ; {
		var page struct {
			Functions []struct {
				FunctionArn string
				VpcConfig   struct{ SubnetIds, SecurityGroupIds []string }
			}
			NextMarker string
		}
		if _, err := g.getJSON(ctx, region, "lambda", "/2015-03-31/functions/?Marker="+url.QueryEscape(marker), &page); err != nil {
			return nil, err
		}
		for _, of := range page.Functions {
			found = append(found, networkInterface{
				owner: "function " + of.FunctionArn, subnets: of.VpcConfig.SubnetIds, groups: of.VpcConfig.SecurityGroupIds,
			})
		}
		if marker = page.NextMarker; marker == "" {
			return found, nil
		}
	}
}

// databaseInterfaces are those of DB clusters with instances: each instance has one in the subnet of its zone, and the cluster's
// security groups.
func (g *Gateway) databaseInterfaces(ctx context.Context, region string) ([]networkInterface, error) {
	clusters, err := g.describe(ctx, region, "rds", "DescribeDBClusters")
	if err != nil {
		return nil, err
	}
	instances, err := g.describe(ctx, region, "rds", "DescribeDBInstances")
	if err != nil {
		return nil, err
	}
	groups, err := g.describe(ctx, region, "rds", "DescribeDBSubnetGroups")
	if err != nil {
		return nil, err
	}
	var found []networkInterface
	for _, cluster := range clusters.all("DBCluster") {
		var zones []string
		for _, instance := range instances.all("DBInstance") {
			if instance.findText("DBClusterIdentifier") == cluster.findText("DBClusterIdentifier") {
				zones = append(zones, instance.findText("AvailabilityZone"))
			}
		}
		if len(zones) == 0 {
			continue
		}
		database := networkInterface{
			owner: "DB cluster " + cluster.findText("DBClusterIdentifier"), groups: cluster.texts("VpcSecurityGroupId"),
		}
		for _, group := range groups.all("DBSubnetGroup") {
			if group.findText("DBSubnetGroupName") != cluster.findText("DBSubnetGroup") {
				continue
			}
			for _, subnet := range group.all("Subnet") {
				if slices.Contains(zones, subnet.findText("SubnetAvailabilityZone", "Name")) {
					database.subnets = append(database.subnets, subnet.findText("SubnetIdentifier"))
				}
			}
		}
		found = append(found, database)
	}
	return found, nil
}

// members returns the children of that name of a list, which may be missing: Elastic Load Balancing names them member.
func members(list *xmlElement, name string) []*xmlElement {
	if list == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(list.Children), func(e *xmlElement) bool { return e.Name != name })
}
