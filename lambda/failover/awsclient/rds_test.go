package awsclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/globaldb"
)

// answered is an error as the SDK returns it for an answer with a status.
func answered(status int, code string) error {
	return &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}},
		Err:      &smithy.GenericAPIError{Code: code, Message: "because"},
	}
}

// fakeRDS returns preset responses and records requests.
type fakeRDS struct {
	global    types.GlobalCluster
	clusters  []types.DBCluster
	instances []types.DBInstance
	// parameters are those that a group sets, by page.
	parameters [][]types.Parameter
	err        error
	moved      []any
}

func (f *fakeRDS) DescribeDBClusterParameters(
	_ context.Context,
	in *rds.DescribeDBClusterParametersInput,
	_ ...func(*rds.Options),
) (*rds.DescribeDBClusterParametersOutput, error) {
	if f.err != nil || aws.ToString(in.DBClusterParameterGroupName) != "group-west" || aws.ToString(in.Source) != "user" {
		return nil, errors.Join(f.err, fmt.Errorf("asked for %s of %s", aws.ToString(in.Source), aws.ToString(in.DBClusterParameterGroupName)))
	}
	page := len(aws.ToString(in.Marker))
	out := &rds.DescribeDBClusterParametersOutput{Parameters: f.parameters[page%len(f.parameters)]}
	if page+1 < len(f.parameters) || len(f.parameters[0]) == 0 {
		out.Marker = aws.String(strings.Repeat("x", page+1))
	}
	return out, nil
}

func (f *fakeRDS) DescribeGlobalClusters(
	context.Context,
	*rds.DescribeGlobalClustersInput,
	...func(*rds.Options),
) (*rds.DescribeGlobalClustersOutput, error) {
	return &rds.DescribeGlobalClustersOutput{GlobalClusters: []types.GlobalCluster{f.global}}, f.err
}

func (f *fakeRDS) DescribeDBClusters(
	context.Context,
	*rds.DescribeDBClustersInput,
	...func(*rds.Options),
) (*rds.DescribeDBClustersOutput, error) {
	return &rds.DescribeDBClustersOutput{DBClusters: f.clusters}, f.err
}

func (f *fakeRDS) DescribeDBInstances(
	context.Context,
	*rds.DescribeDBInstancesInput,
	...func(*rds.Options),
) (*rds.DescribeDBInstancesOutput, error) {
	return &rds.DescribeDBInstancesOutput{DBInstances: f.instances}, f.err
}

func (f *fakeRDS) FailoverGlobalCluster(
	_ context.Context,
	in *rds.FailoverGlobalClusterInput,
	_ ...func(*rds.Options),
) (*rds.FailoverGlobalClusterOutput, error) {
	f.moved = append(f.moved, in)
	return nil, f.err
}

func (f *fakeRDS) SwitchoverGlobalCluster(
	_ context.Context,
	in *rds.SwitchoverGlobalClusterInput,
	_ ...func(*rds.Options),
) (*rds.SwitchoverGlobalClusterOutput, error) {
	f.moved = append(f.moved, in)
	return nil, f.err
}

func (f *fakeRDS) RemoveFromGlobalCluster(
	_ context.Context,
	in *rds.RemoveFromGlobalClusterInput,
	_ ...func(*rds.Options),
) (*rds.RemoveFromGlobalClusterOutput, error) {
	f.moved = append(f.moved, in)
	return nil, f.err
}

const target = "arn:aws:rds:us-west-2:000000000000:cluster:west"

func TestGlobal(t *testing.T) {
	described := types.GlobalCluster{
		Status: aws.String("available"), EngineVersion: aws.String("16.8"),
		GlobalClusterMembers: []types.GlobalClusterMember{
			{DBClusterArn: aws.String("east"), IsWriter: aws.Bool(true)},
			{DBClusterArn: aws.String("west"), SynchronizationStatus: types.GlobalClusterMemberSynchronizationStatusConnected},
		},
	}
	settled := globaldb.Global{
		Status:        "available",
		EngineVersion: "16.8",
		Members:       []globaldb.Member{{ARN: "east", Writer: true}, {ARN: "west", Connected: true}},
	}
	tests := []struct {
		name   string
		change func(*types.GlobalCluster, *globaldb.Global)
	}{
		{"a global database at rest", func(*types.GlobalCluster, *globaldb.Global) {}},
		{"a move that its state shows", func(from *types.GlobalCluster, want *globaldb.Global) {
			from.FailoverState = &types.FailoverState{Status: types.FailoverStatusPending, ToDbClusterArn: aws.String("west")}
			want.Moving, want.MovingTo = true, "west"
		}},
		{"a move that only its status shows", func(from *types.GlobalCluster, want *globaldb.Global) {
			from.Status, want.Status, want.Moving = aws.String("switching-over"), "switching-over", true
		}},
		{"a state that is empty", func(from *types.GlobalCluster, _ *globaldb.Global) { from.FailoverState = &types.FailoverState{} }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			from, want := described, settled
			test.change(&from, &want)
			got, err := Databases{identifier: "records", reader: &fakeRDS{global: from}}.Global(t.Context())
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("it is read as %+v (%v), want %+v", got, err, want)
			}
		})
	}
}

