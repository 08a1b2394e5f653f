package awsclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/reconciliation"
	"warmstandby/shared/contract/controller"
	"warmstandby/shared/naming"
)

// rdsRestoreAPI is the part of RDS's API that restores a snapshot beside the running clusters, and deletes what was restored.
type rdsRestoreAPI interface {
	DescribeDBClusterSnapshots(
		context.Context, *rds.DescribeDBClusterSnapshotsInput, ...func(*rds.Options),
	) (*rds.DescribeDBClusterSnapshotsOutput, error)
	RestoreDBClusterFromSnapshot(
		context.Context, *rds.RestoreDBClusterFromSnapshotInput, ...func(*rds.Options),
	) (*rds.RestoreDBClusterFromSnapshotOutput, error)
	CreateDBInstance(context.Context, *rds.CreateDBInstanceInput, ...func(*rds.Options)) (*rds.CreateDBInstanceOutput, error)
	DeleteDBInstance(context.Context, *rds.DeleteDBInstanceInput, ...func(*rds.Options)) (*rds.DeleteDBInstanceOutput, error)
	DeleteDBCluster(context.Context, *rds.DeleteDBClusterInput, ...func(*rds.Options)) (*rds.DeleteDBClusterOutput, error)
}

// SnapshotRestorer is RDS in the region of a snapshot.
type SnapshotRestorer struct {
	databases Databases
	api       rdsRestoreAPI
}

const (
	// snapshotTag is the tag of a restored cluster that names its snapshot.
	snapshotTag = "Snapshot"
	// serverless is the class of a Serverless v2 instance, as all of the platform are.
	serverless = "db.serverless"
	// snapshotPages bounds how many pages of snapshots are read, of a hundred each (Amazon RDS API Reference, MaxRecords).
	snapshotPages = 10
)

// Snapshots implements reconciliation.Databases.
func (r SnapshotRestorer) Snapshots(ctx context.Context, cluster, name string) ([]reconciliation.Snapshot, error) {
	query := &rds.DescribeDBClusterSnapshotsInput{DBClusterIdentifier: aws.String(cluster)}
	if name != "" {
		query = &rds.DescribeDBClusterSnapshotsInput{DBClusterSnapshotIdentifier: aws.String(name)}
	}
	var all []reconciliation.Snapshot
	for range snapshotPages {
		page, err := r.api.DescribeDBClusterSnapshots(ctx, query)
		if missing := new(types.DBClusterSnapshotNotFoundFault); errors.As(err, &missing) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("describing the snapshots of DB cluster %s: %w", cluster, err)
		}
		for _, one := range page.DBClusterSnapshots {
			all = append(all, reconciliation.Snapshot{
				Name: aws.ToString(one.DBClusterSnapshotIdentifier), Cluster: aws.ToString(one.DBClusterIdentifier),
				Status: aws.ToString(one.Status), Created: aws.ToTime(one.SnapshotCreateTime),
			})
		}
		if query.Marker = page.Marker; aws.ToString(page.Marker) == "" {
			return all, nil
		}
	}
	return nil, fmt.Errorf("describing the snapshots of DB cluster %s: there are more than %d pages of them; name one", cluster, snapshotPages)
}

// Restored implements reconciliation.Databases.
func (r SnapshotRestorer) Restored(ctx context.Context, identifier string) (reconciliation.RestoredCluster, bool, error) {
	of, err := r.databases.describe(ctx, identifier)
	if errors.Is(err, globaldb.ErrNotFound) {
		return reconciliation.RestoredCluster{}, false, nil
	}
	if err != nil {
		return reconciliation.RestoredCluster{}, false, err
	}
	cluster, err := r.databases.Cluster(ctx, identifier)
	if err != nil {
		return reconciliation.RestoredCluster{}, false, err
	}
	restored := reconciliation.RestoredCluster{
		Identifier: identifier, Status: cluster.Status, Host: aws.ToString(of.Endpoint), Port: aws.ToInt32(of.Port),
	}
	for _, one := range cluster.Instances {
		restored.Instance = one.Status
	}
	for _, tag := range of.TagList {
		if aws.ToString(tag.Key) == snapshotTag {
			restored.Snapshot = aws.ToString(tag.Value)
		}
	}
	return restored, true, nil
}

// Restore implements reconciliation.Databases. A restored cluster has the default network and groups unless the request names others
// (Amazon RDS API Reference, RestoreDBClusterFromSnapshot). The tag Backup is left out: the copy is not backed up.
func (r SnapshotRestorer) Restore(ctx context.Context, snapshot reconciliation.Snapshot, identifier, like string) error {
	of, err := r.databases.describe(ctx, like)
	if err != nil {
		return err
	}
	request := &rds.RestoreDBClusterFromSnapshotInput{
		DBClusterIdentifier: aws.String(identifier), SnapshotIdentifier: aws.String(snapshot.Name), Engine: of.Engine,
		DBSubnetGroupName: of.DBSubnetGroup, DBClusterParameterGroupName: of.DBClusterParameterGroup,
		Tags: []types.Tag{{Key: aws.String(snapshotTag), Value: aws.String(snapshot.Name)}},
	}
	for _, group := range of.VpcSecurityGroups {
		request.VpcSecurityGroupIds = append(request.VpcSecurityGroupIds, aws.ToString(group.VpcSecurityGroupId))
	}
	if scaling := of.ServerlessV2ScalingConfiguration; scaling != nil {
		request.ServerlessV2ScalingConfiguration = &types.ServerlessV2ScalingConfiguration{
			MinCapacity: scaling.MinCapacity, MaxCapacity: scaling.MaxCapacity,
		}
	}
	for _, tag := range of.TagList {
		switch aws.ToString(tag.Key) {
		case naming.TagEnvironment, naming.TagRegion, naming.TagRole:
			request.Tags = append(request.Tags, tag)
		}
	}
	if _, err := r.api.RestoreDBClusterFromSnapshot(ctx, request); err != nil {
		return fmt.Errorf("restoring snapshot %s to DB cluster %s: %w", snapshot.Name, identifier, asRefusal(err))
	}
	return nil
}

