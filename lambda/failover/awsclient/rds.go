package awsclient

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/globaldb"
)

// rdsReadAPI is the part of RDS's API that reads.
type rdsReadAPI interface {
	DescribeGlobalClusters(context.Context, *rds.DescribeGlobalClustersInput, ...func(*rds.Options)) (*rds.DescribeGlobalClustersOutput, error)
	DescribeDBClusters(context.Context, *rds.DescribeDBClustersInput, ...func(*rds.Options)) (*rds.DescribeDBClustersOutput, error)
	DescribeDBClusterParameters(
		context.Context,
		*rds.DescribeDBClusterParametersInput,
		...func(*rds.Options),
	) (*rds.DescribeDBClusterParametersOutput, error)
	DescribeDBInstances(context.Context, *rds.DescribeDBInstancesInput, ...func(*rds.Options)) (*rds.DescribeDBInstancesOutput, error)
}

// rdsWriteAPI is the part of RDS's API that changes.
type rdsWriteAPI interface {
	FailoverGlobalCluster(context.Context, *rds.FailoverGlobalClusterInput, ...func(*rds.Options)) (*rds.FailoverGlobalClusterOutput, error)
	SwitchoverGlobalCluster(
		context.Context,
		*rds.SwitchoverGlobalClusterInput,
		...func(*rds.Options),
	) (*rds.SwitchoverGlobalClusterOutput, error)
	RemoveFromGlobalCluster(
		context.Context,
		*rds.RemoveFromGlobalClusterInput,
		...func(*rds.Options),
	) (*rds.RemoveFromGlobalClusterOutput, error)
}

// Databases is RDS in one region, for one global database.
type Databases struct {
	identifier string // the global cluster's
	reader     rdsReadAPI
	writer     rdsWriteAPI
	// primaryWriter is RDS in the primary region, nil in the primary region's own Databases.
	primaryWriter rdsWriteAPI
}

// Global implements observe.Databases and move.Database. The error wraps globaldb.ErrNotFound when there is none.
func (d Databases) Global(ctx context.Context) (globaldb.Global, error) {
	described, err := d.reader.DescribeGlobalClusters(ctx, &rds.DescribeGlobalClustersInput{GlobalClusterIdentifier: aws.String(d.identifier)})
	if missing := new(types.GlobalClusterNotFoundFault); errors.As(err, &missing) || err == nil && len(described.GlobalClusters) == 0 {
		err = globaldb.ErrNotFound
	}
	if err != nil {
		return globaldb.Global{}, fmt.Errorf("describing global cluster %s: %w", d.identifier, err)
	}
	return toGlobal(described.GlobalClusters[0]), nil
}

// movingStatuses are the statuses of a global cluster whose writer is being moved.
var movingStatuses = []string{"failing-over", "switching-over"}

func toGlobal(from types.GlobalCluster) globaldb.Global {
	status := aws.ToString(from.Status)
	g := globaldb.Global{
		Status: status, EngineVersion: aws.ToString(from.EngineVersion),
		// The status says it before and after the state does (Amazon RDS API Reference, GlobalCluster and FailoverState).
		Moving: slices.Contains(movingStatuses, status),
	}
	if state := from.FailoverState; state != nil && state.Status != "" {
		g.Moving, g.MovingTo = true, aws.ToString(state.ToDbClusterArn)
	}
	for _, member := range from.GlobalClusterMembers {
		g.Members = append(g.Members, globaldb.Member{
			ARN: aws.ToString(member.DBClusterArn), Writer: aws.ToBool(member.IsWriter),
			Connected: member.SynchronizationStatus == types.GlobalClusterMemberSynchronizationStatusConnected,
		})
	}
	return g
}

// describe returns a DB cluster, as RDS describes it. The error wraps globaldb.ErrNotFound when there is none.
func (d Databases) describe(ctx context.Context, identifier string) (types.DBCluster, error) {
	described, err := d.reader.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{DBClusterIdentifier: aws.String(identifier)})
	if missing := new(types.DBClusterNotFoundFault); errors.As(err, &missing) || err == nil && len(described.DBClusters) == 0 {
		err = globaldb.ErrNotFound
	}
	if err != nil {
		return types.DBCluster{}, fmt.Errorf("describing DB cluster %s: %w", identifier, err)
	}
	return described.DBClusters[0], nil
}

