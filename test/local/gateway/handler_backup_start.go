package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"

	"warmstandby/test/local/fault"
)

// The types of resources that jobs work on. AWS: AWS Backup API Reference, BackupJob, ResourceType.
const (
	typeS3     = "S3"
	typeAurora = "Aurora"
)

// lifecycle is how long a recovery point is kept. AWS: AWS Backup API Reference, Lifecycle.
type lifecycle struct{ DeleteAfterDays int }

// accountOf returns the account in an ARN.
func accountOf(arn string) string {
	if parts := strings.Split(arn, ":"); len(parts) > 4 {
		return parts[4]
	}
	return ""
}

// lastOf returns what an ARN has after its last colon.
func lastOf(arn string) string { return arn[strings.LastIndexByte(arn, ':')+1:] }

// regionOf returns the region in an ARN.
func regionOf(arn string) string {
	if parts := strings.Split(arn, ":"); len(parts) > 3 {
		return parts[3]
	}
	return ""
}

// folderOf is where a recovery point's objects are.
func (h *backupHandler) folderOf(pointARN string) string {
	return filepath.Join(h.stored, lastOf(pointARN))
}

// refusal is why a job cannot be done, as an operator reads it in the job's status message. Any other error is the emulator's own.
type refusal struct{ reason string }

func (r refusal) Error() string { return r.reason }

func refuse(format string, args ...any) error { return refusal{fmt.Sprintf(format, args...)} }

// run does a job's work and records its end: a job that is refused has failed, and its start was answered all the same.
func (h *backupHandler) run(ctx context.Context, g *Gateway, job backupJob, work func(*backupJob) error) (backupJob, error) {
	job.State = jobCompleted
	err := h.admit(g, job)
	if err == nil {
		err = work(&job)
	}
	var refused refusal
	if errors.As(err, &refused) {
		job.State, job.Message = jobFailed, refused.reason
	} else if err != nil {
		return job, err
	}
	return job, h.end(ctx, g, job)
}

// admit refuses every job of a region whose backups fail.
func (h *backupHandler) admit(g *Gateway, job backupJob) error {
	if _, failing := g.faults.Find(job.Region, fault.BackupFailing); failing {
		return refuse("The job failed because of an internal failure of AWS Backup in %s.", job.Region)
	}
	return nil
}

// newPoint makes the recovery point of a job, unless the vault's lock refuses its retention. AWS: AWS Backup Developer Guide, "AWS
// Backup Vault Lock", MinRetentionDays and MaxRetentionDays.
func (h *backupHandler) newPoint(job *backupJob, region string, kept lifecycle) (recoveryPoint, error) {
	guards, _ := h.vaults.get(vaultKey(region, job.Vault))
	if days := kept.DeleteAfterDays; days > 0 &&
		(days < guards.MinRetentionDays || guards.MaxRetentionDays > 0 && days > guards.MaxRetentionDays) {
		return recoveryPoint{}, refuse("The retention of %d days is outside the bounds of the locked vault %s, at least %d days.",
			days, job.Vault, guards.MinRetentionDays)
	}
	account, _, _ := strings.Cut(job.VaultARN, ":backup-vault:")
	job.PointARN = account + ":recovery-point:" + requestID()
	return recoveryPoint{
		ARN: job.PointARN, Region: region, Vault: job.Vault, VaultARN: job.VaultARN, ResourceARN: job.ResourceARN,
		ResourceType: job.ResourceType, RoleARN: job.RoleARN, Created: job.Created, RetentionDays: kept.DeleteAfterDays,
	}, nil
}

// startBackup serves StartBackupJob.
func (h *backupHandler) startBackup(g *Gateway, c *Call) (apiResponse, error) {
	var input struct {
		BackupVaultName, ResourceArn, IamRoleArn string
		Lifecycle                                lifecycle
		RecoveryPointTags                        map[string]string
	}
	if err := decodeREST(c, &input); err != nil {
		return restError(http.StatusBadRequest, "InvalidParameterValueException", err.Error())
	}
	if input.BackupVaultName == "" || input.ResourceArn == "" || input.IamRoleArn == "" {
		return restError(http.StatusBadRequest, "MissingParameterValueException", "BackupVaultName, ResourceArn and IamRoleArn are required.")
	}
	vaultARN, resp, err := g.vaultCall(c.Context(), c.Region, input.BackupVaultName)
	if err != nil || !resp.ok() {
		return resp, err
	}
	job, err := h.backUp(c.Context(), g, backupOrder{
		region: c.Region, vault: input.BackupVaultName, vaultARN: vaultARN, resource: input.ResourceArn, role: input.IamRoleArn,
		kept: input.Lifecycle, tags: input.RecoveryPointTags, at: h.calendar.now(),
	})
	if err != nil {
		return apiResponse{}, err
	}
	return jsonResponse(map[string]any{
		"BackupJobId": job.ID, "RecoveryPointArn": job.PointARN, "CreationDate": epoch(job.Created), "IsParent": false,
	})
}

// typeOf returns the type of a resource by its ARN.
func typeOf(arn string) string {
	switch {
	case strings.HasPrefix(arn, "arn:aws:s3:::"):
		return typeS3
	case strings.Contains(arn, ":rds:") && strings.Contains(arn, ":cluster:"):
		return typeAurora
	}
	return ""
}

// startCopy serves StartCopyJob, which copies a recovery point to a vault of any region.
func (h *backupHandler) startCopy(g *Gateway, c *Call) (apiResponse, error) {
	var input struct {
		RecoveryPointArn, SourceBackupVaultName, DestinationBackupVaultArn, IamRoleArn string
		Lifecycle                                                                      lifecycle
	}
	if err := decodeREST(c, &input); err != nil {
		return restError(http.StatusBadRequest, "InvalidParameterValueException", err.Error())
	}
	source, ok := h.points.get(input.RecoveryPointArn)
	if !ok || source.Region != c.Region || source.Vault != input.SourceBackupVaultName {
		return notFound("Recovery point", input.RecoveryPointArn)
	}
	name, region := lastOf(input.DestinationBackupVaultArn), regionOf(input.DestinationBackupVaultArn)
	if _, resp, err := g.vaultCall(c.Context(), region, name); err != nil || !resp.ok() {
		return resp, err
	}
	job, err := h.copyPoint(c.Context(), g, source, copyOrder{
		vaultARN: input.DestinationBackupVaultArn, role: input.IamRoleArn, kept: input.Lifecycle, at: h.calendar.now(),
	})
	if err != nil {
		return apiResponse{}, err
	}
	return jsonResponse(map[string]any{"CopyJobId": job.ID, "CreationDate": epoch(job.Created), "IsParent": false})
}