// instanceOf is the identifier of a restored cluster's instance.
func instanceOf(cluster string) string { return "instance-" + strings.TrimPrefix(cluster, "aurora-") }

// AddInstance implements reconciliation.Databases.
func (r SnapshotRestorer) AddInstance(ctx context.Context, identifier string) error {
	of, err := r.databases.describe(ctx, identifier)
	if err != nil {
		return err
	}
	_, err = r.api.CreateDBInstance(ctx, &rds.CreateDBInstanceInput{
		DBInstanceIdentifier: aws.String(instanceOf(identifier)), DBClusterIdentifier: aws.String(identifier), Engine: of.Engine,
		DBInstanceClass: aws.String(serverless), PubliclyAccessible: aws.Bool(false), Tags: of.TagList,
	})
	if err != nil {
		return fmt.Errorf("adding an instance to DB cluster %s: %w", identifier, asRefusal(err))
	}
	return nil
}

// Delete implements reconciliation.Databases. A cluster may be deleted once its instances are being deleted. It has no final snapshot:
// it is a copy of one.
func (r SnapshotRestorer) Delete(ctx context.Context, restored reconciliation.RestoredCluster) error {
	_, err := r.api.DeleteDBInstance(ctx, &rds.DeleteDBInstanceInput{
		DBInstanceIdentifier: aws.String(instanceOf(restored.Identifier)), SkipFinalSnapshot: aws.Bool(true),
	})
	if missing := new(types.DBInstanceNotFoundFault); err != nil && !errors.As(err, &missing) {
		return fmt.Errorf("deleting the instance of DB cluster %s: %w", restored.Identifier, asRefusal(err))
	}
	_, err = r.api.DeleteDBCluster(ctx, &rds.DeleteDBClusterInput{
		DBClusterIdentifier: aws.String(restored.Identifier), SkipFinalSnapshot: aws.Bool(true),
	})
	if err != nil {
		return fmt.Errorf("deleting DB cluster %s: %w", restored.Identifier, asRefusal(err))
	}
	return nil
}

// Reconcile implements reconciliation.Application.
func (a Application) Reconcile(ctx context.Context, step reconciliation.Step) (result reconciliation.StepResult, err error) {
	err = a.call(ctx, step, &result)
	return result, err
}

// Report implements reconciliation.Application.
func (a Application) Report(ctx context.Context, query reconciliation.ReportQuery) (page reconciliation.Page, err error) {
	err = a.call(ctx, query, &page)
	return page, err
}

// call invokes the function with a task.
func (a Application) call(ctx context.Context, event, answer any) error {
	payload, err := json.Marshal(event)
	if err != nil {
		return fmt.Errorf("encoding the event of function %s: %w", a.function, err)
	}
	got, err := a.invoker.Invoke(ctx, &lambda.InvokeInput{FunctionName: aws.String(a.function), Payload: payload})
	if err != nil {
		return fmt.Errorf("invoking function %s: %w", a.function, err)
	}
	if got.FunctionError != nil {
		var failure struct {
			Message string `json:"errorMessage"`
		}
		if json.Unmarshal(got.Payload, &failure) != nil || failure.Message == "" {
			failure.Message = string(got.Payload)
		}
		return fmt.Errorf("function %s fails: %s", a.function, failure.Message)
	}
	if err := json.Unmarshal(got.Payload, answer); err != nil {
		return fmt.Errorf("reading the answer of function %s, %q: %w", a.function, got.Payload, err)
	}
	return nil
}

// applicationPurpose is the purpose in the names of the application's functions.
const applicationPurpose = "app"

// functionIn returns the name of the application's function in a region. The configuration has that of the standby region; the primary
// region's differs by its role.
func functionIn(c controller.Config, region string) (string, error) {
	if region == c.StandbyRegion {
		return c.StandbyFunction, nil
	}
	namer, err := naming.New(c.Environment)
	if err != nil {
		return "", err
	}
	return namer.Name(naming.Function, applicationPurpose, string(naming.Primary))
}

// Reconciliation returns RDS of a region and the application's function there, as package reconciliation needs them.
func (a Account) Reconciliation(c controller.Config, region string) (SnapshotRestorer, Application, error) {
	function, err := functionIn(c, region)
	if err != nil {
		return SnapshotRestorer{}, Application{}, err
	}
	client := rds.NewFromConfig(slowCall.configFor(a.base, region))
	return SnapshotRestorer{Databases{identifier: c.GlobalCluster, reader: client, writer: client}, client},
		Application{lambda.NewFromConfig(slowCall.configFor(a.base, region)), function}, nil
}
