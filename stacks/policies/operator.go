package main

import "warmstandby/shared/policy"

// operator is what the commands of the runbook do: status, preflight, switchover, failover, failback, the mode and prepare-destroy. It
// needs nothing of the primary region but the move itself.
func (e environment) operator() policy.Document {
	global := "arn:aws:rds::" + e.account + ":global-cluster:globaldb-*-" + e.suffix
	clusters := append(e.named("rds", "cluster:aurora-*-"+e.suffix), global)
	return policy.Document{
		allow("DescribeDatabases", anything, []string{
			"rds:DescribeDBClusterParameters", "rds:DescribeDBClusters", "rds:DescribeDBInstances", "rds:DescribeGlobalClusters",
		}, nil),
		allow("MoveWriter", clusters, []string{
			"rds:FailoverGlobalCluster", "rds:RemoveFromGlobalCluster", "rds:SwitchoverGlobalCluster",
		}, nil),
		allow("ReadMetrics", anything, []string{"cloudwatch:GetMetricData"}, nil),
		allow("State", e.named("dynamodb", "table/table-failover-*-"+e.suffix), []string{"dynamodb:GetItem", "dynamodb:PutItem"}, nil),
		allow("Mode", e.named("ssm", "parameter/warmstandby/"+e.suffix+"/failover/*"), []string{"ssm:GetParameter", "ssm:PutParameter"}, nil),
		allow("VerifyApplication", e.named("lambda", "function:lambda-app-*-"+e.suffix), []string{"lambda:InvokeFunction"}, nil),
		allow("Notify", e.named("sns", "topic-notices-*-"+e.suffix), []string{"sns:Publish"}, nil),
		allow("UseKeys", e.named("kms", "key/*"), []string{"kms:Decrypt", "kms:GenerateDataKey"}, e.via("dynamodb", "sns")),
	}
}
