package permissions

import "slices"

const (
	executionRole  = "AWS Lambda Developer Guide, Defining Lambda function permissions with an execution role"
	basicExecution = "AWS managed policy AWSLambdaBasicExecutionRole"
)

// application are the calls of a region's records API: those of its code, and those that Lambda makes by its role.
func (v view) application() []call {
	role, function := v.named("app"), v.output(v.app, "functionArn")
	logs := v.arn("logs", "log-group:"+v.output(v.app, "logGroupName")+":log-stream:2026/01/01/[$LATEST]1")
	group := v.arn("logs", "log-group:logs-audit-"+v.role+"-"+v.output("foundation-network", "environmentSuffix"))
	path := v.output("data-global", "parameterPath")
	fromCode := map[string]any{"lambda:SourceFunctionArn": function}
	document := v.data("DocumentsBucketArn") + "/records/1/document"
	rows := assumedByLambda(role)
	for _, row := range []call{
		{action: "logs:CreateLogStream", resource: logs, page: basicExecution},
		{action: "logs:PutLogEvents", resource: logs, page: basicExecution},
		{
			action: "logs:CreateLogStream", resource: group, context: fromCode,
			page: "Amazon CloudWatch Logs API Reference, CreateLogStream",
		},
		{
			action: "logs:PutLogEvents", resource: group + ":log-stream:2026/01/01/[$LATEST]1", context: fromCode,
			page: "Amazon CloudWatch Logs API Reference, PutLogEvents",
		},
		{
			action: "logs:FilterLogEvents", resource: group, context: fromCode, refused: "the trail is written, never read",
			page: "Amazon CloudWatch Logs API Reference, FilterLogEvents",
		},
		{
			action: "logs:DeleteLogStream", resource: group + ":log-stream:2026/01/01/[$LATEST]1", context: fromCode,
			page: "Amazon CloudWatch Logs API Reference, DeleteLogStream", refused: "the trail is written, never deleted",
		},
		{
			action: "ssm:GetParametersByPath", resource: v.arn("ssm", "parameter"+path), context: fromCode,
			page: "AWS Systems Manager API Reference, GetParametersByPath",
		},
		{
			action: "ssm:GetParametersByPath", resource: v.arn("ssm", "parameter"+path+"/database/name"), context: fromCode,
			page: "AWS Systems Manager User Guide, Restricting access to Parameter Store parameters using IAM policies",
		},
		{
			action: "secretsmanager:GetSecretValue", resource: v.data("SecretArn"), context: fromCode,
			page: "AWS Secrets Manager API Reference, GetSecretValue",
		},
		{
			action: "events:PutEvents", resource: v.data("EventBusArn"), context: ofSource("warmstandby.records"),
			page: "Amazon EventBridge User Guide, Using IAM policy conditions in Amazon EventBridge",
		},
		{
			action: "events:PutEvents", resource: v.data("EventBusArn"), context: ofSource("warmstandby.heartbeat"),
			page: "Amazon EventBridge User Guide, Using IAM policy conditions in Amazon EventBridge", refused: "it forges the heartbeat",
		},
		{action: "s3:GetObject", resource: document, page: "Amazon S3 User Guide, Download and upload objects with presigned URLs"},
		{action: "s3:PutObject", resource: document, page: "Amazon S3 User Guide, Download and upload objects with presigned URLs"},
		{action: "s3:DeleteObject", resource: document, context: fromCode, page: "Amazon S3 API Reference, DeleteObject"},
		{
			action: "s3:ListBucket", resource: v.data("DocumentsBucketArn"), context: map[string]any{"s3:prefix": "records/1/document"},
			page: "Amazon S3 User Guide, Bucket policy examples using condition keys, s3:prefix",
		},
		{
			action: "s3:ListBucket", resource: v.data("DocumentsBucketArn"), context: map[string]any{"s3:prefix": "probes/"},
			page: "Amazon S3 User Guide, Bucket policy examples using condition keys, s3:prefix", refused: "it is not a record's document",
		},
		{
			action: "sqs:SendMessage", resource: v.output(v.app, "failedQueueArn"),
			page: "AWS Lambda Developer Guide, Adding a dead-letter queue",
		},
	} {
		row.principal = role
		rows = append(rows, row)
	}
	rows = append(rows, call{
		principal: role, action: "events:PutEvents", resource: v.data("EventBusArn"),
		context: map[string]any{"aws:SourceArn": v.arn("events", "rule/default/other"), "events:source": "warmstandby.records"},
		page:    "Amazon EventBridge User Guide, Sending and receiving events between AWS Regions", refused: "it is another rule's",
	})
	return slices.Concat(rows, v.vpc(role, function), v.applicationKeys(role), v.maintenance(), v.balancer())
}

// ofSource is the context of the application's code that puts an event of a source.
func ofSource(source string) map[string]any { return map[string]any{"events:source": source} }

