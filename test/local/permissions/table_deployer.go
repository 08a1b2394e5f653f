package permissions

import (
	"slices"
	"strings"
)

// The environment of the documents in stacks/policies/dev, and of the recorded calls.
const (
	devSuffix  = "dev"
	devPrimary = "us-east-1"
	devStandby = "us-west-2"
)

// documentsOfPrincipal are the documents of stacks/policies/dev that each principal has. CI's role has all; what it does beside the
// others is to keep the stacks' state.
var documentsOfPrincipal = map[string][]string{
	"deployer": {"deployer-read", "deployer-network", "deployer-data", "deployer-application", "deployer-firewall"},
	"operator": {"operator"},
	"observer": {"operator", "observer"},
	"ci":       {"ci"},
}

func dev(service, id string) string {
	return "arn:aws:" + service + ":" + devPrimary + ":" + account + ":" + id
}

func inContext(pairs ...string) map[string]any {
	context := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		context[pairs[i]] = pairs[i+1]
	}
	return context
}

// besideRecorded are the calls of a deployer, an operator and CI that no recording on the local AWS emulator shows: what AWS checks
// without a request of its own, and what other settings, another provider and other circumstances bring.
func besideRecorded() []call {
	return slices.Concat(passed(), serviceLinked(), keysOfServices(), officialProvider(), circumstances(), firewall(), operatorAlone(),
		observing(), state(), doctor())
}

// passed are the roles that a deployer hands to services.
func passed() []call {
	const page = "IAM User Guide, Grant a user permissions to pass a role to an AWS service"
	var rows []call
	for service, role := range map[string]string{
		"backup.amazonaws.com": "role-backup-primary-dev", "events.amazonaws.com": "role-forward-records-primary-dev",
		"lambda.amazonaws.com": "role-app-primary-dev", "s3.amazonaws.com": "role-replicate-documents-primary-dev",
		"scheduler.amazonaws.com": "role-watch-secondary-dev", "vpc-flow-logs.amazonaws.com": "role-flowlogs-primary-dev",
	} {
		rows = append(rows, call{
			principal: "deployer", action: "iam:PassRole", resource: roleARN(role), context: inContext("iam:PassedToService", service), page: page,
		})
	}
	return append(rows,
		call{
			principal: "deployer", action: "iam:PassRole", resource: roleARN("role-app-primary-dev"),
			context: inContext("iam:PassedToService", "ec2.amazonaws.com"), page: page, refused: "nothing of the platform is an EC2 instance",
		},
		call{
			principal: "deployer", action: "iam:PassRole", resource: roleARN("administrator"),
			context: inContext("iam:PassedToService", "lambda.amazonaws.com"), page: page, refused: "it is no role of the environment",
		},
		call{
			principal: "deployer", action: "iam:AttachRolePolicy", resource: roleARN("role-backup-primary-dev"),
			context: inContext("iam:PolicyARN", "arn:aws:iam::aws:policy/AdministratorAccess"),
			page:    "IAM User Guide, Controlling access to policies", refused: "no role of the platform has a policy of AWS's",
		},
	)
}

// serviceLinked are the roles that services make for themselves at their first use in an account.
func serviceLinked() []call {
	const page = "IAM User Guide, Create a service-linked role, Service-linked role permissions"
	var rows []call
	for service, role := range map[string]string{
		"backup.amazonaws.com": "AWSServiceRoleForBackup", "elasticloadbalancing.amazonaws.com": "AWSServiceRoleForElasticLoadBalancing",
		"rds.amazonaws.com": "AWSServiceRoleForRDS",
	} {
		rows = append(rows, call{
			principal: "deployer", action: "iam:CreateServiceLinkedRole", resource: roleARN("aws-service-role/" + service + "/" + role),
			context: inContext("iam:AWSServiceName", service), page: page,
		})
	}
	return append(rows, call{
		principal: "deployer", action: "iam:CreateServiceLinkedRole",
		resource: roleARN("aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"),
		context:  inContext("iam:AWSServiceName", "autoscaling.amazonaws.com"), page: page, refused: "the platform has no such service",
	})
}

