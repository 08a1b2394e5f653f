package services

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"warmstandby/test/sweep"
)

func rdsTag(tag types.Tag) (key, value *string) { return tag.Key, tag.Value }

// databases are the kinds of RDS that run.
func databases() []row {
	return []row{
		// Both regions of a global cluster name it.
		{"rds", "global clusters", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			return each(ctx, rds.NewDescribeGlobalClustersPaginator(rds.NewFromConfig(cfg), nil), func(page *rds.DescribeGlobalClustersOutput) {
				for _, one := range page.GlobalClusters {
					found(sweep.Resource{
						ID: aws.ToString(
							one.GlobalClusterIdentifier,
						),
						Names: []string{aws.ToString(one.GlobalClusterIdentifier)},
						Tags:  tags(one.TagList, rdsTag),
					})
				}
			})
		}},
		{"rds", "DB clusters", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			return each(ctx, rds.NewDescribeDBClustersPaginator(rds.NewFromConfig(cfg), nil), func(page *rds.DescribeDBClustersOutput) {
				for _, one := range page.DBClusters {
					found(sweep.Resource{
						ID: aws.ToString(one.DBClusterIdentifier), Names: []string{aws.ToString(one.DBClusterIdentifier)}, Tags: tags(one.TagList, rdsTag),
					})
				}
			})
		}},
		{"rds", "DB instances", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			return each(ctx, rds.NewDescribeDBInstancesPaginator(rds.NewFromConfig(cfg), nil), func(page *rds.DescribeDBInstancesOutput) {
				for _, one := range page.DBInstances {
					found(sweep.Resource{
						ID: aws.ToString(one.DBInstanceIdentifier), Names: []string{aws.ToString(one.DBInstanceIdentifier)}, Tags: tags(one.TagList, rdsTag),
					})
				}
			})
		}},
	}
}

// databaseParts are the kinds of RDS that outlive a cluster, or are a part of it.
func databaseParts() []row {
	return []row{
		// A final snapshot has its own name, an automatic one that of its cluster in front of a date.
		{"rds", "DB cluster snapshots", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			return each(
				ctx,
				rds.NewDescribeDBClusterSnapshotsPaginator(rds.NewFromConfig(cfg), nil),
				func(page *rds.DescribeDBClusterSnapshotsOutput) {
					for _, one := range page.DBClusterSnapshots {
						found(sweep.Resource{
							ID: aws.ToString(one.DBClusterSnapshotIdentifier),
							Names: []string{
								aws.ToString(one.DBClusterSnapshotIdentifier),
								aws.ToString(one.DBClusterIdentifier),
							},
							Tags: tags(one.TagList, rdsTag),
						})
					}
				},
			)
		}},
		{"rds", "DB cluster automated backups", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			return each(
				ctx,
				rds.NewDescribeDBClusterAutomatedBackupsPaginator(rds.NewFromConfig(cfg), nil),
				func(page *rds.DescribeDBClusterAutomatedBackupsOutput) {
					for _, one := range page.DBClusterAutomatedBackups {
						found(sweep.Resource{ID: aws.ToString(one.DBClusterAutomatedBackupsArn), Names: []string{aws.ToString(one.DBClusterIdentifier)}})
					}
				},
			)
		}},
		{"rds", "DB subnet groups", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			client := rds.NewFromConfig(cfg)
			return each(ctx, rds.NewDescribeDBSubnetGroupsPaginator(client, nil), func(page *rds.DescribeDBSubnetGroupsOutput) {
				for _, one := range page.DBSubnetGroups {
					found(group(client, one.DBSubnetGroupName, one.DBSubnetGroupArn))
				}
			})
		}},
		{"rds", "DB cluster parameter groups", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			client := rds.NewFromConfig(cfg)
			return each(ctx, rds.NewDescribeDBClusterParameterGroupsPaginator(client, nil), func(page *rds.DescribeDBClusterParameterGroupsOutput) {
				for _, one := range page.DBClusterParameterGroups {
					found(group(client, one.DBClusterParameterGroupName, one.DBClusterParameterGroupArn))
				}
			})
		}},
	}
}

// group is one of RDS's groups, which are listed without their tags.
func group(client *rds.Client, name, arn *string) sweep.Resource {
	return sweep.Resource{
		ID: aws.ToString(name), Names: []string{aws.ToString(name)},
		TagsOf: tagsOf(func(ctx context.Context) ([]types.Tag, error) {
			answer, err := client.ListTagsForResource(ctx, &rds.ListTagsForResourceInput{ResourceName: arn})
			if err != nil {
				return nil, err
			}
			return answer.TagList, nil
		}, rdsTag),
	}
}
