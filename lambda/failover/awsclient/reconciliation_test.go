package awsclient

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"warmstandby/lambda/failover/reconciliation"
	"warmstandby/shared/contract/controller"
)

// fakeRestore returns preset snapshots and records requests.
type fakeRestore struct {
	pages [][]types.DBClusterSnapshot
	asked []any
	err   error
	// noInstance is the answer to the deletion of an instance.
	noInstance error
}

func (f *fakeRestore) DescribeDBClusterSnapshots(
	_ context.Context, in *rds.DescribeDBClusterSnapshotsInput, _ ...func(*rds.Options),
) (*rds.DescribeDBClusterSnapshotsOutput, error) {
	question := *in
	f.asked = append(f.asked, question)
	if f.err != nil {
		return nil, f.err
	}
	page := len(aws.ToString(in.Marker))
	out := &rds.DescribeDBClusterSnapshotsOutput{DBClusterSnapshots: f.pages[page]}
	if page+1 < len(f.pages) {
		out.Marker = aws.String(strings.Repeat("x", page+1))
	}
	return out, nil
}

func (f *fakeRestore) RestoreDBClusterFromSnapshot(
	_ context.Context, in *rds.RestoreDBClusterFromSnapshotInput, _ ...func(*rds.Options),
) (*rds.RestoreDBClusterFromSnapshotOutput, error) {
	f.asked = append(f.asked, *in)
	return nil, f.err
}

func (f *fakeRestore) CreateDBInstance(
	_ context.Context, in *rds.CreateDBInstanceInput, _ ...func(*rds.Options),
) (*rds.CreateDBInstanceOutput, error) {
	f.asked = append(f.asked, *in)
	return nil, f.err
}

func (f *fakeRestore) DeleteDBInstance(
	_ context.Context, in *rds.DeleteDBInstanceInput, _ ...func(*rds.Options),
) (*rds.DeleteDBInstanceOutput, error) {
	f.asked = append(f.asked, *in)
	return nil, errors.Join(f.err, f.noInstance)
}

func (f *fakeRestore) DeleteDBCluster(
	_ context.Context, in *rds.DeleteDBClusterInput, _ ...func(*rds.Options),
) (*rds.DeleteDBClusterOutput, error) {
	f.asked = append(f.asked, *in)
	return nil, f.err
}

const (
	oldVolume = reconciliation.SnapshotPrefix + "aurora-records-primary-prod-2026-11-29-02-00-00"
	running   = "aurora-records-primary-prod"
	beside    = "aurora-reconcile-primary-prod"
)

func tag(key, value string) types.Tag {
	return types.Tag{Key: aws.String(key), Value: aws.String(value)}
}

// newSnapshotRestorer has a running cluster.
func newSnapshotRestorer(f *fakeRestore, clusters ...types.DBCluster) SnapshotRestorer {
	clusters = append(clusters, types.DBCluster{
		DBClusterIdentifier: aws.String(running), Engine: aws.String("aurora-postgresql"), DBSubnetGroup: aws.String("subnets"),
		DBClusterParameterGroup:          aws.String("params"),
		VpcSecurityGroups:                []types.VpcSecurityGroupMembership{{VpcSecurityGroupId: aws.String("sg-1")}},
		ServerlessV2ScalingConfiguration: &types.ServerlessV2ScalingConfigurationInfo{MinCapacity: aws.Float64(0.5), MaxCapacity: aws.Float64(4)},
		TagList: []types.Tag{
			tag("Backup", "true"), tag("Environment", "prod"), tag("Region", "us-east-1"), tag("DR-Role", "primary"),
		},
	})
	return SnapshotRestorer{Databases{reader: &fakeRDS{clusters: clusters}}, f}
}

