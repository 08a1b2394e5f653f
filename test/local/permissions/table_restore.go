package permissions

import "slices"

// What AWS Backup does by the role of the restore tests, for Aurora and for S3.
const (
	restoresOfAurora = "AWS Managed Policy Reference Guide, AWSBackupServiceRolePolicyForRestores"
	restoresOfS3     = "AWS Managed Policy Reference Guide, AWSBackupServiceRolePolicyForS3Restore"
)

// restoreTests are the calls of AWS Backup that restore to try backups, of the rule that reports them, and of the controller that looks
// at what was restored. They are in the standby region.
func (e *environment) restoreTests(function string) []call {
	_, v := e.views()
	role, controller := v.named("restoretest"), v.named("failover")
	const bucket = "arn:aws:s3:::awsbackup-restore-test-1"
	rows := assumed(role, "backup.amazonaws.com", "", "", "AWS Backup Developer Guide, Restore testing")
	cluster, parameters := v.arn("rds", "cluster:awsbackup-restore-test-1"), v.arn("rds", "cluster-pg:default.aurora-postgresql16")
	subnets := v.arn("rds", "subgrp:dbsubnets-records-secondary-"+e.output("foundation-network", "environmentSuffix"))
	for _, group := range []struct {
		page      string
		resources []string
		actions   []string
	}{
		{
			restoresOfAurora, []string{cluster, v.arn("rds", "cluster-snapshot:awsbackup:job-1"), subnets, parameters},
			[]string{"rds:RestoreDBClusterFromSnapshot"},
		},
		{
			restoresOfAurora, []string{cluster},
			[]string{"rds:AddTagsToResource", "rds:DeleteDBCluster", "rds:DescribeDBClusters", "rds:ListTagsForResource"},
		},
		{restoresOfAurora, []string{v.arn("rds", "cluster-snapshot:awsbackup:job-1")}, []string{"rds:DescribeDBClusterSnapshots"}},
		{
			restoresOfS3, []string{bucket},
			[]string{
				"s3:CreateBucket", "s3:GetBucketLocation", "s3:GetBucketVersioning", "s3:ListBucket", "s3:ListBucketVersions",
				"s3:PutBucketOwnershipControls", "s3:PutBucketVersioning",
			},
		},
		{
			restoresOfS3, []string{bucket + "/records/1"},
			[]string{
				"s3:DeleteObject", "s3:GetObject", "s3:GetObjectAcl", "s3:GetObjectTagging", "s3:GetObjectVersion", "s3:GetObjectVersionAcl",
				"s3:ListMultipartUploadParts", "s3:PutObject", "s3:PutObjectAcl", "s3:PutObjectTagging", "s3:PutObjectVersionAcl",
			},
		},
		{restoresOfAurora, []string{v.data("KeyArn")}, []string{"kms:DescribeKey"}},
	} {
		for _, resource := range group.resources {
			for _, action := range group.actions {
				rows = append(rows, call{principal: role, action: action, resource: resource, page: group.page})
			}
		}
	}
	grant := call{
		principal: role, action: "kms:CreateGrant", resource: v.data("KeyArn"), page: restoresOfAurora,
		context: map[string]any{"kms:GrantIsForAWSResource": "true"},
	}
	rule := v.arn("events", "rule/rule-restoretest-secondary-"+e.output("foundation-network", "environmentSuffix"))
	report := call{
		principal: "events.amazonaws.com", action: "lambda:InvokeFunction", resource: function,
		context: map[string]any{"aws:SourceArn": rule},
		page:    "Amazon EventBridge User Guide, Using resource-based policies, AWS Lambda permissions",
	}
	for _, service := range []string{"backup", "rds", "s3"} {
		rows = append(rows, throughKMS(role, service, v.region, v.data("KeyArn"), nil, restoresOfS3, "kms:Decrypt", "kms:GenerateDataKey")...)
	}
	return slices.Concat(rows, []call{
		grant, grant.with(map[string]any{"kms:GrantIsForAWSResource": "false"}).mustFail("it is no service's grant"),
		report, report.with(map[string]any{"aws:SourceArn": v.arn("events", "rule/other")}).mustFail("it is another rule's"),
		{
			principal: controller, action: "backup:PutRestoreValidationResult", resource: "*",
			page: "AWS Backup API Reference, PutRestoreValidationResult",
		},
		{principal: controller, action: "s3:GetObject", resource: bucket + "/probes/replication", page: "Amazon S3 API Reference, GetObject"},
	})
}
