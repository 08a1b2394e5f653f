package awsclient

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/restore"
)

// fakeRestoreRDS records what it is asked to make and to remove.
type fakeRestoreRDS struct {
	fakeRDS
	requests []any
	refusal  error
}

func (f *fakeRestoreRDS) RestoreDBClusterToPointInTime(
	_ context.Context, in *rds.RestoreDBClusterToPointInTimeInput, _ ...func(*rds.Options),
) (*rds.RestoreDBClusterToPointInTimeOutput, error) {
	f.requests = append(f.requests, *in)
	return nil, f.refusal
}

func (f *fakeRestoreRDS) CreateDBInstance(
	_ context.Context, in *rds.CreateDBInstanceInput, _ ...func(*rds.Options),
) (*rds.CreateDBInstanceOutput, error) {
	f.requests = append(f.requests, *in)
	return nil, f.refusal
}

func (f *fakeRestoreRDS) DeleteDBInstance(
	_ context.Context, in *rds.DeleteDBInstanceInput, _ ...func(*rds.Options),
) (*rds.DeleteDBInstanceOutput, error) {
	f.requests = append(f.requests, *in)
	return nil, f.refusal
}

func (f *fakeRestoreRDS) DeleteDBCluster(
	_ context.Context, in *rds.DeleteDBClusterInput, _ ...func(*rds.Options),
) (*rds.DeleteDBClusterOutput, error) {
	f.requests = append(f.requests, *in)
	return nil, f.refusal
}

func tagged(key, value string) types.Tag {
	return types.Tag{Key: aws.String(key), Value: aws.String(value)}
}

// platformCluster is a cluster as data-global makes it.
func platformCluster() types.DBCluster {
	return types.DBCluster{
		DBClusterIdentifier: aws.String("records"), Status: aws.String("available"), Endpoint: aws.String("host"), Port: aws.Int32(5432),
		DBSubnetGroup: aws.String("subnets"), DBClusterParameterGroup: aws.String("group"), KmsKeyId: aws.String("key"),
		EnabledCloudwatchLogsExports: []string{"postgresql"}, CopyTagsToSnapshot: aws.Bool(true),
		VpcSecurityGroups:                []types.VpcSecurityGroupMembership{{VpcSecurityGroupId: aws.String("sg")}},
		ServerlessV2ScalingConfiguration: &types.ServerlessV2ScalingConfigurationInfo{MinCapacity: aws.Float64(0.5), MaxCapacity: aws.Float64(4)},
		TagList:                          []types.Tag{tagged("Environment", "prod"), tagged("Backup", "true"), tagged("aws:cloudformation", "x")},
		EarliestRestorableTime:           aws.Time(time.Unix(100, 0)), LatestRestorableTime: aws.Time(time.Unix(200, 0)),
	}
}

func restoring() (*fakeRestoreRDS, RestoreDatabase) {
	fake := &fakeRestoreRDS{}
	fake.clusters = []types.DBCluster{platformCluster()}
	fake.instances = []types.DBInstance{
		{DBInstanceIdentifier: aws.String("other-1"), DBClusterIdentifier: aws.String("other"), DBInstanceClass: aws.String("db.r7g.large")},
		{
			DBInstanceIdentifier: aws.String("records-1"), DBClusterIdentifier: aws.String("records"), DBInstanceClass: aws.String("db.serverless"),
			Engine: aws.String("aurora-postgresql"), TagList: []types.Tag{tagged("Environment", "prod")},
		},
	}
	return fake, RestoreDatabase{&fake.fakeRDS, fake}
}

