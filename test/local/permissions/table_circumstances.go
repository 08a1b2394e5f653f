package permissions

import "maps"

// circumstances are calls of a deployer that the recording does not have: of other settings and of protection, of another release of the
// platform, of the tools that resume an update and sweep after a destroy, and what the local AWS emulator has no cause for.
func circumstances() []call {
	bucket := "arn:aws:s3:::bucket-documents-primary-" + account + "-" + devSuffix
	made, own := inContext("aws:RequestTag/Environment", devSuffix), inContext("aws:ResourceTag/Environment", devSuffix)
	untagged := inContext()
	restoreTest := dev("backup", "restore-testing-plan:restoretest_weekly_secondary_dev-1")
	rows := []call{
		// The tools, of which the sources have more calls than a life without mishaps (see TestToolsCallsAreAllowed).
		{action: "backup:ListBackupSelections", resource: "*", page: "shared/staterepair: a selection whose answer was lost"},
		{action: "ec2:DescribeTags", resource: "*", page: "shared/staterepair: whose a resource is"},
		{action: "iam:ListPolicyTags", resource: "*", page: "test/sweep: whose a policy is"},
		{action: "iam:ListRoleTags", resource: "*", page: "test/sweep: whose a role is"},
		{action: "lambda:ListTags", resource: "*", page: "test/sweep: whose a function is"},
		{action: "route53:ListHostedZonesByName", resource: "*", page: "shared/staterepair: a zone whose answer was lost"},
		{action: "secretsmanager:RestoreSecret", resource: devSecret, page: "shared/staterepair: a secret that a destroy has left for a week"},
		{action: "sns:ListSubscriptionsByTopic", resource: "*", page: "shared/staterepair: a subscription whose answer was lost"},

		// Restore tests.
		{action: "backup:CreateRestoreTestingPlan", resource: restoreTest, context: made, page: restoreTesting},
		{action: "backup:CreateRestoreTestingSelection", resource: restoreTest, page: restoreTesting},
		{action: "backup:DeleteRestoreTestingPlan", resource: restoreTest, page: restoreTesting},
		{action: "backup:DeleteRestoreTestingSelection", resource: restoreTest, page: restoreTesting},
		{action: "backup:GetRestoreTestingPlan", resource: "*", page: restoreTesting},
		{action: "backup:GetRestoreTestingSelection", resource: "*", page: restoreTesting},
		{action: "backup:ListRestoreTestingPlans", resource: "*", page: restoreTesting},
		{action: "backup:TagResource", resource: restoreTest, page: restoreTesting},
		{action: "backup:UpdateRestoreTestingPlan", resource: restoreTest, page: restoreTesting},
		{action: "backup:UpdateRestoreTestingSelection", resource: restoreTest, page: restoreTesting},

		// Another release.
		{action: "lambda:UpdateFunctionCode", resource: dev("lambda", "function:lambda-app-primary-dev"), page: "other code of a function"},
		{action: "iam:UpdateAssumeRolePolicy", resource: roleARN("role-app-primary-dev"), page: "another trust policy"},
		{
			action: "iam:DetachRolePolicy", resource: roleARN("role-backup-primary-dev"),
			page: "an environment of an earlier release, whose role for backups has policies of AWS's",
		},
		{
			action: "ec2:ModifyVpcEndpoint", resource: dev("ec2", "vpc-endpoint/vpce-1"), context: own,
			page: "an environment of an earlier release, whose endpoints have no policies",
		},
		{action: "kms:PutKeyPolicy", resource: dev("kms", "key/1"), context: own, page: "another policy of a key"},
		{action: "scheduler:UpdateSchedule", resource: dev("scheduler", "schedule/default/schedule-watch-secondary-dev"), page: "another rate"},
		{
			action: "elasticloadbalancing:ModifyTargetGroup", resource: dev("elasticloadbalancing", "targetgroup/tg-app-primary-dev/1"),
			page: "another health check",
		},

		// Settings.
		{
			action: "elasticloadbalancing:ModifyListener", resource: dev("elasticloadbalancing", "listener/app/alb-primary-dev/1/1"),
			page: "another certificateArn",
		},
		{action: "rds:ResetDBClusterParameterGroup", resource: dev("rds", "cluster-pg:dbparams-records-primary-pg16-dev"), page: "rpoSeconds 0"},
		{
			action: "rds:CreateDBClusterSnapshot", resource: dev("rds", "cluster:aurora-records-primary-dev"),
			page: "protection: a destroy leaves a snapshot; Amazon Aurora User Guide, Deleting Aurora DB clusters and DB instances",
		},

		{action: "backup:GetBackupVaultAccessPolicy", resource: "*", page: "protection: the policy of a vault"},
		{action: "backup:PutBackupVaultAccessPolicy", resource: devVault, page: "protection: the policy of a vault"},
		{action: "backup:DeleteBackupVaultAccessPolicy", resource: devVault, page: "protection is taken off"},
		{action: "backup:PutBackupVaultLockConfiguration", resource: devVault, page: "protection: the lock of a vault"},
		{action: "backup:DeleteBackupVaultLockConfiguration", resource: devVault, page: "protection is taken off"},
		{
			action: "events:PutRule", resource: dev("events", "rule/rule-backup-failed-primary-dev"),
			page: "the rule that notifies of failed backups is on the default bus",
		},

		// What a destroy of a protected environment has kept was encrypted with a key that is gone, and gets the next deployment's.
		{
			action: "logs:AssociateKmsKey", resource: dev("logs", "log-group:logs-vpc-primary-dev"),
			page: "Amazon CloudWatch Logs API Reference, AssociateKmsKey",
		},
		{action: "secretsmanager:UpdateSecret", resource: devSecret, page: "AWS Secrets Manager API Reference, UpdateSecret"},
		{
			action: "secretsmanager:ReplicateSecretToRegions", resource: devSecret,
			page: "AWS Secrets Manager API Reference, ReplicateSecretToRegions",
		},

		// What AWS has and the emulator has not.
		{action: "backup:DeleteRecoveryPoint", resource: dev("backup", "recovery-point:1"), context: own, page: recoveryPoints},
		{action: "backup:DeleteRecoveryPoint", resource: dev("rds", "cluster-snapshot:awsbackup:job-1"), context: own, page: recoveryPoints},
		{action: "s3:ListBucketVersions", resource: bucket, page: "a destroy of a bucket with versions"},
		{action: "s3:DeleteObjectVersion", resource: bucket + "/records/1", page: "a destroy of a bucket with versions"},
		{action: "ec2:AcceptVpcPeeringConnection", resource: dev("ec2", "vpc/vpc-1"), context: own, page: ec2Actions},
		{action: "ec2:RevokeSecurityGroupIngress", resource: dev("ec2", "security-group/sg-1"), context: untagged, page: defaultGroup},
		{action: "ec2:RevokeSecurityGroupEgress", resource: dev("ec2", "security-group/sg-1"), context: untagged, page: defaultGroup},
		{
			action: "ec2:ModifyVpcPeeringConnectionOptions", resource: dev("ec2", "vpc-peering-connection/pcx-1"), context: untagged,
			page: "Amazon VPC Peering Guide, Create a VPC peering connection: tags of the requester are not the accepter's",
		},
	}
	for i := range rows {
		rows[i].principal = "deployer"
	}
	return append(rows, bounds(made, own)...)
}

