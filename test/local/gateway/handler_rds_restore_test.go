package gateway

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"warmstandby/test/local/aurora"
)

// describedCluster is the description of the one cluster that the emulator of these tests has.
const describedCluster = "<DBCluster><DBClusterIdentifier>records</DBClusterIdentifier><DBClusterArn>arn</DBClusterArn>" +
	"<Engine>aurora-postgresql</Engine><EngineVersion>16.8</EngineVersion><MasterUsername>clinic</MasterUsername>" +
	"<StorageEncrypted>true</StorageEncrypted><KmsKeyId>key</KmsKeyId>" +
	"<BackupRetentionPeriod>7</BackupRetentionPeriod><CopyTagsToSnapshot>true</CopyTagsToSnapshot>" +
	"<TagList><Tag><Key>Environment</Key><Value>prod</Value></Tag></TagList></DBCluster>"

// oneCluster is an emulator with that cluster, which answers a creation with its parameters.
func oneCluster(refused bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch action := r.FormValue("Action"); {
		case action == "DescribeDBClusters":
			io.WriteString(w, "<R><DBClusters>"+describedCluster+"</DBClusters></R>")
		case refused:
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, "<ErrorResponse><Error><Code>Refused</Code></Error></ErrorResponse>")
		default:
			fmt.Fprintf(
				w,
				"<%sResponse><%sResult><Sent>%s</Sent></%sResult></%sResponse>",
				action,
				action,
				strings.ReplaceAll(r.Form.Encode(), "&", " "),
				action,
				action,
			)
		}
	}
}

