//go:build e2e

package e2e

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	backuptypes "github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// checkBackups verifies the backups of both regions. The recovery points that it makes stay in their vaults: the destroy at the end
// deletes them, and the sweep looks for them.
func checkBackups(t *testing.T, p *platform) {
	t.Run("each region's plan takes the environment's own resources and no others", func(t *testing.T) { checkSelections(t, p) })
	runOnEmulator(t, "a document comes back from a backup", func(t *testing.T) { checkBackupAndRestore(t, p) })
}

// selection asks a region for what its plan takes.
func (p *platform) selection(t *testing.T, region, role string) *backuptypes.BackupSelection {
	t.Helper()
	client, name := backup.NewFromConfig(p.aws(t, region)), "plan-"+role+"-"+p.name
	var found []*backuptypes.BackupSelection
	plans := backup.NewListBackupPlansPaginator(client, nil)
	for plans.HasMorePages() {
		for _, plan := range require(plans.NextPage(t.Context()))(t).BackupPlansList {
			if aws.ToString(plan.BackupPlanName) != name {
				continue
			}
			listed := require(client.ListBackupSelections(t.Context(), &backup.ListBackupSelectionsInput{BackupPlanId: plan.BackupPlanId}))(t)
			for _, one := range listed.BackupSelectionsList {
				found = append(found, require(client.GetBackupSelection(t.Context(), &backup.GetBackupSelectionInput{
					BackupPlanId: plan.BackupPlanId, SelectionId: one.SelectionId,
				}))(t).BackupSelection)
			}
		}
	}
	if len(found) != 1 {
		t.Fatalf("the plan %s in %s has %d selections, want one", name, region, len(found))
	}
	return found[0]
}

func checkSelections(t *testing.T, p *platform) {
	for _, deployed := range deployedRegions {
		selection, parameters := p.selection(t, deployed.region, deployed.role), p.parameters(t, deployed.region)
		want := []string{
			aws.ToString(p.cluster(t, deployed.region).DBClusterArn),
			"arn:aws:s3:::" + parameters["documents/bucket"], "arn:aws:s3:::" + parameters["assets/bucket"],
		}
		slices.Sort(want)
		if got := slices.Sorted(slices.Values(selection.Resources)); !slices.Equal(got, want) {
			t.Errorf("the plan in %s takes %q, want %q", deployed.region, got, want)
		}
		var tags []string
		if selection.Conditions != nil {
			for _, one := range selection.Conditions.StringEquals {
				tags = append(tags, aws.ToString(one.ConditionKey)+"="+aws.ToString(one.ConditionValue))
			}
		}
		slices.Sort(tags)
		if want := []string{"aws:ResourceTag/Backup=true", "aws:ResourceTag/Environment=" + p.name}; !slices.Equal(tags, want) {
			t.Errorf("the plan in %s takes what has the tags %q, want %q, all of them", deployed.region, tags, want)
		}
		// Of a list of tags one alone is enough.
		if len(selection.ListOfTags) > 0 {
			t.Errorf("the plan in %s takes what has one of %d tags", deployed.region, len(selection.ListOfTags))
		}
	}
}

// checkBackupAndRestore backs the documents of the primary region up, copies that to the standby's vault, and restores a document that
// was deleted after it.
func checkBackupAndRestore(t *testing.T, p *platform) {
	const content = "worth a backup"
	ctx, client, objects := t.Context(), backup.NewFromConfig(p.aws(t, east)), p.s3(t, east)
	bucket, key := aws.String(p.parameters(t, east)["documents/bucket"]), aws.String("backed-up")
	require(objects.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader(content)}))(t)
	role := p.selection(t, east, "primary").IamRoleArn
	vault, peer := aws.String("vault-primary-"+p.name), "vault-secondary-"+p.name
	started := require(client.StartBackupJob(ctx, &backup.StartBackupJobInput{
		BackupVaultName: vault, ResourceArn: aws.String("arn:aws:s3:::" + *bucket), IamRoleArn: role,
	}))(t)
	await(t, "backing up the documents", func() error {
		job, err := client.DescribeBackupJob(ctx, &backup.DescribeBackupJobInput{BackupJobId: started.BackupJobId})
		if err == nil && job.State != backuptypes.BackupJobStateCompleted {
			err = fmt.Errorf("the job is %s: %s", job.State, aws.ToString(job.StatusMessage))
		}
		return err
	})
	west := require(backup.NewFromConfig(p.aws(t, west)).DescribeBackupVault(ctx, &backup.DescribeBackupVaultInput{BackupVaultName: &peer}))(t)
	require(client.StartCopyJob(ctx, &backup.StartCopyJobInput{
		RecoveryPointArn:          started.RecoveryPointArn,
		SourceBackupVaultName:     vault,
		DestinationBackupVaultArn: west.BackupVaultArn,
		IamRoleArn:                role,
	}))(t)
	require(objects.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: bucket, Key: key}))(t)
	restored := require(client.StartRestoreJob(ctx, &backup.StartRestoreJobInput{
		RecoveryPointArn: started.RecoveryPointArn, IamRoleArn: role, ResourceType: aws.String("S3"),
		Metadata: map[string]string{"DestinationBucketName": *bucket, "NewBucket": "false"},
	}))(t)
	await(t, "restoring the documents", func() error {
		job, err := client.DescribeRestoreJob(ctx, &backup.DescribeRestoreJobInput{RestoreJobId: restored.RestoreJobId})
		if err == nil && job.Status != backuptypes.RestoreJobStatusCompleted {
			err = fmt.Errorf("the job is %s: %s", job.Status, aws.ToString(job.StatusMessage))
		}
		return err
	})
	document := require(objects.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key}))(t)
	defer document.Body.Close()
	if got := string(require(io.ReadAll(document.Body))(t)); got != content {
		t.Errorf("the document is %q, want %q", got, content)
	}
}
