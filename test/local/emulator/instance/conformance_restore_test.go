package instance

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// restored makes an instance in a restored cluster and expects its table to have so many rows.
func (a aws) restored(region, cluster string, rows int) {
	a.t.Helper()
	a.instance(region, cluster)
	a.waitRows(a.clusterEndpoint(region, cluster), rows)
	a.query(region, "rds", "DeleteDBInstance", "DBInstanceIdentifier", cluster+"-1", "SkipFinalSnapshot", "true")
	a.query(region, "rds", "DeleteDBCluster", "DBClusterIdentifier", cluster, "SkipFinalSnapshot", "true")
}

// nextRestorableTime returns the cluster's latest restorable time as soon as it is another than last.
func (a aws) nextRestorableTime(last string) string {
	a.t.Helper()
	for {
		described := a.query(east, "rds", "DescribeDBClusters", "DBClusterIdentifier", eastCluster)
		if latest := a.field(described, "LatestRestorableTime"); latest != last {
			return latest
		}
	}
}

func TestAClusterIsRestoredToATimeAndFromSnapshots(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	a.query(east, "rds", "CreateDBCluster", "DBClusterIdentifier", eastCluster, "Engine", "aurora-postgresql", "EngineVersion", "16.8",
		"MasterUsername", "clinic", "MasterUserPassword", password, "DatabaseName", "records", "BackupRetentionPeriod", "3")
	a.instance(east, eastCluster)
	writer := a.clusterEndpoint(east, eastCluster)
	a.must(writer, "CREATE TABLE visits (id bigserial)")
	a.write(writer)
	// Times are whole milliseconds: the time to restore to is in another one than the writes before and after it.
	before := a.nextRestorableTime(a.nextRestorableTime(""))
	a.nextRestorableTime(before)
	a.write(writer)

	restore := []string{"DBClusterIdentifier", "restored", "SourceDBClusterIdentifier", eastCluster, "RestoreToTime"}
	answer := a.query(east, "rds", "RestoreDBClusterToPointInTime", append(restore, before)...)
	if !strings.Contains(answer, "<RestoreDBClusterToPointInTimeResult>") || a.field(answer, "BackupRetentionPeriod") != "3" ||
		a.field(answer, "MasterUsername") != "clinic" {
		t.Errorf("the restored cluster is described as %s", answer)
	}
	if status, body := a.try(east, "rds", "RestoreDBClusterToPointInTime", append(restore, before)...); status != http.StatusBadRequest ||
		!strings.Contains(body, "DBClusterAlreadyExistsFault") {
		t.Errorf("the same restore again: %d %s", status, body)
	}
	a.restored(east, "restored", 1)
	for _, outside := range []string{"2020-01-01T00:00:00Z", time.Now().Add(time.Hour).UTC().Format(time.RFC3339)} {
		if status, body := a.try(east, "rds", "RestoreDBClusterToPointInTime", append(restore, outside)...); status != http.StatusBadRequest ||
			!strings.Contains(body, "InvalidParameterValue") {
			t.Errorf("a restore to %s: %d %s", outside, status, body)
		}
	}

	a.query(east, "rds", "CreateDBClusterSnapshot", "DBClusterIdentifier", eastCluster, "DBClusterSnapshotIdentifier", "one")
	a.write(writer)
	e.down() // snapshots and backups are there after a restart
	a.endpoint = e.up().Endpoint
	a.query(east, "rds", "DeleteDBInstance", "DBInstanceIdentifier", eastCluster+"-1", "SkipFinalSnapshot", "true")
	a.query(east, "rds", "DeleteDBCluster", "DBClusterIdentifier", eastCluster, "FinalDBSnapshotIdentifier", "final")
	snapshots := a.query(east, "rds", "DescribeDBClusterSnapshots")
	if strings.Count(snapshots, "<DBClusterSnapshot>") != 2 {
		t.Errorf("want the manual and the final snapshot, and no automated one of a deleted cluster: %s", snapshots)
	}
	for name, rows := range map[string]int{"one": 2, "final": 3} {
		a.query(
			east,
			"rds",
			"RestoreDBClusterFromSnapshot",
			"DBClusterIdentifier",
			"from-"+name,
			"SnapshotIdentifier",
			name,
			"Engine",
			"aurora-postgresql",
		)
		a.restored(east, "from-"+name, rows)
		a.query(east, "rds", "DeleteDBClusterSnapshot", "DBClusterSnapshotIdentifier", name)
	}
	if left := a.query(east, "rds", "DescribeDBClusterSnapshots"); strings.Contains(left, "<DBClusterSnapshot>") {
		t.Errorf("left are the snapshots %s", left)
	}
	if status, body := a.try(
		east,
		"rds",
		"RestoreDBClusterFromSnapshot",
		"DBClusterIdentifier",
		"again",
		"SnapshotIdentifier",
		"one",
		"Engine",
		"aurora-postgresql",
	); status != http.StatusNotFound ||
		!strings.Contains(body, "DBClusterSnapshotNotFoundFault") {
		t.Errorf("a restore of a deleted snapshot: %d %s", status, body)
	}
	assertNoDatabase(t, e.folder)
}
