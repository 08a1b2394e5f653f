package permissions

import (
	"slices"
	"strings"
)

// network are the calls of VPC flow logs, which assume a role to write to CloudWatch Logs.
func (v view) network() []call {
	const page = "Amazon VPC User Guide, IAM role for publishing flow logs to CloudWatch Logs"
	role, group := v.named("flowlogs"), v.arn("logs", "log-group:logs-vpc-"+v.role+"-"+v.output("foundation-network", "environmentSuffix"))
	rows := assumed(role, "vpc-flow-logs.amazonaws.com", v.arn("ec2", "vpc-flow-log/fl-0123456789abcdef0"),
		"arn:aws:ec2:"+v.region+":"+another+":vpc-flow-log/fl-0123456789abcdef0", page)
	for _, row := range []call{
		{action: "logs:CreateLogGroup", resource: group},
		{action: "logs:DescribeLogStreams", resource: group},
		{action: "logs:DescribeLogGroups", resource: "*"},
		{action: "logs:CreateLogStream", resource: group + ":log-stream:eni-1-all"},
		{action: "logs:PutLogEvents", resource: group + ":log-stream:eni-1-all"},
	} {
		row.principal, row.page = role, page
		rows = append(rows, row)
	}
	return append(rows, call{
		principal: role, action: "logs:PutLogEvents", resource: v.arn("logs", "log-group:other:log-stream:eni-1-all"),
		page: page, refused: "it is another log group",
	})
}

// buckets are the calls of S3, which assumes a role to replicate, and what its buckets refuse.
func (v view) buckets() []call {
	const (
		page = "Amazon S3 User Guide, Setting up permissions for live replication"
		keys = "Amazon S3 User Guide, Replicating encrypted objects (SSE-KMS), and Reducing the cost of SSE-KMS with Amazon S3 Bucket Keys"
	)
	var rows []call
	for _, purpose := range []string{"Documents", "Assets"} {
		from, to := v.data(purpose+"BucketArn"), v.output("data-global", v.peerKey+purpose+"BucketArn")
		role := v.named("replicate-" + strings.ToLower(purpose))
		rows = slices.Concat(rows, assumed(role, "s3.amazonaws.com", "", "", page), onlyByTLS("s3:PutObject", from+"/records/1"),
			onlyByTLS("s3:ListBucket", from))
		for _, row := range []struct {
			resource string
			actions  []string
		}{
			{from, []string{"s3:GetReplicationConfiguration", "s3:ListBucket"}},
			{from + "/records/1", []string{"s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"}},
			{to + "/records/1", []string{"s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"}},
		} {
			for _, action := range row.actions {
				rows = append(rows, call{principal: role, action: action, resource: row.resource, page: page})
			}
		}
		of := func(bucket string) map[string]any { return map[string]any{"kms:EncryptionContext:aws:s3:arn": bucket} }
		source := throughKMS(role, "s3", v.region, v.data("KeyArn"), of(from), keys, "kms:Decrypt")
		destination := throughKMS(role, "s3", v.peerRegion, v.output("data-global", v.peerKey+"KeyArn"), of(to), keys,
			"kms:Encrypt", "kms:GenerateDataKey", "kms:Decrypt")
		rows = slices.Concat(rows, source, destination)
		for _, row := range []call{source[0], destination[0]} {
			// Without a bucket key the context is the object's ARN.
			row.context = row.with(of(row.context["kms:EncryptionContext:aws:s3:arn"].(string) + "/records/1")).context
			rows = append(rows, row, row.with(of("arn:aws:s3:::other")).mustFail("it is another bucket's object"))
		}
	}
	return rows
}

// buses are the calls of EventBridge between the regions' buses.
func (v view) buses() []call {
	const (
		page  = "Amazon EventBridge User Guide, Sending and receiving events between AWS Regions"
		queue = "Amazon EventBridge User Guide, Using dead-letter queues to process undelivered events, Granting permissions"
		trust = "Amazon EventBridge User Guide, Cross-service confused deputy prevention"
	)
	bus := v.output("data-global", "eventBusName")
	rule := v.arn("events", "rule/"+bus+"/"+v.data("ForwardingRuleName"))
	other := v.arn("events", "rule/"+bus+"/other")
	forward := call{
		principal: v.named("forward-records"), action: "events:PutEvents", resource: v.output("data-global", v.peerKey+"EventBusArn"),
		context: map[string]any{"aws:SourceArn": rule}, page: page,
	}
	undelivered := call{
		principal: "events.amazonaws.com", action: "sqs:SendMessage", resource: v.data("DeadLetterQueueArn"),
		context: map[string]any{"aws:SourceArn": rule, "aws:SourceAccount": account}, page: queue,
	}
	return slices.Concat(
		assumed(v.named("forward-records"), "events.amazonaws.com", rule, other, trust),
		onlyByTLS("sqs:ReceiveMessage", v.data("DeadLetterQueueArn")),
		[]call{
			forward, forward.with(map[string]any{"aws:SourceArn": other}).mustFail("it is another rule's"),
			undelivered, undelivered.with(map[string]any{"aws:SourceArn": other}).mustFail("it is another rule's"),
		},
	)
}
