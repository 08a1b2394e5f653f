package database

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"warmstandby/test/support/pulumitest"
)

func TestRules(t *testing.T) {
	pulumitest.Check(t, mustBuild(t, unchanged), rules(false))
	pulumitest.Check(t, mustBuild(t, protected), rules(true))
	pulumitest.Check(t, mustBuild(t, unchanged, pulumitest.Preview()), rules(false))
}

// The global cluster comes first, and members join it.
func TestGlobalCluster(t *testing.T) {
	recording := mustBuild(t, unchanged)
	global := recording.Get(t, globalToken, "globaldb-records-blue")
	for property, want := range map[string]any{
		"engine": "aurora-postgresql", "engineVersion": "16.8", "databaseName": "records", "storageEncrypted": true,
		// A global cluster with a member as its source would make a cycle of dependencies.
		"sourceDbClusterIdentifier": nil,
		// A destroy that removes members by their roles in the state may remove the writer first.
		"forceDestroy": nil,
	} {
		if got := global.Input(property); got != want {
			t.Errorf("the global cluster has the %s %v, want %v", property, got, want)
		}
	}
	for _, r := range testRegions {
		cluster := recording.Get(t, clusterToken, r.cluster)
		if got := cluster.Input("globalClusterIdentifier"); got != global.ID {
			t.Errorf("the cluster of %s joins %v, want %s", r.region, got, global.ID)
		}
		if !slices.Contains(cluster.Request.GetDependencies(), global.URN) {
			t.Errorf("the cluster of %s does not wait for the global cluster", r.region)
		}
	}
}

// Aurora refuses to delete the last instance of a primary that has a secondary, and a destroy follows the dependencies
// backwards.
func TestSecondaryOrder(t *testing.T) {
	recording := mustBuild(t, unchanged)
	waits := recording.Get(t, clusterToken, testRegions[1].cluster).Request.GetDependencies()
	for _, number := range []string{"1", "2"} {
		instance := recording.Get(t, instanceToken, "instance-records-primary-"+number+"-blue")
		if !slices.Contains(waits, instance.URN) {
			t.Errorf("the secondary does not wait for %s", instance.Name)
		}
	}
	for _, urn := range recording.Get(t, clusterToken, testRegions[0].cluster).Request.GetDependencies() {
		if strings.Contains(urn, "secondary") {
			t.Errorf("the primary waits for %s", urn)
		}
	}
}

// The log group exists before RDS would create one itself.
func TestLogGroup(t *testing.T) {
	recording := mustBuild(t, unchanged)
	for _, r := range testRegions {
		group := recording.Get(t, logsToken, "/aws/rds/cluster/"+r.cluster+"/postgresql")
		cluster := recording.Get(t, clusterToken, r.cluster)
		if !slices.Contains(cluster.Request.GetDependencies(), group.URN) {
			t.Errorf("the cluster of %s does not wait for its log group", r.region)
		}
		if got := cluster.Input("enabledCloudwatchLogsExports"); !reflect.DeepEqual(got, []any{"postgresql"}) {
			t.Errorf("the cluster of %s exports %v, want its engine's log", r.region, got)
		}
		if got := group.Input("retentionInDays"); got != 30.0 {
			t.Errorf("the log of %s is kept for %v days, want 30", r.region, got)
		}
		if got := group.Input("kmsKeyId"); got != "key-"+r.role {
			t.Errorf("the log of %s has the key %v, want the region's", r.region, got)
		}
	}
}

// What Aurora changes is not reverted.
func TestIgnoredChanges(t *testing.T) {
	recording := mustBuild(t, unchanged)
	want := []string{"globalClusterIdentifier", "replicationSourceIdentifier", "engineVersion"}
	for _, r := range testRegions {
		cluster := recording.Get(t, clusterToken, r.cluster)
		if got := cluster.Request.GetIgnoreChanges(); !slices.Equal(got, want) {
			t.Errorf("the cluster of %s ignores %q, want %q", r.region, got, want)
		}
		// A configured role would be restored after a failover.
		if got := cluster.Input("replicationSourceIdentifier"); got != nil {
			t.Errorf("the cluster of %s is configured to follow %v", r.region, got)
		}
		if got := cluster.Request.GetCustomTimeouts(); got.GetCreate() != "90m" || got.GetDelete() != "90m" {
			t.Errorf("the cluster of %s has the timeouts %v, want 90 minutes to come and to go", r.region, got)
		}
	}
	// An upgrade begins at the global cluster, so that its version is not ignored. What would replace it is: a promotion makes it of its
	// primary, and it has the primary's.
	want = []string{"databaseName", "storageEncrypted", "sourceDbClusterIdentifier"}
	if got := recording.Get(t, globalToken, "globaldb-records-blue").Request.GetIgnoreChanges(); !slices.Equal(got, want) {
		t.Errorf("the global cluster ignores %q, want %q", got, want)
	}
}

// No resource has the password in plain text.
func TestPasswordIsSecret(t *testing.T) {
	for _, registered := range mustBuild(t, unchanged).Resources {
		for key, value := range registered.Inputs {
			if !value.ContainsSecrets() && strings.Contains(value.String(), password) {
				t.Errorf("%s %s has the password in %s", registered.Type, registered.Name, key)
			}
		}
	}
}

func TestOutputs(t *testing.T) {
	outputs := mustBuild(t, unchanged).Outputs.Mappable()
	want := map[string]any{
		"id": "globaldb-records-blue", "writer": "endpoint-globaldb-records-blue",
		"arn": "arn:aws:rds:us-east-1:111122223333:globalCluster-globaldb-records-blue", // as the harness writes ARNs
	}
	for _, r := range testRegions {
		want[r.role] = map[string]any{
			"id": r.cluster, "arn": "arn:aws:rds:" + r.region + ":111122223333:cluster-" + r.cluster,
			"endpoint": "endpoint-" + r.cluster, "reader": "readerEndpoint-" + r.cluster, "port": 5432.0,
			"logs": "/aws/rds/cluster/" + r.cluster + "/postgresql",
		}
	}
	if !reflect.DeepEqual(outputs, want) {
		t.Errorf("the outputs are\n%v, want\n%v", outputs, want)
	}
}
