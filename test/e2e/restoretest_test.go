//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	backuptypes "github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"warmstandby/shared/contract/controller"
	"warmstandby/test/drill/topic"
)

// probeKey is the document that a restored bucket must have, with the time at which the controller wrote it.
const probeKey = controller.ProbePrefix + "replication"

// checkRestoreTests has AWS Backup run its weekly test of restores at once, with a good backup of documents and of the database, and with
// one whose probe document is years old. The controller must validate each, and notify the operators of the bad one alone.
func checkRestoreTests(t *testing.T, p *platform) {
	ctx, backups, eastern := t.Context(), backup.NewFromConfig(p.aws(t, west)), backup.NewFromConfig(p.aws(t, east))
	objects, documents := p.s3(t, east), aws.String(p.parameters(t, east)["documents/bucket"])
	vault := aws.String("vault-secondary-" + p.name)
	replicas := p.parameters(t, west)["documents/bucket"]
	await(t, "the controller's probe document is in the standby's bucket", func() error {
		_, err := p.s3(t, west).HeadObject(ctx, &s3.HeadObjectInput{Bucket: &replicas, Key: aws.String(probeKey)})
		return err
	})
	role := p.selection(t, west, "secondary").IamRoleArn
	store := func(client *backup.Client, vault *string, resource string) *string {
		started := require(client.StartBackupJob(ctx, &backup.StartBackupJobInput{
			BackupVaultName: vault, ResourceArn: aws.String(resource), IamRoleArn: role,
		}))(t)
		job := require(client.DescribeBackupJob(ctx, &backup.DescribeBackupJobInput{BackupJobId: started.BackupJobId}))(t)
		if job.State != backuptypes.BackupJobStateCompleted {
			t.Fatalf("the backup of %s is %s: %s", resource, job.State, aws.ToString(job.StatusMessage))
		}
		return job.RecoveryPointArn
	}
	wanted := map[string]backuptypes.RestoreValidationStatus{}
	good := store(backups, vault, "arn:aws:s3:::"+replicas)
	wanted[aws.ToString(good)] = backuptypes.RestoreValidationStatusSuccessful
	database := store(backups, vault, aws.ToString(p.cluster(t, west).DBClusterArn))
	wanted[aws.ToString(database)] = backuptypes.RestoreValidationStatusSuccessful
	spoiled := p.spoiledBackup(t, objects, documents, func() *string {
		return store(eastern, aws.String("vault-primary-"+p.name), "arn:aws:s3:::"+*documents)
	})
	described := require(backups.DescribeBackupVault(ctx, &backup.DescribeBackupVaultInput{BackupVaultName: vault}))(t)
	copied := require(eastern.StartCopyJob(ctx, &backup.StartCopyJobInput{
		RecoveryPointArn: spoiled, SourceBackupVaultName: aws.String("vault-primary-" + p.name),
		DestinationBackupVaultArn: described.BackupVaultArn, IamRoleArn: role,
	}))(t)
	bad := require(eastern.DescribeCopyJob(ctx, &backup.DescribeCopyJobInput{CopyJobId: copied.CopyJobId}))(t).CopyJob
	wanted[aws.ToString(bad.DestinationRecoveryPointArn)] = backuptypes.RestoreValidationStatusFailed
	inbox := p.operatorsQueue(t, west)

	plan := p.runRestoreTest(t, backups)
	listed := require(backups.ListRestoreJobs(ctx, &backup.ListRestoreJobsInput{ByRestoreTestingPlanArn: plan}))(t).RestoreJobs
	jobs := map[string]backuptypes.RestoreJobsListMember{}
	for _, job := range listed {
		jobs[aws.ToString(job.RecoveryPointArn)] = job
	}
	for point, want := range wanted {
		job := jobs[point]
		if job.ValidationStatus != want || job.DeletionStatus != backuptypes.RestoreDeletionStatusSuccessful {
			t.Errorf("the test of %s is %s, its validation %s (%s), its deletion %q; want %s", point, job.Status, job.ValidationStatus,
				aws.ToString(job.ValidationStatusMessage), job.DeletionStatus, want)
		}
	}
	failed := aws.ToString(jobs[aws.ToString(bad.DestinationRecoveryPointArn)].RestoreJobId)
	passed := []string{aws.ToString(jobs[aws.ToString(good)].RestoreJobId), aws.ToString(jobs[aws.ToString(database)].RestoreJobId)}
	await(t, "the operators are notified of the test that has failed", func() error {
		notified := false
		inbox.Receive(ctx, func(text []byte) {
			for _, id := range passed {
				if id != "" && bytes.Contains(text, []byte(id)) {
					t.Errorf("they are notified of one that has passed: %s", text)
				}
			}
			notified = notified || failed != "" && bytes.Contains(text, []byte(failed))
		})
		if notified {
			return nil
		}
		return errors.New("no message names restore job " + failed)
	})
}

