package services

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

func databaseExpected() []expectation {
	cluster := aws.String("aurora-records-primary-blue")
	return []expectation{
		{"rds", "global clusters", answers{"DescribeGlobalClusters": {
			&rds.DescribeGlobalClustersOutput{
				Marker:         next,
				GlobalClusters: []types.GlobalCluster{{GlobalClusterIdentifier: aws.String("globaldb-records-dark-blue")}},
			},
			&rds.DescribeGlobalClustersOutput{GlobalClusters: []types.GlobalCluster{{GlobalClusterIdentifier: aws.String("globaldb-records-blue")}}},
		}}, "globaldb-records-blue"},
		{"rds", "DB clusters", answers{"DescribeDBClusters": {
			&rds.DescribeDBClustersOutput{
				Marker:     next,
				DBClusters: []types.DBCluster{{DBClusterIdentifier: aws.String("aurora-records-primary-dark-blue")}},
			},
			&rds.DescribeDBClustersOutput{DBClusters: []types.DBCluster{{DBClusterIdentifier: cluster}}},
		}}, *cluster},
		{"rds", "DB instances", answers{"DescribeDBInstances": {
			&rds.DescribeDBInstancesOutput{Marker: next, DBInstances: []types.DBInstance{{DBInstanceIdentifier: aws.String("somebody-elses")}}},
			&rds.DescribeDBInstancesOutput{DBInstances: []types.DBInstance{{DBInstanceIdentifier: aws.String("renamed"), TagList: []types.Tag{
				{Key: aws.String("Environment"), Value: aws.String("stacks")}, {Key: aws.String("DR-Role"), Value: aws.String("primary")},
			}}}},
		}}, "renamed"},
		{"rds", "DB cluster snapshots", answers{"DescribeDBClusterSnapshots": {
			&rds.DescribeDBClusterSnapshotsOutput{
				Marker:             next,
				DBClusterSnapshots: []types.DBClusterSnapshot{{DBClusterSnapshotIdentifier: aws.String("other")}},
			},
			&rds.DescribeDBClusterSnapshotsOutput{
				DBClusterSnapshots: []types.DBClusterSnapshot{{DBClusterSnapshotIdentifier: aws.String("by-hand"), DBClusterIdentifier: cluster}},
			},
		}}, "by-hand"},
		{"rds", "DB cluster automated backups", answers{"DescribeDBClusterAutomatedBackups": {
			&rds.DescribeDBClusterAutomatedBackupsOutput{
				Marker:                    next,
				DBClusterAutomatedBackups: []types.DBClusterAutomatedBackup{{DBClusterAutomatedBackupsArn: aws.String("other")}},
			},
			&rds.DescribeDBClusterAutomatedBackupsOutput{
				DBClusterAutomatedBackups: []types.DBClusterAutomatedBackup{
					{DBClusterAutomatedBackupsArn: aws.String("mine"), DBClusterIdentifier: cluster},
				},
			},
		}}, "mine"},
		{"rds", "DB subnet groups", answers{
			"DescribeDBSubnetGroups": {
				&rds.DescribeDBSubnetGroupsOutput{Marker: next, DBSubnetGroups: []types.DBSubnetGroup{{DBSubnetGroupName: aws.String("default")}}},
				&rds.DescribeDBSubnetGroupsOutput{
					DBSubnetGroups: []types.DBSubnetGroup{{DBSubnetGroupName: aws.String("dbsubnets-records-primary-blue")}},
				},
			},
			"ListTagsForResource": {&rds.ListTagsForResourceOutput{}},
		}, "dbsubnets-records-primary-blue"},
		{"rds", "DB cluster parameter groups", answers{
			"DescribeDBClusterParameterGroups": {
				&rds.DescribeDBClusterParameterGroupsOutput{
					Marker:                   next,
					DBClusterParameterGroups: []types.DBClusterParameterGroup{{DBClusterParameterGroupName: aws.String("default.aurora")}},
				},
				&rds.DescribeDBClusterParameterGroupsOutput{
					DBClusterParameterGroups: []types.DBClusterParameterGroup{
						{DBClusterParameterGroupName: aws.String("dbparams-records-primary-pg16-blue")},
					},
				},
			},
			"ListTagsForResource": {&rds.ListTagsForResourceOutput{}},
		}, "dbparams-records-primary-pg16-blue"},
	}
}