func TestNotFound(t *testing.T) {
	global := func(d Databases) error { _, err := d.Global(t.Context()); return err }
	cluster := func(d Databases) error { _, err := d.Cluster(t.Context(), "west"); return err }
	tests := []struct {
		name     string
		err      error
		describe func(Databases) error
		notFound bool
	}{
		{"a global cluster that RDS does not know", &types.GlobalClusterNotFoundFault{}, global, true},
		{"a DB cluster that RDS does not know", &types.DBClusterNotFoundFault{}, cluster, true},
		{"a failed call about the global cluster says nothing of it", errors.New("throttled"), global, false},
		{"a failed call about the DB cluster says nothing of it", errors.New("throttled"), cluster, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := test.describe(Databases{reader: &fakeRDS{err: test.err}})
			if err == nil || errors.Is(err, globaldb.ErrNotFound) != test.notFound {
				t.Errorf("got %v, want ErrNotFound: %t", err, test.notFound)
			}
		})
	}
}

func TestCluster(t *testing.T) {
	t.Run("clusters have their instances only", func(t *testing.T) {
		instance := func(id, cluster string) types.DBInstance {
			return types.DBInstance{
				DBInstanceIdentifier: aws.String(id),
				DBInstanceStatus:     aws.String("available"),
				DBClusterIdentifier:  aws.String(cluster),
			}
		}
		asked := &fakeRDS{
			clusters: []types.DBCluster{
				{
					DBClusterIdentifier: aws.String("west"), Status: aws.String("available"), EngineVersion: aws.String("16.8"),
					ServerlessV2ScalingConfiguration: &types.ServerlessV2ScalingConfigurationInfo{MaxCapacity: aws.Float64(32.5)},
				},
			},
			instances: []types.DBInstance{instance("one", "west"), instance("other", "another")},
		}
		got, err := Databases{reader: asked}.Cluster(t.Context(), "west")
		want := globaldb.Cluster{
			Identifier:    "west",
			Status:        "available",
			EngineVersion: "16.8",
			Instances:     []globaldb.Instance{{Identifier: "one", Status: "available"}},
			MaxCapacity:   32.5,
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("the cluster is read as %+v (%v), want %+v", got, err, want)
		}
	})
}

