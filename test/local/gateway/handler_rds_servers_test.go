package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"warmstandby/test/local/aurora"
)

// servers is a data plane that records its calls.
type servers struct {
	calls []string
	err   error // of what may fail
}

func (s *servers) record(format string, arguments ...any) {
	s.calls = append(s.calls, fmt.Sprintf(format, arguments...))
}

func (s *servers) Create(c aurora.Cluster) (int, error) {
	s.record("create %s in %q as %s", c.ID, c.Global, c.User)
	return 20001, s.err
}

func (s *servers) Delete(_ context.Context, id aurora.ID) error {
	s.record("delete %s", id)
	return nil
}

func (s *servers) AddInstance(_ context.Context, id aurora.ID, instance string) (bool, error) {
	s.record("add %s to %s", instance, id)
	return instance != "known", s.err
}

func (s *servers) RemoveInstance(_ context.Context, region, instance string) error {
	s.record("remove %s in %s", instance, region)
	return nil
}

func (s *servers) Detach(_ context.Context, id aurora.ID) error {
	s.record("detach %s", id)
	return nil
}

func (s *servers) Attach(_ context.Context, global string, id aurora.ID) error {
	s.record("attach %s to %s", id, global)
	return nil
}

func (s *servers) Knows(_ string, id aurora.ID) bool { return id.Cluster != "unknown" }

func (s *servers) Switchover(_ context.Context, global string, target aurora.ID, accept func() error) error {
	return s.move("switchover", global, target, accept)
}

func (s *servers) Failover(_ context.Context, global string, target aurora.ID, accept func() error) error {
	return s.move("failover", global, target, accept)
}

func (s *servers) move(how, global string, target aurora.ID, accept func() error) error {
	if s.err != nil {
		return s.err
	}
	if err := accept(); err != nil {
		return err
	}
	s.record("%s of %s to %s", how, global, target)
	return nil
}

func (s *servers) Lags(context.Context) []aurora.Lag {
	return []aurora.Lag{{
		ID: aurora.ID{Region: "us-west-2", Cluster: "records"}, Writer: aurora.ID{Region: "us-east-1", Cluster: "records"},
		Behind: 1500 * time.Microsecond,
	}}
}

func (s *servers) EnforceRPO(_ context.Context, rpo map[aurora.ID]time.Duration) error {
	s.record("enforce %v", rpo)
	return s.err
}

func (s *servers) RestorableWindow(aurora.ID) (earliest, latest time.Time, ok bool, err error) {
	return windowStart, windowStart.Add(time.Hour), true, s.err
}

// windowStart is the earliest restorable time, with a part that RDS's form of a time does not have.
var windowStart = time.Date(2026, 1, 2, 3, 4, 5, 678_900_000, time.UTC)

func (s *servers) RestoreToTime(_ context.Context, source aurora.ID, until time.Time, restored aurora.Cluster) (int, error) {
	s.record("restore %s to %s as %s", source, until.Format(time.RFC3339), restored.ID)
	return 20002, s.err
}

func (s *servers) RestoreSnapshot(_ context.Context, region, name string, restored aurora.Cluster) (int, error) {
	s.record("restore snapshot %s of %s as %s", name, region, restored.ID)
	return 20003, s.err
}

func (s *servers) Snapshots(region string) ([]aurora.Snapshot, error) {
	return []aurora.Snapshot{
		{Region: region, Name: "final", Cluster: "records", Type: aurora.ManualSnapshot, Created: windowStart, Attributes: map[string]string{
			"Engine": auroraEngine, "MasterUsername": "clinic", "tag:Environment": "prod",
		}},
		{Region: region, Name: "rds:records-2026-01-02-03-04", Cluster: "records", Type: aurora.AutomatedSnapshot, Created: windowStart},
	}, nil
}

func (s *servers) Snapshot(region, name string) (aurora.Snapshot, error) {
	all, err := s.Snapshots(region)
	for _, one := range all {
		if one.Name == name {
			return one, err
		}
	}
	return aurora.Snapshot{}, aurora.ErrNoSnapshot
}

func (s *servers) CreateSnapshot(_ context.Context, snapshot aurora.Snapshot) (aurora.Snapshot, error) {
	s.record("snapshot %s of %s/%s with %v", snapshot.Name, snapshot.Region, snapshot.Cluster, snapshot.Attributes)
	snapshot.Type = aurora.ManualSnapshot
	return snapshot, s.err
}

func (s *servers) CopySnapshot(_ context.Context, from, to aurora.Snapshot) (aurora.Snapshot, error) {
	s.record("copy %s of %s as %s of %s with %v", from.Name, from.Region, to.Name, to.Region, to.Attributes)
	return to, s.err
}

