package application

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/policy"
	"warmstandby/shared/region"
)

// networkActions are what Lambda does with network interfaces by the function's role, to connect it to the VPC (AWS Lambda
// Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC", "Required IAM permissions").
var networkActions = [...]string{
	"ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:UnassignPrivateIpAddresses",
}

// describeActions belong to networkActions. EC2 takes no resource for a Describe action (Service Authorization Reference,
// "Actions, resources, and condition keys for Amazon EC2").
var describeActions = [...]string{"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"}

// eventSource is the source of all events of the application, as its code has it.
const eventSource = "warmstandby.records"

// grant holds the ARNs that the function's role has access to, all in its own region.
type grant struct {
	region                  region.Region
	network                 Network
	data                    Data
	function                string
	logGroup, auditGroup    string
	deadLetterQueue, appKey string
}

// policyJSON returns the role's policy, once AWS has given the ARNs that no name makes.
func (g grant) policyJSON(deadLetterQueue, appKey pulumi.StringOutput) pulumi.StringOutput {
	return pulumi.StringMap{
		"failedQueue": deadLetterQueue, "appKey": appKey,
	}.ToStringMapOutput().ApplyT(func(arns map[string]string) (string, error) {
		g.deadLetterQueue, g.appKey = arns["failedQueue"], arns["appKey"]
		return g.document().JSON()
	}).(pulumi.StringOutput)
}

// document returns the least permissions that the function needs.
func (g grant) document() policy.Document {
	return slices.Concat(g.networkStatements(), []policy.Statement{
		{
			Sid: "WriteLogs", Effect: policy.Allow,
			Actions:   []string{"logs:CreateLogStream", "logs:PutLogEvents"},
			Resources: []string{g.logGroup + ":*"},
		},
		{
			// The function can add to the trail, and neither read nor delete it.
			Sid: "WriteAuditTrail", Effect: policy.Allow,
			Actions: []string{"logs:CreateLogStream", "logs:PutLogEvents"},
			// A stream is made in the group and written by its own name (Service Authorization Reference, "Actions, resources, and
			// condition keys for Amazon CloudWatch Logs").
			Resources: []string{g.auditGroup, g.auditGroup + ":log-stream:*"},
		},
		{
			// A path stands for all parameters under it (AWS Systems Manager User Guide, "Restricting access to Parameter Store
			// parameters using IAM policies").
			Sid: "ReadParameters", Effect: policy.Allow,
			Actions:   []string{"ssm:GetParametersByPath"},
			Resources: []string{g.region.ARN("ssm", "parameter"+g.data.ParameterPath), g.region.ARN("ssm", "parameter"+g.data.ParameterPath+"/*")},
		},
		{
			Sid: "ReadDatabaseSecret", Effect: policy.Allow,
			Actions: []string{"secretsmanager:GetSecretValue"}, Resources: []string{g.data.SecretARN},
		},
		{
			// The function reads and writes no document itself. It presigns URLs, and S3 grants their users what the signer may
			// do.
			Sid: "PresignDocumentURLs", Effect: policy.Allow,
			Actions: []string{"s3:GetObject", "s3:PutObject"}, Resources: []string{g.data.DocumentsBucketARN + "/" + documentsPrefix + "*"},
		},
		{
			// A document is removed with its record. The bucket has versions: without s3:DeleteObjectVersion the function can hide
			// documents and not destroy them, which the bucket's lifecycle does.
			Sid: "RemoveDocuments", Effect: policy.Allow,
			Actions: []string{"s3:DeleteObject"}, Resources: []string{g.data.DocumentsBucketARN + "/" + documentsPrefix + "*"},
		},
		{
			// Whether there is a document to remove. Listing one key is allowed by its prefix (Amazon S3 User Guide, "Bucket policy
			// examples using condition keys", s3:prefix).
			Sid: "FindDocuments", Effect: policy.Allow,
			Actions: []string{"s3:ListBucket"}, Resources: []string{g.data.DocumentsBucketARN},
			Condition: policy.Conditions{"StringLike": {"s3:prefix": {documentsPrefix + "*"}}},
		},
		{
			// The controller's heartbeat is on the same bus under another source. A request holds several events, so that the condition
			// wants all their sources to be the application's (Service Authorization Reference, "Condition keys for Amazon EventBridge",
			// events:source; IAM User Guide, "Set operators for multi-valued context keys").
			Sid: "PublishEvents", Effect: policy.Allow,
			Actions: []string{"events:PutEvents"}, Resources: []string{g.data.EventBusARN},
			Condition: policy.Conditions{"ForAllValues:StringEquals": {"events:source": {eventSource}}},
		},
		{
			Sid: "UseDataKey", Effect: policy.Allow,
			Actions: []string{"kms:Decrypt", "kms:GenerateDataKey"}, Resources: []string{g.data.KeyARN},
			Condition: policy.ViaService(g.region.Name, "s3", "secretsmanager"),
		},
	}, policy.SendToDeadLetterQueue(g.region.Name, g.deadLetterQueue, g.appKey))
}

// networkStatements allow Lambda to connect the function to the VPC and deny the same to the function's own code, whose
// requests alone carry lambda:SourceFunctionArn (AWS Lambda Developer Guide, "Giving Lambda functions access to resources in an
// Amazon VPC", and "Using source function ARN to control function access behavior"). Interfaces are made in the function's own
// subnets and security group. An interface has no id before it is created: all interfaces of the account in the region are the
// narrowest resource.
func (g grant) networkStatements() []policy.Statement {
	interfaces := g.region.ARN("ec2", "network-interface/*")
	in := []string{interfaces, g.region.ARN("ec2", "security-group/"+g.network.FunctionSecurityGroupID)}
	for _, subnet := range g.network.PrivateSubnetIDs {
		in = append(in, g.region.ARN("ec2", "subnet/"+subnet))
	}
	return []policy.Statement{
		{
			Sid: "CreateNetworkInterfaces", Effect: policy.Allow,
			Actions: []string{"ec2:CreateNetworkInterface"}, Resources: in,
		},
		{
			Sid: "ManageNetworkInterfaces", Effect: policy.Allow,
			Actions: []string{"ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"}, Resources: []string{interfaces},
		},
		{
			// Lambda connects no function whose role may not delete everything of this form, or an interface by its id (same page,
			// "Required IAM permissions", ec2:DeleteNetworkInterface). The action deletes network interfaces alone.
			Sid: "DeleteNetworkInterfaces", Effect: policy.Allow,
			Actions: []string{"ec2:DeleteNetworkInterface"}, Resources: []string{g.region.ARN("ec2", "*/*")},
		},
		{
			Sid: "DescribeNetwork", Effect: policy.Allow,
			Actions: describeActions[:], Resources: []string{policy.EveryResource},
		},
		{
			Sid: "DenyNetworkToCode", Effect: policy.Deny,
			Actions:   slices.Concat(networkActions[:], describeActions[:]),
			Resources: []string{policy.EveryResource},
			Condition: policy.Conditions{"ArnEquals": {"lambda:SourceFunctionArn": {g.function}}},
		},
	}
}
