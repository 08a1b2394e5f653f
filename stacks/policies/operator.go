package main

import "warmstandby/shared/policy"

// operator is what the commands of the runbook do: status, preflight, switchover, failover, failback, reconcile, restore, the mode
// and prepare-destroy. It needs nothing of the primary region but the move itself, and what is restored there.
func (e environment) operator() policy.Document {
	global := "arn:aws:rds::" + e.account + ":global-cluster:globaldb-*-" + e.suffix
	restored := e.named("rds", "cluster:aurora-reconcile-*-"+e.suffix)[0]
	copied := e.named("rds", "cluster:aurora-records-restored-*-"+e.suffix)[0]
	clusters := append(e.named("rds", "cluster:aurora-*-"+e.suffix), global)
	return policy.Document{
		allow("DescribeDatabases", anything, []string{
			"rds:DescribeDBClusterParameters", "rds:DescribeDBClusterSnapshots", "rds:DescribeDBClusters", "rds:DescribeDBInstances",
			"rds:DescribeGlobalClusters",
		}, nil),
		allow("MoveWriter", clusters, []string{
			"rds:FailoverGlobalCluster", "rds:RemoveFromGlobalCluster", "rds:SwitchoverGlobalCluster",
		}, nil),
		// reconcile restores a snapshot of the environment's own clusters to one of another purpose, and deletes no other. The names of
		// RDS's own snapshots end in the time.
		allow("RestoreSnapshot", append(e.named("rds", "cluster-snapshot:rds:*aurora-records-*-"+e.suffix+"-20*",
			"cluster-snapshot:dbsnapshot-*-"+e.suffix, "cluster-pg:dbparams-*-"+e.suffix, "subgrp:dbsubnets-*-"+e.suffix), restored),
			[]string{"rds:RestoreDBClusterFromSnapshot"}, nil),
		// restore makes a copy of one of the environment's clusters, and removes no other.
		allow("RestoreToTime", append(e.named("rds", "cluster-pg:dbparams-*-"+e.suffix, "subgrp:dbsubnets-*-"+e.suffix),
			e.named("rds", "cluster:aurora-records-*-"+e.suffix)...), []string{"rds:RestoreDBClusterToPointInTime"}, nil),
		allow("Restored", append(
			e.named("rds", "db:instance-reconcile-*-"+e.suffix, "db:instance-records-restored-*-"+e.suffix), restored, copied,
		),
			[]string{"rds:AddTagsToResource", "rds:CreateDBInstance", "rds:DeleteDBCluster", "rds:DeleteDBInstance"}, nil),
		allow("EncryptRestored", e.named("kms", "key/*"), []string{"kms:CreateGrant"}, e.via("rds")),
		// reconcile and restore bring documents back: delete markers go by their versions, and versions are copied between the regions'
		// buckets. What the controller has there, its probe, is none of records/.
		allow("FindDocuments", []string{e.bucket("documents-*")}, []string{"s3:ListBucketVersions"}, nil),
		allow("RestoreDocuments", []string{e.bucket("documents-*") + "/records/*"}, []string{
			"s3:DeleteObjectVersion", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject",
		}, nil),
		allow("ReadMetrics", anything, []string{"cloudwatch:GetMetricData"}, nil),
		allow("State", e.named("dynamodb", "table/table-failover-*-"+e.suffix), []string{"dynamodb:GetItem", "dynamodb:PutItem"}, nil),
		allow("Mode", e.named("ssm", "parameter/warmstandby/"+e.suffix+"/failover/*"), []string{"ssm:GetParameter", "ssm:PutParameter"}, nil),
		allow("InvokeApplication", e.named("lambda", "function:lambda-app-*-"+e.suffix), []string{"lambda:InvokeFunction"}, nil),
		allow("Notify", e.named("sns", "topic-notices-*-"+e.suffix), []string{"sns:Publish"}, nil),
		allow("UseKeys", e.named("kms", "key/*"), []string{"kms:Decrypt", "kms:GenerateDataKey"}, e.via("dynamodb", "s3", "sns")),
	}
}