const (
	restoreTesting = "Service Authorization Reference, Actions, resources, and condition keys for AWS Backup"
	devSecret      = "arn:aws:secretsmanager:" + devPrimary + ":" + account + ":secret:secret-database-dev-AbCdEf"
	devVault       = "arn:aws:backup:" + devPrimary + ":" + account + ":backup-vault:vault-primary-dev"
	ec2Actions     = "Service Authorization Reference, Actions, resources, and condition keys for Amazon EC2"
	recoveryPoints = "AWS Backup Developer Guide, Access control: a destroy of a vault with backups"
	defaultGroup   = "Amazon VPC User Guide, Default security groups for your VPCs: they have rules and no tags"
)

// bounds are calls about what is not the environment's.
func bounds(made, own map[string]any) []call {
	const tags = "IAM User Guide, Controlling access to AWS resources using tags"
	of := func(context map[string]any, environment string) map[string]any {
		other := maps.Clone(context)
		for key := range other {
			other[key] = environment
		}
		return other
	}
	rows := []call{
		{action: "ec2:DeleteVpc", resource: dev("ec2", "vpc/vpc-1"), context: of(own, "prod"), page: tags},
		{action: "ec2:CreateVpc", resource: dev("ec2", "vpc/*"), context: of(made, "prod"), page: tags},
		{action: "ec2:CreateTags", resource: dev("ec2", "vpc/vpc-1"), context: made, page: tags},
		{
			action: "ec2:CreateTags", resource: dev("ec2", "security-group/sg-1"), page: tags,
			context: inContext("aws:ResourceTag/Environment", "prod", "aws:RequestTag/Environment", devSuffix),
		},
		{action: "kms:ScheduleKeyDeletion", resource: dev("kms", "key/1"), context: of(own, "prod"), page: tags},
		{action: "kms:CreateKey", resource: "*", context: of(made, "prod"), page: tags},
		{action: "backup:DeleteBackupPlan", resource: dev("backup", "backup-plan:1"), context: of(own, "prod"), page: tags},
		{action: "backup:CreateBackupPlan", resource: dev("backup", "backup-plan:1"), context: of(made, "prod"), page: tags},
		{
			action: "backup:DeleteRestoreTestingPlan", resource: dev("backup", "restore-testing-plan:restoretest_weekly_secondary_prod-1"),
			page: tags,
		},
		{action: "rds:DeleteDBCluster", resource: dev("rds", "cluster:aurora-records-primary-prod"), page: rdsActions},
		{action: "s3:DeleteBucket", resource: "arn:aws:s3:::bucket-documents-primary-" + account + "-prod", page: "Amazon S3 API Reference"},
		{action: "secretsmanager:GetSecretValue", resource: dev("secretsmanager", "secret:secret-database-prod-AbCdEf"), page: tags},
		{action: "iam:PutRolePolicy", resource: roleARN("role-app-primary-prod"), page: tags},
		{action: "lambda:UpdateFunctionCode", resource: dev("lambda", "function:lambda-app-primary-prod"), page: tags},
		{action: "ssm:GetParameter", resource: dev("ssm", "parameter/warmstandby/prod/auth/keys"), page: tags},
	}
	for i := range rows {
		rows[i].principal, rows[i].refused = "deployer", "it is not the environment's"
	}
	return rows
}
