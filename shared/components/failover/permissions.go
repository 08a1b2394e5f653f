package failover

import (
	"warmstandby/shared/contract/controller"
	"warmstandby/shared/policy"
)

// grant is all that the controller may touch.
type grant struct {
	args   Args
	names  Names
	keyARN string
}

// document is the least that the controller needs. What an operator's command line does beyond it, such as changing the mode
// or detaching a cluster, it does by the operator's own permissions.
func (g grant) document() policy.Document {
	primary, home := g.args.Regions.Primary, g.args.Regions.Standby
	return policy.Document{
		{
			Sid: "WriteToItsLog", Effect: policy.Allow,
			Actions:   []string{"logs:CreateLogStream", "logs:PutLogEvents"},
			Resources: []string{home.ARN("logs", "log-group:"+logGroupOf(g.names.Function)+":*")},
		},
		{
			// Of RDS's descriptions those of global clusters have no region in their ARN and those of instances take a filter:
			// AWS gives both with every resource (Application Recovery Controller Developer Guide, "Aurora Global Database
			// execution block sample policy").
			Sid: "SeeTheDatabase", Effect: policy.Allow,
			Actions:   []string{"rds:DescribeDBClusters", "rds:DescribeDBInstances", "rds:DescribeGlobalClusters"},
			Resources: []string{policy.EveryResource},
		},
		{
			// What the group of the standby's cluster is called is its own stack's to say; the account's others are no secrets.
			Sid: "SeeWhatCommitsWaitFor", Effect: policy.Allow,
			Actions: []string{"rds:DescribeDBClusterParameters"}, Resources: []string{home.ARN("rds", "cluster-pg:*")},
		},
		{
			Sid: "MoveTheWriter", Effect: policy.Allow,
			Actions:   []string{"rds:FailoverGlobalCluster", "rds:SwitchoverGlobalCluster"},
			Resources: []string{g.args.GlobalClusterARN, g.args.Primary.ClusterARN, g.args.Standby.ClusterARN},
		},
		{
			Sid: "Remember", Effect: policy.Allow,
			Actions:   []string{"dynamodb:GetItem", "dynamodb:PutItem"},
			Resources: []string{home.ARN("dynamodb", "table/"+g.names.Table)},
		},
		{
			// DynamoDB opens the table's key for who reads or writes the table, and encrypts with it by itself (Amazon DynamoDB
			// Developer Guide, "DynamoDB encryption at rest", "Table key caching").
			Sid: "OpenTheTable", Effect: policy.Allow,
			Actions: []string{"kms:Decrypt"}, Resources: []string{g.keyARN}, Condition: policy.Through(home.Name, "dynamodb"),
		},
		{
			Sid: "ReadItsParameters", Effect: policy.Allow,
			Actions: []string{"ssm:GetParameter"},
			Resources: []string{
				home.ARN("ssm", "parameter"+g.names.ConfigParameter), home.ARN("ssm", "parameter"+g.names.ModeParameter),
			},
		},
		{
			// CloudWatch takes no resource for metrics (Service Authorization Reference, "Actions, resources, and condition keys
			// for Amazon CloudWatch"); the namespace narrows what is published.
			Sid: "PublishItsMetrics", Effect: policy.Allow,
			Actions: []string{"cloudwatch:PutMetricData"}, Resources: []string{policy.EveryResource},
			Condition: policy.Conditions{"StringEquals": {"cloudwatch:namespace": {controller.MetricNamespace}}},
		},
		{
			// Nothing narrows what is read: the same page has neither a resource nor a condition key for GetMetricData.
			Sid: "ReadMetrics", Effect: policy.Allow,
			Actions: []string{"cloudwatch:GetMetricData"}, Resources: []string{policy.EveryResource},
		},
		{
			Sid: "SeeTheAlarms", Effect: policy.Allow,
			Actions: []string{"cloudwatch:DescribeAlarms"}, Resources: []string{home.ARN("cloudwatch", "alarm:*")},
		},
		{
			Sid: "Announce", Effect: policy.Allow,
			Actions: []string{"sns:Publish"}, Resources: []string{g.args.Primary.TopicARN, g.args.Standby.TopicARN},
		},
		{
			Sid: "EncryptNotices", Effect: policy.Allow,
			Actions:   []string{"kms:Decrypt", "kms:GenerateDataKey"},
			Resources: []string{g.args.Primary.TopicKeyARN, g.args.Standby.TopicKeyARN},
			Condition: policy.Conditions{"StringEquals": {"kms:ViaService": {"sns." + primary.Name + ".amazonaws.com", "sns." + home.Name + ".amazonaws.com"}}},
		},
		{
			Sid: "HaveTheSecretTried", Effect: policy.Allow,
			Actions: []string{"lambda:InvokeFunction"}, Resources: []string{g.args.StandbyFunctionARN},
		},
		{
			Sid: "PutProbes", Effect: policy.Allow,
			Actions: []string{"s3:PutObject"}, Resources: []string{g.args.Primary.DocumentsBucketARN + "/" + controller.ProbePrefix + "*"},
		},
		{
			Sid: "EncryptProbes", Effect: policy.Allow,
			Actions: []string{"kms:GenerateDataKey"}, Resources: []string{g.args.Primary.DataKeyARN}, Condition: policy.Through(primary.Name, "s3"),
		},
		{
			Sid: "GetProbes", Effect: policy.Allow,
			Actions: []string{"s3:GetObject"}, Resources: []string{g.args.Standby.DocumentsBucketARN + "/" + controller.ProbePrefix + "*"},
		},
		{
			Sid: "DecryptProbes", Effect: policy.Allow,
			Actions: []string{"kms:Decrypt"}, Resources: []string{g.args.Standby.DataKeyARN}, Condition: policy.Through(home.Name, "s3"),
		},
	}
}
