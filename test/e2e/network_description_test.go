//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// network is an environment's network in one region, as AWS describes it.
type network struct {
	vpc       string
	peerings  []types.VpcPeeringConnection
	subnets   []types.Subnet
	tables    []types.RouteTable
	groups    []types.SecurityGroup
	rules     []types.SecurityGroupRule
	endpoints []types.VpcEndpoint
	flowLogs  []types.FlowLog
	tagged    []resource
}

// resource is a tagged resource.
type resource struct {
	id   string
	tags []types.Tag
}

// describeNetwork describes an environment's network.
func describeNetwork(t *testing.T, client *ec2.Client, environment string) *network {
	t.Helper()
	ctx := t.Context()
	n := &network{}
	vpcs := require(client.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{Filters: filter("tag:Environment", environment)}))(t)
	if len(vpcs.Vpcs) != 1 {
		t.Fatalf("%d VPCs are tagged with %s, want 1", len(vpcs.Vpcs), environment)
	}
	n.vpc = aws.ToString(vpcs.Vpcs[0].VpcId)
	n.add(n.vpc, vpcs.Vpcs[0].Tags)

	inVPC := filter("vpc-id", n.vpc)
	n.subnets = require(client.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{Filters: inVPC}))(t).Subnets
	n.tables = require(client.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{Filters: inVPC}))(t).RouteTables
	n.groups = require(client.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: inVPC}))(t).SecurityGroups
	n.endpoints = require(client.DescribeVpcEndpoints(ctx, &ec2.DescribeVpcEndpointsInput{Filters: inVPC}))(t).VpcEndpoints
	n.flowLogs = require(client.DescribeFlowLogs(ctx, &ec2.DescribeFlowLogsInput{Filter: filter("resource-id", n.vpc)}))(t).FlowLogs
	for _, group := range n.groups {
		of := filter("group-id", aws.ToString(group.GroupId))
		rules := require(client.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{Filters: of}))(t)
		n.rules = append(n.rules, rules.SecurityGroupRules...)
	}
	peerings := require(client.DescribeVpcPeeringConnections(ctx, &ec2.DescribeVpcPeeringConnectionsInput{}))(t)
	for _, peering := range peerings.VpcPeeringConnections {
		if n.vpc == aws.ToString(peering.RequesterVpcInfo.VpcId) || n.vpc == aws.ToString(peering.AccepterVpcInfo.VpcId) {
			n.peerings = append(n.peerings, peering)
			n.add(aws.ToString(peering.VpcPeeringConnectionId), peering.Tags)
		}
	}
	n.addTagged()
	return n
}

func (n *network) add(id string, tags []types.Tag) { n.tagged = append(n.tagged, resource{id, tags}) }

func (n *network) addTagged() {
	for _, subnet := range n.subnets {
		n.add(aws.ToString(subnet.SubnetId), subnet.Tags)
	}
	for _, table := range n.tables {
		if n.tierOf(table) != "" {
			n.add(aws.ToString(table.RouteTableId), table.Tags)
		}
	}
	for _, group := range n.groups {
		n.add(aws.ToString(group.GroupId), group.Tags)
	}
	for _, endpoint := range n.endpoints {
		n.add(aws.ToString(endpoint.VpcEndpointId), endpoint.Tags)
	}
	for _, log := range n.flowLogs {
		n.add(aws.ToString(log.FlowLogId), log.Tags)
	}
}

// tierOf returns the tier of the subnet of a route table, "" for the main table of the VPC.
func (n *network) tierOf(table types.RouteTable) string {
	for _, association := range table.Associations {
		for _, subnet := range n.subnets {
			if association.SubnetId != nil && *association.SubnetId == aws.ToString(subnet.SubnetId) {
				return tagged(subnet.Tags, "SubnetType")
			}
		}
	}
	return ""
}

func (n *network) groupName(id string) string {
	for _, group := range n.groups {
		if aws.ToString(group.GroupId) == id {
			return aws.ToString(group.GroupName)
		}
	}
	return id
}

// require ends the test when a call has failed: require(client.Describe(…))(t).
func require[T any](answer T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
}

func filter(name, value string) []types.Filter {
	return []types.Filter{{Name: aws.String(name), Values: []string{value}}}
}

func tagged(tags []types.Tag, key string) string {
	for _, tag := range tags {
		if aws.ToString(tag.Key) == key {
			return aws.ToString(tag.Value)
		}
	}
	return ""
}

// kill kills a process of the test's own environment.
func kill(t testing.TB, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(fmt.Errorf("killing process %d: %w", pid, err))
	}
}

// awaitEnd returns when a process has ended, and its new parent has reaped it.
func awaitEnd(t testing.TB, pid int) {
	t.Helper()
	await(t, fmt.Sprintf("waiting for the end of process %d", pid), func() error {
		if syscall.Kill(pid, 0) == nil {
			return errors.New("it is still there")
		}
		return nil
	})
}
