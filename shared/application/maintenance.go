package application

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/scheduler"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/policy"
	"warmstandby/shared/region"
	"warmstandby/shared/role"
)

const (
	maintenanceType = "warmstandby:application:Maintenance"

	// everyMinute is the shortest rate that EventBridge Scheduler has (EventBridge Scheduler User Guide, "Schedule types").
	everyMinute = "rate(1 minute)"
	// maintain is the event by which the function knows what it is to do.
	maintain = `{"task":"maintain"}`

	// A minute is the shortest age that EventBridge Scheduler takes, and later the next event is there (EventBridge Scheduler
	// API, RetryPolicy, MaximumEventAgeInSeconds).
	scheduleAgeSeconds = 60
	scheduleRetries    = 3
)

type maintenanceArgs struct {
	region   region.Region
	function *function
	failed   *failures
	keyARN   pulumi.StringOutput
}

// maintenance sends the function to its housekeeping: the schema, the outbox, and what is out of date.
type maintenance struct {
	pulumi.ResourceState
}

func newMaintenance(ctx *pulumi.Context, name string, args maintenanceArgs, opts ...pulumi.ResourceOption) (*maintenance, error) {
	built := &maintenance{}
	if err := ctx.RegisterComponentResource(maintenanceType, name, built, opts...); err != nil {
		return nil, fmt.Errorf("registering maintenance %s: %w", name, err)
	}
	document := pulumi.StringMap{
		"function": args.function.arn, "queue": args.failed.arn, "key": args.keyARN,
	}.ToStringMapOutput().ApplyT(func(arns map[string]string) (string, error) {
		return append(policy.Document{{
			Sid: "InvokeTheFunction", Effect: policy.Allow,
			Actions: []string{"lambda:InvokeFunction"}, Resources: []string{arns["function"]},
		}}, giveUpTo(args.region, arns["queue"], arns["key"])...).JSON()
	}).(pulumi.StringOutput)
	// The source is the schedule's group: no narrower one is taken (EventBridge Scheduler User Guide, "Confused deputy
	// prevention in EventBridge Scheduler").
	runner, granted, err := role.NewGranted(ctx, built, role.Args{
		Region: args.region, Purpose: "maintain",
		Description: "Starts the maintenance of the " + string(args.region.Role) + " region",
		Service:     "scheduler.amazonaws.com", Sid: "SchedulesOfThisAccount",
		Condition: policy.Conditions{
			"StringEquals": {"aws:SourceAccount": {args.region.Account}},
			"ArnEquals":    {"aws:SourceArn": {args.region.ARN("scheduler", "schedule-group/default")}},
		},
	}, document)
	if err != nil {
		return nil, err
	}
	physical, err := args.region.Named(naming.Schedule, "maintain")
	if err != nil {
		return nil, err
	}
	_, err = scheduler.NewSchedule(ctx, physical, &scheduler.ScheduleArgs{
		Name:               pulumi.String(physical),
		Description:        pulumi.String("Migrates the schema, publishes what is left in the outbox, removes what is out of date"),
		ScheduleExpression: pulumi.String(everyMinute),
		FlexibleTimeWindow: scheduler.ScheduleFlexibleTimeWindowArgs{Mode: pulumi.String("OFF")},
		Target: scheduler.ScheduleTargetArgs{
			Arn: args.function.arn, RoleArn: runner.Arn, Input: pulumi.String(maintain),
			DeadLetterConfig: scheduler.ScheduleTargetDeadLetterConfigArgs{Arn: args.failed.arn},
			RetryPolicy: scheduler.ScheduleTargetRetryPolicyArgs{
				MaximumEventAgeInSeconds: pulumi.Int(scheduleAgeSeconds), MaximumRetryAttempts: pulumi.Int(scheduleRetries),
			},
		},
	}, args.region.Child(built, pulumi.DependsOn([]pulumi.Resource{granted, args.failed.policy}))...)
	if err != nil {
		return nil, fmt.Errorf("building schedule %s: %w", physical, err)
	}
	return built, ctx.RegisterResourceOutputs(built, pulumi.Map{})
}