// Cluster implements observe.Databases. The error wraps globaldb.ErrNotFound when there is none.
func (d Databases) Cluster(ctx context.Context, identifier string) (globaldb.Cluster, error) {
	of, err := d.describe(ctx, identifier)
	if err != nil {
		return globaldb.Cluster{}, err
	}
	instances, err := d.reader.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{
		Filters: []types.Filter{{Name: aws.String("db-cluster-id"), Values: []string{identifier}}},
	})
	if err != nil {
		return globaldb.Cluster{}, fmt.Errorf("describing the instances of DB cluster %s: %w", identifier, err)
	}
	cluster := globaldb.Cluster{
		Identifier: aws.ToString(of.DBClusterIdentifier), Status: aws.ToString(of.Status), EngineVersion: aws.ToString(of.EngineVersion),
	}
	if scaling := of.ServerlessV2ScalingConfiguration; scaling != nil {
		cluster.MaxCapacity = aws.ToFloat64(scaling.MaxCapacity)
	}
	for _, one := range instances.DBInstances {
		if aws.ToString(one.DBClusterIdentifier) == identifier {
			cluster.Instances = append(cluster.Instances, globaldb.Instance{
				Identifier: aws.ToString(one.DBInstanceIdentifier), Status: aws.ToString(one.DBInstanceStatus),
			})
		}
	}
	return cluster, nil
}

// parameterPages bounds how many pages of set parameters are read, of a hundred each: a group has fewer than 500 parameters.
const parameterPages = 5

// setByUser are the parameters that a group sets itself, in the API's word (Amazon RDS API Reference, DescribeDBClusterParameters,
// Source).
const setByUser = "user"

// CommitLimit implements observe.Databases. The error wraps globaldb.ErrNotFound when there is no such cluster.
func (d Databases) CommitLimit(ctx context.Context, identifier string) (globaldb.CommitLimit, error) {
	of, err := d.describe(ctx, identifier)
	if err != nil {
		return globaldb.CommitLimit{}, err
	}
	limit := globaldb.CommitLimit{Group: aws.ToString(of.DBClusterParameterGroup)}
	question := &rds.DescribeDBClusterParametersInput{DBClusterParameterGroupName: aws.String(limit.Group), Source: aws.String(setByUser)}
	for range parameterPages {
		page, err := d.reader.DescribeDBClusterParameters(ctx, question)
		if err != nil {
			return globaldb.CommitLimit{}, fmt.Errorf("reading %s of cluster parameter group %s: %w", globaldb.RPOParameter, limit.Group, err)
		}
		for _, one := range page.Parameters {
			if aws.ToString(one.ParameterName) == globaldb.RPOParameter {
				limit.Value = aws.ToString(one.ParameterValue)
				return limit, nil
			}
		}
		if question.Marker = page.Marker; aws.ToString(page.Marker) == "" {
			return limit, nil
		}
	}
	return globaldb.CommitLimit{}, fmt.Errorf("reading %s of cluster parameter group %s: it sets more than %d pages of parameters",
		globaldb.RPOParameter, limit.Group, parameterPages)
}

// Move implements move.Database. Both moves are requested in the standby region, so that neither depends on the primary. AWS
// documents a switchover as requested in the writer's region: if the standby region declines it, it is requested there, once
// (Amazon Aurora User Guide, "Performing switchovers for Amazon Aurora global databases", --region).
func (d Databases) Move(ctx context.Context, action decision.Action, target string) error {
	switch action {
	case decision.Failover:
		_, err := d.writer.FailoverGlobalCluster(ctx, &rds.FailoverGlobalClusterInput{
			GlobalClusterIdentifier: aws.String(d.identifier), TargetDbClusterIdentifier: aws.String(target), AllowDataLoss: aws.Bool(true),
		})
		return asRefusal(err)
	case decision.Switchover:
		request := &rds.SwitchoverGlobalClusterInput{
			GlobalClusterIdentifier: aws.String(d.identifier), TargetDbClusterIdentifier: aws.String(target),
		}
		_, err := d.writer.SwitchoverGlobalCluster(ctx, request)
		if _, declined := apiRefusal(err); !declined || d.primaryWriter == nil {
			return asRefusal(err)
		}
		_, primaryErr := d.primaryWriter.SwitchoverGlobalCluster(ctx, request)
		if primaryErr == nil {
			return nil
		}
		if _, declined := apiRefusal(primaryErr); !declined {
			// The refusal is text only. Wrapped, it would say that nothing happens, but the primary region may have accepted.
			return fmt.Errorf("asking for the switchover in the primary region, after the standby region's answer %q: %w",
				asRefusal(err).Error(), primaryErr)
		}
		return asRefusal(err)
	}
	return fmt.Errorf("moving the writer: %q moves nothing", action)
}

// Detach implements cli.Detacher. RDS detaches the writer last.
func (d Databases) Detach(ctx context.Context, arn string) error {
	_, err := d.writer.RemoveFromGlobalCluster(ctx, &rds.RemoveFromGlobalClusterInput{
		GlobalClusterIdentifier: aws.String(d.identifier), DbClusterIdentifier: aws.String(arn),
	})
	return asRefusal(err)
}

func asRefusal(err error) error {
	if reason, declined := apiRefusal(err); declined {
		return globaldb.Refusal{Code: reason.ErrorCode(), Message: reason.ErrorMessage()}
	}
	return err
}
