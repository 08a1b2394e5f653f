//go:build e2e

package e2e

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	secrets "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"warmstandby/shared/naming"
)

// earlierKey is a deleted key with which an earlier deployment encrypted what it has kept.
const earlierKey = "arn:aws:kms:us-east-1:000000000000:key/earlier"

// TestProtection deploys the two lower layers with protection, where an earlier deployment has left a log group and a secret.
// It attempts to destroy and to replace them, removes the protection and destroys them. The other layers' protection has tests
// of its own.
func TestProtection(t *testing.T) {
	requireEmulator(t) // On AWS a secret that it keeps would be there for days, if it broke off.
	t.Parallel()
	p := withPeople(t, newPlatform(t))
	p.protect(t, true)
	succeeded := true
	step := func(name string, check func(*testing.T)) { succeeded = succeeded && t.Run(name, check) }
	for _, stack := range stacks[:2] {
		step("what an earlier deployment of "+stack+" has kept is adopted", func(t *testing.T) { checkAdopted(t, p, stack) })
	}
	step("a destroy is refused before anything is touched", func(t *testing.T) { checkDestroyRefused(t, p) })
	step("an update that would replace what is protected is refused", func(t *testing.T) { checkReplacementRefused(t, p) })
	step("protection is removed in place", func(t *testing.T) { checkUnprotected(t, p, stacks[:2]) })
	if !succeeded {
		p.protect(t, false) // So that the clean-up can destroy.
		p.make(t, "up", "STACK=foundation-network")
		p.make(t, "up", "STACK=data-global")
		return
	}
	step("then a destroy keeps the final snapshots of the database, and nothing else", func(t *testing.T) {
		p.make(t, "destroy", "STACK=data-global")
		p.make(t, "destroy", "STACK=foundation-network")
		p.asAdministrator().make(t, "local-up") // It may have begun anew, without its people.
		p.deleteFinalSnapshots(t)
		checkNothingLeft(t, p)
	})
}

// deleteFinalSnapshots deletes the one snapshot that each cluster of the global database has left.
func (p *platform) deleteFinalSnapshots(t *testing.T) {
	t.Helper()
	for region, role := range map[string]string{east: "primary", west: "secondary"} {
		client := rds.NewFromConfig(p.aws(t, region))
		described, err := client.DescribeDBClusterSnapshots(t.Context(), &rds.DescribeDBClusterSnapshotsInput{})
		if err != nil {
			t.Fatalf("listing the snapshots of clusters of %s: %v", region, err)
		}
		if len(described.DBClusterSnapshots) != 1 {
			t.Fatalf("%s has %d snapshots of clusters, want the final one alone", region, len(described.DBClusterSnapshots))
		}
		snapshot := aws.ToString(described.DBClusterSnapshots[0].DBClusterSnapshotIdentifier)
		if !strings.HasPrefix(snapshot, "dbsnapshot-records-"+role+"-") || !strings.HasSuffix(snapshot, "-"+p.name) {
			t.Errorf("the final snapshot of %s is %s, want dbsnapshot-records-%s-<time>-%s", region, snapshot, role, p.name)
		}
		if _, err := client.DeleteDBClusterSnapshot(t.Context(), &rds.DeleteDBClusterSnapshotInput{
			DBClusterSnapshotIdentifier: &snapshot,
		}); err != nil {
			t.Fatalf("deleting snapshot %s of %s: %v", snapshot, region, err)
		}
	}
}

// protect changes the setting, which applies to a stack at its next deployment.
func (p *platform) protect(t *testing.T, protection bool) {
	t.Helper()
	p.shell(t, `cd stacks/foundation-network; pulumi stack select --create "$ENV" >&2
		pulumi config set protection `+strconv.FormatBool(protection))
}

// checkAdopted creates what the destroy of a protected stack leaves in AWS, and deploys the stack.
func checkAdopted(t *testing.T, p *platform, stack string) {
	group := "logs-vpc-primary-" + p.name
	if stack == "data-global" {
		group = "/aws/rds/cluster/aurora-records-primary-" + p.name + "/postgresql"
		p.keepSecret(t, "secret-database-"+p.name)
	}
	p.keepLogGroup(t, group)
	p.make(t, "up", "STACK="+stack)
	client := cloudwatchlogs.NewFromConfig(p.aws(t, east))
	described, err := client.DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &group})
	if err != nil || len(described.LogGroups) != 1 || aws.ToString(described.LogGroups[0].KmsKeyId) == earlierKey {
		t.Errorf("the log group %s is %+v, %v; want one, with the new deployment's key", group, described, err)
	}
}

// keepLogGroup creates a log group as skipDestroy leaves it.
func (p *platform) keepLogGroup(t *testing.T, name string) {
	t.Helper()
	_, err := cloudwatchlogs.NewFromConfig(p.aws(t, east)).CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{
		LogGroupName: &name, KmsKeyId: aws.String(earlierKey), Tags: map[string]string{naming.TagEnvironment: p.name},
	})
	if err != nil {
		t.Fatalf("keeping log group %s: %v", name, err)
	}
}

