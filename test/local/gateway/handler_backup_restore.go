package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// startRestore serves StartRestoreJob, into a new bucket or one that there is, or into a new cluster. AWS: AWS Backup Developer Guide,
// "Restore S3 data using AWS Backup" and "Restore an Amazon Aurora cluster".
func (h *backupHandler) startRestore(g *Gateway, c *Call) (apiResponse, error) {
	var input struct {
		RecoveryPointArn, IamRoleArn string
		Metadata                     map[string]string
	}
	if err := decodeREST(c, &input); err != nil {
		return restError(http.StatusBadRequest, "InvalidParameterValueException", err.Error())
	}
	point, ok := h.points.get(input.RecoveryPointArn)
	if !ok || point.Region != c.Region {
		return notFound("Recovery point", input.RecoveryPointArn)
	}
	if wanted := restoreTarget[point.ResourceType]; metadataOf(input.Metadata, wanted) == "" {
		return restError(http.StatusBadRequest, "MissingParameterValueException", "Metadata has no "+wanted+".")
	}
	job, err := h.restore(c.Context(), g, newRestoreJob(point, input.IamRoleArn, h.calendar.now()), point, input.Metadata)
	if err != nil {
		return apiResponse{}, err
	}
	return jsonResponse(map[string]string{"RestoreJobId": job.ID})
}

// restoreTarget is the key of a restore's metadata that names what is made, by type of resource.
var restoreTarget = map[string]string{typeS3: "DestinationBucketName", typeAurora: "dbClusterIdentifier"}

// metadataOf returns a value of a restore's metadata, whose keys are in any case. AWS: AWS Backup Developer Guide, "Restore testing
// inferred metadata".
func metadataOf(metadata map[string]string, wanted string) string {
	for name, value := range metadata {
		if strings.EqualFold(name, wanted) {
			return value
		}
	}
	return ""
}

// newRestoreJob is a job that restores a recovery point.
func newRestoreJob(point recoveryPoint, role string, at time.Time) backupJob {
	return backupJob{
		ID: requestID(), Kind: restoreJobs, Region: point.Region, Created: at, Vault: point.Vault, VaultARN: point.VaultARN,
		PointARN: point.ARN, ResourceARN: point.ResourceARN, ResourceType: point.ResourceType, RoleARN: role, Bytes: point.Bytes,
	}
}

// restore runs a restore job. What a test has restored waits for its validation, if there is time for one.
func (h *backupHandler) restore(
	ctx context.Context, g *Gateway, job backupJob, point recoveryPoint, metadata map[string]string,
) (backupJob, error) {
	return h.run(ctx, g, job, func(job *backupJob) error {
		var err error
		if point.ResourceType == typeAurora {
			err = restoreClusterPoint(ctx, g, job, metadata)
		} else {
			err = h.restoreBucketPoint(ctx, g, job, metadata)
		}
		if err == nil && job.isTest() && job.WindowEnds.After(job.Created) {
			job.Validation = validating
		}
		return err
	})
}

// restoreBucketPoint restores the objects of a recovery point into a new bucket or one that there is.
func (h *backupHandler) restoreBucketPoint(ctx context.Context, g *Gateway, job *backupJob, metadata map[string]string) error {
	target := metadataOf(metadata, restoreTarget[typeS3])
	if metadataOf(metadata, "NewBucket") == "true" {
		if err := g.createBucket(ctx, job.Region, target); err != nil {
			return err
		}
	}
	job.CreatedARN = "arn:aws:s3:::" + target
	return g.restoreBucket(ctx, job.Region, target, job.ResourceARN == job.CreatedARN, h.folderOf(job.PointARN))
}

// restoreClusterPoint makes a cluster of the snapshot that a recovery point is, with RDS's own operation. What that refuses is why the
// job has failed.
func restoreClusterPoint(ctx context.Context, g *Gateway, job *backupJob, metadata map[string]string) error {
	fields := []string{
		"DBClusterIdentifier", metadataOf(metadata, restoreTarget[typeAurora]), "SnapshotIdentifier", job.PointARN, "Engine", auroraEngine,
	}
	if group := metadataOf(metadata, "dbSubnetGroupName"); group != "" {
		fields = append(fields, "DBSubnetGroupName", group)
	}
	if list := metadataOf(metadata, "vpcSecurityGroupIds"); list != "" {
		var groups []string
		if err := json.Unmarshal([]byte(list), &groups); err != nil {
			return refuse("vpcSecurityGroupIds is %q, want a list such as [\"sg-1\"].", list)
		}
		for i, group := range groups {
			fields = append(fields, fmt.Sprintf("VpcSecurityGroupIds.VpcSecurityGroupId.%d", i+1), group)
		}
	}
	root, err := g.describe(ctx, job.Region, "rds", "RestoreDBClusterFromSnapshot", fields...)
	if err != nil {
		return refuse("RDS refuses the restore: %v.", err)
	}
	job.CreatedARN = root.findText("RestoreDBClusterFromSnapshotResult", "DBCluster", "DBClusterArn")
	return nil
}
