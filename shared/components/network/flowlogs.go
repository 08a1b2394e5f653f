package network

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/encryption"
	"warmstandby/shared/components/internal/role"
	"warmstandby/shared/naming"
	"warmstandby/shared/policy"
	"warmstandby/shared/region"
)

const (
	flowLogsType = "warmstandby:network:FlowLogs"

	// aggregationSeconds is the longer of the two windows that flow logs offer, 600 and 60. An audit does not need minutes, and
	// ten times the records cost ten times as much.
	aggregationSeconds = 600
)

// FlowLogsArgs are the inputs of a VPC's flow logs.
type FlowLogsArgs struct {
	Region        region.Region
	VPCID         pulumi.StringInput
	RetentionDays int
	// Protection keeps the log group when the stack is destroyed, and its key for the longest waiting period.
	Protection bool
}

// FlowLogs is the record of a VPC's traffic.
type FlowLogs struct {
	pulumi.ResourceState

	LogGroup *cloudwatch.LogGroup
}

// NewFlowLogs records all traffic of a VPC, accepted and rejected, in a log group that a key of the same region encrypts.
func NewFlowLogs(ctx *pulumi.Context, name string, args FlowLogsArgs, opts ...pulumi.ResourceOption) (*FlowLogs, error) {
	logs := &FlowLogs{}
	if err := ctx.RegisterComponentResource(flowLogsType, name, logs, opts...); err != nil {
		return nil, fmt.Errorf("registering flow logs %s: %w", name, err)
	}
	group, err := args.Region.Named(naming.LogGroup, "vpc")
	if err != nil {
		return nil, err
	}
	key, err := encryption.NewKey(ctx, name, encryption.KeyArgs{
		Region: args.Region, Purpose: "flowlogs",
		Description: "VPC flow logs of the " + string(args.Region.Role) + " region",
		LogGroups:   []string{group},
		Protection:  args.Protection,
	}, pulumi.Parent(logs))
	if err != nil {
		return nil, err
	}
	logs.LogGroup, err = cloudwatch.NewLogGroup(ctx, group, &cloudwatch.LogGroupArgs{
		Name:            pulumi.String(group),
		RetentionInDays: pulumi.Int(args.RetentionDays),
		KmsKeyId:        key.ARN,
		SkipDestroy:     pulumi.Bool(args.Protection),
	}, args.Region.Durable(logs, args.Protection)...)
	if err != nil {
		return nil, fmt.Errorf("building log group %s: %w", group, err)
	}
	writerRole, granted, err := logs.newRole(ctx, args)
	if err != nil {
		return nil, err
	}
	physical, err := args.Region.Named(naming.FlowLog, "vpc")
	if err != nil {
		return nil, err
	}
	_, err = ec2.NewFlowLog(ctx, physical, &ec2.FlowLogArgs{
		VpcId:                  args.VPCID.ToStringOutput().ToStringPtrOutput(),
		TrafficType:            pulumi.String("ALL"),
		LogDestination:         logs.LogGroup.Arn,
		IamRoleArn:             writerRole.Arn,
		MaxAggregationInterval: pulumi.Int(aggregationSeconds),
		Tags:                   pulumi.StringMap{"Name": pulumi.String(physical)},
	}, args.Region.Child(logs, pulumi.DependsOn([]pulumi.Resource{granted}))...)
	if err != nil {
		return nil, fmt.Errorf("building flow log %s: %w", physical, err)
	}
	return logs, ctx.RegisterResourceOutputs(logs, pulumi.Map{"logGroup": logs.LogGroup.Name})
}

// newRole builds the role by which flow logs write to the group, and returns it with its policy. The trust policy allows the
// service for this account's flow logs alone (Amazon VPC User Guide, "IAM role for publishing flow logs to CloudWatch Logs").
func (l *FlowLogs) newRole(ctx *pulumi.Context, args FlowLogsArgs) (*iam.Role, *iam.RolePolicy, error) {
	// The policy depends on the group, and is deleted before it. After that a late record cannot create the group again.
	return role.NewGranted(ctx, l, role.Args{
		Region: args.Region, Purpose: "flowlogs",
		Description: "Writes the VPC flow logs of the " + string(args.Region.Role) + " region",
		Service:     "vpc-flow-logs.amazonaws.com", Sid: "AllowFlowLogs",
		Condition: policy.Conditions{
			"StringEquals": {"aws:SourceAccount": {args.Region.Account}},
			"ArnLike":      {"aws:SourceArn": {args.Region.ARN("ec2", "vpc-flow-log/*")}},
		},
	}, l.LogGroup.Arn.ApplyT(writeLogsPolicy).(pulumi.StringOutput))
}

// writeLogsPolicy allows a role to write to the streams of one log group, by the actions that AWS lists as the least of such a
// role (Amazon VPC User Guide, "IAM role for publishing flow logs to CloudWatch Logs"). Groups are found by a list of all of the
// account, of which AWS's page has no narrower resource either.
func writeLogsPolicy(groupARN string) (string, error) {
	return policy.Document{
		{
			Sid: "WriteLogs", Effect: policy.Allow,
			Actions:   []string{"logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"},
			Resources: []string{groupARN, groupARN + ":*"},
		},
		{
			Sid: "FindLogGroup", Effect: policy.Allow,
			Actions: []string{"logs:DescribeLogGroups"}, Resources: []string{policy.EveryResource},
		},
	}.JSON()
}