// vpc are Lambda's calls to connect the function to its subnets, which the function's code is refused.
func (v view) vpc(role, function string) []call {
	const page = "AWS Lambda Developer Guide, Giving Lambda functions access to resources in an Amazon VPC"
	var rows []call
	for _, row := range []call{
		{action: "ec2:CreateNetworkInterface", resource: v.arn("ec2", "network-interface/*")},
		{action: "ec2:DeleteNetworkInterface", resource: v.arn("ec2", "network-interface/eni-1")},
		// Lambda checks at the creation of a function that the role may delete any interface.
		{action: "ec2:DeleteNetworkInterface", resource: v.arn("ec2", "*/*")},
		{action: "ec2:AssignPrivateIpAddresses", resource: v.arn("ec2", "network-interface/eni-1")},
		{action: "ec2:UnassignPrivateIpAddresses", resource: v.arn("ec2", "network-interface/eni-1")},
		{action: "ec2:DescribeNetworkInterfaces", resource: "*"},
		{action: "ec2:DescribeSubnets", resource: "*"},
	} {
		row.principal, row.page = role, page
		rows = append(rows, row, row.with(map[string]any{"lambda:SourceFunctionArn": function}).mustFail("it is the function's code"))
	}
	in := []string{v.arn("ec2", "security-group/"+v.output("foundation-network", v.key+"FunctionSecurityGroupId"))}
	for _, subnet := range v.list("foundation-network", v.key+"PrivateSubnetIds") {
		in = append(in, v.arn("ec2", "subnet/"+subnet))
	}
	for _, resource := range in {
		row := call{principal: role, action: "ec2:CreateNetworkInterface", resource: resource, page: page}
		rows = append(rows, row, row.with(map[string]any{"lambda:SourceFunctionArn": function}).mustFail("it is the function's code"))
	}
	for _, other := range []string{"security-group/sg-other", "subnet/subnet-other"} {
		rows = append(rows, call{
			principal: role, action: "ec2:CreateNetworkInterface", resource: v.arn("ec2", other), page: page,
			refused: "it is not the function's",
		})
	}
	return rows
}

// applicationKeys are the calls of services that use keys in the function's name.
func (v view) applicationKeys(role string) []call {
	bucket := map[string]any{"kms:EncryptionContext:aws:s3:arn": v.data("DocumentsBucketArn")}
	secret := map[string]any{"kms:EncryptionContext:SecretARN": v.data("SecretArn")}
	return slices.Concat(
		throughKMS(role, "s3", v.region, v.data("KeyArn"), bucket,
			"Amazon S3 User Guide, Using server-side encryption with AWS KMS keys, Permissions", "kms:Decrypt", "kms:GenerateDataKey"),
		throughKMS(role, "secretsmanager", v.region, v.data("KeyArn"), secret,
			"AWS Secrets Manager User Guide, Secret encryption and decryption, Permissions for the KMS key", "kms:Decrypt"),
		v.queueKey(role),
	)
}

// queueKey are the calls of SQS for the dead-letter queue's key in the name of a sender.
func (v view) queueKey(role string) []call {
	return throughKMS(role, "sqs", v.region, v.output(v.app, "keyArn"),
		map[string]any{"kms:EncryptionContext:aws:sqs:arn": v.output(v.app, "failedQueueArn")},
		"Amazon SQS Developer Guide, Key management, Configure KMS permissions for producers", "kms:Decrypt", "kms:GenerateDataKey")
}

// maintenance are the calls of the schedule that has the function tidy up.
func (v view) maintenance() []call {
	role := v.named("maintain")
	return slices.Concat(
		v.scheduled("maintain"),
		[]call{
			{
				principal: role, action: "lambda:InvokeFunction", resource: v.output(v.app, "functionArn"),
				page: "EventBridge Scheduler User Guide, Setting up the execution role",
			},
			{
				principal: role, action: "sqs:SendMessage", resource: v.output(v.app, "failedQueueArn"),
				page: "EventBridge Scheduler User Guide, Configuring a dead-letter queue",
			},
		},
		v.queueKey(role),
	)
}

// scheduled are EventBridge Scheduler's calls to assume the role of a schedule.
func (v view) scheduled(purpose string) []call {
	return assumed(v.named(purpose), "scheduler.amazonaws.com", v.arn("scheduler", "schedule-group/default"),
		v.arn("scheduler", "schedule-group/other"), "EventBridge Scheduler User Guide, Confused deputy prevention")
}

