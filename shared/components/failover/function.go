package failover

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/encryption"
	"warmstandby/shared/components/internal/role"
	"warmstandby/shared/contract/controller"
	"warmstandby/shared/policy"
)

const (
	// runtime runs an executable called bootstrap (AWS Lambda Developer Guide, "Building Lambda functions with Go").
	runtime = "provided.al2023"
	handler = "bootstrap"

	// memoryMB gives a sixth of a processor, which the TLS handshakes of a dozen clients need. The program itself needs 40 MB.
	memoryMB = 256
	// timeoutSeconds is the interval of the schedule. The next run continues what a run could not finish.
	timeoutSeconds = 60
	// eventAgeSeconds is the shortest time that Lambda keeps an event which it could not deliver (AWS Lambda API,
	// PutFunctionEventInvokeConfig, MaximumEventAgeInSeconds).
	eventAgeSeconds = 60
)

// logGroupName returns the name of a function's log group. The name is Lambda's and not the platform's (AWS Lambda Developer
// Guide, "Sending Lambda function logs to CloudWatch Logs").
func logGroupName(function string) string { return "/aws/lambda/" + function }

// newFunction builds the function after its log group. It is outside the VPC, so that it reaches the primary region as a user
// does, without peering and endpoints. No event is retried: the next run follows a failed one.
func (c *Controller) newFunction(
	ctx *pulumi.Context, args Args, key *encryption.Key, dependsOn pulumi.ResourceOption,
) (*lambda.Function, error) {
	standby := args.Regions.Standby
	logs, err := cloudwatch.NewLogGroup(ctx, logGroupName(c.Function), &cloudwatch.LogGroupArgs{
		Name:            pulumi.String(logGroupName(c.Function)),
		RetentionInDays: pulumi.Int(args.LogRetentionDays),
		KmsKeyId:        key.ARN,
		SkipDestroy:     pulumi.Bool(args.Protection),
	}, standby.Durable(c, args.Protection)...)
	if err != nil {
		return nil, fmt.Errorf("building log group %s: %w", logGroupName(c.Function), err)
	}
	document := key.ARN.ApplyT(func(keyARN string) (string, error) {
		return grant{args, c.Names, keyARN}.document().JSON()
	}).(pulumi.StringOutput)
	functionRole, granted, err := role.NewGranted(ctx, c, role.Args{
		Region: standby, Purpose: purpose,
		Description: "Watches over both regions and moves the writer to " + standby.Name,
		Service:     "lambda.amazonaws.com", Sid: "AllowLambda", Condition: policy.SourceAccount(standby.Account),
	}, document)
	if err != nil {
		return nil, err
	}
	function, err := lambda.NewFunction(ctx, c.Function, &lambda.FunctionArgs{
		Name:          pulumi.String(c.Function),
		Description:   pulumi.String("The failover controller"),
		Code:          args.Code,
		Handler:       pulumi.String(handler),
		Runtime:       pulumi.String(runtime),
		Architectures: pulumi.ToStringArray([]string{args.Architecture}),
		MemorySize:    pulumi.Int(memoryMB),
		Timeout:       pulumi.Int(timeoutSeconds),
		Role:          functionRole.Arn,
		Environment: lambda.FunctionEnvironmentArgs{
			Variables: pulumi.StringMap{controller.ConfigVariable: pulumi.String(c.ConfigParameter)},
		},
	}, standby.Child(c, pulumi.DependsOn([]pulumi.Resource{logs, granted}), dependsOn)...)
	if err != nil {
		return nil, fmt.Errorf("building function %s: %w", c.Function, err)
	}
	_, err = lambda.NewFunctionEventInvokeConfig(ctx, c.Function, &lambda.FunctionEventInvokeConfigArgs{
		FunctionName:             function.Name,
		MaximumEventAgeInSeconds: pulumi.Int(eventAgeSeconds),
		MaximumRetryAttempts:     pulumi.Int(0),
	}, standby.Child(c)...)
	if err != nil {
		return nil, fmt.Errorf("building the retries of function %s: %w", c.Function, err)
	}
	return function, nil
}