func TestARestoreHasTheNetworkGroupsAndTagsOfItsSource(t *testing.T) {
	fake, database := restoring()
	at := time.Date(2026, 3, 1, 12, 2, 0, 0, time.UTC)
	if err := database.Restore(t.Context(), "records", "restored", at); err != nil {
		t.Fatal(err)
	}
	want := rds.RestoreDBClusterToPointInTimeInput{
		SourceDBClusterIdentifier: aws.String("records"), DBClusterIdentifier: aws.String("restored"), RestoreToTime: aws.Time(at),
		DBSubnetGroupName: aws.String("subnets"), DBClusterParameterGroupName: aws.String("group"), KmsKeyId: aws.String("key"),
		EnableCloudwatchLogsExports: []string{"postgresql"}, CopyTagsToSnapshot: aws.Bool(true), DeletionProtection: aws.Bool(false),
		VpcSecurityGroupIds:              []string{"sg"},
		ServerlessV2ScalingConfiguration: &types.ServerlessV2ScalingConfiguration{MinCapacity: aws.Float64(0.5), MaxCapacity: aws.Float64(4)},
		Tags:                             []types.Tag{tagged("Environment", "prod"), tagged(restore.TimeTag, "2026-03-01T12:02:00Z")},
	}
	if len(fake.requests) != 1 || !reflect.DeepEqual(fake.requests[0], want) {
		t.Errorf("RDS was asked for %+v, want %+v", fake.requests, want)
	}
}

// A restored cluster is described with its time and its source's window.
func TestDescribeRestoredCluster(t *testing.T) {
	fake, database := restoring()
	fake.clusters[0].TagList = append(fake.clusters[0].TagList, tagged(restore.TimeTag, "then"))
	got, err := database.Describe(t.Context(), "records")
	if err != nil {
		t.Fatal(err)
	}
	if got.RestoredTo != "then" || got.Endpoint != "host:5432" || got.Status != "available" || len(got.Instances) != 1 ||
		!got.Earliest.Equal(time.Unix(100, 0)) || !got.Latest.Equal(time.Unix(200, 0)) || got.Latest.Location() != time.UTC {
		t.Errorf("it is described as %+v", got)
	}
	fake.clusters = nil
	if _, err := database.Describe(t.Context(), "records"); !errors.Is(err, globaldb.ErrNotFound) {
		t.Errorf("a cluster that does not exist: %v", err)
	}
}

func TestAnInstanceOfARestoredClusterIsAsItsSources(t *testing.T) {
	fake, database := restoring()
	if err := database.AddInstance(t.Context(), "records", "restored", "restored-1"); err != nil {
		t.Fatal(err)
	}
	made, ok := fake.requests[0].(rds.CreateDBInstanceInput)
	if !ok || aws.ToString(made.DBInstanceClass) != "db.serverless" || aws.ToString(made.DBClusterIdentifier) != "restored" ||
		aws.ToBool(made.PubliclyAccessible) || aws.ToBool(made.AutoMinorVersionUpgrade) || len(made.Tags) != 1 {
		t.Errorf("RDS was asked for %+v", fake.requests)
	}
	if err := database.AddInstance(t.Context(), "headless", "restored", "restored-1"); err == nil {
		t.Error("a source without an instance has no class, and no error is returned")
	}
}

func TestRemovingARestoredCluster(t *testing.T) {
	fake, database := restoring()
	if err := errors.Join(database.RemoveInstance(t.Context(), "restored-1"), database.Remove(t.Context(), "restored")); err != nil {
		t.Fatal(err)
	}
	if removed, ok := fake.requests[1].(rds.DeleteDBClusterInput); !ok || !aws.ToBool(removed.SkipFinalSnapshot) {
		t.Errorf("RDS was asked for %+v, want no final snapshot of a copy", fake.requests)
	}
	fake.refusal = &types.DBInstanceNotFoundFault{}
	if err := database.RemoveInstance(t.Context(), "gone"); err != nil {
		t.Errorf("an instance that is gone already: %v", err)
	}
	fake.refusal = &types.DBClusterNotFoundFault{}
	if err := database.Remove(t.Context(), "gone"); !errors.Is(err, globaldb.ErrNotFound) {
		t.Errorf("a cluster that is gone already: %v", err)
	}
	fake.refusal = answered(403, "AccessDenied")
	for name, err := range map[string]error{
		"Restore": database.Restore(t.Context(), "records", "r", time.Time{}), "AddInstance": database.AddInstance(t.Context(), "records", "r",
			"i"),
		"RemoveInstance": database.RemoveInstance(t.Context(), "i"), "Remove": database.Remove(t.Context(), "r"),
	} {
		if refusal := (globaldb.Refusal{}); !errors.As(err, &refusal) || refusal.Code != "AccessDenied" {
			t.Errorf("%s without the rights: %v, want a refusal", name, err)
		}
	}
}