func TestMove(t *testing.T) {
	refusal := globaldb.Refusal{Code: "InvalidGlobalClusterStateFault", Message: "because"}
	declined, lost := answered(http.StatusBadRequest, refusal.Code), errors.New("connection reset")
	failing := &rds.FailoverGlobalClusterInput{
		GlobalClusterIdentifier:   aws.String("records"),
		TargetDbClusterIdentifier: aws.String(target),
		AllowDataLoss:             aws.Bool(true),
	}
	switching := &rds.SwitchoverGlobalClusterInput{
		GlobalClusterIdentifier:   aws.String("records"),
		TargetDbClusterIdentifier: aws.String(target),
	}
	tests := []struct {
		name        string
		action      decision.Action
		standbyErr  error
		primaryErr  error
		asksPrimary bool
		hasMoved    bool
		isRefusal   bool
		wantAsking  any
	}{
		{"a failover is asked of the standby region", decision.Failover, nil, nil, false, true, false, failing},
		{"a failover that is refused is not asked of the region that is lost", decision.Failover, declined, nil, false, false, true, failing},
		{"a failover whose answer is lost is no refusal", decision.Failover, lost, nil, false, false, false, failing},
		{
			name:        "a failover that RDS fails at is no refusal",
			action:      decision.Failover,
			standbyErr:  answered(http.StatusInternalServerError, "InternalFailure"),
			primaryErr:  nil,
			asksPrimary: false,
			hasMoved:    false,
			isRefusal:   false,
			wantAsking:  failing,
		},
		{"a switchover is asked of the standby region", decision.Switchover, nil, nil, false, true, false, switching},
		{"a switchover that is refused is asked of the primary region", decision.Switchover, declined, nil, true, true, false, switching},
		{"a switchover that both refuse is refused", decision.Switchover, declined, declined, true, false, true, switching},
		{"a switchover that the primary region may have heard is no refusal", decision.Switchover, declined, lost, true, false, false, switching},
		{"a switchover whose answer is lost is not asked elsewhere", decision.Switchover, lost, nil, false, false, false, switching},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			standby, primary := &fakeRDS{err: test.standbyErr}, &fakeRDS{err: test.primaryErr}
			err := Databases{identifier: "records", writer: standby, primaryWriter: primary}.Move(t.Context(), test.action, target)
			var got globaldb.Refusal
			if isRefusal := errors.As(err, &got); (err == nil) != test.hasMoved || isRefusal != test.isRefusal {
				t.Errorf("it ends with %v, want moved: %t, refused: %t", err, test.hasMoved, test.isRefusal)
			}
			if len(standby.moved) != 1 || !reflect.DeepEqual(standby.moved[0], test.wantAsking) ||
				len(primary.moved) > 0 != test.asksPrimary {
				t.Errorf("the standby region was asked %+v, the primary %+v", standby.moved, primary.moved)
			}
		})
	}
	if err := (Databases{writer: &fakeRDS{}}).Move(t.Context(), decision.Advise, target); err == nil {
		t.Error("advice moves the writer")
	}
}

func TestDetach(t *testing.T) {
	fake := &fakeRDS{err: answered(http.StatusBadRequest, "InvalidGlobalClusterStateFault")}
	err := Databases{identifier: "records", writer: fake}.Detach(t.Context(), target)
	var refusal globaldb.Refusal
	if in := fake.moved[0].(*rds.RemoveFromGlobalClusterInput); aws.ToString(in.DbClusterIdentifier) != target || !errors.As(err, &refusal) {
		t.Errorf("the request is %+v: %v", in, err)
	}
}

func TestCommitLimit(t *testing.T) {
	set := func(name, value string) types.Parameter {
		return types.Parameter{ParameterName: aws.String(name), ParameterValue: aws.String(value)}
	}
	cluster := []types.DBCluster{{DBClusterParameterGroup: aws.String("group-west")}}
	tests := []struct {
		name  string
		rds   *fakeRDS
		want  string // empty when it cannot be known
		fails error
	}{
		{
			"a group that sets others",
			&fakeRDS{clusters: cluster, parameters: [][]types.Parameter{{set("max_connections", "100")}}},
			"default",
			nil,
		},
		{"a group that sets it", &fakeRDS{clusters: cluster, parameters: [][]types.Parameter{{set("rds.global_db_rpo", "600")}}}, "600 s", nil},
		{
			"a group that sets its default",
			&fakeRDS{clusters: cluster, parameters: [][]types.Parameter{{set("rds.global_db_rpo", "-1")}}},
			"default",
			nil,
		},
		{
			"a group that sets it on the second page",
			&fakeRDS{clusters: cluster, parameters: [][]types.Parameter{{set("a", "1")}, {set("rds.global_db_rpo", "20")}}}, "20 s", nil,
		},
		{"a group whose pages do not end", &fakeRDS{clusters: cluster, parameters: [][]types.Parameter{{}}}, "", nil},
		{"a cluster that is not there", &fakeRDS{}, "", globaldb.ErrNotFound},
		{"a cluster that RDS does not know", &fakeRDS{err: &types.DBClusterNotFoundFault{}}, "", globaldb.ErrNotFound},
		{"a region that does not answer", &fakeRDS{clusters: cluster, err: errThrottled}, "", errThrottled},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Databases{reader: test.rds}.CommitLimit(t.Context(), "west")
			if (err == nil) != (test.want != "") || test.want != "" && got.String() != test.want ||
				test.fails != nil && !errors.Is(err, test.fails) {
				t.Errorf("the limit is %+v, %v; want %q, %v", got, err, test.want, test.fails)
			}
		})
	}
}

var errThrottled = errors.New("throttled")
