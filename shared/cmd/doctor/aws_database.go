package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/rds"
)

func (a *awsCloud) used(ctx context.Context, region string, what usage) (int, error) {
	settings, count := a.in(region), 0
	switch what {
	case usedVPCs:
		pages := ec2.NewDescribeVpcsPaginator(ec2.NewFromConfig(settings), &ec2.DescribeVpcsInput{})
		return counted(pages.HasMorePages, func() (int, error) {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return 0, err
			}
			return len(page.Vpcs), nil
		})
	case usedAddresses:
		answer, err := ec2.NewFromConfig(settings).DescribeAddresses(ctx, &ec2.DescribeAddressesInput{})
		if err == nil {
			count = len(answer.Addresses)
		}
		return count, err
	case usedClusters:
		pages := rds.NewDescribeDBClustersPaginator(rds.NewFromConfig(settings), &rds.DescribeDBClustersInput{})
		return counted(pages.HasMorePages, func() (int, error) {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return 0, err
			}
			return len(page.DBClusters), nil
		})
	case usedInstances:
		pages := rds.NewDescribeDBInstancesPaginator(rds.NewFromConfig(settings), &rds.DescribeDBInstancesInput{})
		return counted(pages.HasMorePages, func() (int, error) {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return 0, err
			}
			return len(page.DBInstances), nil
		})
	case usedBalancers:
		pages := elasticloadbalancingv2.NewDescribeLoadBalancersPaginator(
			elasticloadbalancingv2.NewFromConfig(settings), &elasticloadbalancingv2.DescribeLoadBalancersInput{})
		return counted(pages.HasMorePages, func() (int, error) {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return 0, err
			}
			return len(page.LoadBalancers), nil
		})
	}
	return 0, fmt.Errorf("nothing counts %s", what)
}

// counted adds up what the pages of a listing have.
func counted(more func() bool, next func() (int, error)) (int, error) {
	all := 0
	for more() {
		count, err := next()
		if err != nil {
			return 0, err
		}
		all += count
	}
	return all, nil
}

func (a *awsCloud) engine(ctx context.Context, region, version string) (engine, error) {
	client := rds.NewFromConfig(a.in(region))
	versions, err := client.DescribeDBEngineVersions(ctx, &rds.DescribeDBEngineVersionsInput{
		Engine: aws.String(engineName), EngineVersion: &version,
	})
	if notFound(err, "InvalidParameterCombination", "NotFound") || err == nil && len(versions.DBEngineVersions) == 0 {
		return engine{}, nil
	}
	if err != nil {
		return engine{}, err
	}
	found := versions.DBEngineVersions[0]
	e := engine{offered: true, global: aws.ToBool(found.SupportsGlobalDatabases)}
	if found.ServerlessV2FeaturesSupport != nil {
		e.most = aws.ToFloat64(found.ServerlessV2FeaturesSupport.MaxCapacity)
	}
	options, err := client.DescribeOrderableDBInstanceOptions(ctx, &rds.DescribeOrderableDBInstanceOptionsInput{
		Engine: aws.String(engineName), EngineVersion: &version, DBInstanceClass: aws.String(instanceClass),
	})
	if err != nil {
		return engine{}, err
	}
	e.serverless = len(options.OrderableDBInstanceOptions) > 0
	return e, nil
}
