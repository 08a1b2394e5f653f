package permissions

import "slices"

// controller are the calls of the failover controller, which works in the standby region, and of what starts it.
func (e *environment) controller() []call {
	primary, standby := e.views()
	role := standby.named("failover")
	function := standby.arn("lambda", "function:"+e.output("global-edge", "controllerFunctionName"))
	config, mode := e.output("global-edge", "configParameter"), e.output("global-edge", "modeParameter")
	const probe = "/probes/replication"
	logs := standby.arn("logs", "log-group:/aws/lambda/"+e.output("global-edge", "controllerFunctionName")+":log-stream:2026/01/01/[$LATEST]1")
	table := standby.arn("dynamodb", "table/"+e.output("global-edge", "controllerTableName"))
	rows := assumedByLambda(role)
	for _, row := range []call{
		{action: "logs:CreateLogStream", resource: logs, page: basicExecution},
		{action: "logs:PutLogEvents", resource: logs, page: basicExecution},
		{action: "rds:DescribeGlobalClusters", resource: e.output("data-global", "globalClusterArn"), page: rdsActions},
		{
			action: "rds:DescribeGlobalClusters", resource: "arn:aws:rds::" + account + ":global-cluster:other", page: rdsActions,
			refused: "it is another global cluster",
		},
		{action: "rds:DescribeDBClusters", resource: standby.data("ClusterArn"), page: rdsActions},
		{action: "rds:DescribeDBClusters", resource: primary.data("ClusterArn"), page: rdsActions},
		{action: "rds:DescribeDBClusters", resource: standby.arn("rds", "cluster:awsbackup-restore-test-1"), page: rdsActions},
		{
			action: "rds:DescribeDBClusters", resource: standby.arn("rds", "cluster:other"), page: rdsActions,
			refused: "it is another cluster",
		},
		// A filter is no resource: the request is for all instances of the region.
		{action: "rds:DescribeDBInstances", resource: standby.arn("rds", "db:*"), page: rdsActions},
		{action: "rds:DescribeDBInstances", resource: primary.arn("rds", "db:*"), page: rdsActions},
		{action: "rds:DescribeDBClusterParameters", resource: standby.arn("rds", "cluster-pg:dbparams-1"), page: rdsActions},
		{action: "dynamodb:GetItem", resource: table, page: "Amazon DynamoDB API Reference, GetItem"},
		{action: "dynamodb:PutItem", resource: table, page: "Amazon DynamoDB API Reference, PutItem"},
		{action: "ssm:GetParameter", resource: standby.arn("ssm", "parameter"+config), page: parameterActions},
		{action: "ssm:GetParameter", resource: standby.arn("ssm", "parameter"+mode), page: parameterActions},
		{action: "cloudwatch:GetMetricData", resource: "*", page: metricActions},
		// A composite alarm is in the answer to a permission on every resource only.
		{action: "cloudwatch:DescribeAlarms", resource: "*", page: "Amazon CloudWatch API Reference, DescribeAlarms"},
		{
			action: "cloudwatch:PutMetricData", resource: "*", context: map[string]any{"cloudwatch:namespace": "Warmstandby"}, page: metricActions,
		},
		{
			action: "cloudwatch:PutMetricData", resource: "*", context: map[string]any{"cloudwatch:namespace": "AWS/RDS"}, page: metricActions,
			refused: "it is another namespace",
		},
		{action: "servicequotas:GetServiceQuota", resource: "*", context: inRegion(primary), page: quotaActions},
		{action: "servicequotas:GetServiceQuota", resource: "*", context: inRegion(standby), page: quotaActions},
		{action: "servicequotas:GetAWSDefaultServiceQuota", resource: "*", context: inRegion(primary), page: quotaActions},
		{action: "servicequotas:GetAWSDefaultServiceQuota", resource: "*", context: inRegion(standby), page: quotaActions},
		{
			action: "servicequotas:GetServiceQuota", resource: "*", context: inContext("aws:RequestedRegion", "eu-west-1"), page: quotaActions,
			refused: "it is another region",
		},
		{
			action: "servicequotas:RequestServiceQuotaIncrease", resource: "*", context: inRegion(standby), page: quotaActions,
			refused: "a quota is raised by people",
		},
		{action: "lambda:InvokeFunction", resource: e.output("region-app-west", "functionArn"), page: "AWS Lambda API Reference, Invoke"},
		{action: "sns:Publish", resource: e.output("region-app-east", "topicArn"), page: "Amazon SNS API Reference, Publish"},
		{action: "sns:Publish", resource: e.output("region-app-west", "topicArn"), page: "Amazon SNS API Reference, Publish"},
		{action: "s3:PutObject", resource: primary.data("DocumentsBucketArn") + probe, page: "Amazon S3 API Reference, PutObject"},
		{action: "s3:GetObject", resource: standby.data("DocumentsBucketArn") + probe, page: "Amazon S3 API Reference, GetObject"},
		{
			action: "s3:GetObject", resource: standby.data("DocumentsBucketArn") + "/records/1", page: "Amazon S3 API Reference, GetObject",
			refused: "it is a patient's document",
		},
	} {
		row.principal = role
		rows = append(rows, row)
	}
	for _, action := range []string{"rds:FailoverGlobalCluster", "rds:SwitchoverGlobalCluster"} {
		for _, resource := range []string{
			e.output("data-global", "globalClusterArn"), primary.data("ClusterArn"), standby.data("ClusterArn"),
		} {
			rows = append(rows, call{principal: role, action: action, resource: resource, page: rdsActions})
		}
	}
	return slices.Concat(rows, e.controllerKeys(role, table), e.started(function), e.restoreTests(function))
}

