package failover

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/encryption"
	"warmstandby/shared/components/internal/role"
	"warmstandby/shared/contract/controller"
)

const (
	// runtime starts a binary called bootstrap (AWS Lambda Developer Guide, "Building Lambda functions with Go").
	runtime = "provided.al2023"
	handler = "bootstrap"

	// memoryMB gives a sixth of a processor, which the TLS handshakes of a dozen clients need; the program itself needs 40 MB.
	memoryMB = 256
	// timeoutSeconds is a watch's minute. What a watch could not end the next goes on with.
	timeoutSeconds = 60
	// eventAgeSeconds is the shortest time that Lambda keeps an event which it could not hand over (AWS Lambda API,
	// PutFunctionEventInvokeConfig, MaximumEventAgeInSeconds).
	eventAgeSeconds = 60
)

// logGroupOf is the log group of a function. The name is Lambda's and not the platform's (AWS Lambda Developer Guide,
// "Sending Lambda function logs to CloudWatch Logs").
func logGroupOf(function string) string { return "/aws/lambda/" + function }

// newFunction builds the function after its log group. It is outside the VPC, so that it reaches the primary region as a
// user would, and needs neither peering nor endpoints. No event is tried twice: a watch that failed is followed by the next.
func (c *Controller) newFunction(ctx *pulumi.Context, args Args, key *encryption.Key, after pulumi.ResourceOption) (*lambda.Function, error) {
	home := args.Regions.Standby
	logs, err := cloudwatch.NewLogGroup(ctx, logGroupOf(c.Function), &cloudwatch.LogGroupArgs{
		Name:            pulumi.String(logGroupOf(c.Function)),
		RetentionInDays: pulumi.Int(args.LogRetentionDays),
		KmsKeyId:        key.ARN,
		SkipDestroy:     pulumi.Bool(args.Protection),
	}, home.Durable(c, args.Protection)...)
	if err != nil {
		return nil, fmt.Errorf("building log group %s: %w", logGroupOf(c.Function), err)
	}
	document := key.ARN.ApplyT(func(keyARN string) (string, error) {
		return grant{args, c.Names, keyARN}.document().JSON()
	}).(pulumi.StringOutput)
	runner, granted, err := role.NewGranted(ctx, c, role.Args{
		Region: home, Purpose: purpose,
		Description: "Watches over both regions and moves the writer to " + home.Name,
		Service:     "lambda.amazonaws.com", Sid: "LambdaRuns",
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
		Role:          runner.Arn,
		Environment: lambda.FunctionEnvironmentArgs{
			Variables: pulumi.StringMap{controller.ConfigVariable: pulumi.String(c.ConfigParameter)},
		},
	}, home.Child(c, pulumi.DependsOn([]pulumi.Resource{logs, granted}), after)...)
	if err != nil {
		return nil, fmt.Errorf("building function %s: %w", c.Function, err)
	}
	_, err = lambda.NewFunctionEventInvokeConfig(ctx, c.Function, &lambda.FunctionEventInvokeConfigArgs{
		FunctionName:             function.Name,
		MaximumEventAgeInSeconds: pulumi.Int(eventAgeSeconds),
		MaximumRetryAttempts:     pulumi.Int(0),
	}, home.Child(c)...)
	if err != nil {
		return nil, fmt.Errorf("building the retries of function %s: %w", c.Function, err)
	}
	return function, nil
}