func TestSnapshots(t *testing.T) {
	at := time.Date(2026, 11, 29, 2, 0, 0, 0, time.UTC)
	one := types.DBClusterSnapshot{
		DBClusterSnapshotIdentifier: aws.String(oldVolume), DBClusterIdentifier: aws.String(running), Status: aws.String("available"),
		SnapshotCreateTime: aws.Time(at),
	}
	want := reconciliation.Snapshot{Name: oldVolume, Cluster: running, Status: "available", Created: at}
	t.Run("the snapshots of a cluster are read page after page", func(t *testing.T) {
		f := &fakeRestore{pages: [][]types.DBClusterSnapshot{{one}, {one}}}
		got, err := newSnapshotRestorer(f).Snapshots(t.Context(), running, "")
		if err != nil || !reflect.DeepEqual(got, []reconciliation.Snapshot{want, want}) {
			t.Errorf("got %v (%v)", got, err)
		}
		if first := f.asked[0].(rds.DescribeDBClusterSnapshotsInput); aws.ToString(first.DBClusterIdentifier) != running {
			t.Errorf("asked for %+v", first)
		}
	})
	t.Run("a snapshot of a name is asked for by its name alone, so that another cluster's is seen", func(t *testing.T) {
		f := &fakeRestore{pages: [][]types.DBClusterSnapshot{{one}}}
		if _, err := newSnapshotRestorer(f).Snapshots(t.Context(), "other", oldVolume); err != nil {
			t.Fatal(err)
		}
		first := f.asked[0].(rds.DescribeDBClusterSnapshotsInput)
		if aws.ToString(first.DBClusterSnapshotIdentifier) != oldVolume || first.DBClusterIdentifier != nil {
			t.Errorf("asked for %+v", first)
		}
	})
	t.Run("no snapshot is no error, and a refusal is one", func(t *testing.T) {
		got, err := newSnapshotRestorer(&fakeRestore{err: &types.DBClusterSnapshotNotFoundFault{}}).Snapshots(t.Context(), running, oldVolume)
		if len(got) > 0 || err != nil {
			t.Errorf("got %v (%v)", got, err)
		}
		if _, err := newSnapshotRestorer(&fakeRestore{err: answered(403, "AccessDenied")}).Snapshots(t.Context(), running, ""); err == nil {
			t.Error("a refusal is no error")
		}
	})
}

func TestRestore(t *testing.T) {
	t.Run("a snapshot is restored with the running cluster's network, groups and capacity, and without its backups", func(t *testing.T) {
		f := &fakeRestore{}
		if err := newSnapshotRestorer(f).Restore(t.Context(), reconciliation.Snapshot{Name: oldVolume}, beside, running); err != nil {
			t.Fatal(err)
		}
		want := rds.RestoreDBClusterFromSnapshotInput{
			DBClusterIdentifier: aws.String(beside), SnapshotIdentifier: aws.String(oldVolume), Engine: aws.String("aurora-postgresql"),
			DBSubnetGroupName: aws.String("subnets"), DBClusterParameterGroupName: aws.String("params"), VpcSecurityGroupIds: []string{"sg-1"},
			ServerlessV2ScalingConfiguration: &types.ServerlessV2ScalingConfiguration{MinCapacity: aws.Float64(0.5), MaxCapacity: aws.Float64(4)},
			Tags: []types.Tag{
				tag("Snapshot", oldVolume), tag("Environment", "prod"), tag("Region", "us-east-1"), tag("DR-Role", "primary"),
			},
		}
		if !reflect.DeepEqual(f.asked, []any{want}) {
			t.Errorf("asked for %+v", f.asked)
		}
	})
	t.Run("a refusal says what was to be done", func(t *testing.T) {
		refusing := newSnapshotRestorer(&fakeRestore{err: answered(403, "AccessDenied")})
		err := refusing.Restore(t.Context(), reconciliation.Snapshot{Name: oldVolume}, beside, running)
		if err == nil || !strings.Contains(err.Error(), "restoring snapshot "+oldVolume) || strings.Contains(err.Error(), "\n") {
			t.Errorf("the error is %v", err)
		}
	})
}

func TestRestoredCluster(t *testing.T) {
	restored := types.DBCluster{
		DBClusterIdentifier: aws.String(beside), Status: aws.String("available"), Engine: aws.String("aurora-postgresql"),
		Endpoint: aws.String("host"), Port: aws.Int32(5432), TagList: []types.Tag{tag("Snapshot", oldVolume), tag("Environment", "prod")},
	}
	t.Run("a restored cluster names its snapshot, its endpoint and its instance", func(t *testing.T) {
		f := newSnapshotRestorer(&fakeRestore{}, restored)
		f.databases.reader.(*fakeRDS).instances = []types.DBInstance{{
			DBClusterIdentifier: aws.String(beside), DBInstanceIdentifier: aws.String("i"), DBInstanceStatus: aws.String("creating"),
		}}
		got, there, err := f.Restored(t.Context(), beside)
		want := reconciliation.RestoredCluster{
			Identifier: beside, Status: "available", Instance: "creating", Host: "host", Port: 5432, Snapshot: oldVolume,
		}
		if err != nil || !there || got != want {
			t.Errorf("got %+v, %v (%v)", got, there, err)
		}
	})
	t.Run("its instance is of the platform's class and has the cluster's tags", func(t *testing.T) {
		f := &fakeRestore{}
		if err := newSnapshotRestorer(f, restored).AddInstance(t.Context(), beside); err != nil {
			t.Fatal(err)
		}
		in := f.asked[0].(rds.CreateDBInstanceInput)
		if aws.ToString(in.DBInstanceIdentifier) != "instance-reconcile-primary-prod" || aws.ToString(in.DBInstanceClass) != "db.serverless" ||
			aws.ToBool(in.PubliclyAccessible) || !reflect.DeepEqual(in.Tags, restored.TagList) {
			t.Errorf("asked for %+v", in)
		}
	})
	t.Run("its instance and it are deleted without a snapshot, also when the instance is gone", func(t *testing.T) {
		for _, gone := range []error{nil, &types.DBInstanceNotFoundFault{}} {
			f := &fakeRestore{noInstance: gone}
			if err := newSnapshotRestorer(f, restored).Delete(t.Context(), reconciliation.RestoredCluster{Identifier: beside}); err != nil {
				t.Fatal(err)
			}
			cluster := f.asked[1].(rds.DeleteDBClusterInput)
			if aws.ToString(cluster.DBClusterIdentifier) != beside || !aws.ToBool(cluster.SkipFinalSnapshot) {
				t.Errorf("asked for %+v", cluster)
			}
		}
	})
}