// keepSecret creates a secret as a recovery window leaves it.
func (p *platform) keepSecret(t *testing.T, name string) {
	t.Helper()
	client := secretsmanager.NewFromConfig(p.aws(t, east))
	_, err := client.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{
		Name: &name, KmsKeyId: aws.String(earlierKey), SecretString: aws.String("earlier"),
		Tags: []secrets.Tag{{Key: aws.String(naming.TagEnvironment), Value: &p.name}},
	})
	if err == nil {
		_, err = client.DeleteSecret(t.Context(), &secretsmanager.DeleteSecretInput{SecretId: &name, RecoveryWindowInDays: aws.Int64(30)})
	}
	if err != nil {
		t.Fatalf("keeping secret %s: %v", name, err)
	}
}

// assertProtected checks that protection refuses a command of Pulumi, and that the state is unchanged.
func (p *platform) assertProtected(t *testing.T, stack, command string) {
	t.Helper()
	before := p.stateResources(t, stack)
	output, err := p.tryShell(t, "cd stacks/"+stack+"; "+command+" 2>&1")
	if err == nil || !strings.Contains(output, "protect") {
		t.Errorf("%s in %s ends with %v, want that something is protected:\n%s", command, stack, err, output)
	}
	if strings.Contains(output, pulumiDeleted) {
		t.Errorf("%s in %s removes something:\n%s", command, stack, output)
	}
	if after := p.stateResources(t, stack); !reflect.DeepEqual(after, before) {
		t.Errorf("%s in %s leaves %d of %d resources, or changes some", command, stack, len(after), len(before))
	}
}

// checkDestroyRefused destroys with make, which refuses before it runs Pulumi, and with Pulumi.
func checkDestroyRefused(t *testing.T, p *platform) {
	for _, arguments := range [][]string{{"destroy"}, {"destroy", "STACK=data-global", "FORCE=yes"}} {
		output, err := p.tryMake(t.Context(), t, arguments...)
		if err == nil || !strings.Contains(output, "is protected, so nothing was destroyed") || strings.Contains(output, "Destroying") {
			t.Errorf("make %s ends with %v, want a refusal ahead of Pulumi:\n%s", strings.Join(arguments, " "), err, output)
		}
	}
	for _, stack := range stacks[:2] {
		p.assertProtected(t, stack, "pulumi destroy --yes --non-interactive")
	}
}

// checkReplacementRefused changes the range of a VPC, which would replace the VPC.
func checkReplacementRefused(t *testing.T, p *platform) {
	p.shell(t, "cd stacks/foundation-network; pulumi config set primaryCidr 10.8.0.0/16")
	defer p.shell(t, "cd stacks/foundation-network; pulumi config rm primaryCidr")
	p.assertProtected(t, "foundation-network", "pulumi up --yes --non-interactive")
}

// vaultGuards are the types of what protects a backup vault beside the vault: they go with the protection.
var vaultGuards = []string{"aws:backup/vaultPolicy:VaultPolicy::", "aws:backup/vaultLockConfiguration:VaultLockConfiguration::"}

// checkUnprotected removes the protection by updates in place: every resource keeps its id, but for the guards of the vaults, which
// go. Deployed are the stacks that the environment has.
func checkUnprotected(t *testing.T, p *platform, deployed []string) {
	before := map[string]map[string]string{}
	for _, stack := range deployed {
		before[stack] = p.idsByURN(t, stack)
	}
	if output, err := p.tryMake(t.Context(), t, "unprotect"); err == nil || !strings.Contains(output, "CONFIRM="+p.name) {
		t.Errorf("make unprotect without CONFIRM ends with %v:\n%s", err, output)
	}
	p.make(t, "unprotect", "CONFIRM="+p.name)
	for _, stack := range deployed {
		before, after := before[stack], p.idsByURN(t, stack)
		for urn, id := range before {
			want := id
			if slices.ContainsFunc(vaultGuards, func(guard string) bool { return strings.Contains(urn, guard) }) {
				want = ""
			}
			if after[urn] != want {
				t.Errorf("without protection %s is %q, want %q", urn, after[urn], want)
			}
		}
		for urn := range after {
			if _, known := before[urn]; !known {
				t.Errorf("without protection there is %s, which was not there before", urn)
			}
		}
		p.make(t, "preview", "STACK="+stack, noDrift)
		if state := p.exportState(t, stack); strings.Contains(state, `"protect": true`) || strings.Contains(state, `"skipDestroy": true`) {
			t.Errorf("something of %s is protected still, or kept by a destroy", stack)
		}
	}
}

// idsByURN returns the ids of a stack's resources by URN.
func (p *platform) idsByURN(t *testing.T, stack string) map[string]string {
	t.Helper()
	ids := map[string]string{}
	for _, r := range p.stateResources(t, stack) {
		ids[r.URN] = r.ID
	}
	return ids
}
