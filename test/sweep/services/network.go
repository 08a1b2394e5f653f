package services

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"warmstandby/test/sweep"
)

func ec2Tag(tag types.Tag) (key, value *string) { return tag.Key, tag.Value }

// tagged is a resource of EC2, which lists all with their tags.
func tagged(id *string, listed []types.Tag, names ...string) sweep.Resource {
	return sweep.Resource{ID: aws.ToString(id), Names: names, Tags: tags(listed, ec2Tag)}
}

// networks are the kinds of EC2 that a VPC consists of.
func networks() []row {
	return []row{
		{"ec2", "VPCs", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			return each(ctx, ec2.NewDescribeVpcsPaginator(ec2.NewFromConfig(cfg), nil), func(page *ec2.DescribeVpcsOutput) {
				for _, one := range page.Vpcs {
					found(tagged(one.VpcId, one.Tags))
				}
			})
		}},
		{"ec2", "subnets", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			return each(ctx, ec2.NewDescribeSubnetsPaginator(ec2.NewFromConfig(cfg), nil), func(page *ec2.DescribeSubnetsOutput) {
				for _, one := range page.Subnets {
					found(tagged(one.SubnetId, one.Tags))
				}
			})
		}},
		{"ec2", "route tables", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			return each(ctx, ec2.NewDescribeRouteTablesPaginator(ec2.NewFromConfig(cfg), nil), func(page *ec2.DescribeRouteTablesOutput) {
				for _, one := range page.RouteTables {
					found(tagged(one.RouteTableId, one.Tags))
				}
			})
		}},
		{"ec2", "security groups", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			return each(ctx, ec2.NewDescribeSecurityGroupsPaginator(ec2.NewFromConfig(cfg), nil), func(page *ec2.DescribeSecurityGroupsOutput) {
				for _, one := range page.SecurityGroups {
					found(tagged(one.GroupId, one.Tags, aws.ToString(one.GroupName)))
				}
			})
		}},
		{"ec2", "internet gateways", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			return each(ctx, ec2.NewDescribeInternetGatewaysPaginator(ec2.NewFromConfig(cfg), nil), func(page *ec2.DescribeInternetGatewaysOutput) {
				for _, one := range page.InternetGateways {
					found(tagged(one.InternetGatewayId, one.Tags))
				}
			})
		}},
		{"ec2", "NAT gateways", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			return each(ctx, ec2.NewDescribeNatGatewaysPaginator(ec2.NewFromConfig(cfg), nil), func(page *ec2.DescribeNatGatewaysOutput) {
				for _, one := range page.NatGateways {
					if one.State != types.NatGatewayStateDeleted {
						found(tagged(one.NatGatewayId, one.Tags))
					}
				}
			})
		}},
		{"ec2", "elastic IPs", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			all, err := ec2.NewFromConfig(cfg).DescribeAddresses(ctx, &ec2.DescribeAddressesInput{}) // one page, always
			if err != nil {
				return err
			}
			for _, one := range all.Addresses {
				found(tagged(one.AllocationId, one.Tags))
			}
			return nil
		}},
		{"ec2", "VPC peerings", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			over := []types.VpcPeeringConnectionStateReasonCode{
				types.VpcPeeringConnectionStateReasonCodeDeleted, types.VpcPeeringConnectionStateReasonCodeRejected,
				types.VpcPeeringConnectionStateReasonCodeFailed, types.VpcPeeringConnectionStateReasonCodeExpired,
			}
			return each(
				ctx,
				ec2.NewDescribeVpcPeeringConnectionsPaginator(ec2.NewFromConfig(cfg), nil),
				func(page *ec2.DescribeVpcPeeringConnectionsOutput) {
					for _, one := range page.VpcPeeringConnections {
						if one.Status == nil || !slices.Contains(over, one.Status.Code) {
							found(tagged(one.VpcPeeringConnectionId, one.Tags))
						}
					}
				},
			)
		}},
	}
}
