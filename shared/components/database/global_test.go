package database

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"warmstandby/test/support/pulumitest"
)

func TestTheDatabaseKeepsTheRulesOfAllStacks(t *testing.T) {
	pulumitest.Check(t, mustBuild(t, plainly), rules(false))
	pulumitest.Check(t, mustBuild(t, protected), rules(true))
	pulumitest.Check(t, mustBuild(t, plainly, pulumitest.Preview()), rules(false))
}

func TestTheGlobalClusterComesFirstAndMembersJoinIt(t *testing.T) {
	recording := mustBuild(t, plainly)
	global := recording.Get(t, globalToken, "globaldb-records-blue")
	for property, want := range map[string]any{
		"engine": "aurora-postgresql", "engineVersion": "16.8", "databaseName": "records", "storageEncrypted": true,
		// With a member as its source it would depend on what depends on it.
		"sourceDbClusterIdentifier": nil,
		// A destroy that takes members out by their roles in the state may take the writer first.
		"forceDestroy": nil,
	} {
		if got := global.Input(property); got != want {
			t.Errorf("the global cluster has the %s %v, want %v", property, got, want)
		}
	}
	for _, end := range ends {
		cluster := recording.Get(t, clusterToken, end.cluster)
		if got := cluster.Input("globalClusterIdentifier"); got != global.ID {
			t.Errorf("the cluster of %s joins %v, want %s", end.region, got, global.ID)
		}
		if !slices.Contains(cluster.Request.GetDependencies(), global.URN) {
			t.Errorf("the cluster of %s does not wait for the global cluster", end.region)
		}
	}
}

// Aurora refuses to delete the last instance of a primary that has a secondary: destroy runs the other way round.
func TestTheSecondaryWaitsForEveryInstanceOfThePrimary(t *testing.T) {
	recording := mustBuild(t, plainly)
	waits := recording.Get(t, clusterToken, ends[1].cluster).Request.GetDependencies()
	for _, number := range []string{"1", "2"} {
		instance := recording.Get(t, instanceToken, "instance-records-primary-"+number+"-blue")
		if !slices.Contains(waits, instance.URN) {
			t.Errorf("the secondary does not wait for %s", instance.Name)
		}
	}
	for _, urn := range recording.Get(t, clusterToken, ends[0].cluster).Request.GetDependencies() {
		if strings.Contains(urn, "secondary") {
			t.Errorf("the primary waits for %s", urn)
		}
	}
}

func TestTheLogGroupExistsBeforeRDSWouldMakeIt(t *testing.T) {
	recording := mustBuild(t, plainly)
	for _, end := range ends {
		group := recording.Get(t, logsToken, "/aws/rds/cluster/"+end.cluster+"/postgresql")
		cluster := recording.Get(t, clusterToken, end.cluster)
		if !slices.Contains(cluster.Request.GetDependencies(), group.URN) {
			t.Errorf("the cluster of %s does not wait for its log group", end.region)
		}
		if got := cluster.Input("enabledCloudwatchLogsExports"); !reflect.DeepEqual(got, []any{"postgresql"}) {
			t.Errorf("the cluster of %s exports %v, want its engine's log", end.region, got)
		}
		if got := group.Input("retentionInDays"); got != 30.0 {
			t.Errorf("the log of %s is kept for %v days, want 30", end.region, got)
		}
		if got := group.Input("kmsKeyId"); got != "key-"+end.role {
			t.Errorf("the log of %s has the key %v, want the region's", end.region, got)
		}
	}
}

func TestWhatAuroraChangesIsNotPutBack(t *testing.T) {
	recording := mustBuild(t, plainly)
	want := []string{"globalClusterIdentifier", "replicationSourceIdentifier", "engineVersion"}
	for _, end := range ends {
		cluster := recording.Get(t, clusterToken, end.cluster)
		if got := cluster.Request.GetIgnoreChanges(); !slices.Equal(got, want) {
			t.Errorf("the cluster of %s ignores %q, want %q", end.region, got, want)
		}
		// A role that is configured would be put back after a failover.
		if got := cluster.Input("replicationSourceIdentifier"); got != nil {
			t.Errorf("the cluster of %s is configured to follow %v", end.region, got)
		}
		if got := cluster.Request.GetCustomTimeouts(); got.GetCreate() != "90m" || got.GetDelete() != "90m" {
			t.Errorf("the cluster of %s has the timeouts %v, want 90 minutes to come and to go", end.region, got)
		}
	}
	// An upgrade begins at the global cluster, which must see it.
	if got := recording.Get(t, globalToken, "globaldb-records-blue").Request.GetIgnoreChanges(); len(got) != 0 {
		t.Errorf("the global cluster ignores %q, want nothing", got)
	}
}

func TestThePasswordIsNowhereInPlainText(t *testing.T) {
	for _, registered := range mustBuild(t, plainly).Resources {
		for key, value := range registered.Inputs {
			if !value.ContainsSecrets() && strings.Contains(value.String(), password) {
				t.Errorf("%s %s has the password in %s", registered.Type, registered.Name, key)
			}
		}
	}
}

func TestTheDatabaseTellsWhereItIs(t *testing.T) {
	outputs := mustBuild(t, plainly).Outputs.Mappable()
	want := map[string]any{
		"id": "globaldb-records-blue", "writer": "endpoint-globaldb-records-blue",
		"arn": "arn:aws:rds:us-east-1:111122223333:globalCluster-globaldb-records-blue", // as the harness writes ARNs
	}
	for _, end := range ends {
		want[end.role] = map[string]any{
			"id": end.cluster, "arn": "arn:aws:rds:" + end.region + ":111122223333:cluster-" + end.cluster,
			"endpoint": "endpoint-" + end.cluster, "reader": "readerEndpoint-" + end.cluster, "port": 5432.0,
			"logs": "/aws/rds/cluster/" + end.cluster + "/postgresql",
		}
	}
	if !reflect.DeepEqual(outputs, want) {
		t.Errorf("the database tells\n%v, want\n%v", outputs, want)
	}
}
