package main

import (
	"slices"
	"strings"

	"warmstandby/shared/policy"
)

// deployerData is what makes, changes and removes keys, databases, buckets, the secret, backups and the controller's table.
func (e environment) deployerData() policy.Document {
	return slices.Concat(e.keys(), e.databases(), policy.Document{
		allow("Buckets", []string{e.bucket("*")}, []string{
			"s3:CreateBucket", "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:GetAccelerateConfiguration", "s3:GetBucketAcl",
			"s3:GetBucketCORS", "s3:GetBucketLogging", "s3:GetBucketObjectLockConfiguration", "s3:GetBucketOwnershipControls",
			"s3:GetBucketPolicy", "s3:GetBucketPublicAccessBlock", "s3:GetBucketRequestPayment", "s3:GetBucketTagging",
			"s3:GetBucketVersioning", "s3:GetBucketWebsite", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration",
			"s3:GetReplicationConfiguration", "s3:ListBucket", "s3:ListBucketVersions", "s3:ListTagsForResource",
			"s3:PutBucketOwnershipControls", "s3:PutBucketPolicy", "s3:PutBucketPublicAccessBlock", "s3:PutBucketTagging",
			"s3:PutBucketVersioning", "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration", "s3:PutReplicationConfiguration",
			"s3:TagResource",
		}, nil),
		// A destroy empties the buckets, whose versions and delete markers would keep them.
		allow("EmptyBuckets", []string{e.bucket("*") + "/*"}, []string{"s3:DeleteObject", "s3:DeleteObjectVersion"}, nil),
		// The provider reads the value back. A replica is the primary's, in the other region.
		allow("Secret", e.named("secretsmanager", "secret:secret-*-"+e.suffix+"-*"), []string{
			"secretsmanager:CreateSecret", "secretsmanager:DeleteSecret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue",
			"secretsmanager:RemoveRegionsFromReplication", "secretsmanager:ReplicateSecretToRegions", "secretsmanager:RestoreSecret",
			"secretsmanager:TagResource", "secretsmanager:UpdateSecret",
		}, nil),
		// AWS Backup asks for two actions of its storage that take no resource (Service Authorization Reference, "Actions, resources, and
		// condition keys for AWS Backup", CreateBackupVault).
		allow("MountBackups", anything, []string{"backup-storage:MountCapsule"}, nil),
		allow("Vaults", e.named("backup", "backup-vault:vault-*-"+e.suffix), []string{
			"backup:CreateBackupVault", "backup:DeleteBackupVault", "backup:DeleteBackupVaultAccessPolicy",
			"backup:DeleteBackupVaultLockConfiguration", "backup:PutBackupVaultAccessPolicy", "backup:PutBackupVaultLockConfiguration",
			"backup:TagResource",
		}, nil),
		// The ARN of a plan that tests restores begins with its name, which takes no hyphen; its selections are of the plan.
		allow("RestoreTests", e.named("backup", "restore-testing-plan:restoretest_*_"+strings.ReplaceAll(e.suffix, "-", "_")+"-*"), []string{
			"backup:CreateRestoreTestingPlan", "backup:CreateRestoreTestingSelection", "backup:DeleteRestoreTestingPlan",
			"backup:DeleteRestoreTestingSelection", "backup:TagResource", "backup:UpdateRestoreTestingPlan",
			"backup:UpdateRestoreTestingSelection",
		}, nil),
		// A backup of a bucket has an ARN of AWS Backup's, one of Aurora is a snapshot. Both have the tags of what was backed up.
		allow("RecoveryPoints", append(e.named("backup", "recovery-point:*"), e.named("rds", "cluster-snapshot:awsbackup:*")...),
			[]string{"backup:DeleteRecoveryPoint"}, e.ofEnvironment()),
		allow("MakePlans", e.named("backup", "backup-plan:*"), []string{"backup:CreateBackupPlan", "backup:TagResource"}, e.intoEnvironment()),
		allow("Plans", e.named("backup", "backup-plan:*"), []string{
			"backup:CreateBackupSelection", "backup:DeleteBackupPlan", "backup:DeleteBackupSelection", "backup:UpdateBackupPlan",
		}, e.ofEnvironment()),
	})
}

// keys are the keys and their aliases, and what services do with them in the deployer's name. RDS, DynamoDB and AWS Backup keep
// grants; Secrets Manager encrypts a value at once.
func (e environment) keys() policy.Document {
	return policy.Document{
		allow("MakeKeys", anything, []string{"kms:CreateKey", "kms:TagResource"}, e.intoEnvironment()),
		allow("Keys", e.named("kms", "key/*"), []string{
			"kms:CreateAlias", "kms:DeleteAlias", "kms:EnableKeyRotation", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion",
		}, e.ofEnvironment()),
		allow("Aliases", e.named("kms", "alias/key-*-"+e.suffix), []string{"kms:CreateAlias", "kms:DeleteAlias"}, nil),
		allow("UseKeys", e.named("kms", "key/*"), []string{
			"kms:CreateGrant", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext",
			"kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:RetireGrant",
		}, e.via("backup", "dynamodb", "rds", "secretsmanager")),
	}
}

// databases are Aurora's clusters, instances and groups. Minor upgrades and a destroy take snapshots and detach members.
func (e environment) databases() policy.Document {
	resources := e.named("rds", "cluster:aurora-*-"+e.suffix, "cluster-pg:dbparams-*-"+e.suffix, "cluster-snapshot:dbsnapshot-*-"+e.suffix,
		"db:instance-*-"+e.suffix, "subgrp:dbsubnets-*-"+e.suffix)
	global := "arn:aws:rds::" + e.account + ":global-cluster:globaldb-*-" + e.suffix
	return policy.Document{allow("Databases", append(resources, global), []string{
		"rds:AddTagsToResource", "rds:CreateDBCluster", "rds:CreateDBClusterParameterGroup", "rds:CreateDBClusterSnapshot",
		"rds:CreateDBInstance", "rds:CreateDBSubnetGroup", "rds:CreateGlobalCluster", "rds:DeleteDBCluster",
		"rds:DeleteDBClusterParameterGroup", "rds:DeleteDBInstance", "rds:DeleteDBSubnetGroup", "rds:DeleteGlobalCluster",
		"rds:ModifyDBCluster", "rds:ModifyDBClusterParameterGroup", "rds:ModifyDBInstance",
		"rds:ModifyGlobalCluster", "rds:RemoveFromGlobalCluster", "rds:ResetDBClusterParameterGroup",
	}, nil)}
}
