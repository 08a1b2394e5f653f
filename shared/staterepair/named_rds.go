package staterepair

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/rds"
	databases "github.com/aws/aws-sdk-go-v2/service/rds/types"
)

func databaseTag(tag databases.Tag) (key, value *string) { return tag.Key, tag.Value }

func ownCluster(ctx context.Context, c *clients, in inputs) (string, error) {
	name := in.text("clusterIdentifier")
	found, err := rds.NewFromConfig(c.Config).DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{DBClusterIdentifier: &name})
	if err != nil {
		return "", err
	}
	for _, one := range found.DBClusters {
		return environmentOf(one.TagList, databaseTag), nil
	}
	return "", errAbsent
}

func ownInstance(ctx context.Context, c *clients, in inputs) (string, error) {
	name := in.text("identifier")
	found, err := rds.NewFromConfig(c.Config).DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{DBInstanceIdentifier: &name})
	if err != nil {
		return "", err
	}
	for _, one := range found.DBInstances {
		return environmentOf(one.TagList, databaseTag), nil
	}
	return "", errAbsent
}

func ownGlobalCluster(ctx context.Context, c *clients, in inputs) (string, error) {
	name := in.text("globalClusterIdentifier")
	found, err := rds.NewFromConfig(c.Config).DescribeGlobalClusters(ctx, &rds.DescribeGlobalClustersInput{GlobalClusterIdentifier: &name})
	if err != nil {
		return "", err
	}
	for _, one := range found.GlobalClusters {
		return environmentOf(one.TagList, databaseTag), nil
	}
	return "", errAbsent
}

func ownSubnetGroup(ctx context.Context, c *clients, in inputs) (string, error) {
	name := in.text("name")
	client := rds.NewFromConfig(c.Config)
	found, err := client.DescribeDBSubnetGroups(ctx, &rds.DescribeDBSubnetGroupsInput{DBSubnetGroupName: &name})
	if err != nil {
		return "", err
	}
	for _, one := range found.DBSubnetGroups {
		return databaseTags(ctx, client, one.DBSubnetGroupArn)
	}
	return "", errAbsent
}

func ownParameterGroup(ctx context.Context, c *clients, in inputs) (string, error) {
	name := in.text("name")
	client := rds.NewFromConfig(c.Config)
	found, err := client.DescribeDBClusterParameterGroups(ctx, &rds.DescribeDBClusterParameterGroupsInput{DBClusterParameterGroupName: &name})
	if err != nil {
		return "", err
	}
	for _, one := range found.DBClusterParameterGroups {
		return databaseTags(ctx, client, one.DBClusterParameterGroupArn)
	}
	return "", errAbsent
}

func databaseTags(ctx context.Context, client *rds.Client, arn *string) (string, error) {
	tags, err := client.ListTagsForResource(ctx, &rds.ListTagsForResourceInput{ResourceName: arn})
	if err != nil {
		return "", err
	}
	return environmentOf(tags.TagList, databaseTag), nil
}
