package main

import "warmstandby/shared/policy"

// deployerRead is what preview, refresh, the resuming of updates, the sweep and the doctor look at. None of it is data: secrets and
// parameters are read by name only (deployer-data). Most Describe and List actions take no narrower resource (Service Authorization
// Reference), and a read of what does not exist has no name that could be bound.
func (e environment) deployerRead() policy.Document {
	regional := policy.Conditions{"StringEquals": {"aws:RequestedRegion": {e.primary, e.standby}}}
	return policy.Document{
		allow("ReadRegions", anything, []string{
			"acm:DescribeCertificate",
			"backup:DescribeBackupVault", "backup:DescribeRegionSettings",
			"backup:GetBackupPlan", "backup:GetBackupSelection", "backup:GetBackupVaultAccessPolicy",
			"backup:GetRestoreTestingPlan", "backup:GetRestoreTestingSelection", "backup:ListBackupPlans",
			"backup:ListBackupSelections", "backup:ListBackupVaults", "backup:ListRecoveryPointsByBackupVault",
			"backup:ListRestoreTestingPlans", "backup:ListTags",
			"cloudwatch:DescribeAlarms", "cloudwatch:ListDashboards", "cloudwatch:ListTagsForResource",
			"dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive", "dynamodb:ListTables",
			"dynamodb:ListTagsOfResource",
			"ec2:DescribeAddresses", "ec2:DescribeAddressesAttribute", "ec2:DescribeAvailabilityZones", "ec2:DescribeFlowLogs",
			"ec2:DescribeInternetGateways", "ec2:DescribeManagedPrefixLists", "ec2:DescribeNatGateways", "ec2:DescribeNetworkAcls",
			"ec2:DescribeNetworkInterfaces", "ec2:DescribePrefixLists", "ec2:DescribeRouteTables", "ec2:DescribeSecurityGroupRules",
			"ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeTags", "ec2:DescribeVpcAttribute", "ec2:DescribeVpcEndpointServices",
			"ec2:DescribeVpcEndpoints",
			"ec2:DescribeVpcPeeringConnections", "ec2:DescribeVpcs",
			"elasticloadbalancing:DescribeCapacityReservation", "elasticloadbalancing:DescribeListenerAttributes",
			"elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeLoadBalancerAttributes",
			"elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTags",
			"elasticloadbalancing:DescribeTargetGroupAttributes", "elasticloadbalancing:DescribeTargetGroups",
			"elasticloadbalancing:DescribeTargetHealth",
			"events:DescribeArchive", "events:DescribeEventBus", "events:DescribeRule", "events:ListArchives", "events:ListEventBuses",
			"events:ListRules", "events:ListTagsForResource", "events:ListTargetsByRule",
			"kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListAliases", "kms:ListKeys", "kms:ListResourceTags",
			"lambda:GetFunction", "lambda:GetFunctionCodeSigningConfig", "lambda:GetFunctionEventInvokeConfig", "lambda:GetPolicy",
			"lambda:ListFunctions", "lambda:ListTags", "lambda:ListVersionsByFunction",
			"logs:DescribeLogGroups", "logs:ListTagsForResource",
			"rds:DescribeDBClusterAutomatedBackups", "rds:DescribeDBClusterParameterGroups", "rds:DescribeDBClusterParameters",
			"rds:DescribeDBClusterSnapshots", "rds:DescribeDBClusters", "rds:DescribeDBInstances", "rds:DescribeDBSubnetGroups",
			"rds:DescribeDBEngineVersions", "rds:DescribeGlobalClusters", "rds:DescribeOrderableDBInstanceOptions", "rds:ListTagsForResource",
			"scheduler:GetSchedule", "scheduler:ListSchedules",
			"secretsmanager:DescribeSecret", "secretsmanager:GetRandomPassword", "secretsmanager:GetResourcePolicy",
			"secretsmanager:ListSecrets",
			"servicequotas:GetAWSDefaultServiceQuota", "servicequotas:GetServiceQuota",
			"sns:GetSubscriptionAttributes", "sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sns:ListTagsForResource", "sns:ListTopics",
			"sqs:GetQueueAttributes", "sqs:ListQueueTags", "sqs:ListQueues",
			"ssm:DescribeParameters", "ssm:ListTagsForResource",
			"wafv2:ListTagsForResource", "wafv2:ListWebACLs",
		}, regional),
		// IAM and Route 53 have one endpoint, in us-east-1, and dashboards are of no region.
		allow("ReadGlobal", anything, []string{
			"cloudwatch:GetDashboard",
			"iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole", "iam:ListPolicies",
			"iam:ListPolicyTags", "iam:ListRolePolicies", "iam:ListRoleTags", "iam:ListRoles",
			"route53:GetAccountLimit",
			"route53:GetChange", "route53:GetDNSSEC", "route53:GetHealthCheck", "route53:GetHostedZone", "route53:ListHealthChecks",
			"route53:ListHostedZones", "route53:ListHostedZonesByName", "route53:ListResourceRecordSets", "route53:ListTagsForResource",
			"s3:ListAllMyBuckets",
		}, nil),
	}
}