const (
	rdsActions       = "Service Authorization Reference, Actions, resources, and condition keys for Amazon RDS"
	metricActions    = "Service Authorization Reference, Actions, resources, and condition keys for Amazon CloudWatch"
	quotaActions     = "Service Authorization Reference, Actions, resources, and condition keys for Service Quotas"
	parameterActions = "AWS Systems Manager API Reference, GetParameter"
)

// inRegion is the context of a call that is sent to a region.
func inRegion(v view) map[string]any { return inContext("aws:RequestedRegion", v.region) }

// controllerKeys are the calls of services that use keys in the controller's name.
func (e *environment) controllerKeys(role, table string) []call {
	primary, standby := e.views()
	var rows []call
	for _, v := range []view{primary, standby} {
		rows = append(rows, throughKMS(role, "sns", v.region, v.output(v.app, "keyArn"),
			map[string]any{"kms:EncryptionContext:aws:sns:topicArn": v.output(v.app, "topicArn")},
			"Amazon SNS Developer Guide, Managing Amazon SNS encryption keys and costs, Configuring AWS KMS permissions",
			"kms:Decrypt", "kms:GenerateDataKey")...)
	}
	bucket := func(v view) map[string]any {
		return map[string]any{"kms:EncryptionContext:aws:s3:arn": v.data("DocumentsBucketArn")}
	}
	const objects = "Amazon S3 User Guide, Using server-side encryption with AWS KMS keys, Permissions"
	return slices.Concat(rows,
		throughKMS(role, "s3", primary.region, primary.data("KeyArn"), bucket(primary), objects, "kms:Decrypt", "kms:GenerateDataKey"),
		throughKMS(role, "s3", standby.region, standby.data("KeyArn"), bucket(standby), objects, "kms:Decrypt"),
		throughKMS(role, "dynamodb", standby.region, standby.arn("kms", "key/failover-secondary"),
			map[string]any{"kms:EncryptionContext:aws:dynamodb:tableName": table},
			"Amazon DynamoDB Developer Guide, DynamoDB encryption at rest: usage notes, Table key caching", "kms:Decrypt"),
	)
}

// started are the calls that start the controller, and that make the heartbeat which it watches.
func (e *environment) started(function string) []call {
	primary, standby := e.views()
	const page = "EventBridge Scheduler User Guide, Setting up the execution role"
	bus := e.output("data-global", "eventBusName")
	heartbeat := call{
		principal: "events.amazonaws.com", action: "lambda:InvokeFunction", resource: function,
		context: map[string]any{
			"aws:SourceArn": standby.arn("events", "rule/"+bus+"/rule-heartbeat-secondary-"+e.output("foundation-network", "environmentSuffix")),
		},
		page: "Amazon EventBridge User Guide, Using resource-based policies, AWS Lambda permissions",
	}
	return slices.Concat(
		standby.scheduled("watch"), standby.scheduled("validate"), primary.scheduled("heartbeat"),
		[]call{
			{principal: standby.named("watch"), action: "lambda:InvokeFunction", resource: function, page: page},
			{principal: standby.named("validate"), action: "lambda:InvokeFunction", resource: function, page: page},
			{principal: primary.named("heartbeat"), action: "events:PutEvents", resource: primary.data("EventBusArn"), page: page},
			heartbeat,
			heartbeat.with(map[string]any{"aws:SourceArn": standby.arn("events", "rule/"+bus+"/other")}).mustFail("it is another rule's"),
		},
	)
}