func (s *servers) DeleteSnapshot(region, name string) (aurora.Snapshot, error) {
	s.record("delete snapshot %s of %s", name, region)
	return aurora.Snapshot{Region: region, Name: name}, s.err
}

func (s *servers) MaintainBackups(_ context.Context, retention map[aurora.ID]time.Duration) error {
	s.record("maintain %v", retention)
	return s.err
}

func TestServersFollowWhatTheEmulatorAccepts(t *testing.T) {
	const target = "arn:aws:rds:us-west-2:111122223333:cluster:records"
	move := []string{"GlobalClusterIdentifier", "global", "TargetDbClusterIdentifier", target}
	for name, test := range map[string]struct {
		action  string
		fields  []string
		refused bool  // by the emulator
		err     error // of the servers
		status  int
		part    string
		calls   []string
	}{
		"a cluster": {action: "CreateDBCluster", fields: []string{
			"DBClusterIdentifier", "Records", "Engine", "aurora-postgresql", "MasterUsername", "clinic", "GlobalClusterIdentifier", "global",
		},
			status: 200, part: "port 20001", calls: []string{`create us-east-1/records in "global" as clinic`}},
		"a cluster that the emulator refuses": {action: "CreateDBCluster", fields: []string{
			"DBClusterIdentifier", "records", "Engine", "aurora-postgresql",
		}, refused: true,
			status: 400, part: "Refused", calls: []string{`create us-east-1/records in "" as `, "delete us-east-1/records"}},
		"a cluster that the servers refuse": {action: "CreateDBCluster", fields: []string{
			"DBClusterIdentifier", "records", "Engine", "aurora-postgresql",
		}, err: errors.New("no user"),
			status: 400, part: "<Message>no user<", calls: []string{`create us-east-1/records in "" as `}},
		"a cluster that is there": {action: "CreateDBCluster", fields: []string{
			"DBClusterIdentifier", "records", "Engine", "aurora-postgresql",
		}, err: aurora.ErrExists, refused: true,
			status: 400, part: "Refused", calls: []string{`create us-east-1/records in "" as `}},
		"a cluster of another engine": {
			action: "CreateDBCluster", fields: []string{"DBClusterIdentifier", "records", "Engine", "aurora-mysql"}, status: 200,
		},
		"an instance": {
			action: "CreateDBInstance", fields: []string{"DBInstanceIdentifier", "one", "DBClusterIdentifier", "records"}, status: 200,
			calls: []string{"add one to us-east-1/records"},
		},
		"an instance that the emulator refuses": {action: "CreateDBInstance", fields: []string{
			"DBInstanceIdentifier", "one", "DBClusterIdentifier", "records",
		}, refused: true,
			status: 400, part: "Refused", calls: []string{"add one to us-east-1/records", "remove one in us-east-1"}},
		"an instance that is there": {action: "CreateDBInstance", fields: []string{
			"DBInstanceIdentifier", "known", "DBClusterIdentifier", "records",
		}, refused: true,
			status: 400, part: "Refused", calls: []string{"add known to us-east-1/records"}},
		"an instance whose server does not start": {action: "CreateDBInstance", fields: []string{
			"DBInstanceIdentifier", "one", "DBClusterIdentifier", "records",
		}, err: errors.New("no space"),
			status: 400, part: "no space", calls: []string{"add one to us-east-1/records"}},
		"deleting an instance": {
			action: "DeleteDBInstance", fields: []string{"DBInstanceIdentifier", "one"}, status: 200, calls: []string{"remove one in us-east-1"},
		},
		"deleting a cluster": {
			action: "DeleteDBCluster", fields: []string{"DBClusterIdentifier", "records", "SkipFinalSnapshot", "true"}, status: 200,
			calls: []string{"delete us-east-1/records"},
		},
		"deleting what may not be deleted": {
			action: "DeleteDBCluster", fields: []string{"DBClusterIdentifier", "records", "SkipFinalSnapshot", "true"}, refused: true, status: 400,
			part: "Refused",
		},
		"a global cluster of a cluster that there is": {
			action: "CreateGlobalCluster", fields: []string{"GlobalClusterIdentifier", "global", "SourceDBClusterIdentifier", target}, status: 200,
			calls: []string{"attach us-west-2/records to global"},
		},
		"a global cluster of none": {
			action: "CreateGlobalCluster", fields: []string{"GlobalClusterIdentifier", "global"}, status: 200,
		},
		"a global cluster that the emulator refuses": {
			action: "CreateGlobalCluster", fields: []string{"SourceDBClusterIdentifier", target}, refused: true, status: 400, part: "Refused",
		},
		"leaving a global cluster": {
			action: "RemoveFromGlobalCluster", fields: []string{"DbClusterIdentifier", target}, status: 200,
			calls: []string{"detach us-west-2/records"},
		},
		"a switchover": {
			action: "SwitchoverGlobalCluster", fields: move, status: 200, calls: []string{"switchover of global to us-west-2/records"},
		},
		"a switchover that the emulator refuses": {action: "SwitchoverGlobalCluster", fields: move, refused: true, status: 400, part: "Refused"},
		"a switchover to what is not ready": {
			action: "SwitchoverGlobalCluster", fields: move, err: aurora.ErrNotReady, status: 400, part: "InvalidGlobalClusterStateFault",
		},
		"a failover without a word about loss": {
			action: "FailoverGlobalCluster", fields: move, status: 200, calls: []string{"switchover of global to us-west-2/records"},
		},
		"a failover that says switchover": {
			action: "FailoverGlobalCluster", fields: append(slices.Clone(move), "Switchover", "true"), status: 200,
			calls: []string{"switchover of global to us-west-2/records"},
		},
		"a failover that allows loss": {
			action: "FailoverGlobalCluster", fields: append(slices.Clone(move), "AllowDataLoss", "true"), status: 200,
			calls: []string{"failover of global to us-west-2/records"},
		},
		"a failover that contradicts itself": {
			action: "FailoverGlobalCluster", fields: append(slices.Clone(move), "AllowDataLoss", "true", "Switchover", "true"), refused: true,
			status: 400, part: "Refused",
		},
		"a failover to what has no server at all": {
			action: "FailoverGlobalCluster", fields: []string{"GlobalClusterIdentifier", "global", "TargetDbClusterIdentifier", "unknown"},
			refused: true, status: 400, part: "Refused",
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, t.TempDir(), func(w http.ResponseWriter, r *http.Request) {
				if test.refused {
					w.WriteHeader(http.StatusBadRequest)
					fmt.Fprint(w, "<ErrorResponse><Error><Code>Refused</Code></Error></ErrorResponse>")
					return
				}
				fmt.Fprintf(w, "<R>port %s</R>", r.FormValue("Port"))
			})
			plane := &servers{err: test.err}
			f.gateway.aurora = plane
			status, body := f.query("us-east-1", "rds", test.action, test.fields...)
			if status != test.status || !strings.Contains(body, test.part) {
				t.Errorf("answered %d %s, want %d with %q", status, body, test.status, test.part)
			}
			if !slices.Equal(plane.calls, test.calls) {
				t.Errorf("the servers got the calls %q, want %q", plane.calls, test.calls)
			}
		})
	}
}

