package permissions

import (
	"slices"
	"strings"
)

// What AWS Backup does by its role, for Aurora and for S3.
const (
	backupsOfAurora = "AWS Managed Policy Reference Guide, AWSBackupServiceRolePolicyForBackup"
	backupsOfS3     = "AWS Managed Policy Reference Guide, AWSBackupServiceRolePolicyForS3Backup"
	backupsAccess   = "AWS Backup Developer Guide, Access control"
)

// backup are the calls of AWS Backup by its role, of the rule that notifies of failed backups, and what the vault refuses.
func (v view) backup() []call {
	role, snapshot := v.named("backup"), "cluster-snapshot:awsbackup:job-1"
	copied := strings.Replace(v.arn("rds", snapshot), v.region, v.peerRegion, 1)
	vault := v.arn("backup", "backup-vault:"+v.data("BackupVaultName"))
	peerVault := "arn:aws:backup:" + v.peerRegion + ":" + account + ":backup-vault:" + v.output("data-global", v.peerKey+"BackupVaultName")
	rows := assumed(role, "backup.amazonaws.com", "", "", "AWS Backup Developer Guide, IAM service roles")
	for _, group := range []struct {
		page      string
		resources []string
		actions   []string
	}{
		{
			backupsOfAurora, []string{v.data("ClusterArn"), v.arn("rds", snapshot)},
			[]string{"rds:AddTagsToResource", "rds:CreateDBClusterSnapshot", "rds:ListTagsForResource"},
		},
		{backupsOfAurora, []string{v.data("ClusterArn")}, []string{"rds:DescribeDBClusters"}},
		{
			backupsOfAurora, []string{v.arn("rds", snapshot), copied},
			[]string{
				"rds:AddTagsToResource", "rds:CopyDBClusterSnapshot", "rds:DeleteDBClusterSnapshot", "rds:DescribeDBClusterSnapshots",
				"rds:ModifyDBClusterSnapshotAttribute",
			},
		},
		{
			backupsOfS3, []string{v.data("DocumentsBucketArn"), v.data("AssetsBucketArn")},
			[]string{
				"s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketNotification", "s3:GetBucketTagging", "s3:GetBucketVersioning",
				"s3:GetInventoryConfiguration", "s3:ListBucket", "s3:ListBucketVersions", "s3:PutBucketNotification",
				"s3:PutInventoryConfiguration",
			},
		},
		{
			backupsOfS3, []string{v.data("DocumentsBucketArn") + "/records/1", v.data("AssetsBucketArn") + "/1"},
			[]string{
				"s3:GetObject", "s3:GetObjectAcl", "s3:GetObjectTagging", "s3:GetObjectVersion", "s3:GetObjectVersionAcl",
				"s3:GetObjectVersionTagging",
			},
		},
		{
			backupsOfS3, []string{v.arn("events", "rule/AwsBackupManagedRule-1")},
			[]string{
				"events:DeleteRule", "events:DescribeRule", "events:DisableRule", "events:EnableRule", "events:ListTargetsByRule",
				"events:PutRule", "events:PutTargets", "events:RemoveTargets",
			},
		},
		{
			backupsOfS3, []string{"*"},
			[]string{"cloudwatch:GetMetricData", "events:ListRules", "s3:ListAllMyBuckets", "tag:GetResources"},
		},
		{backupsAccess, []string{vault, peerVault}, []string{"backup:CopyIntoBackupVault", "backup:DescribeBackupVault"}},
	} {
		for _, resource := range group.resources {
			for _, action := range group.actions {
				rows = append(rows, call{principal: role, action: action, resource: resource, page: group.page})
			}
		}
	}
	moved := call{
		principal: role, action: "backup:CopyFromBackupVault", resource: v.arn("rds", snapshot), page: backupsAccess,
		context: map[string]any{"backup:CopyTargets": []string{peerVault}},
	}
	elsewhere := map[string]any{"backup:CopyTargets": []string{"arn:aws:backup:" + v.peerRegion + ":" + another + ":backup-vault:other"}}
	return slices.Concat(rows, v.backupKeys(role), v.failedBackups(), v.keptBackups(vault),
		[]call{moved, moved.with(elsewhere).mustFail("it is another vault")})
}

// backupKeys are the calls of AWS Backup, and of services in its name, for the keys of both regions.
func (v view) backupKeys(role string) []call {
	var rows []call
	for _, one := range []struct{ region, key string }{
		{v.region, v.data("KeyArn")}, {v.peerRegion, v.output("data-global", v.peerKey+"KeyArn")},
	} {
		grant := call{
			principal: role, action: "kms:CreateGrant", resource: one.key, page: backupsOfAurora,
			context: map[string]any{"kms:GrantIsForAWSResource": "true"},
		}
		rows = append(rows,
			call{principal: role, action: "kms:DescribeKey", resource: one.key, page: backupsOfAurora},
			grant, grant.with(map[string]any{"kms:GrantIsForAWSResource": "false"}).mustFail("it is no service's grant"),
		)
		for _, service := range []string{"backup", "rds", "s3"} {
			rows = append(rows, throughKMS(role, service, one.region, one.key, nil, backupsOfS3, "kms:Decrypt", "kms:GenerateDataKey")...)
		}
	}
	return rows
}

// failedBackups are the calls of the rule that notifies operators, by EventBridge as the service.
func (v view) failedBackups() []call {
	rule := v.arn("events", "rule/rule-backup-failed-"+v.role+"-"+v.output("foundation-network", "environmentSuffix"))
	publish := call{
		principal: "events.amazonaws.com", action: "sns:Publish", resource: v.output(v.app, "topicArn"),
		context: map[string]any{"aws:SourceArn": rule},
		page:    "Amazon EventBridge User Guide, Using resource-based policies, Amazon SNS permissions",
	}
	rows := []call{publish, publish.with(map[string]any{"aws:SourceArn": v.arn("events", "rule/other")}).mustFail("it is another rule's")}
	for _, action := range []string{"kms:Decrypt", "kms:GenerateDataKey"} {
		rows = append(rows, call{
			principal: "events.amazonaws.com", action: action, resource: v.output(v.app, "keyArn"),
			page: "Amazon SNS Developer Guide, Managing Amazon SNS encryption keys and costs, Compatibility between event sources and topics",
		})
	}
	return rows
}

// keptBackups are what the policy of a vault refuses to everybody, where protection has given it one.
func (v view) keptBackups(vault string) []call {
	if e := v.environment; e.resources[vault] == nil {
		return nil
	}
	var rows []call
	for _, action := range []string{"backup:DeleteRecoveryPoint", "backup:DisassociateRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"} {
		rows = append(rows, call{
			principal: administrator, action: action, resource: vault, page: "AWS Backup Developer Guide, Vault access policies",
			refused: "a backup is kept for its time",
		})
	}
	return rows
}
