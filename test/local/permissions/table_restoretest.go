package permissions

import "slices"

const (
	restoreActions = "AWS Managed Policy Reference Guide, AWSBackupServiceRolePolicyForRestores and AWSBackupServiceRolePolicyForS3Restore"
	backupKeys     = "AWS Backup Developer Guide, Encryption for backups in AWS Backup"
)

// permitted are rows of one principal that are the same but for the action and the resource.
func permitted(principal, page string, resources []string, actions ...string) []call {
	var rows []call
	for _, resource := range resources {
		for _, action := range actions {
			rows = append(rows, call{principal: principal, action: action, resource: resource, page: page})
		}
	}
	return rows
}

// granted are the rows of a role that gives a service of AWS a grant on a key.
func granted(role, key string) []call {
	row := call{
		principal: role, action: "kms:CreateGrant", resource: key, context: map[string]any{"kms:GrantIsForAWSResource": "true"}, page: backupKeys,
	}
	return []call{row, row.with(map[string]any{"kms:GrantIsForAWSResource": "false"}).mustFail("it is for no service of AWS")}
}

// restoreTests are the calls of AWS Backup's tests of restores, in the standby region, and of the controller that validates them.
func (e *environment) restoreTests(function string) []call {
	_, standby := e.views()
	role, controller := standby.named("restoretest"), standby.named("failover")
	suffix := e.output("foundation-network", "environmentSuffix")
	const bucket = "arn:aws:s3:::awsbackup-restore-test-1"
	key := standby.data("KeyArn")
	invoked := call{
		principal: "events.amazonaws.com", action: "lambda:InvokeFunction", resource: function,
		context: map[string]any{"aws:SourceArn": standby.arn("events", "rule/rule-restoretest-secondary-"+suffix)},
		page:    "Amazon EventBridge User Guide, Using resource-based policies, AWS Lambda permissions",
	}
	return slices.Concat(
		assumed(role, "backup.amazonaws.com", "", "", "AWS Backup Developer Guide, IAM service roles"),
		permitted(
			role,
			restoreActions,
			[]string{standby.arn("rds", "cluster:awsbackup-restore-test-1"), standby.arn("rds", "cluster-snapshot:awsbackup:job-1")},
			"rds:AddTagsToResource",
			"rds:DeleteDBCluster",
			"rds:DescribeDBClusterSnapshots",
			"rds:DescribeDBClusters",
			"rds:ListTagsForResource",
			"rds:RestoreDBClusterFromSnapshot",
		),
		permitted(role, restoreActions, []string{
			standby.arn("rds", "subgrp:dbsubnets-records-secondary-"+suffix), standby.arn("rds", "cluster-pg:default.aurora-postgresql16"),
		}, "rds:RestoreDBClusterFromSnapshot"),
		permitted(role, restoreActions, []string{bucket},
			"s3:CreateBucket", "s3:GetBucketLocation", "s3:GetBucketVersioning", "s3:ListBucket", "s3:ListBucketVersions",
			"s3:PutBucketOwnershipControls", "s3:PutBucketVersioning"),
		permitted(role, restoreActions, []string{bucket + "/records/1"},
			"s3:DeleteObject", "s3:GetObject", "s3:GetObjectAcl", "s3:GetObjectTagging", "s3:GetObjectVersion", "s3:GetObjectVersionAcl",
			"s3:ListMultipartUploadParts", "s3:PutObject", "s3:PutObjectAcl", "s3:PutObjectTagging", "s3:PutObjectVersionAcl"),
		permitted(role, restoreActions, []string{key}, "kms:DescribeKey"),
		granted(role, key),
		throughKMS(role, "rds", standby.region, key, nil, backupKeys, "kms:Decrypt", "kms:GenerateDataKey"),
		permitted(controller, "AWS Backup Developer Guide, Restore testing validation", []string{"*"}, "backup:PutRestoreValidationResult"),
		permitted(controller, "Amazon S3 API Reference, GetObject", []string{bucket + "/probes/replication"}, "s3:GetObject"),
		[]call{
			invoked, invoked.with(map[string]any{"aws:SourceArn": standby.arn("events", "rule/other")}).mustFail("it is another rule's"),
			{
				principal: controller, action: "s3:GetObject", resource: bucket + "/records/1", page: "Amazon S3 API Reference, GetObject",
				refused: "it is a patient's document",
			},
			{
				principal: role, action: "s3:PutObject", resource: standby.data("DocumentsBucketArn") + "/records/1", page: restoreActions,
				refused: "a test restores into buckets of its own",
			},
		},
	)
}
