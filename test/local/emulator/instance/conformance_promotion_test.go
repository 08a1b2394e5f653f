package instance

import (
	"strings"
	"testing"
)

// A restored cluster becomes the primary of a global database under the name of the old one, as the operator's command does it
// (lambda/failover/promotion), and gets a secondary, which follows.
func TestARestoredClusterBecomesThePrimary(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	globalDatabase(a)
	a.must(a.clusterEndpoint(east, eastCluster), "CREATE TABLE visits (id bigserial)")
	a.write(a.clusterEndpoint(east, eastCluster))
	at := a.nextRestorableTime(a.nextRestorableTime(""))
	a.nextRestorableTime(at)
	a.write(a.clusterEndpoint(east, eastCluster)) // the damage
	a.query(east, "rds", "RestoreDBClusterToPointInTime", "DBClusterIdentifier", "copy", "SourceDBClusterIdentifier", eastCluster,
		"RestoreToTime", at)
	a.instance(east, "copy")
	a.waitRows(a.clusterEndpoint(east, "copy"), 1)

	a.query(east, "rds", "CreateDBClusterSnapshot", "DBClusterIdentifier", eastCluster, "DBClusterSnapshotIdentifier", "before")
	arn := func(region, cluster string) string {
		return "arn:aws:rds:" + region + ":" + testAccount + ":cluster:" + cluster
	}
	for _, one := range [][2]string{{west, westCluster}, {east, eastCluster}} {
		a.query(east, "rds", "RemoveFromGlobalCluster", "GlobalClusterIdentifier", globalCluster, "DbClusterIdentifier", arn(one[0], one[1]))
		a.query(one[0], "rds", "DeleteDBInstance", "DBInstanceIdentifier", one[1]+"-1", "SkipFinalSnapshot", "true")
		a.query(one[0], "rds", "DeleteDBCluster", "DBClusterIdentifier", one[1], "SkipFinalSnapshot", "true")
	}
	a.query(east, "rds", "DeleteGlobalCluster", "GlobalClusterIdentifier", globalCluster)
	a.query(east, "rds", "RestoreDBClusterToPointInTime", "DBClusterIdentifier", eastCluster, "SourceDBClusterIdentifier", "copy",
		"RestoreType", "copy-on-write", "UseLatestRestorableTime", "true")
	a.instance(east, eastCluster)
	a.query(east, "rds", "CreateGlobalCluster", "GlobalClusterIdentifier", globalCluster, "SourceDBClusterIdentifier", arn(east, eastCluster))
	described := a.query(east, "rds", "DescribeGlobalClusters", "GlobalClusterIdentifier", globalCluster)
	if !strings.Contains(described, arn(east, eastCluster)) || a.field(described, "IsWriter") != "true" ||
		a.field(described, "DatabaseName") != "records" {
		t.Fatalf("the global cluster is %s", described)
	}
	a.waitRows(a.writerEndpoint(east, eastCluster), 1)

	a.query(west, "rds", "CreateDBCluster", "DBClusterIdentifier", westCluster, "Engine", "aurora-postgresql", "EngineVersion", "16.8",
		"GlobalClusterIdentifier", globalCluster)
	a.instance(west, westCluster)
	a.waitRows(a.clusterEndpoint(west, westCluster), 1)
	a.write(a.writerEndpoint(east, eastCluster))
	a.waitRows(a.clusterEndpoint(west, westCluster), 2)

	a.query(east, "rds", "RestoreDBClusterFromSnapshot", "DBClusterIdentifier", "kept", "SnapshotIdentifier", "before", "Engine",
		"aurora-postgresql")
	a.restored(east, "kept", 2)
}
