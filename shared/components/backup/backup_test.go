package backup

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/region"
	"warmstandby/test/support/pulumitest"
	"warmstandby/test/support/regiontest"
)

const (
	rolePolicyType = "aws:iam/rolePolicy:RolePolicy"
	roleType       = "aws:iam/role:Role"
	vaultType      = "aws:backup/vault:Vault"
)

const (
	eastKey = "arn:aws:kms:us-east-1:111122223333:key/east"
	westKey = "arn:aws:kms:us-west-2:111122223333:key/west"
)

var testRegions = [...]struct{ role, region, key, otherRole, otherRegion, otherKey string }{
	{"primary", "us-east-1", eastKey, "secondary", "us-west-2", westKey},
	{"secondary", "us-west-2", westKey, "primary", "us-east-1", eastKey},
}

func clusterOf(region string) string {
	return "arn:aws:rds:" + region + ":111122223333:cluster:records"
}

// snapshotsOf are the snapshots that AWS Backup makes in a region.
func snapshotsOf(region string) string {
	return "arn:aws:rds:" + region + ":111122223333:cluster-snapshot:awsbackup:*"
}

func build(t *testing.T, protection bool, opts ...pulumitest.Option) *pulumitest.Recording {
	t.Helper()
	return pulumitest.Run(t, "project", "dev", nil, func(ctx *pulumi.Context) error {
		pair, err := regiontest.Pair(ctx)
		if err != nil {
			return err
		}
		args := func(in region.Region, key string) RegionArgs {
			return RegionArgs{
				Region: in, KeyARN: pulumi.String(key), ClusterARN: pulumi.String(clusterOf(in.Name)),
				BucketARNs: pulumi.StringArray{
					pulumi.String("arn:aws:s3:::documents-" + in.Name), pulumi.String("arn:aws:s3:::assets-" + in.Name),
				},
			}
		}
		_, err = NewVaultPair(ctx, "backups", Args{
			Primary: args(pair.Primary, eastKey), Standby: args(pair.Standby, westKey),
			RestoreTest: RestoreTestArgs{SubnetGroup: "dbsubnets", SecurityGroupID: "sg-1"},
			Environment: regiontest.Environment, RetentionDays: 34, Protection: protection,
		})
		return err
	}, opts...)
}

func TestRules(t *testing.T) {
	pulumitest.CheckEveryMode(t, build, func(protection bool) pulumitest.Rules {
		return pulumitest.TwoRegionRules("blue", testRegions[0].region, testRegions[1].region, protection, nil)
	})
}

// Each region has a vault under its own key, and a plan that copies to the other region's.
func TestVaultAndPlan(t *testing.T) {
	recording := build(t, false)
	for _, r := range testRegions {
		vault := recording.Get(t, vaultType, "vault-"+r.role+"-blue")
		if got := vault.Text("kmsKeyArn"); got != r.key {
			t.Errorf("the vault of %s is encrypted by %q, want %q", r.region, got, r.key)
		}
		plan := recording.Get(t, "aws:backup/plan:Plan", "plan-"+r.role+"-blue")
		retention := map[string]any{"deleteAfter": 34.0}
		want := []any{map[string]any{
			"ruleName": "daily", "targetVaultName": "vault-" + r.role + "-blue", "schedule": "cron(0 5 * * ? *)",
			"startWindow": 60.0, "completionWindow": 1440.0, "lifecycle": retention,
			"copyActions": []any{map[string]any{
				"destinationVaultArn": recording.Get(t, vaultType, "vault-"+r.otherRole+"-blue").ARN(), "lifecycle": retention,
			}},
		}}
		if got := plan.Input("rules"); !reflect.DeepEqual(got, want) {
			t.Errorf("the plan of %s has the rules\n%v, want\n%v", r.region, got, want)
		}
	}
}

// A plan takes the environment's own resources of its region alone: each condition must hold, and each resource is named.
func TestSelection(t *testing.T) {
	recording := build(t, false)
	for _, r := range testRegions {
		selection := recording.Get(t, "aws:backup/selection:Selection", "selection-"+r.role+"-blue")
		want := map[string]any{
			"name":       "selection-" + r.role + "-blue",
			"planId":     recording.Get(t, "aws:backup/plan:Plan", "plan-"+r.role+"-blue").ID,
			"iamRoleArn": recording.Get(t, roleType, "role-backup-"+r.role+"-blue").ARN(),
			"resources":  []any{clusterOf(r.region), "arn:aws:s3:::documents-" + r.region, "arn:aws:s3:::assets-" + r.region},
			"conditions": []any{map[string]any{"stringEquals": []any{
				map[string]any{"key": "aws:ResourceTag/Backup", "value": "true"},
				map[string]any{"key": "aws:ResourceTag/Environment", "value": "dev"},
			}}},
		}
		if got := selection.Inputs.Mappable(); !reflect.DeepEqual(got, want) {
			t.Errorf("the selection of %s is\n%v, want\n%v", r.region, got, want)
		}
		if granted := recording.Get(
			t,
			rolePolicyType,
			"role-backup-"+r.role+"-blue",
		).URN; !slices.Contains(
			selection.Request.GetDependencies(),
			granted,
		) {
			t.Errorf("the selection of %s does not wait for the role's policy", r.region)
		}
		if !selection.Request.GetDeleteBeforeReplace() {
			t.Errorf("the selection of %s is created again while the old one has its name", r.region)
		}
	}
}