func TestRestoresAndSnapshots(t *testing.T) {
	into := []string{"DBClusterIdentifier", "Restored", "DBSubnetGroupName", "subnets"}
	toTime := append(slices.Clone(into), "SourceDBClusterIdentifier", "records")
	const attributes = "map[BackupRetentionPeriod:7 CopyTagsToSnapshot:true Engine:aurora-postgresql EngineVersion:16.8 " +
		"KmsKeyId:key MasterUsername:clinic StorageEncrypted:true tag:Environment:prod]"
	for name, test := range map[string]struct {
		action  string
		fields  []string
		refused bool
		err     error
		status  int
		parts   []string
		calls   []string
	}{
		"to a time": {
			action: "RestoreDBClusterToPointInTime", fields: append(slices.Clone(toTime), "RestoreToTime", "2026-01-02T03:04:05Z"), status: 200,
			parts: []string{
				"<RestoreDBClusterToPointInTimeResponse>", "<RestoreDBClusterToPointInTimeResult>", "Action=CreateDBCluster", "BackupRetentionPeriod=7",
				"DBSubnetGroupName=subnets", "MasterUsername=clinic", "KmsKeyId=key", "Port=20002",
			},
			calls: []string{"restore us-east-1/records to 2026-01-02T03:04:05Z as us-east-1/restored"},
		},
		"to the latest time": {
			action: "RestoreDBClusterToPointInTime", fields: append(slices.Clone(toTime), "UseLatestRestorableTime", "true"), status: 200,
			calls: []string{"restore us-east-1/records to 0001-01-01T00:00:00Z as us-east-1/restored"},
		},
		"to no time": {action: "RestoreDBClusterToPointInTime", fields: toTime, status: 400, parts: []string{"InvalidParameterCombination"}},
		"to two times": {
			action: "RestoreDBClusterToPointInTime", fields: append(slices.Clone(toTime), "UseLatestRestorableTime", "true", "RestoreToTime",
				"2026-01-02T03:04:05Z"),
			status: 400, parts: []string{"InvalidParameterCombination"},
		},
		"to what is no time": {
			action: "RestoreDBClusterToPointInTime", fields: append(slices.Clone(toTime), "RestoreToTime", "yesterday"), status: 400,
			parts: []string{"InvalidParameterValue"},
		},
		"a clone of an earlier time": {
			action: "RestoreDBClusterToPointInTime", fields: append(slices.Clone(toTime), "RestoreToTime", "2026-01-02T03:04:05Z", "RestoreType",
				"copy-on-write"),
			status: 400, parts: []string{"InvalidParameterCombination"},
		},
		"to a time outside the window": {
			action: "RestoreDBClusterToPointInTime", fields: append(slices.Clone(toTime), "RestoreToTime", "2020-01-02T03:04:05Z"),
			err:    aurora.ErrOutsideWindow,
			status: 400, parts: []string{"<Code>InvalidParameterValue</Code>"},
			calls: []string{"restore us-east-1/records to 2020-01-02T03:04:05Z as us-east-1/restored"},
		},
		"of a cluster that does not exist": {
			action: "RestoreDBClusterToPointInTime", fields: append(slices.Clone(into), "SourceDBClusterIdentifier", "missing",
				"UseLatestRestorableTime", "true"),
			status: 404, parts: []string{"<Code>DBClusterNotFoundFault</Code>"},
		},
		"under a name that is taken": {
			action: "RestoreDBClusterToPointInTime", fields: append(slices.Clone(toTime), "UseLatestRestorableTime", "true"), err: aurora.ErrExists,
			status: 400, parts: []string{"<Code>DBClusterAlreadyExistsFault</Code>"},
			calls: []string{"restore us-east-1/records to 0001-01-01T00:00:00Z as us-east-1/restored"},
		},
		"that the emulator refuses": {
			action: "RestoreDBClusterToPointInTime", fields: append(slices.Clone(toTime), "UseLatestRestorableTime", "true"), refused: true,
			status: 400, parts: []string{"Refused"},
			calls: []string{"restore us-east-1/records to 0001-01-01T00:00:00Z as us-east-1/restored", "delete us-east-1/restored"},
		},
		"from a snapshot": {
			action: "RestoreDBClusterFromSnapshot", fields: append(slices.Clone(into), "SnapshotIdentifier",
				"arn:aws:rds:us-east-1:0:cluster-snapshot:final", "Engine", "aurora-postgresql"),
			status: 200, parts: []string{"<RestoreDBClusterFromSnapshotResult>", "MasterUsername=clinic", "Port=20003"},
			calls: []string{"restore snapshot final of us-east-1 as us-east-1/restored"},
		},
		"from an automated snapshot": {
			action: "RestoreDBClusterFromSnapshot", fields: append(slices.Clone(into), "SnapshotIdentifier", "rds:records-2026-01-02-03-04"),
			status: 200,
			parts:  []string{"MasterUsername=clinic"},
			calls:  []string{"restore snapshot rds:records-2026-01-02-03-04 of us-east-1 as us-east-1/restored"},
		},
		"from a snapshot that does not exist": {
			action: "RestoreDBClusterFromSnapshot", fields: append(slices.Clone(into), "SnapshotIdentifier", "missing"), status: 404,
			parts: []string{"<Code>DBClusterSnapshotNotFoundFault</Code>"},
		},
		"from a snapshot of another region": {
			action: "RestoreDBClusterFromSnapshot", fields: append(slices.Clone(into), "SnapshotIdentifier",
				"arn:aws:rds:us-west-2:0:cluster-snapshot:final"), status: 404,
			parts: []string{"<Code>DBClusterSnapshotNotFoundFault</Code>"},
		},
		"a snapshot": {
			action: "CreateDBClusterSnapshot", fields: []string{"DBClusterSnapshotIdentifier", "One", "DBClusterIdentifier", "records"}, status: 200,
			parts: []string{"<SnapshotType>manual<", "<Status>available<", "cluster-snapshot:one<",
				"<Tag><Key>Environment</Key><Value>prod</Value></Tag>"},
			calls: []string{"snapshot one of us-east-1/records with " + attributes},
		},
		"a snapshot of no cluster": {
			action: "CreateDBClusterSnapshot", fields: []string{"DBClusterSnapshotIdentifier", "one", "DBClusterIdentifier", "missing"}, status: 404,
			parts: []string{"<Code>DBClusterNotFoundFault</Code>"},
		},
		"a snapshot under a name that is taken": {
			action: "CreateDBClusterSnapshot", fields: []string{"DBClusterSnapshotIdentifier", "one", "DBClusterIdentifier", "records"},
			err: aurora.ErrSnapshotExists, status: 400,
			parts: []string{"<Code>DBClusterSnapshotAlreadyExistsFault</Code>"}, calls: []string{"snapshot one of us-east-1/records with " +
				attributes},
		},
		"a copy of another region's snapshot": {
			action: "CopyDBClusterSnapshot", fields: []string{
				"SourceDBClusterSnapshotIdentifier", "arn:aws:rds:us-west-2:0:cluster-snapshot:final", "TargetDBClusterSnapshotIdentifier", "copied",
				"KmsKeyId", "here",
			}, status: 200, parts: []string{"<SourceDBClusterSnapshotArn>arn:aws:rds:us-west-2:000000000000:cluster-snapshot:final<"},
			calls: []string{"copy final of us-west-2 as copied of us-east-1 with map[Engine:aurora-postgresql KmsKeyId:here MasterUsername:clinic]"},
		},
		"deleting a snapshot": {
			action: "DeleteDBClusterSnapshot", fields: []string{"DBClusterSnapshotIdentifier", "final"}, status: 200,
			parts: []string{"<Status>deleted<"}, calls: []string{"delete snapshot final of us-east-1"},
		},
		"deleting an automated snapshot": {
			action: "DeleteDBClusterSnapshot", fields: []string{"DBClusterSnapshotIdentifier", "rds:a"}, err: aurora.ErrAutomatedSnapshot,
			status: 400,
			parts:  []string{"<Code>InvalidDBClusterSnapshotStateFault</Code>"}, calls: []string{"delete snapshot rds:a of us-east-1"},
		},
		"all snapshots": {
			action: "DescribeDBClusterSnapshots", status: 200,
			parts: []string{"final<", "rds:records-2026-01-02-03-04<", "<SnapshotCreateTime>2026-01-02T03:04:05.678Z<", "<EngineVersion>16.8<"},
		},
		"a snapshot by a name that is not there": {
			action: "DescribeDBClusterSnapshots", fields: []string{"DBClusterSnapshotIdentifier", "missing"}, status: 404,
			parts: []string{"<Code>DBClusterSnapshotNotFoundFault</Code>"},
		},
		"snapshots of a cluster that has none": {
			action: "DescribeDBClusterSnapshots", fields: []string{"DBClusterIdentifier", "other"}, status: 200,
			parts: []string{"<DBClusterSnapshots></DBClusterSnapshots>"},
		},
		"deleting a cluster with a final snapshot": {
			action: "DeleteDBCluster", fields: []string{"DBClusterIdentifier", "records", "FinalDBSnapshotIdentifier", "Last"}, status: 200,
			calls: []string{"snapshot last of us-east-1/records with " + attributes, "delete us-east-1/records"},
		},
		"deleting a cluster that may not be deleted leaves no final snapshot": {
			action: "DeleteDBCluster", fields: []string{"DBClusterIdentifier", "records", "FinalDBSnapshotIdentifier", "last"}, refused: true,
			status: 400,
			parts:  []string{"Refused"}, calls: []string{"snapshot last of us-east-1/records with " + attributes,
				"delete snapshot last of us-east-1"},
		},
		"deleting a cluster with a final snapshot that exists": {
			action: "DeleteDBCluster", fields: []string{"DBClusterIdentifier", "records", "FinalDBSnapshotIdentifier", "last"},
			err: aurora.ErrSnapshotExists, status: 400,
			parts: []string{"<Code>DBClusterSnapshotAlreadyExistsFault</Code>"}, calls: []string{"snapshot last of us-east-1/records with " +
				attributes},
		},
		"deleting a cluster without a word about its final snapshot": {
			action: "DeleteDBCluster", fields: []string{"DBClusterIdentifier", "records"}, status: 400,
			parts: []string{"InvalidParameterCombination"},
		},
		"deleting a cluster that contradicts itself": {
			action: "DeleteDBCluster", fields: []string{"DBClusterIdentifier", "records", "SkipFinalSnapshot", "true", "FinalDBSnapshotIdentifier",
				"last"}, status: 400,
			parts: []string{"InvalidParameterCombination"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, t.TempDir(), oneCluster(test.refused))
			plane := &servers{err: test.err}
			f.gateway.aurora = plane
			status, body := f.query("us-east-1", "rds", test.action, test.fields...)
			if status != test.status {
				t.Errorf("answered %d, want %d: %s", status, test.status, body)
			}
			wantParts(t, body, test.parts...)
			if !slices.Equal(plane.calls, test.calls) {
				t.Errorf("the servers got the calls %q, want %q", plane.calls, test.calls)
			}
		})
	}
}

func TestAClusterIsDescribedWithItsRestorableTimes(t *testing.T) {
	f := newFake(t, t.TempDir(), oneCluster(false))
	f.gateway.aurora = &servers{}
	_, body := f.query("us-east-1", "rds", "DescribeDBClusters")
	// The earliest time is rounded up: rounded down it would be outside the window.
	wantParts(t, body, "<EarliestRestorableTime>2026-01-02T03:04:05.679Z<", "<LatestRestorableTime>2026-01-02T04:04:05.678Z<")
}

func TestBackupsAreKeptAsLongAsTheirClusterSays(t *testing.T) {
	f := newFake(t, t.TempDir(), oneCluster(false))
	plane := &servers{}
	f.gateway.aurora = plane
	if err := f.gateway.MaintainBackups(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, region := range []string{"us-east-1", "us-west-2"} {
		if want := fmt.Sprintf("%s/records:%s", region, 7*24*time.Hour); len(plane.calls) != 1 || !strings.Contains(plane.calls[0], want) {
			t.Errorf("the servers got the calls %q, want %q in one", plane.calls, want)
		}
	}
}
