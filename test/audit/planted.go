package audit

import (
	"encoding/json"
)

// plantedResources are faults for the tools that read resources.
func plantedResources() []resource {
	return []resource{
		{
			Type: "aws:s3/bucketV2:BucketV2", Name: plantedPrefix + "bucket", ID: plantedPrefix + "bucket",
			Outputs: map[string]any{"bucket": plantedPrefix + "bucket"},
		},
		{
			Type: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", Name: plantedPrefix + "bucket",
			Inputs: map[string]any{"bucket": plantedPrefix + "bucket"},
			Outputs: map[string]any{
				"bucket": plantedPrefix + "bucket", "blockPublicAcls": false, "blockPublicPolicy": false, "ignorePublicAcls": false,
				"restrictPublicBuckets": false,
			},
		},
		{
			Type: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", Name: plantedPrefix + "group",
			Outputs: map[string]any{
				"cidrIpv4": "0.0.0.0/0", "ipProtocol": "tcp", "fromPort": 22.0, "toPort": 22.0, "description": "SSH", "securityGroupId": "sg-1",
			},
		},
		{
			Type: "aws:sqs/queue:Queue", Name: plantedPrefix + "queue",
			Outputs: map[string]any{"name": plantedPrefix + "queue", "sqsManagedSseEnabled": false},
		},
		{
			Type: "aws:iam/rolePolicy:RolePolicy", Name: plantedPrefix + "policy",
			Outputs: map[string]any{"name": "p", "role": "r", "policy": wildcard},
		},
	}
}

// wildcard allows everything.
const wildcard = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}`

// plant adds faults for the tools that read policies: one that allows everything, and two that mean nothing.
func (s policySet) plant() {
	s.identity[plantedPrefix+"wildcard"] = json.RawMessage(wildcard)
	s.identity[plantedPrefix+"action"] = json.RawMessage(
		`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetNothing", "Resource": "*"}]}`)
	s.identity[plantedPrefix+"effect"] = json.RawMessage(
		`{"Version": "2012-10-17", "Statement": [{"Effect": "Permit", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]}`)
}

// Planted are the findings that the planted faults must bring about.
var Planted = []Finding{
	{Tool: checkov, Check: "CKV_AWS_53", Resource: plantedPrefix + "bucket", Message: "a public bucket"},
	{Tool: checkov, Check: "CKV_AWS_24", Resource: plantedPrefix + "group", Message: "an open group"},
	{Tool: checkov, Check: "CKV_AWS_27", Resource: plantedPrefix + "queue", Message: "an unencrypted queue"},
	{Tool: checkov, Check: "CKV_AWS_62", Resource: plantedPrefix + "policy", Message: "a wildcard policy"},
	{Tool: cloudsplaining, Check: "PrivilegeEscalation", Resource: plantedPrefix + "wildcard", Message: "a wildcard policy"},
	{Tool: parliament, Check: "UNKNOWN_ACTION", Resource: plantedPrefix + "action", Message: "an action that is none"},
	{Tool: cfnLint, Check: "E3510", Resource: plantedPrefix + "effect", Message: "an effect that is none"},
	{Tool: prowler, Check: "s3_bucket_public_access", Resource: plantedPrefix + "bucket", Message: "a public bucket"},
	{
		Tool: prowler, Check: "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_22", Resource: plantedPrefix + "group",
		Message: "an open group",
	},
	{Tool: prowler, Check: "sqs_queues_server_side_encryption_enabled", Resource: plantedPrefix + "queue", Message: "an unencrypted queue"},
	{
		Tool: prowler, Check: "iam_inline_policy_no_administrative_privileges", Resource: plantedPrefix + "role:planted",
		Message: "a wildcard policy",
	},
}
