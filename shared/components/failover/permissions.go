package failover

import (
	"warmstandby/shared/contract/controller"
	"warmstandby/shared/policy"
)

// grant holds what the controller's role has access to.
type grant struct {
	args   Args
	names  Names
	keyARN string
}

// document returns the least permissions that the controller needs. What an operator's command line does beyond it, such as
// changing the mode or detaching a cluster, it does with the operator's own permissions.
func (g grant) document() policy.Document {
	primary, standby := g.args.Regions.Primary, g.args.Regions.Standby
	return policy.Document{
		{
			Sid: "WriteLogs", Effect: policy.Allow,
			Actions:   []string{"logs:CreateLogStream", "logs:PutLogEvents"},
			Resources: []string{standby.ARN("logs", "log-group:"+logGroupName(g.names.Function)+":*")},
		},
		{
			// The members, and what the tests of backups restore (Service Authorization Reference, "Actions, resources, and condition
			// keys for Amazon RDS", here and below).
			Sid: "DescribeClusters", Effect: policy.Allow,
			Actions: []string{"rds:DescribeDBClusters"},
			Resources: []string{
				g.args.Primary.ClusterARN, g.args.Standby.ClusterARN, standby.ARN("rds", "cluster:awsbackup-restore-test-*"),
			},
		},
		{
			Sid: "DescribeGlobalCluster", Effect: policy.Allow,
			Actions: []string{"rds:DescribeGlobalClusters"}, Resources: []string{g.args.GlobalClusterARN},
		},
		{
			// Instances are described by a filter, which RDS authorizes as a request for all instances of the region.
			Sid: "DescribeInstances", Effect: policy.Allow,
			Actions: []string{"rds:DescribeDBInstances"}, Resources: []string{primary.ARN("rds", "db:*"), standby.ARN("rds", "db:*")},
		},
		{
			// The name of the standby's parameter group is its own stack's. The account's other groups hold no secrets.
			Sid: "DescribeClusterParameters", Effect: policy.Allow,
			Actions: []string{"rds:DescribeDBClusterParameters"}, Resources: []string{standby.ARN("rds", "cluster-pg:*")},
		},
		{
			Sid: "FailoverGlobalDatabase", Effect: policy.Allow,
			Actions:   []string{"rds:FailoverGlobalCluster", "rds:SwitchoverGlobalCluster"},
			Resources: []string{g.args.GlobalClusterARN, g.args.Primary.ClusterARN, g.args.Standby.ClusterARN},
		},
		{
			Sid: "ReadWriteState", Effect: policy.Allow,
			Actions:   []string{"dynamodb:GetItem", "dynamodb:PutItem"},
			Resources: []string{standby.ARN("dynamodb", "table/"+g.names.Table)},
		},
		{
			// DynamoDB decrypts the table's key on behalf of its reader or writer, and encrypts with it on its own (Amazon DynamoDB
			// Developer Guide, "DynamoDB encryption at rest", "Table key caching").
			Sid: "DecryptState", Effect: policy.Allow,
			Actions: []string{"kms:Decrypt"}, Resources: []string{g.keyARN}, Condition: policy.ViaService(standby.Name, "dynamodb"),
		},
		{
			Sid: "ReadParameters", Effect: policy.Allow,
			Actions: []string{"ssm:GetParameter"},
			Resources: []string{
				standby.ARN("ssm", "parameter"+g.names.ConfigParameter), standby.ARN("ssm", "parameter"+g.names.ModeParameter),
			},
		},
		{
			// CloudWatch takes no resource for metrics (Service Authorization Reference, "Actions, resources, and condition keys for
			// Amazon CloudWatch"). The condition limits the namespace.
			Sid: "PublishMetrics", Effect: policy.Allow,
			Actions: []string{"cloudwatch:PutMetricData"}, Resources: []string{policy.EveryResource},
			Condition: policy.Conditions{"StringEquals": {"cloudwatch:namespace": {controller.MetricNamespace}}},
		},
		{
			// The same page has neither a resource nor a condition key for GetMetricData.
			Sid: "ReadMetrics", Effect: policy.Allow,
			Actions: []string{"cloudwatch:GetMetricData"}, Resources: []string{policy.EveryResource},
		},
		{
			// CloudWatch leaves composite alarms out of its answer to a permission of a narrower resource, and the validation would
			// report them missing (Amazon CloudWatch User Guide, "Amazon CloudWatch permissions reference", DescribeAlarms).
			Sid: "DescribeAlarms", Effect: policy.Allow,
			Actions: []string{"cloudwatch:DescribeAlarms"}, Resources: []string{policy.EveryResource},
		},
		{
			// Service Quotas takes no resource for its reads (Service Authorization Reference, "Actions, resources, and condition keys for
			// Service Quotas"). The condition limits the regions.
			Sid: "CompareQuotas", Effect: policy.Allow,
			Actions: []string{"servicequotas:GetAWSDefaultServiceQuota", "servicequotas:GetServiceQuota"}, Resources: []string{policy.EveryResource},
			Condition: policy.Conditions{"StringEquals": {"aws:RequestedRegion": {primary.Name, standby.Name}}},
		},
		{
			Sid: "PublishNotifications", Effect: policy.Allow,
			Actions: []string{"sns:Publish"}, Resources: []string{g.args.Primary.TopicARN, g.args.Standby.TopicARN},
		},
		{
			Sid: "EncryptNotifications", Effect: policy.Allow,
			Actions:   []string{"kms:Decrypt", "kms:GenerateDataKey"},
			Resources: []string{g.args.Primary.TopicKeyARN, g.args.Standby.TopicKeyARN},
			Condition: policy.Conditions{"StringEquals": {"kms:ViaService": {
				"sns." + primary.Name + ".amazonaws.com", "sns." + standby.Name + ".amazonaws.com",
			}}},
		},
		{
			Sid: "InvokeApplication", Effect: policy.Allow,
			Actions: []string{"lambda:InvokeFunction"}, Resources: []string{g.args.StandbyFunctionARN},
		},
		{
			Sid: "PutProbes", Effect: policy.Allow,
			Actions: []string{"s3:PutObject"}, Resources: []string{g.args.Primary.DocumentsBucketARN + "/" + controller.ProbePrefix + "*"},
		},
		{
			// S3 creates the bucket key, and decrypts it again to check it (Amazon S3 User Guide, "Reducing the cost of SSE-KMS with
			// Amazon S3 Bucket Keys").
			Sid: "EncryptProbes", Effect: policy.Allow,
			Actions: []string{"kms:Decrypt", "kms:GenerateDataKey"}, Resources: []string{g.args.Primary.DataKeyARN},
			Condition: policy.ViaService(primary.Name, "s3"),
		},
		{
			// A restore job has no ARN of the account's own choice, and the action no resource (Service Authorization Reference, "Actions,
			// resources, and condition keys for AWS Backup").
			Sid: "ReportRestoreTests", Effect: policy.Allow,
			Actions: []string{"backup:PutRestoreValidationResult"}, Resources: []string{policy.EveryResource},
		},
		{
			Sid: "GetRestoredProbes", Effect: policy.Allow,
			Actions:   []string{"s3:GetObject"},
			Resources: []string{"arn:" + standby.Partition + ":s3:::awsbackup-restore-test-*/" + controller.ProbePrefix + "*"},
		},
		{
			Sid: "GetProbes", Effect: policy.Allow,
			Actions: []string{"s3:GetObject"}, Resources: []string{g.args.Standby.DocumentsBucketARN + "/" + controller.ProbePrefix + "*"},
		},
		{
			Sid: "DecryptProbes", Effect: policy.Allow,
			Actions: []string{"kms:Decrypt"}, Resources: []string{g.args.Standby.DataKeyARN}, Condition: policy.ViaService(standby.Name, "s3"),
		},
	}
}
