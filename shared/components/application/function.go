package application

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/internal/role"
	"warmstandby/shared/policy"
)

const (
	functionType = "warmstandby:application:Function"

	// handler names the export "handler" of index.mjs.
	handler = "index.handler"
	runtime = "nodejs22.x"
	// architecture is Graviton's, which costs a fifth less for the same duration (AWS Lambda pricing). The bundle is plain
	// JavaScript and runs on either.
	architecture = "arm64"

	// documentsPrefix begins the keys of the records' documents in their bucket.
	documentsPrefix = "records/"

	// maxEventAgeSeconds is how long Lambda keeps an event that it could not deliver, for example while it throttles. Two
	// retries come after one and then two minutes (AWS Lambda Developer Guide, "How Lambda handles errors and retries with
	// asynchronous invocation"). The maintenance of a later minute does what an older event would have done.
	maxEventAgeSeconds = 300
	retryAttempts      = 2

	// deleteTimeout outlasts the 20 minutes, at times more, until Lambda releases its network interfaces and EC2 the security
	// group. The provider waits 10 by default.
	deleteTimeout = "60m"
)

type functionArgs struct {
	Args
	name        string
	auditGroup  string // name of the audit trail's log group
	keyARN      pulumi.StringOutput
	deadLetters *deadLetterQueue
}

// function is the application's Lambda function.
type function struct {
	pulumi.ResourceState

	name, arn, logGroup pulumi.StringOutput
}

// logGroupName returns the name of a function's log group. The name is Lambda's and not the platform's (AWS Lambda Developer
// Guide, "Sending Lambda function logs to CloudWatch Logs").
func logGroupName(functionName string) string { return "/aws/lambda/" + functionName }