// spoiledBackup backs the documents up while their probe is years old. The controller overwrites it each minute, so that the backup is made
// again if it did so meanwhile.
func (p *platform) spoiledBackup(t *testing.T, objects *s3.Client, bucket *string, store func() *string) *string {
	const old = "2020-01-01T00:00:00Z"
	for {
		require(objects.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: aws.String(probeKey), Body: strings.NewReader(old)}))(t)
		point := store()
		read := require(objects.GetObject(t.Context(), &s3.GetObjectInput{Bucket: bucket, Key: aws.String(probeKey)}))(t)
		content := string(require(io.ReadAll(read.Body))(t))
		read.Body.Close()
		if content == old {
			return point
		}
	}
}

// operatorsQueue receives what a region's operators are notified of, until the test ends.
func (p *platform) operatorsQueue(t *testing.T, region string) *topic.Queue {
	inbox := topic.New(p.aws(t, region), "restoretest-"+p.name, p.topic(t, region))
	t.Cleanup(func() {
		if err := inbox.Detach(context.WithoutCancel(t.Context())); err != nil { // The test's own context ends before the cleanup.
			t.Error(err)
		}
	})
	if err := inbox.Attach(t.Context()); err != nil {
		t.Fatal(err)
	}
	return inbox
}

// runRestoreTest has the plan that tests restores run in some minutes of AWS Backup's calendar, and moves that on until the test and the
// hour of its validation are over. It returns the plan's ARN; the plan has its own schedule again afterwards.
func (p *platform) runRestoreTest(t *testing.T, backups *backup.Client) (arn *string) {
	ctx := t.Context()
	var name *string
	for _, plan := range require(backups.ListRestoreTestingPlans(ctx, nil))(t).RestoreTestingPlans {
		if strings.Contains(aws.ToString(plan.RestoreTestingPlanName), strings.ReplaceAll(p.name, "-", "_")) {
			name, arn = plan.RestoreTestingPlanName, plan.RestoreTestingPlanArn
		}
	}
	if name == nil {
		t.Fatal("there is no restore testing plan")
	}
	plan := require(backups.GetRestoreTestingPlan(ctx, &backup.GetRestoreTestingPlanInput{RestoreTestingPlanName: name}))(t).RestoreTestingPlan
	schedule := func(expression string) {
		require(backups.UpdateRestoreTestingPlan(ctx, &backup.UpdateRestoreTestingPlanInput{
			RestoreTestingPlanName: name, RestoreTestingPlan: &backuptypes.RestoreTestingPlanForUpdate{ScheduleExpression: &expression},
		}))(t)
	}
	advance := func(by string) string {
		return strings.TrimSpace(p.shell(t, `"$LOCAL" backup-calendar --state "$STATE" --by `+by))
	}
	now := require(time.Parse(time.RFC3339, advance("1s")))(t)
	due := now.Add(5 * time.Minute)
	schedule(fmt.Sprintf("cron(%d %d * * ? *)", due.Minute(), due.Hour()))
	defer schedule(aws.ToString(plan.ScheduleExpression))
	advance("75m")
	return arn
}