func TestLagIsPublishedInTheSecondarysRegion(t *testing.T) {
	var got *http.Request
	f := newFake(t, t.TempDir(), func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		got = r
	})
	f.gateway.aurora = &servers{}
	if err := f.gateway.PublishLag(t.Context()); err != nil {
		t.Fatal(err)
	}
	if scope := got.Header.Get("Authorization"); !strings.Contains(scope, "/us-west-2/monitoring/") {
		t.Errorf("published to %s", scope)
	}
	for key, want := range map[string]string{
		"Namespace":                                     "AWS/RDS",
		"MetricData.member.1.MetricName":                "AuroraGlobalDBReplicationLag",
		"MetricData.member.1.Value":                     "1.500",
		"MetricData.member.1.Dimensions.member.1.Value": "records",
		"MetricData.member.2.MetricName":                "AuroraGlobalDBRPOLag",
		"MetricData.member.2.Unit":                      "Milliseconds",
		"MetricData.member.2.Dimensions.member.2.Name":  "SourceRegion",
		"MetricData.member.2.Dimensions.member.2.Value": "us-east-1",
		"MetricData.member.3.MetricName":                "", // nothing by the cluster alone
	} {
		if value := got.Form.Get(key); value != want {
			t.Errorf("%s is %q, want %q", key, value, want)
		}
	}
}

func TestALagThatCloudWatchRefusesIsAnError(t *testing.T) {
	f := newFake(t, t.TempDir(), func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "throttled", http.StatusBadRequest) })
	f.gateway.aurora = &servers{}
	if err := f.gateway.PublishLag(t.Context()); err == nil || !strings.Contains(err.Error(), "us-west-2/records") ||
		!strings.Contains(err.Error(), "throttled") {
		t.Errorf("ended with %v, want the cluster and the reason", err)
	}
}