// invoked answers every invocation with a payload.
type invoked struct {
	payload string
	failed  *string
	asked   string
}

func (i *invoked) Invoke(_ context.Context, in *lambda.InvokeInput, _ ...func(*lambda.Options)) (*lambda.InvokeOutput, error) {
	i.asked = string(in.Payload)
	return &lambda.InvokeOutput{Payload: []byte(i.payload), FunctionError: i.failed}, nil
}

func TestReconcileTask(t *testing.T) {
	t.Run("a step is sent under the keys that the function reads, and its answer is decoded", func(t *testing.T) {
		f := &invoked{payload: `{"compared":3,"counts":{},"next":{"since":"s","after":{"occurredAt":"o","id":"i"}}}`}
		step := reconciliation.Step{
			Task: "reconcile", Host: "h", Port: 1, Source: "x", SnapshotAt: time.Unix(0, 0).UTC(),
			Cursor: &reconciliation.Cursor{Since: "s", After: reconciliation.Position{OccurredAt: "o", ID: "i"}},
		}
		got, err := Application{f, "app"}.Reconcile(t.Context(), step)
		if err != nil || got.Compared != 3 || got.Next == nil || *got.Next != *step.Cursor {
			t.Errorf("got %+v (%v)", got, err)
		}
		const want = `{"task":"reconcile","host":"h","port":1,"source":"x","snapshotAt":"1970-01-01T00:00:00Z",` +
			`"cursor":{"since":"s","after":{"occurredAt":"o","id":"i"}}}`
		if f.asked != want {
			t.Errorf("sent\n%s, want\n%s", f.asked, want)
		}
	})
	t.Run("a page of the report is decoded", func(t *testing.T) {
		f := &invoked{payload: `{"totals":{"lost":2,"returned":1,"conflict":1,"conflictRecords":1,"doubled":0,"unpublished":1},` +
			`"rows":[{"id":"1","kind":"RecordDeleted","recordId":"r","version":2,"occurredAt":"2026-11-29T02:00:00.123Z",` +
			`"outcome":"conflict","reason":"changed-in-both"}],"next":7}`}
		got, err := Application{f, "app"}.Report(t.Context(), reconciliation.ReportQuery{Task: "report", Source: "x"})
		want := reconciliation.Page{
			Totals: reconciliation.Totals{Lost: 2, Returned: 1, Conflict: 1, ConflictRecords: 1, Unpublished: 1}, Next: 7,
			Rows: []reconciliation.Row{{
				ID: "1", Kind: "RecordDeleted", RecordID: "r", Version: 2, Outcome: "conflict", Reason: "changed-in-both",
				OccurredAt: time.Date(2026, 11, 29, 2, 0, 0, 123_000_000, time.UTC),
			}},
		}
		if err != nil || !reflect.DeepEqual(got, want) || f.asked != `{"task":"report","source":"x","after":0}` {
			t.Errorf("sent %s, got %+v (%v)", f.asked, got, err)
		}
	})
	t.Run("the function's error is its message, in one line", func(t *testing.T) {
		f := &invoked{payload: `{"errorMessage":"no way to the writer","stackTrace":["a","b"]}`, failed: aws.String("Unhandled")}
		_, err := Application{f, "app"}.Reconcile(t.Context(), reconciliation.Step{})
		if err == nil || err.Error() != "function app fails: no way to the writer" {
			t.Errorf("the error is %v", err)
		}
	})
}

func TestFunctionIn(t *testing.T) {
	c := controller.Config{
		Environment: "prod", PrimaryRegion: "us-east-1", StandbyRegion: "us-west-2", StandbyFunction: "lambda-app-secondary-prod",
	}
	for region, want := range map[string]string{"us-east-1": "lambda-app-primary-prod", "us-west-2": "lambda-app-secondary-prod"} {
		t.Run("the application's function in "+region+" has the role of its region", func(t *testing.T) {
			if got, err := functionIn(c, region); got != want || err != nil {
				t.Errorf("got %s, want %s (%v)", got, want, err)
			}
		})
	}
}
