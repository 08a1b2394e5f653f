package backup

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/test/support/pulumitest"
	"warmstandby/test/support/regiontest"
)

const (
	attachmentType = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
	roleType       = "aws:iam/role:Role"
	vaultType      = "aws:backup/vault:Vault"
)

var testRegions = [...]struct{ role, region, key, otherRole string }{
	{"primary", "us-east-1", "arn:aws:kms:us-east-1:111122223333:key/east", "secondary"},
	{"secondary", "us-west-2", "arn:aws:kms:us-west-2:111122223333:key/west", "primary"},
}

func build(t *testing.T, protection bool, opts ...pulumitest.Option) *pulumitest.Recording {
	t.Helper()
	return pulumitest.Run(t, "project", "dev", nil, func(ctx *pulumi.Context) error {
		pair, err := regiontest.Pair(ctx)
		if err != nil {
			return err
		}
		_, err = NewVaultPair(ctx, "backups", Args{
			Primary:       RegionArgs{pair.Primary, pulumi.String(testRegions[0].key)},
			Standby:       RegionArgs{pair.Standby, pulumi.String(testRegions[1].key)},
			RetentionDays: 34, Protection: protection,
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

// The tag selects resources, once the role has its policies.
func TestSelection(t *testing.T) {
	recording := build(t, false)
	for _, r := range testRegions {
		selection := recording.Get(t, "aws:backup/selection:Selection", "selection-"+r.role+"-blue")
		want := map[string]any{
			"name":          "selection-" + r.role + "-blue",
			"planId":        recording.Get(t, "aws:backup/plan:Plan", "plan-"+r.role+"-blue").ID,
			"iamRoleArn":    recording.Get(t, roleType, "role-backup-"+r.role+"-blue").ARN(),
			"selectionTags": []any{map[string]any{"type": "STRINGEQUALS", "key": "Backup", "value": "true"}},
		}
		if got := selection.Inputs.Mappable(); !reflect.DeepEqual(got, want) {
			t.Errorf("the selection of %s is\n%v, want\n%v", r.region, got, want)
		}
		depends := strings.Join(selection.Request.GetDependencies(), "\n")
		for _, purpose := range []string{"backup-", "s3-backup-"} {
			if urn := recording.Get(t, attachmentType, purpose+r.role).URN; !strings.Contains(depends, urn) {
				t.Errorf("the selection of %s does not wait for %s", r.region, urn)
			}
		}
	}
}

// AWS Backup alone assumes the role, which has the managed policies of the partition.
func TestRole(t *testing.T) {
	recording := build(t, false, pulumitest.Partition("aws-us-gov", "com.amazonaws"))
	for _, r := range testRegions {
		name := "role-backup-" + r.role + "-blue"
		var trust struct {
			Statement []struct {
				Effect    string
				Principal map[string][]string
				Action    []string
			}
		}
		if err := json.Unmarshal([]byte(recording.Get(t, roleType, name).Text("assumeRolePolicy")), &trust); err != nil {
			t.Fatal(err)
		}
		if len(trust.Statement) != 1 {
			t.Fatalf("role %s has %d statements of trust, want one", name, len(trust.Statement))
		}
		only := trust.Statement[0]
		if want := map[string][]string{"Service": {"backup.amazonaws.com"}}; only.Effect != "Allow" ||
			!reflect.DeepEqual(only.Principal, want) || !reflect.DeepEqual(only.Action, []string{"sts:AssumeRole"}) {
			t.Errorf("role %s trusts %+v, want AWS Backup alone", name, only)
		}
		for logical, want := range map[string]string{
			"backup-":    "arn:aws-us-gov:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup",
			"s3-backup-": "arn:aws-us-gov:iam::aws:policy/AWSBackupServiceRolePolicyForS3Backup",
		} {
			attachments := recording.Get(t, attachmentType, logical+r.role)
			if attachments.Text("policyArn") != want || attachments.Text("role") != name {
				t.Errorf("role %q has the policy %q, want %s with %s", attachments.Text("role"), attachments.Text("policyArn"), name, want)
			}
		}
	}
	if count := len(recording.OfType(attachmentType)); count != 4 {
		t.Errorf("%d policies are attached, want two a region", count)
	}
}