// statement is one of a policy.
type statement struct {
	Sid, Effect      string
	Principal        map[string][]string
	Action, Resource []string
	Condition        map[string]map[string][]string
}

func statements(t *testing.T, document string) []statement {
	t.Helper()
	var read struct{ Statement []statement }
	if err := json.Unmarshal([]byte(document), &read); err != nil {
		t.Fatal(err)
	}
	return read.Statement
}

// AWS Backup alone assumes the role.
func TestTrust(t *testing.T) {
	recording := build(t, false)
	for _, r := range testRegions {
		trust := statements(t, recording.Get(t, roleType, "role-backup-"+r.role+"-blue").Text("assumeRolePolicy"))
		want := []statement{
			{
				Sid:       "AllowBackup",
				Effect:    "Allow",
				Principal: map[string][]string{"Service": {"backup.amazonaws.com"}},
				Action:    []string{"sts:AssumeRole"},
			},
		}
		if !reflect.DeepEqual(trust, want) {
			t.Errorf("the role of %s trusts %+v, want AWS Backup alone", r.region, trust)
		}
	}
}

// The role reads and copies what is the environment's own. An action with every resource is one that takes none, or is limited by a
// condition.
func TestPermissions(t *testing.T) {
	recording := build(t, false)
	for _, r := range testRegions {
		vault, peerVault := recording.Get(
			t,
			vaultType,
			"vault-"+r.role+"-blue",
		).ARN(), recording.Get(
			t,
			vaultType,
			"vault-"+r.otherRole+"-blue",
		).ARN()
		granted := statements(t, recording.Get(t, rolePolicyType, "role-backup-"+r.role+"-blue").Text("policy"))
		allowed := map[string]string{ // resources, by action: the last statement's
			"rds:CreateDBClusterSnapshot": strings.Join([]string{
				clusterOf(r.region), snapshotsOf(r.region), snapshotsOf(r.otherRegion),
			}, " "),
			"rds:CopyDBClusterSnapshot":   snapshotsOf(r.region) + " " + snapshotsOf(r.otherRegion),
			"rds:DeleteDBClusterSnapshot": snapshotsOf(r.region) + " " + snapshotsOf(r.otherRegion),
			"s3:ListBucketVersions":       "arn:aws:s3:::documents-" + r.region + " arn:aws:s3:::assets-" + r.region,
			"s3:GetObjectVersion":         "arn:aws:s3:::documents-" + r.region + "/* arn:aws:s3:::assets-" + r.region + "/*",
			"events:PutRule":              "arn:aws:events:" + r.region + ":111122223333:rule/AwsBackupManagedRule*",
			"backup:CopyIntoBackupVault":  vault + " " + peerVault,
			"kms:CreateGrant":             r.key + " " + r.otherKey,
		}
		for _, one := range granted {
			if one.Effect != "Allow" || one.Principal != nil {
				t.Errorf("the role of %s has %+v", r.region, one)
			}
			for _, action := range one.Action {
				if strings.Contains(action, "*") {
					t.Errorf("the role of %s may do %s, want actions by name", r.region, action)
				}
				if want, listed := allowed[action]; listed {
					if got := strings.Join(one.Resource, " "); got != want {
						t.Errorf("the role of %s may %s on\n%s, want\n%s", r.region, action, got, want)
					}
					delete(allowed, action)
				}
			}
			if slices.Equal(one.Resource, []string{"*"}) && one.Sid != "FindResources" {
				want := map[string]map[string][]string{"ForAllValues:ArnEquals": {"backup:CopyTargets": {peerVault}}}
				if !reflect.DeepEqual(one.Condition, want) {
					t.Errorf("the role of %s may %v on everything with %v, want %v", r.region, one.Action, one.Condition, want)
				}
			}
		}
		for action := range allowed {
			t.Errorf("the role of %s may not %s", r.region, action)
		}
	}
	if count := len(recording.OfType("aws:iam/rolePolicyAttachment:RolePolicyAttachment")); count != 0 {
		t.Errorf("%d managed policies are attached, want none", count)
	}
}

