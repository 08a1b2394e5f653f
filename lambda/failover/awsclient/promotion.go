package awsclient

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/promotion"
	"warmstandby/shared/contract/controller"
	"warmstandby/shared/naming"
)

// rdsPromotionAPI is the part of RDS's API that replaces the clusters of a global database.
type rdsPromotionAPI interface {
	rdsPointInTimeAPI
	DescribeDBClusterSnapshots(
		context.Context, *rds.DescribeDBClusterSnapshotsInput, ...func(*rds.Options),
	) (*rds.DescribeDBClusterSnapshotsOutput, error)
	CreateDBClusterSnapshot(
		context.Context, *rds.CreateDBClusterSnapshotInput, ...func(*rds.Options),
	) (*rds.CreateDBClusterSnapshotOutput, error)
	ModifyDBCluster(context.Context, *rds.ModifyDBClusterInput, ...func(*rds.Options)) (*rds.ModifyDBClusterOutput, error)
	RemoveFromGlobalCluster(
		context.Context, *rds.RemoveFromGlobalClusterInput, ...func(*rds.Options),
	) (*rds.RemoveFromGlobalClusterOutput, error)
	ModifyGlobalCluster(context.Context, *rds.ModifyGlobalClusterInput, ...func(*rds.Options)) (*rds.ModifyGlobalClusterOutput, error)
	DeleteGlobalCluster(context.Context, *rds.DeleteGlobalClusterInput, ...func(*rds.Options)) (*rds.DeleteGlobalClusterOutput, error)
	CreateGlobalCluster(context.Context, *rds.CreateGlobalClusterInput, ...func(*rds.Options)) (*rds.CreateGlobalClusterOutput, error)
}

// PromotionDatabase is RDS of one region, for a promotion. It implements promotion.Database.
type PromotionDatabase struct {
	RestoreDatabase
	promoting rdsPromotionAPI
}

// Describe implements promotion.Database.
func (d PromotionDatabase) Describe(ctx context.Context, cluster string) (promotion.Cluster, error) {
	described, err := d.RestoreDatabase.Describe(ctx, cluster)
	if err != nil {
		return promotion.Cluster{}, err
	}
	of, err := Databases{reader: d.reader}.describe(ctx, cluster)
	if err != nil {
		return promotion.Cluster{}, asRefusal(err)
	}
	return promotion.Cluster{Cluster: described, Created: aws.ToTime(of.ClusterCreateTime)}, nil
}

// Snapshot implements promotion.Database.
func (d PromotionDatabase) Snapshot(ctx context.Context, name string) (promotion.Snapshot, error) {
	described, err := d.promoting.DescribeDBClusterSnapshots(ctx, &rds.DescribeDBClusterSnapshotsInput{
		DBClusterSnapshotIdentifier: aws.String(name),
	})
	if missing := new(types.DBClusterSnapshotNotFoundFault); errors.As(err, &missing) || err == nil && len(described.DBClusterSnapshots) == 0 {
		return promotion.Snapshot{}, fmt.Errorf("describing snapshot %s: %w", name, globaldb.ErrNotFound)
	}
	if err != nil {
		return promotion.Snapshot{}, fmt.Errorf("describing snapshot %s: %w", name, asRefusal(err))
	}
	found := described.DBClusterSnapshots[0]
	return promotion.Snapshot{Status: aws.ToString(found.Status), Created: aws.ToTime(found.SnapshotCreateTime)}, nil
}

// TakeSnapshot implements promotion.Database. The snapshot has the tags of its cluster.
func (d PromotionDatabase) TakeSnapshot(ctx context.Context, cluster, name string) error {
	of, err := Databases{reader: d.reader}.describe(ctx, cluster)
	if err != nil {
		return asRefusal(err)
	}
	_, err = d.promoting.CreateDBClusterSnapshot(ctx, &rds.CreateDBClusterSnapshotInput{
		DBClusterIdentifier: aws.String(cluster), DBClusterSnapshotIdentifier: aws.String(name), Tags: ownTags(of.TagList),
	})
	return asRefusal(err)
}

