package services

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// next is the token of a second page.
var next = aws.String("next")

func named(name string) []types.Tag {
	return []types.Tag{{Key: aws.String("Name"), Value: aws.String(name)}}
}

// byTag are the tags of the environment on a resource that has no name.
func byTag() []types.Tag {
	return []types.Tag{
		{Key: aws.String("Environment"), Value: aws.String("stacks")},
		{Key: aws.String("DR-Role"), Value: aws.String("primary")},
	}
}

func networkExpected() []expectation {
	id, other := aws.String("mine"), aws.String("other")
	deleted := named("nat-primary-1-blue")
	return []expectation{
		{"ec2", "VPCs", answers{"DescribeVpcs": {
			&ec2.DescribeVpcsOutput{NextToken: next, Vpcs: []types.Vpc{{VpcId: other, Tags: named("vpc-primary-dark-blue")}, {VpcId: other}}},
			&ec2.DescribeVpcsOutput{Vpcs: []types.Vpc{{VpcId: id, Tags: named("vpc-primary-blue")}}},
		}}, "mine"},
		{"ec2", "subnets", answers{"DescribeSubnets": {
			&ec2.DescribeSubnetsOutput{
				NextToken: next,
				Subnets:   []types.Subnet{{SubnetId: other, Tags: named("subnet-primary-private-1-dark-blue")}},
			},
			&ec2.DescribeSubnetsOutput{Subnets: []types.Subnet{{SubnetId: id, Tags: byTag()}}},
		}}, "mine"},
		{"ec2", "route tables", answers{"DescribeRouteTables": {
			&ec2.DescribeRouteTablesOutput{NextToken: next, RouteTables: []types.RouteTable{{RouteTableId: other}}},
			&ec2.DescribeRouteTablesOutput{RouteTables: []types.RouteTable{{RouteTableId: id, Tags: byTag()}}},
		}}, "mine"},
		{"ec2", "security groups", answers{"DescribeSecurityGroups": {
			&ec2.DescribeSecurityGroupsOutput{
				NextToken:      next,
				SecurityGroups: []types.SecurityGroup{{GroupId: other, GroupName: aws.String("default")}},
			},
			&ec2.DescribeSecurityGroupsOutput{
				SecurityGroups: []types.SecurityGroup{{GroupId: id, GroupName: aws.String("secgroup-database-primary-blue")}},
			},
		}}, "mine"},
		{"ec2", "internet gateways", answers{"DescribeInternetGateways": {
			&ec2.DescribeInternetGatewaysOutput{NextToken: next, InternetGateways: []types.InternetGateway{{InternetGatewayId: other}}},
			&ec2.DescribeInternetGatewaysOutput{InternetGateways: []types.InternetGateway{{InternetGatewayId: id, Tags: byTag()}}},
		}}, "mine"},
		{"ec2", "NAT gateways", answers{"DescribeNatGateways": {
			&ec2.DescribeNatGatewaysOutput{
				NextToken:   next,
				NatGateways: []types.NatGateway{{NatGatewayId: other, State: types.NatGatewayStateDeleted, Tags: deleted}},
			},
			&ec2.DescribeNatGatewaysOutput{NatGateways: []types.NatGateway{{NatGatewayId: id, State: types.NatGatewayStateDeleting, Tags: deleted}}},
		}}, "mine"},
		{"ec2", "elastic IPs", answers{"DescribeAddresses": {
			&ec2.DescribeAddressesOutput{Addresses: []types.Address{{AllocationId: other}, {AllocationId: id, Tags: named("eip-primary-1-blue")}}},
		}}, "mine"},
		{"ec2", "VPC peerings", answers{"DescribeVpcPeeringConnections": {
			&ec2.DescribeVpcPeeringConnectionsOutput{NextToken: next, VpcPeeringConnections: []types.VpcPeeringConnection{{
				VpcPeeringConnectionId: other, Tags: byTag(),
				Status: &types.VpcPeeringConnectionStateReason{Code: types.VpcPeeringConnectionStateReasonCodeDeleted},
			}}},
			&ec2.DescribeVpcPeeringConnectionsOutput{VpcPeeringConnections: []types.VpcPeeringConnection{{
				VpcPeeringConnectionId: id, Tags: byTag(),
				Status: &types.VpcPeeringConnectionStateReason{Code: types.VpcPeeringConnectionStateReasonCodeActive},
			}}},
		}}, "mine"},
		{"ec2", "VPC endpoints", answers{"DescribeVpcEndpoints": {
			&ec2.DescribeVpcEndpointsOutput{
				NextToken:    next,
				VpcEndpoints: []types.VpcEndpoint{{VpcEndpointId: other, State: "deleted", Tags: byTag()}},
			},
			&ec2.DescribeVpcEndpointsOutput{VpcEndpoints: []types.VpcEndpoint{{VpcEndpointId: id, State: "available", Tags: byTag()}}},
		}}, "mine"},
		{"ec2", "network interfaces", answers{
			"DescribeVpcs": {&ec2.DescribeVpcsOutput{Vpcs: []types.Vpc{{VpcId: aws.String("vpc-1"), Tags: byTag()}, {VpcId: aws.String("vpc-2")}}}},
			"DescribeNetworkInterfaces": {
				&ec2.DescribeNetworkInterfacesOutput{
					NextToken:         next,
					NetworkInterfaces: []types.NetworkInterface{{NetworkInterfaceId: other, VpcId: aws.String("vpc-2")}},
				},
				&ec2.DescribeNetworkInterfacesOutput{NetworkInterfaces: []types.NetworkInterface{{NetworkInterfaceId: id, VpcId: aws.String("vpc-1")}}},
			},
		}, "mine"},
		{"ec2", "prefix lists", answers{"DescribeManagedPrefixLists": {
			&ec2.DescribeManagedPrefixListsOutput{
				NextToken:   next,
				PrefixLists: []types.ManagedPrefixList{{PrefixListId: other, OwnerId: aws.String("AWS"), Tags: byTag()}},
			},
			&ec2.DescribeManagedPrefixListsOutput{
				PrefixLists: []types.ManagedPrefixList{{PrefixListId: id, OwnerId: aws.String("111122223333"), Tags: byTag()}},
			},
		}}, "mine"},
		{"ec2", "flow logs", answers{"DescribeFlowLogs": {
			&ec2.DescribeFlowLogsOutput{NextToken: next, FlowLogs: []types.FlowLog{{FlowLogId: other}}},
			&ec2.DescribeFlowLogsOutput{FlowLogs: []types.FlowLog{{FlowLogId: id, LogGroupName: aws.String("logs-vpc-primary-blue")}}},
		}}, "mine"},
	}
}

func TestInterfaceNames(t *testing.T) {
	t.Run("a network interface is recognized by its description", func(t *testing.T) {
		for description, want := range map[string]string{
			"AWS Lambda VPC ENI-lambda-app-primary-blue-0dd56b5a-7be8-4c0b-8d5a-36c1bd0c5c1d": "lambda-app-primary-blue",
			"AWS Lambda VPC ENI-short":                  "AWS Lambda VPC ENI-short",
			"ELB app/alb-primary-blue/50dc6c495c0c9188": "ELB app/alb-primary-blue/50dc6c495c0c9188",
			"": "",
		} {
			if got := described(description); got != want {
				t.Errorf("described(%q) = %q, want %q", description, got, want)
			}
		}
	})
}
