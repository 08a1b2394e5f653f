package staterepair

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"warmstandby/shared/naming"
)

// tagged finds a resource of EC2 by its tags Name, which is one resource's of its type, and Environment. What has the name alone is
// another's.
func tagged(resourceType string) rule {
	return func(ctx context.Context, at *clients, in inputs) (string, error) {
		ids, err := named(ctx, at, resourceType, in)
		if err != nil || len(ids) == 0 {
			return "", err
		}
		if len(ids) > 1 {
			return "", fmt.Errorf(
				"%d resources of type %s have the name %s: remove those that no state knows", len(ids), resourceType, in.tag("Name"),
			)
		}
		return ids[0], nil
	}
}

// named returns the ids of the resources of EC2 that have the tag Name of the inputs and this environment's tag. EC2 sets both with
// the creation (Amazon EC2 API, TagSpecification).
func named(ctx context.Context, at *clients, resourceType string, in inputs) (ids []string, err error) {
	name := in.tag("Name")
	if name == "" {
		return nil, fmt.Errorf("it has no tag Name to find a %s by", resourceType)
	}
	names, environments := map[string]bool{}, map[string]string{}
	request := &ec2.DescribeTagsInput{Filters: []types.Filter{
		{Name: aws.String("key"), Values: []string{"Name", naming.TagEnvironment}},
		{Name: aws.String("value"), Values: []string{name, at.environment}},
		filter("resource-type", resourceType),
	}}
	for pages := ec2.NewDescribeTagsPaginator(ec2.NewFromConfig(at.Config), request); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, tag := range page.Tags {
			id, value := aws.ToString(tag.ResourceId), aws.ToString(tag.Value)
			switch aws.ToString(tag.Key) {
			case "Name":
				names[id] = names[id] || value == name
			case naming.TagEnvironment:
				environments[id] = value
			}
		}
	}
	var others []string
	for _, id := range slices.Sorted(maps.Keys(names)) {
		switch {
		case !names[id]:
		case environments[id] == at.environment:
			ids = append(ids, id)
		default:
			others = append(others, id)
		}
	}
	if len(ids) == 0 {
		return nil, at.foreignError(others...)
	}
	return ids, nil
}

// natGateway finds one that is not deleted: EC2 shows a deleted one, with its tags, for about an hour (Amazon VPC User Guide,
// "Delete a NAT gateway").
func natGateway(ctx context.Context, c *clients, in inputs) (string, error) {
	ids, err := named(ctx, c, "natgateway", in)
	if err != nil || len(ids) == 0 {
		return "", err
	}
	found, err := ec2.NewFromConfig(c.Config).DescribeNatGateways(ctx, &ec2.DescribeNatGatewaysInput{NatGatewayIds: ids})
	if err != nil {
		return "", err
	}
	for _, one := range found.NatGateways {
		if one.State == types.NatGatewayStatePending || one.State == types.NatGatewayStateAvailable {
			return aws.ToString(one.NatGatewayId), nil
		}
	}
	return "", nil
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
