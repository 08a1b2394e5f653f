package awsclient

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/restore"
)

// rdsPointInTimeAPI is the part of RDS's API that makes and removes restored clusters.
type rdsPointInTimeAPI interface {
	RestoreDBClusterToPointInTime(
		context.Context, *rds.RestoreDBClusterToPointInTimeInput, ...func(*rds.Options),
	) (*rds.RestoreDBClusterToPointInTimeOutput, error)
	CreateDBInstance(context.Context, *rds.CreateDBInstanceInput, ...func(*rds.Options)) (*rds.CreateDBInstanceOutput, error)
	DeleteDBInstance(context.Context, *rds.DeleteDBInstanceInput, ...func(*rds.Options)) (*rds.DeleteDBInstanceOutput, error)
	DeleteDBCluster(context.Context, *rds.DeleteDBClusterInput, ...func(*rds.Options)) (*rds.DeleteDBClusterOutput, error)
}

// RestoreDatabase is RDS in one region, which restores clusters. It implements restore.Database.
type RestoreDatabase struct {
	reader rdsReadAPI
	api    rdsPointInTimeAPI
}

// RestoreDatabase returns RDS of a region.
func (a Account) RestoreDatabase(region string) RestoreDatabase {
	return RestoreDatabase{rds.NewFromConfig(standard.configFor(a.base, region)), rds.NewFromConfig(longCall.configFor(a.base, region))}
}

// Describe implements restore.Database.
func (d RestoreDatabase) Describe(ctx context.Context, cluster string) (restore.Cluster, error) {
	reader := Databases{reader: d.reader}
	of, err := reader.describe(ctx, cluster)
	if err != nil {
		return restore.Cluster{}, asRefusal(err)
	}
	described, err := reader.Cluster(ctx, cluster)
	if err != nil {
		return restore.Cluster{}, asRefusal(err)
	}
	found := restore.Cluster{
		Cluster: described, Earliest: aws.ToTime(of.EarliestRestorableTime).UTC(), Latest: aws.ToTime(of.LatestRestorableTime).UTC(),
		Endpoint: aws.ToString(of.Endpoint) + ":" + strconv.Itoa(int(aws.ToInt32(of.Port))),
	}
	for _, tag := range of.TagList {
		if aws.ToString(tag.Key) == restore.TimeTag {
			found.RestoredTo = aws.ToString(tag.Value)
		}
	}
	return found, nil
}

// Restore implements restore.Database.
func (d RestoreDatabase) Restore(ctx context.Context, source, cluster string, at time.Time) error {
	of, err := Databases{reader: d.reader}.describe(ctx, source)
	if err != nil {
		return asRefusal(err)
	}
	request := restoreRequest(of, source, cluster)
	request.RestoreToTime = aws.Time(at)
	request.Tags = append(request.Tags, types.Tag{Key: aws.String(restore.TimeTag), Value: aws.String(at.Format(restore.TimeFormat))})
	_, err = d.api.RestoreDBClusterToPointInTime(ctx, request)
	return asRefusal(err)
}

// restoreRequest is a restore of a cluster under another name: what the request does not name, RDS takes from the source (engine, user,
// encryption, retention) or from defaults, which are not the platform's: network, groups, capacity, logs and tags are named. AWS: Amazon
// RDS API Reference, RestoreDBClusterToPointInTime.
func restoreRequest(of types.DBCluster, source, cluster string) *rds.RestoreDBClusterToPointInTimeInput {
	request := &rds.RestoreDBClusterToPointInTimeInput{
		SourceDBClusterIdentifier:   aws.String(source),
		DBClusterIdentifier:         aws.String(cluster),
		DBSubnetGroupName:           of.DBSubnetGroup,
		DBClusterParameterGroupName: of.DBClusterParameterGroup,
		KmsKeyId:                    of.KmsKeyId,
		EnableCloudwatchLogsExports: of.EnabledCloudwatchLogsExports,
		CopyTagsToSnapshot:          of.CopyTagsToSnapshot,
		DeletionProtection:          aws.Bool(false), // the stacks set it, where they protect
		Tags:                        ownTags(of.TagList),
	}
	for _, group := range of.VpcSecurityGroups {
		request.VpcSecurityGroupIds = append(request.VpcSecurityGroupIds, aws.ToString(group.VpcSecurityGroupId))
	}
	if capacity := of.ServerlessV2ScalingConfiguration; capacity != nil {
		request.ServerlessV2ScalingConfiguration = &types.ServerlessV2ScalingConfiguration{
			MinCapacity: capacity.MinCapacity, MaxCapacity: capacity.MaxCapacity,
		}
	}
	return request
}

// backupTag has AWS Backup select a resource: a copy is not backed up.
const backupTag = "Backup"

// ownTags are the tags that a copy takes from its source: the platform's, without those that AWS sets itself.
func ownTags(of []types.Tag) []types.Tag {
	var tags []types.Tag
	for _, tag := range of {
		if key := aws.ToString(tag.Key); key != backupTag && key != restore.TimeTag && (len(key) < 4 || key[:4] != "aws:") {
			tags = append(tags, tag)
		}
	}
	return tags
}

// AddInstance implements restore.Database: with the class of the source's first instance.
func (d RestoreDatabase) AddInstance(ctx context.Context, source, cluster, instance string) error {
	described, err := d.reader.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{
		Filters: []types.Filter{{Name: aws.String("db-cluster-id"), Values: []string{source}}},
	})
	if err != nil {
		return asRefusal(err)
	}
	for _, one := range described.DBInstances {
		if aws.ToString(one.DBClusterIdentifier) != source {
			continue
		}
		_, err := d.api.CreateDBInstance(ctx, &rds.CreateDBInstanceInput{
			DBInstanceIdentifier: aws.String(instance), DBClusterIdentifier: aws.String(cluster), Engine: one.Engine,
			DBInstanceClass: one.DBInstanceClass, AutoMinorVersionUpgrade: aws.Bool(false), PubliclyAccessible: aws.Bool(false),
			CACertificateIdentifier: one.CACertificateIdentifier, Tags: ownTags(one.TagList),
		})
		return asRefusal(err)
	}
	return fmt.Errorf("reading the class of the instances of DB cluster %s: it has none", source)
}

// RemoveInstance implements restore.Database.
func (d RestoreDatabase) RemoveInstance(ctx context.Context, instance string) error {
	_, err := d.api.DeleteDBInstance(ctx, &rds.DeleteDBInstanceInput{DBInstanceIdentifier: aws.String(instance)})
	if missing := new(types.DBInstanceNotFoundFault); errors.As(err, &missing) {
		return nil
	}
	return asRefusal(err)
}

// Remove implements restore.Database. The copy goes with its backups, without a final snapshot.
func (d RestoreDatabase) Remove(ctx context.Context, cluster string) error {
	_, err := d.api.DeleteDBCluster(
		ctx,
		&rds.DeleteDBClusterInput{DBClusterIdentifier: aws.String(cluster), SkipFinalSnapshot: aws.Bool(true)},
	)
	if missing := new(types.DBClusterNotFoundFault); errors.As(err, &missing) {
		return fmt.Errorf("removing DB cluster %s: %w", cluster, globaldb.ErrNotFound)
	}
	return asRefusal(err)
}