// newFunction builds the function after its log group: Lambda would create one without retention and key, which outlives the
// stack. The function has no reserved concurrency, which would cap the region that takes over.
//
// The role and its policy are built before both, so that a destroy deletes them after both: for minutes after a function is gone,
// Lambda deletes its network interfaces by the permissions of its role. Pulumi cannot wait for that, because the interfaces are
// resources of no stack, and this stack ends seconds later. What Lambda then leaves, the provider deletes by the deployer's
// permissions, when the stack of the network deletes the subnets: it waits 45 minutes for Lambda to let go of an interface.
func newFunction(ctx *pulumi.Context, name string, args functionArgs, opts ...pulumi.ResourceOption) (*function, error) {
	built := &function{}
	if err := ctx.RegisterComponentResource(functionType, name, built, opts...); err != nil {
		return nil, fmt.Errorf("registering function %s: %w", name, err)
	}
	child := args.Region.Child
	group := logGroupName(args.name)
	permissions := grant{
		region: args.Region, network: args.Network, data: args.Data, function: args.Region.ARN("lambda", "function:"+args.name),
		logGroup:   args.Region.ARN("logs", "log-group:"+group),
		auditGroup: args.Region.ARN("logs", "log-group:"+args.auditGroup),
	}
	functionRole, granted, err := role.NewGranted(ctx, built, role.Args{
		Region: args.Region, Purpose: purpose,
		Description: "Runs the application in the " + string(args.Region.Role) + " region",
		Service:     "lambda.amazonaws.com", Sid: "AllowLambda", Condition: policy.SourceAccount(args.Region.Account),
	}, permissions.policyJSON(args.deadLetters.arn, args.keyARN))
	if err != nil {
		return nil, err
	}
	logs, err := cloudwatch.NewLogGroup(ctx, group, &cloudwatch.LogGroupArgs{
		Name:            pulumi.String(group),
		RetentionInDays: pulumi.Int(args.LogRetentionDays),
		KmsKeyId:        args.keyARN,
		SkipDestroy:     pulumi.Bool(args.Protection),
	}, args.Region.Durable(built, args.Protection, pulumi.DependsOn([]pulumi.Resource{granted}))...)
	if err != nil {
		return nil, fmt.Errorf("building log group %s: %w", group, err)
	}
	// The trail has a group of its own, because a retention is a group's.
	audit, err := cloudwatch.NewLogGroup(ctx, args.auditGroup, &cloudwatch.LogGroupArgs{
		Name:            pulumi.String(args.auditGroup),
		RetentionInDays: pulumi.Int(args.AuditRetentionDays),
		KmsKeyId:        args.keyARN,
		SkipDestroy:     pulumi.Bool(args.Protection),
	}, args.Region.Durable(built, args.Protection, pulumi.DependsOn([]pulumi.Resource{granted}))...)
	if err != nil {
		return nil, fmt.Errorf("building log group %s: %w", args.auditGroup, err)
	}
	made, err := lambda.NewFunction(ctx, args.name, &lambda.FunctionArgs{
		Name:          pulumi.String(args.name),
		Description:   pulumi.String("The records API"),
		Code:          args.Code,
		Handler:       pulumi.String(handler),
		Runtime:       pulumi.String(runtime),
		Architectures: pulumi.ToStringArray([]string{architecture}),
		MemorySize:    pulumi.Int(args.MemoryMB),
		Timeout:       pulumi.Int(args.TimeoutSeconds),
		Role:          functionRole.Arn,
		Environment: lambda.FunctionEnvironmentArgs{Variables: pulumi.ToStringMap(map[string]string{
			"PARAMETER_PATH": args.Data.ParameterPath, "DR_ROLE": string(args.Region.Role), "LOG_LEVEL": args.LogLevel,
			"AUDIT_LOG_GROUP": args.auditGroup, "VERSION_RETENTION_DAYS": strconv.Itoa(args.VersionRetentionDays),
			"LEGAL_HOLD":   strconv.FormatBool(args.LegalHold),
			"NODE_OPTIONS": "--enable-source-maps", // Stack traces name the sources. Node reads this option at its start alone.
		})},
		VpcConfig: lambda.FunctionVpcConfigArgs{
			SubnetIds:        pulumi.ToStringArray(args.Network.PrivateSubnetIDs),
			SecurityGroupIds: pulumi.ToStringArray([]string{args.Network.FunctionSecurityGroupID}),
		},
		// Lambda keeps its network interfaces for a while after the function is deleted, and they hold the security group,
		// which another stack deletes. The provider moves them to the VPC's default group first, which has no rules.
		ReplaceSecurityGroupsOnDestroy: pulumi.Bool(true),
	}, child(built,
		pulumi.DependsOn([]pulumi.Resource{logs, audit, granted}),
		pulumi.Timeouts(&pulumi.CustomTimeouts{Delete: deleteTimeout}),
	)...)
	if err != nil {
		return nil, fmt.Errorf("building function %s: %w", args.name, err)
	}
	_, err = lambda.NewFunctionEventInvokeConfig(ctx, args.name, &lambda.FunctionEventInvokeConfigArgs{
		FunctionName:             made.Name,
		MaximumEventAgeInSeconds: pulumi.Int(maxEventAgeSeconds),
		MaximumRetryAttempts:     pulumi.Int(retryAttempts),
		DestinationConfig: lambda.FunctionEventInvokeConfigDestinationConfigArgs{
			OnFailure: lambda.FunctionEventInvokeConfigDestinationConfigOnFailureArgs{Destination: args.deadLetters.arn},
		},
	}, child(built, pulumi.DependsOn([]pulumi.Resource{granted, args.deadLetters.policy}))...)
	if err != nil {
		return nil, fmt.Errorf("building the retries of function %s: %w", args.name, err)
	}
	built.name, built.arn, built.logGroup = made.Name, made.Arn, logs.Name
	return built, ctx.RegisterResourceOutputs(built, pulumi.Map{"name": built.name, "arn": built.arn, "logGroup": built.logGroup})
}