// keysOfServices are what services do with the environment's keys in the principal's name.
func keysOfServices() []call {
	var rows []call
	for _, row := range []struct {
		principal, service, page string
		actions                  []string
	}{
		{
			"deployer", "rds", "Amazon RDS User Guide, AWS KMS key management, Authorizing use of a customer managed key",
			[]string{"kms:CreateGrant"},
		},
		{
			"deployer", "dynamodb",
			"Amazon DynamoDB Developer Guide, DynamoDB encryption at rest: usage notes, Authorizing use of your customer managed key",
			[]string{
				"kms:CreateGrant", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext",
				"kms:ReEncryptFrom", "kms:ReEncryptTo",
			},
		},
		{
			"deployer", "secretsmanager", "AWS Secrets Manager User Guide, Secret encryption and decryption, Permissions for the KMS key",
			[]string{"kms:Decrypt", "kms:GenerateDataKey"},
		},
		{
			"deployer", "secretsmanager", "AWS Secrets Manager API Reference, UpdateSecret, KmsKeyId: a secret gets another key",
			[]string{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"},
		},
		{
			"deployer", "backup", "AWS Backup Developer Guide, Backup vault creation and deletion, Required permissions",
			[]string{"kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKey", "kms:RetireGrant"},
		},
		{
			"operator", "rds", "Amazon RDS User Guide, AWS KMS key management, Authorizing use of a customer managed key",
			[]string{"kms:CreateGrant"},
		},
		{"operator", "dynamodb", "Amazon DynamoDB Developer Guide, DynamoDB encryption at rest: usage notes", []string{"kms:Decrypt"}},
		{
			"operator", "sns", "Amazon SNS Developer Guide, Managing Amazon SNS encryption keys and costs, Configuring AWS KMS permissions",
			[]string{"kms:Decrypt", "kms:GenerateDataKey"},
		},
	} {
		for _, region := range []string{devPrimary, devStandby} {
			key := "arn:aws:kms:" + region + ":" + account + ":key/1"
			ofDev := map[string]any{"aws:ResourceTag/Environment": devSuffix}
			used := throughKMS(row.principal, row.service, region, key, ofDev, row.page, row.actions...)
			rows = append(rows, used...)
			rows = append(rows, used[0].with(map[string]any{"aws:ResourceTag/Environment": "other"}).mustFail("it is another environment's key"))
		}
	}
	return append(rows, call{
		principal: "deployer", action: "backup-storage:MountCapsule", resource: "*",
		page: "AWS Backup Developer Guide, Backup vault creation and deletion, Required permissions",
	})
}

// officialProvider are the calls of the official AWS plugin that the one built for the emulator, which is newer, makes no more.
func officialProvider() []call {
	const page = "Amazon S3 API Reference"
	bucket := "arn:aws:s3:::bucket-documents-primary-" + account + "-" + devSuffix
	return []call{
		{principal: "deployer", action: "s3:GetBucketTagging", resource: bucket, page: page},
		{principal: "deployer", action: "s3:PutBucketTagging", resource: bucket, page: page},
	}
}

// operatorAlone are commands that the recording has not run to their end.
func operatorAlone() []call {
	rows := []call{}
	for _, resource := range []string{
		"arn:aws:rds::" + account + ":global-cluster:globaldb-records-dev", dev("rds", "cluster:aurora-records-primary-dev"),
		"arn:aws:rds:" + devStandby + ":" + account + ":cluster:aurora-records-secondary-dev",
	} {
		rows = append(rows,
			call{principal: "operator", action: "rds:FailoverGlobalCluster", resource: resource, page: rdsActions},
			// Without the primary's answer a failover detaches the standby's cluster.
			call{principal: "operator", action: "rds:RemoveFromGlobalCluster", resource: resource, page: rdsActions},
		)
	}
	rows = append(rows, reconciling()...)
	rows = append(rows, restoring()...)
	rows = append(rows, bringingDocuments()...)
	rows = append(rows, promoting()...)
	return append(rows,
		call{
			principal: "operator", action: "rds:DeleteDBCluster", resource: dev("rds", "cluster:aurora-records-primary-dev"), page: rdsActions,
			refused: "an operator deletes what a restore has made, and nothing else",
		},
		call{
			principal: "operator", action: "rds:FailoverGlobalCluster", page: rdsActions,
			resource: "arn:aws:rds::" + account + ":global-cluster:globaldb-records-prod",
			refused:  "it is another environment's",
		},
	)
}

// reconciling are the calls of an operator who brings back what a failover has given up (Service Authorization Reference, "Actions,
// resources, and condition keys for Amazon RDS").
func reconciling() []call {
	const restore = "rds:RestoreDBClusterFromSnapshot"
	cluster, instance := dev("rds", "cluster:aurora-reconcile-primary-dev"), dev("rds", "db:instance-reconcile-primary-dev")
	var rows []call
	for _, one := range []struct {
		action    string
		resources []string
	}{
		{"rds:DescribeDBClusterSnapshots", []string{dev("rds", "cluster-snapshot:*")}},
		{restore, []string{
			cluster, dev("rds", "cluster-snapshot:rds:unplanned-global-failover-aurora-records-primary-dev-2026-11-29-02-00-00"),
			dev("rds", "cluster-snapshot:dbsnapshot-records-primary-dev"), dev("rds", "cluster-pg:dbparams-records-primary-dev"),
			dev("rds", "subgrp:dbsubnets-records-primary-dev"),
		}},
		{"rds:AddTagsToResource", []string{cluster, instance}},
		{"rds:CreateDBInstance", []string{instance, cluster}},
		{"rds:DeleteDBInstance", []string{instance}},
		{"rds:DeleteDBCluster", []string{cluster}},
	} {
		for _, resource := range one.resources {
			rows = append(rows, call{principal: "operator", action: one.action, resource: resource, page: rdsActions})
		}
	}
	other := dev("rds", "cluster-snapshot:rds:unplanned-global-failover-aurora-records-primary-dev-2-2026-11-29-02-00-00")
	return append(rows, call{
		principal: "operator", action: restore, resource: strings.Replace(other, "dev-2-", "prod-", 1), page: rdsActions,
		refused: "it is another environment's",
	}, call{principal: "operator", action: restore, resource: other, page: rdsActions, refused: "it is another environment's"})
}

// restoring are the calls of an operator who restores a cluster to a time, and removes the copy (Service Authorization Reference,
// "Actions, resources, and condition keys for Amazon RDS").
func restoring() []call {
	const restore = "rds:RestoreDBClusterToPointInTime"
	copied, instance := dev("rds", "cluster:aurora-records-restored-primary-dev"), dev("rds", "db:instance-records-restored-primary-1-dev")
	var rows []call
	for _, one := range []struct {
		action    string
		resources []string
	}{
		{restore, []string{
			copied, dev("rds", "cluster:aurora-records-primary-dev"), dev("rds", "cluster-pg:dbparams-records-primary-dev"),
			dev("rds", "subgrp:dbsubnets-records-primary-dev"),
		}},
		{"rds:AddTagsToResource", []string{copied, instance}},
		{"rds:CreateDBInstance", []string{instance, copied}},
		{"rds:DeleteDBInstance", []string{instance}},
		{"rds:DeleteDBCluster", []string{copied}},
	} {
		for _, resource := range one.resources {
			rows = append(rows, call{principal: "operator", action: one.action, resource: resource, page: rdsActions})
		}
	}
	return append(rows,
		call{
			principal: "operator", action: restore, resource: dev("rds", "cluster:aurora-records-primary-prod"), page: rdsActions,
			refused: "it is another environment's",
		},
		call{
			principal: "operator", action: "rds:DeleteDBCluster", resource: dev("rds", "cluster:aurora-records-primary-dev"), page: rdsActions,
			refused: "it is the platform's own, and no copy",
		},
	)
}

// bringingDocuments are the calls of an operator who brings documents back with their records (Amazon S3 API Reference, ListObjectVersions,
// HeadObject, CopyObject and DeleteObject, Permissions).
func bringingDocuments() []call {
	const page = "Amazon S3 User Guide, Required permissions for Amazon S3 API operations"
	var rows []call
	for _, role := range []string{"primary", "secondary"} {
		bucket := "arn:aws:s3:::bucket-documents-" + role + "-" + account + "-" + devSuffix
		rows = append(rows, call{principal: "operator", action: "s3:ListBucketVersions", resource: bucket, page: page})
		for _, action := range []string{"s3:GetObjectVersion", "s3:GetObject", "s3:PutObject", "s3:DeleteObjectVersion"} {
			rows = append(rows, call{principal: "operator", action: action, resource: bucket + "/records/1/document", page: page})
		}
		rows = append(rows,
			call{
				principal: "operator", action: "s3:DeleteObjectVersion", resource: bucket + "/probe/replication", page: page,
				refused: "it is no document",
			},
			call{
				principal: "operator", action: "s3:GetObjectVersion", page: page, refused: "it is another environment's",
				resource: "arn:aws:s3:::bucket-documents-" + role + "-" + account + "-prod/records/1/document",
			},
		)
	}
	return rows
}

// promoting are the calls of a deployer who makes a restored cluster the primary of the global database. An operator's permissions do not
// delete the platform's own clusters.
func promoting() []call {
	cluster, copied := dev("rds", "cluster:aurora-records-primary-dev"), dev("rds", "cluster:aurora-records-restored-primary-dev")
	global := "arn:aws:rds::" + account + ":global-cluster:globaldb-records-primary-dev"
	instance := dev("rds", "db:instance-records-primary-1-dev")
	var rows []call
	for _, one := range []struct {
		action    string
		resources []string
	}{
		{"rds:CreateDBClusterSnapshot", []string{
			cluster, dev("rds", "cluster-snapshot:dbsnapshot-records-primary-20260301t120200-dev"),
		}},
		{"rds:RemoveFromGlobalCluster", []string{global, cluster}},
		{"rds:ModifyGlobalCluster", []string{global}},
		{"rds:DeleteGlobalCluster", []string{global}},
		{"rds:DeleteDBInstance", []string{instance}},
		{"rds:ModifyDBCluster", []string{cluster}},
		{"rds:DeleteDBCluster", []string{cluster}},
		{"rds:RestoreDBClusterToPointInTime", []string{
			cluster, copied, dev("rds", "cluster-pg:dbparams-records-primary-dev"), dev("rds", "subgrp:dbsubnets-records-primary-dev"),
		}},
		{"rds:CreateDBInstance", []string{instance, cluster}},
		{"rds:CreateGlobalCluster", []string{global, cluster}},
	} {
		for _, resource := range one.resources {
			rows = append(rows, call{principal: "deployer", action: one.action, resource: resource, page: rdsActions})
		}
	}
	return append(rows, call{
		principal: "deployer", action: "rds:RestoreDBClusterToPointInTime", resource: dev("rds", "cluster:aurora-records-primary-prod"),
		page: rdsActions, refused: "it is another environment's",
	})
}

// state are CI's calls for the state of the stacks.
func state() []call {
	const page = "Pulumi documentation, State and backends, AWS S3"
	bucket := "arn:aws:s3:::pulumi-state-" + account
	file := bucket + "/.pulumi/stacks/data-global/dev-1.json"
	return []call{
		{principal: "ci", action: "s3:ListBucket", resource: bucket, page: page},
		{principal: "ci", action: "s3:GetBucketVersioning", resource: bucket, page: "Amazon S3 API Reference, GetBucketVersioning"},
		{principal: "ci", action: "s3:GetObject", resource: file, page: page},
		{principal: "ci", action: "s3:PutObject", resource: file, page: page},
		{principal: "ci", action: "s3:DeleteObject", resource: file, page: page},
		{principal: "ci", action: "s3:GetObject", resource: "arn:aws:s3:::other/.pulumi/1", page: page, refused: "it is another bucket"},
	}
}

// doctor are the questions of make doctor that nothing else asks. It reads, and the local AWS emulator has no quotas.
func doctor() []call {
	var rows []call
	for _, asked := range [][2]string{
		{"acm:DescribeCertificate", "AWS Certificate Manager API, DescribeCertificate"},
		{"backup:DescribeRegionSettings", "AWS Backup Developer Guide, DescribeRegionSettings"},
		{"ec2:DescribeVpcEndpointServices", "Amazon EC2 API, DescribeVpcEndpointServices"},
		{"rds:DescribeDBEngineVersions", "Amazon RDS API, DescribeDBEngineVersions"},
		{"rds:DescribeOrderableDBInstanceOptions", "Amazon RDS API, DescribeOrderableDBInstanceOptions"},
		{"servicequotas:GetAWSDefaultServiceQuota", "Service Quotas API, GetAWSDefaultServiceQuota"},
		{"servicequotas:GetServiceQuota", "Service Quotas API, GetServiceQuota"},
	} {
		for _, region := range []string{devPrimary, devStandby} {
			rows = append(rows, call{
				principal: "deployer", action: asked[0], resource: "*", context: inContext("aws:RequestedRegion", region), page: asked[1],
			})
		}
	}
	return append(rows, call{
		principal: "deployer", action: "route53:GetAccountLimit", resource: "*", page: "Amazon Route 53 API, GetAccountLimit",
	})
}