// Clone implements promotion.Database. A copy-on-write clone has its source's newest data after minutes, whatever its size (Amazon Aurora
// User Guide, "Cloning a volume for an Amazon Aurora DB cluster"). It is backed up, as the stacks' own.
func (d PromotionDatabase) Clone(ctx context.Context, source, cluster string) error {
	of, err := Databases{reader: d.reader}.describe(ctx, source)
	if err != nil {
		return asRefusal(err)
	}
	request := restoreRequest(of, source, cluster)
	request.RestoreType, request.UseLatestRestorableTime = aws.String("copy-on-write"), aws.Bool(true)
	request.Tags = append(request.Tags, types.Tag{Key: aws.String(backupTag), Value: aws.String(naming.BackupWanted)})
	_, err = d.api.RestoreDBClusterToPointInTime(ctx, request)
	return asRefusal(err)
}

// Remove implements promotion.Database: the protection of the cluster is taken off first.
func (d PromotionDatabase) Remove(ctx context.Context, cluster string) error {
	_, err := d.promoting.ModifyDBCluster(ctx, &rds.ModifyDBClusterInput{
		DBClusterIdentifier: aws.String(cluster), DeletionProtection: aws.Bool(false), ApplyImmediately: aws.Bool(true),
	})
	if missing := new(types.DBClusterNotFoundFault); errors.As(err, &missing) {
		return fmt.Errorf("removing DB cluster %s: %w", cluster, globaldb.ErrNotFound)
	}
	if err != nil {
		return asRefusal(err)
	}
	return d.RestoreDatabase.Remove(ctx, cluster)
}

// PromotionGlobals is the global database, by RDS of the primary region. It implements promotion.Globals.
type PromotionGlobals struct {
	Databases
	promoting rdsPromotionAPI
}

// Detach implements promotion.Globals.
func (g PromotionGlobals) Detach(ctx context.Context, arn string) error {
	_, err := g.promoting.RemoveFromGlobalCluster(ctx, &rds.RemoveFromGlobalClusterInput{
		GlobalClusterIdentifier: aws.String(g.identifier), DbClusterIdentifier: aws.String(arn),
	})
	if err != nil {
		return fmt.Errorf("detaching %s: %w", arn, asRefusal(err))
	}
	return nil
}

// Delete implements promotion.Globals.
func (g PromotionGlobals) Delete(ctx context.Context) error {
	_, err := g.promoting.ModifyGlobalCluster(ctx, &rds.ModifyGlobalClusterInput{
		GlobalClusterIdentifier: aws.String(g.identifier), DeletionProtection: aws.Bool(false),
	})
	if err == nil {
		_, err = g.promoting.DeleteGlobalCluster(ctx, &rds.DeleteGlobalClusterInput{GlobalClusterIdentifier: aws.String(g.identifier)})
	}
	if missing := new(types.GlobalClusterNotFoundFault); errors.As(err, &missing) {
		return fmt.Errorf("deleting global cluster %s: %w", g.identifier, globaldb.ErrNotFound)
	}
	if err != nil {
		return fmt.Errorf("deleting global cluster %s: %w", g.identifier, asRefusal(err))
	}
	return nil
}

// Create implements promotion.Globals. Engine, version and encryption are the primary's (Amazon RDS API Reference, CreateGlobalCluster,
// SourceDBClusterIdentifier).
func (g PromotionGlobals) Create(ctx context.Context, primaryARN string) error {
	_, err := g.promoting.CreateGlobalCluster(ctx, &rds.CreateGlobalClusterInput{
		GlobalClusterIdentifier: aws.String(g.identifier), SourceDBClusterIdentifier: aws.String(primaryARN),
	})
	if err != nil {
		return fmt.Errorf("making global cluster %s: %w", g.identifier, asRefusal(err))
	}
	return nil
}

// Promotion returns a promotion with AWS's clients; what the controller's mode says is the caller's.
func (a Account) Promotion(c controller.Config) promotion.Promotion {
	databases := func(region string) PromotionDatabase {
		return PromotionDatabase{a.RestoreDatabase(region), rds.NewFromConfig(longCall.configFor(a.base, region))}
	}
	primary := databases(c.PrimaryRegion)
	return promotion.Promotion{
		Primary: primary, Standby: databases(c.StandbyRegion),
		Globals:     PromotionGlobals{Databases{identifier: c.GlobalCluster, reader: primary.reader}, primary.promoting},
		Environment: c.Environment, PrimaryCluster: c.PrimaryCluster, StandbyCluster: c.StandbyCluster,
		PrimaryClusterARN: c.PrimaryClusterARN, StandbyClusterARN: c.StandbyClusterARN,
	}
}
