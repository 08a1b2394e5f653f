package database

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"warmstandby/test/support/pulumitest"
)

// A member is encrypted, backed up and scales.
func TestCluster(t *testing.T) {
	recording := mustBuild(t, unchanged)
	for _, r := range testRegions {
		cluster := recording.Get(t, clusterToken, r.cluster)
		for property, want := range map[string]any{
			"engine": "aurora-postgresql", "engineVersion": "16.8",
			"storageEncrypted": true, "kmsKeyId": "key-" + r.role,
			"backupRetentionPeriod": 7.0, "preferredBackupWindow": "03:00-03:30", "copyTagsToSnapshot": true,
			"serverlessv2ScalingConfiguration": map[string]any{"minCapacity": 0.5, "maxCapacity": 4.0},
			"vpcSecurityGroupIds":              []any{"sg-" + r.role},
			"dbSubnetGroupName":                "dbsubnets-records-" + r.role + "-blue",
			"dbClusterParameterGroupName":      "dbparams-records-" + r.role + "-pg16-blue",
			"applyImmediately":                 true, "finalSnapshotIdentifier": nil, "tags.Backup": "true",
			// The security groups allow the engine's default port. RDS's managed password is not for global databases.
			"port": nil, "manageMasterUserPassword": nil,
		} {
			if got := cluster.Input(property); !reflect.DeepEqual(got, want) {
				t.Errorf("the cluster of %s has the %s %v, want %v", r.region, property, got, want)
			}
		}
		subnets := recording.Get(t, subnetsToken, "dbsubnets-records-"+r.role+"-blue")
		if got, want := subnets.Input("subnetIds"), []any{"subnet-" + r.role + "-1", "subnet-" + r.role + "-2"}; !reflect.DeepEqual(got, want) {
			t.Errorf("the cluster of %s is in %v, want %v", r.region, got, want)
		}
	}
}

// Protection takes a final snapshot of each member.
func TestFinalSnapshot(t *testing.T) {
	recording := mustBuild(t, protected)
	for _, r := range testRegions {
		got := recording.Get(t, clusterToken, r.cluster).Input("finalSnapshotIdentifier")
		if want := "dbsnapshot-records-" + r.role + "-blue"; got != want {
			t.Errorf("the last snapshot of %s is %v, want %s", r.region, got, want)
		}
	}
}

// An environment that is given up has no protection any more when it is destroyed, and leaves a snapshot of each member under a
// name of that occasion.
func TestFinalSnapshotWithoutProtection(t *testing.T) {
	for _, test := range []struct {
		name       string
		protection bool
	}{{"after protection was taken off", false}, {"while protection is on", true}} {
		t.Run(test.name, func(t *testing.T) {
			recording := mustBuild(t, func(args *GlobalArgs) { args.FinalSnapshot, args.Protection = "20261129t020304", test.protection })
			for _, r := range testRegions {
				cluster := recording.Get(t, clusterToken, r.cluster)
				if want := "dbsnapshot-records-" + r.role + "-20261129t020304-blue"; cluster.Text("finalSnapshotIdentifier") != want {
					t.Errorf("the final snapshot of %s is %v, want %s", r.region, cluster.Input("finalSnapshotIdentifier"), want)
				}
				if got := cluster.Input("skipFinalSnapshot"); got != false {
					t.Errorf("the final snapshot of %s is skipped: %v", r.region, got)
				}
				if got := cluster.Input("deletionProtection"); got != test.protection {
					t.Errorf("the deletion protection of %s is %v", r.region, got)
				}
			}
		})
	}
}

// Instances are serverless and do not upgrade themselves.
func TestInstances(t *testing.T) {
	recording := mustBuild(t, func(args *GlobalArgs) { args.Primary.Instances, args.Standby.Instances = 3, 1 })
	for i, want := range []int{3, 1} {
		built := 0
		for _, instance := range recording.OfType(instanceToken) {
			if recording.Region(instance) != testRegions[i].region {
				continue
			}
			built++
			name := fmt.Sprintf("instance-records-%s-%d-blue", testRegions[i].role, built)
			for property, want := range map[string]any{
				"identifier": name, "clusterIdentifier": "cluster-" + testRegions[i].cluster,
				"engine": "aurora-postgresql", "engineVersion": nil, "instanceClass": "db.serverless",
				"autoMinorVersionUpgrade": false, "publiclyAccessible": false, "promotionTier": 1.0,
				"performanceInsightsEnabled": false, "performanceInsightsKmsKeyId": nil,
			} {
				if got := instance.Input(property); got != want {
					t.Errorf("instance %s has the %s %v, want %v", instance.Name, property, got, want)
				}
			}
		}
		if built != want {
			t.Errorf("%s has %d instances, want %d", testRegions[i].region, built, want)
		}
	}
}

// The region's key encrypts the records of Performance Insights.
func TestPerformanceInsights(t *testing.T) {
	recording := mustBuild(t, func(args *GlobalArgs) { args.PerformanceInsights = true })
	for _, r := range testRegions {
		instance := recording.Get(t, instanceToken, "instance-records-"+r.role+"-1-blue")
		for property, want := range map[string]any{
			"performanceInsightsEnabled": true, "performanceInsightsKmsKeyId": "key-" + r.role, "performanceInsightsRetentionPeriod": 7.0,
		} {
			if got := instance.Input(property); got != want {
				t.Errorf("instance %s has the %s %v, want %v", instance.Name, property, got, want)
			}
		}
	}
}

