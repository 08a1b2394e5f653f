package staterepair

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// tagged finds a resource of EC2 by its tag Name, which is one resource's of its type: it ends with the environment's suffix.
func tagged(resourceType string) rule {
	return func(ctx context.Context, at *clients, in inputs) (string, error) {
		name := in.tag("Name")
		if name == "" {
			return "", fmt.Errorf("it has no tag Name to find a %s by", resourceType)
		}
		found, err := ec2.NewFromConfig(at.Config).DescribeTags(ctx, &ec2.DescribeTagsInput{Filters: []types.Filter{
			filter("key", "Name"), filter("value", name), filter("resource-type", resourceType),
		}})
		if err != nil || len(found.Tags) == 0 {
			return "", err
		}
		if len(found.Tags) > 1 {
			return "", fmt.Errorf("%d resources of type %s have the name %s: remove those that no state knows", len(found.Tags), resourceType, name)
		}
		return aws.ToString(found.Tags[0].ResourceId), nil
	}
}

// association finds the one by which a subnet has a route table.
func association(ctx context.Context, c *clients, in inputs) (string, error) {
	found, err := ec2.NewFromConfig(c.Config).DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{Filters: []types.Filter{
		filter("association.subnet-id", in.text("subnetId")),
	}})
	if err != nil {
		return "", err
	}
	for _, table := range found.RouteTables {
		if aws.ToString(table.RouteTableId) == in.text("routeTableId") {
			return in.text("subnetId") + "/" + in.text("routeTableId"), nil
		}
	}
	return "", nil
}

// groupRule finds a rule of a security group by its description, which is one rule's of a group and direction.
func groupRule(egress bool) rule {
	return func(ctx context.Context, at *clients, in inputs) (string, error) {
		found, err := ec2.NewFromConfig(at.Config).DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{Filters: []types.Filter{
			filter("group-id", in.text("securityGroupId")),
		}})
		if err != nil {
			return "", err
		}
		for _, one := range found.SecurityGroupRules {
			if aws.ToBool(one.IsEgress) == egress && aws.ToString(one.Description) == in.text("description") {
				return aws.ToString(one.SecurityGroupRuleId), nil
			}
		}
		return "", nil
	}
}

func filter(name, value string) types.Filter {
	return types.Filter{Name: aws.String(name), Values: []string{value}}
}
