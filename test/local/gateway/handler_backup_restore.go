package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
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
	wanted := map[string]string{typeS3: "DestinationBucketName", typeAurora: "dbClusterIdentifier"}[point.ResourceType]
	if input.Metadata[wanted] == "" {
		return restError(http.StatusBadRequest, "MissingParameterValueException", "Metadata has no "+wanted+".")
	}
	job := backupJob{
		ID: requestID(), Kind: restoreJobs, Region: c.Region, Created: h.calendar.now(), Vault: point.Vault, VaultARN: point.VaultARN,
		PointARN: point.ARN, ResourceARN: point.ResourceARN, ResourceType: point.ResourceType, RoleARN: input.IamRoleArn, Bytes: point.Bytes,
	}
	job, err := h.run(c.Context(), g, job, func(job *backupJob) error {
		if point.ResourceType == typeAurora {
			return restoreClusterPoint(c.Context(), g, job, input.Metadata)
		}
		target := input.Metadata[wanted]
		if input.Metadata["NewBucket"] == "true" {
			if err := g.createBucket(c.Context(), c.Region, target); err != nil {
				return err
			}
		}
		job.CreatedARN = "arn:aws:s3:::" + target
		return g.restoreBucket(c.Context(), c.Region, target, job.ResourceARN == job.CreatedARN, h.folderOf(point.ARN))
	})
	if err != nil {
		return apiResponse{}, err
	}
	return jsonResponse(map[string]string{"RestoreJobId": job.ID})
}

// restoreClusterPoint makes a cluster of the snapshot that a recovery point is, with RDS's own operation. What that refuses is why the
// job has failed.
func restoreClusterPoint(ctx context.Context, g *Gateway, job *backupJob, metadata map[string]string) error {
	fields := []string{
		"DBClusterIdentifier", metadata["dbClusterIdentifier"], "SnapshotIdentifier", job.PointARN, "Engine", auroraEngine,
	}
	if group := metadata["dbSubnetGroupName"]; group != "" {
		fields = append(fields, "DBSubnetGroupName", group)
	}
	if list := metadata["vpcSecurityGroupIds"]; list != "" {
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