// With protection nobody deletes what a vault holds, or keeps a backup for less than the plan does; without it nothing is locked, so
// that a throw-away environment can be destroyed.
func TestLock(t *testing.T) {
	const lockType, policyType = "aws:backup/vaultLockConfiguration:VaultLockConfiguration", "aws:backup/vaultPolicy:VaultPolicy"
	if recording := build(t, false); len(recording.OfType(lockType))+len(recording.OfType(policyType)) > 0 {
		t.Error("a vault is locked without protection")
	}
	recording := build(t, true)
	for _, r := range testRegions {
		vault := "vault-" + r.role + "-blue"
		lock := recording.Get(t, lockType, vault)
		// Without changeableForDays the lock is in governance mode: those whom IAM allows may remove it.
		if want := map[string]any{"backupVaultName": vault, "minRetentionDays": 34.0}; !reflect.DeepEqual(lock.Inputs.Mappable(), want) {
			t.Errorf("%s is locked by %v, want %v", vault, lock.Inputs.Mappable(), want)
		}
		if !lock.Request.GetDeleteBeforeReplace() {
			t.Errorf("a new lock of %s would be deleted with the old one", vault)
		}
		want := []statement{{
			Sid: "DenyDeletingRecoveryPoints", Effect: "Deny", Principal: map[string][]string{"AWS": {"*"}},
			Action:   []string{"backup:DeleteRecoveryPoint", "backup:DisassociateRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"},
			Resource: []string{"*"},
		}}
		if got := statements(t, recording.Get(t, policyType, vault).Text("policy")); !reflect.DeepEqual(got, want) {
			t.Errorf("the policy of %s is %+v, want %+v", vault, got, want)
		}
	}
}

// The standby's vault is tested every week: the newest backup of each cluster and of each bucket of documents is restored, into the
// database's own subnets, by a role that makes nothing else.
func TestRestoreTest(t *testing.T) {
	recording := build(t, false)
	plan := recording.Get(t, "aws:backup/restoreTestingPlan:RestoreTestingPlan", "restoretest-weekly-secondary-blue")
	wantPlan := map[string]any{
		"name": "restoretest_weekly_secondary_blue", "scheduleExpression": "cron(0 11 ? * SUN *)", "startWindowHours": 1.0,
		"recoveryPointSelection": map[string]any{
			"algorithm": "LATEST_WITHIN_WINDOW", "selectionWindowDays": 7.0, "recoveryPointTypes": []any{"SNAPSHOT"},
			"includeVaults": []any{recording.Get(t, vaultType, "vault-secondary-blue").ARN()},
		},
	}
	if got := plan.Inputs.Mappable(); !reflect.DeepEqual(got, wantPlan) {
		t.Errorf("the plan is\n%v, want\n%v", got, wantPlan)
	}
	role := recording.Get(t, roleType, "role-restoretest-secondary-blue")
	for name, want := range map[string]map[string]any{
		"restoretest_database_secondary_blue": {
			"protectedResourceType": "Aurora", "protectedResourceArns": []any{clusterOf("us-east-1"), clusterOf("us-west-2")},
			"restoreMetadataOverrides": map[string]any{"dbSubnetGroupName": "dbsubnets", "vpcSecurityGroupIds": `["sg-1"]`},
		},
		"restoretest_documents_secondary_blue": {
			"protectedResourceType": "S3",
			"protectedResourceArns": []any{"arn:aws:s3:::documents-us-east-1", "arn:aws:s3:::documents-us-west-2"},
		},
	} {
		want["name"], want["restoreTestingPlanName"], want["iamRoleArn"], want["validationWindowHours"] = name, plan.Text("name"), role.ARN(), 1.0
		selection := recording.Get(t, "aws:backup/restoreTestingSelection:RestoreTestingSelection", logical(name))
		if got := selection.Inputs.Mappable(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s is\n%v, want\n%v", name, got, want)
		}
	}
	for _, one := range statements(t, recording.Get(t, rolePolicyType, "role-restoretest-secondary-blue").Text("policy")) {
		for _, resource := range one.Resource {
			made := strings.Contains(resource, "awsbackup-restore-test-") || resource == westKey ||
				slices.Contains([]string{
					"arn:aws:rds:us-west-2:111122223333:cluster-snapshot:awsbackup:*", "arn:aws:rds:us-west-2:111122223333:subgrp:dbsubnets",
					"arn:aws:rds:us-west-2:111122223333:cluster-pg:default.*",
				}, resource)
			if !made {
				t.Errorf("statement %s is on %s, want what a test restores, and its key", one.Sid, resource)
			}
		}
	}
}
