package services

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"warmstandby/test/sweep"
)

// networkParts are the kinds of EC2 in a VPC or beside it.
func networkParts() []row {
	return []row{
		{"ec2", "VPC endpoints", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			return each(ctx, ec2.NewDescribeVpcEndpointsPaginator(ec2.NewFromConfig(cfg), nil), func(page *ec2.DescribeVpcEndpointsOutput) {
				for _, one := range page.VpcEndpoints {
					if !strings.EqualFold(string(one.State), "deleted") { // EC2 writes states in either case.
						found(tagged(one.VpcEndpointId, one.Tags))
					}
				}
			})
		}},
		{"ec2", "network interfaces", false, interfaces},
		{"ec2", "prefix lists", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			const everybody = "AWS" // owns the lists that are in every account
			return each(
				ctx,
				ec2.NewDescribeManagedPrefixListsPaginator(ec2.NewFromConfig(cfg), nil),
				func(page *ec2.DescribeManagedPrefixListsOutput) {
					for _, one := range page.PrefixLists {
						if aws.ToString(one.OwnerId) != everybody {
							found(tagged(one.PrefixListId, one.Tags, aws.ToString(one.PrefixListName)))
						}
					}
				},
			)
		}},
		{"ec2", "flow logs", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			return each(ctx, ec2.NewDescribeFlowLogsPaginator(ec2.NewFromConfig(cfg), nil), func(page *ec2.DescribeFlowLogsOutput) {
				for _, one := range page.FlowLogs {
					found(tagged(one.FlowLogId, one.Tags, aws.ToString(one.LogGroupName)))
				}
			})
		}},
	}
}

// interfaces lists network interfaces. Lambda, Elastic Load Balancing, RDS and endpoints create them, mostly without tags: they
// are recognized by their descriptions, and by the tags of their VPC.
func interfaces(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
	client, vpcs := ec2.NewFromConfig(cfg), map[string]map[string]string{}
	err := each(ctx, ec2.NewDescribeVpcsPaginator(client, nil), func(page *ec2.DescribeVpcsOutput) {
		for _, one := range page.Vpcs {
			vpcs[aws.ToString(one.VpcId)] = tags(one.Tags, ec2Tag)
		}
	})
	if err != nil {
		return err
	}
	return each(ctx, ec2.NewDescribeNetworkInterfacesPaginator(client, nil), func(page *ec2.DescribeNetworkInterfacesOutput) {
		for _, one := range page.NetworkInterfaces {
			seen := sweep.Resource{
				ID: aws.ToString(one.NetworkInterfaceId), Names: []string{described(aws.ToString(one.Description))},
				Tags: tags(one.TagSet, ec2Tag),
			}
			if len(seen.Tags) == 0 {
				seen.Tags = vpcs[aws.ToString(one.VpcId)]
			}
			found(seen)
		}
	})
}

// described returns the name of the function in the description of an interface of Lambda, "AWS Lambda VPC ENI-NAME-UUID" (AWS
// Lambda Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC"). It returns other descriptions
// unchanged.
func described(description string) string {
	const before, uuid = "AWS Lambda VPC ENI-", len("-00000000-0000-0000-0000-000000000000")
	name, ok := strings.CutPrefix(description, before)
	if !ok || len(name) <= uuid {
		return description
	}
	return name[:len(name)-uuid]
}