// The parameter group requires TLS and turns on the audit log.
func TestParameterGroup(t *testing.T) {
	recording := mustBuild(t, unchanged)
	for _, r := range testRegions {
		group := recording.Get(t, parameterToken, "dbparams-records-"+r.role+"-pg16-blue")
		if got := group.Input("family"); got != "aurora-postgresql16" {
			t.Errorf("the family in %s is %v, want that of version 16", r.region, got)
		}
		got := parametersOf(group)
		delete(got, rpoParameterName)
		want := map[string]string{
			"rds.force_ssl":            "1 immediate",
			"shared_preload_libraries": "pg_stat_statements,pgaudit pending-reboot",
			"pgaudit.log":              "ddl,read,role,write immediate",
			// Neither passwords nor the values of bound parameters are logged.
			"pgaudit.log_parameter": "0 immediate", "log_statement": "none immediate",
			"log_connections": "1 immediate", "log_disconnections": "1 immediate",
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("the parameters in %s are %v, want %v", r.region, got, want)
		}
	}
}

// rpoParameterName is the parameter with the lag at which commits wait.
const rpoParameterName = "rds.global_db_rpo"

// parametersOf returns the values of a group's parameters and their apply methods, by name.
func parametersOf(group pulumitest.Resource) map[string]string {
	got := map[string]string{}
	rows, _ := group.Input("parameters").([]any)
	for _, row := range rows {
		fields := row.(map[string]any)
		got[fmt.Sprint(fields["name"])] = fmt.Sprint(fields["value"], " ", fields["applyMethod"])
	}
	return got
}

// A secondary with the parameter would, once promoted, wait for the lost region at each commit.
func TestRPO(t *testing.T) {
	const none = ""
	for _, test := range []struct {
		name    string
		seconds int
		want    map[string]string // by role
	}{
		{"an RPO is the primary's alone", 600, map[string]string{"primary": "600 immediate", "secondary": none}},
		{"the least that Aurora takes is the primary's", 20, map[string]string{"primary": "20 immediate", "secondary": none}},
		{"without an RPO neither member has one", 0, map[string]string{"primary": none, "secondary": none}},
	} {
		t.Run(test.name, func(t *testing.T) {
			recording := mustBuild(t, func(args *GlobalArgs) { args.RPOSeconds = test.seconds })
			for role, want := range test.want {
				group := recording.Get(t, parameterToken, "dbparams-records-"+role+"-pg16-blue")
				if got := parametersOf(group)[rpoParameterName]; got != want {
					t.Errorf("%s of the %s is %q, want %q", rpoParameterName, role, got, want)
				}
			}
		})
	}
}

// Another major version has another parameter group.
func TestParameterGroupOfMajorVersion(t *testing.T) {
	group := mustBuild(t, func(args *GlobalArgs) { args.EngineVersion = "17.4" }).Get(t, parameterToken, "dbparams-records-primary-pg17-blue")
	if got := group.Input("family"); got != "aurora-postgresql17" {
		t.Errorf("the family is %v, want that of version 17", got)
	}
}

// A member without an instance and an inexact version are refused before anything is built.
func TestRefusals(t *testing.T) {
	tests := []struct {
		name    string
		change  func(*GlobalArgs)
		wantErr string
	}{
		{
			"a standby without an instance", func(args *GlobalArgs) { args.Standby.Instances = 0 },
			"counting the instances of the standby: at least one",
		},
		{
			"a primary without an instance", func(args *GlobalArgs) { args.Primary.Instances = 0 },
			"counting the instances of the primary: at least one",
		},
		{"a major version alone", func(args *GlobalArgs) { args.EngineVersion = "16" }, `got "16"`},
		{
			"a backup window that leaves no room for the maintenance", func(args *GlobalArgs) { args.BackupWindow = "03:00-01:01" },
			"beside the backup window 03:00-01:01: it leaves less than 2h0m0s of the day",
		},
		{"a backup window without an end", func(args *GlobalArgs) { args.BackupWindow = "03:00" }, `reading the backup window "03:00"`},
		{"a version of MySQL's form", func(args *GlobalArgs) { args.EngineVersion = "8.0.mysql_aurora.3.08.0" }, "it is exact, such as 16.8"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			recording, err := build(t, test.change)
			if err == nil || !strings.Contains(err.Error(), test.wantErr) {
				t.Errorf("the error is %v, want one with %q", err, test.wantErr)
			}
			if built := builtResources(recording); len(built) != 0 {
				t.Errorf("%q were built nevertheless", built)
			}
		})
	}
}

// builtResources returns the types of what a program builds in AWS.
func builtResources(recording *pulumitest.Recording) []string {
	var built []string
	for _, registered := range recording.Resources {
		if strings.HasPrefix(registered.Type, "aws:") {
			built = append(built, registered.Type)
		}
	}
	return built
}

func FuzzMajor(f *testing.F) {
	f.Add("16.8")
	f.Add("16")
	f.Add("16.x")
	f.Add("16.8\n")
	f.Fuzz(func(t *testing.T, version string) {
		got, err := major(version)
		if err == nil && (strings.Trim(got, "0123456789") != "" || got == "" || !strings.HasPrefix(version, got+".")) {
			t.Errorf("major(%q) = %q", version, got)
		}
	})
}