// balancer are the calls of the load balancer: it invokes the function and delivers its logs.
func (v view) balancer() []call {
	suffix := v.output("foundation-network", "environmentSuffix")
	invoke := call{
		principal: "elasticloadbalancing.amazonaws.com", action: "lambda:InvokeFunction", resource: v.output(v.app, "functionArn"),
		context: map[string]any{"aws:SourceArn": v.arn("elasticloadbalancing", v.output(v.app, "targetGroupArnSuffix"))},
		page:    "Elastic Load Balancing User Guide for Application Load Balancers, Use Lambda functions as targets",
	}
	bucket := "arn:aws:s3:::bucket-accesslogs-" + v.role + "-" + account + "-" + suffix
	deliver := call{
		principal: "logdelivery.elasticloadbalancing.amazonaws.com", action: "s3:PutObject",
		resource: bucket + "/AWSLogs/" + account + "/elasticloadbalancing/" + v.region + "/2026/01/01/1.log.gz",
		context:  map[string]any{"aws:SourceArn": v.output(v.app, "loadBalancerArn")},
		page:     "Elastic Load Balancing User Guide for Application Load Balancers, Enable access logs",
	}
	return slices.Concat(
		onlyByTLS("s3:GetObject", bucket+"/AWSLogs/1"), onlyByTLS("s3:ListBucket", bucket),
		onlyByTLS("sqs:ReceiveMessage", v.output(v.app, "failedQueueArn")),
		[]call{
			invoke,
			invoke.with(map[string]any{"aws:SourceArn": v.arn("elasticloadbalancing", "targetgroup/other/1")}).
				mustFail("it is another target group"),
			deliver,
			deliver.with(map[string]any{
				"aws:SourceArn": "arn:aws:elasticloadbalancing:" + v.region + ":" + another + ":loadbalancer/app/other/1",
			}).mustFail("it is another account's load balancer"),
		},
	)
}

// alarms are the calls of CloudWatch's alarms, which publish to the region's topic as the service.
func (v view) alarms() []call {
	topic := v.output(v.app, "topicArn")
	publish := call{
		principal: "cloudwatch.amazonaws.com", action: "sns:Publish", resource: topic,
		context: map[string]any{"aws:SourceArn": v.arn("cloudwatch", "alarm:alarm-1"), "aws:SourceAccount": account},
		page:    "Amazon SNS Developer Guide, Example cases for Amazon SNS access control, Allow CloudWatch alarms to publish",
	}
	rows := slices.Concat(onlyByTLS("sns:Publish", topic), []call{
		publish,
		publish.with(map[string]any{"aws:SourceAccount": another}).mustFail("it is for another account"),
		publish.with(map[string]any{"aws:SourceArn": "arn:aws:cloudwatch:" + v.region + ":" + another + ":alarm:alarm-1"}).
			mustFail("it is another account's alarm"),
	})
	for _, action := range []string{"kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"} {
		rows = append(rows, call{
			principal: "cloudwatch.amazonaws.com", action: action, resource: v.output(v.app, "keyArn"),
			page: "Amazon SNS Developer Guide, Managing Amazon SNS encryption keys and costs, Compatibility between event sources and topics",
		})
	}
	return rows
}

// keys are the calls of CloudWatch Logs, which uses the keys of log groups as the service.
func (v view) keys() []call {
	suffix := v.output("foundation-network", "environmentSuffix")
	type keyOfGroup struct{ key, group string }
	pairs := []keyOfGroup{
		{v.arn("kms", "key/flowlogs-"+v.role), "logs-vpc-" + v.role + "-" + suffix},
		{v.data("KeyArn"), "/aws/rds/cluster/" + v.data("ClusterIdentifier") + "/postgresql"},
		{v.output(v.app, "keyArn"), v.output(v.app, "logGroupName")},
		{v.output(v.app, "keyArn"), "logs-audit-" + v.role + "-" + suffix},
	}
	if v.profile == "prod" { // which has AWS WAF
		pairs = append(pairs, keyOfGroup{v.output(v.app, "keyArn"), "aws-waf-logs-app-" + v.role + "-" + suffix})
	}
	if v.key == "standby" {
		controller := "/aws/lambda/" + v.output("global-edge", "controllerFunctionName")
		pairs = append(pairs, keyOfGroup{v.arn("kms", "key/failover-secondary"), controller})
	}
	var rows []call
	for _, pair := range pairs {
		for _, action := range []string{
			"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo",
		} {
			row := call{
				principal: "logs." + v.region + ".amazonaws.com", action: action, resource: pair.key,
				context: map[string]any{"kms:EncryptionContext:aws:logs:arn": v.arn("logs", "log-group:"+pair.group)},
				page:    "Amazon CloudWatch Logs User Guide, Encrypt log data in CloudWatch Logs using AWS KMS",
			}
			rows = append(rows, row,
				row.with(map[string]any{"kms:EncryptionContext:aws:logs:arn": v.arn("logs", "log-group:other")}).mustFail("it is another group"))
		}
		// Without the statement that leaves keys to IAM nobody could change or delete a key.
		rows = append(rows, call{
			principal: administrator, action: "kms:PutKeyPolicy", resource: pair.key,
			page: "AWS KMS Developer Guide, Default key policy, Allows access to the AWS account and enables IAM policies",
		})
	}
	return rows
}
