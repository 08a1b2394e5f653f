// Package schedule builds schedules of EventBridge Scheduler, each with a role of its own.
package schedule

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/scheduler"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/internal/role"
	"warmstandby/shared/naming"
	"warmstandby/shared/policy"
	"warmstandby/shared/region"
)

const (
	// EveryMinute is the shortest rate of EventBridge Scheduler (EventBridge Scheduler User Guide, "Schedule types").
	EveryMinute = "rate(1 minute)"
	// EveryHour is the rate of checks that take longer than a minute.
	EveryHour = "rate(1 hour)"

	// maxEventAgeSeconds is the shortest time for which EventBridge Scheduler retries (EventBridge Scheduler API, RetryPolicy,
	// MaximumEventAgeInSeconds). After it the next event is due, or a late event is of no use.
	maxEventAgeSeconds = 60
)

// Args are the inputs of a schedule.
type Args struct {
	Region region.Region
	// Purpose is the purpose in the names of the schedule and of its role, such as watch.
	Purpose string
	// Description is for operators: what the schedule starts.
	Description string
	// Rate is [EveryMinute] or [EveryHour].
	Rate string
	// Retries is how often a failed delivery is retried within a minute.
	Retries int
	Target  Target
	// DeadLetterQueue receives events that could not be delivered. Without it they are dropped: the next event follows.
	DeadLetterQueue *Queue
}

// Queue is a queue of the same region, with its key.
type Queue struct{ ARN, KeyARN pulumi.StringInput }

// Target is what a schedule invokes: [Function] or [Event].
type Target struct {
	arn         pulumi.StringInput
	sid, action string
	input       string
	event       scheduler.ScheduleTargetEventbridgeParametersPtrInput
}

// Function returns the target that invokes a Lambda function with a JSON event.
func Function(arn pulumi.StringInput, event string) Target {
	return Target{arn: arn, sid: "InvokeFunction", action: "lambda:InvokeFunction", input: event}
}

// Event returns the target that puts an event on a bus. In its detail, JSON, EventBridge Scheduler replaces
// <aws.scheduler.scheduled-time> by the time for which it was scheduled (EventBridge Scheduler User Guide, "Adding context
// attributes").
func Event(busARN pulumi.StringInput, source, detailType, detail string) Target {
	return Target{
		arn: busARN, sid: "PutEvents", action: "events:PutEvents", input: detail,
		event: scheduler.ScheduleTargetEventbridgeParametersArgs{
			Source: pulumi.String(source), DetailType: pulumi.String(detailType),
		},
	}
}

// New builds a schedule as a child of parent, after the policy of its role, which allows invoking the target and nothing else.
// The schedule's other dependencies, such as the target's own policy, are in opts.
func New(ctx *pulumi.Context, parent pulumi.Resource, args Args, opts ...pulumi.ResourceOption) error {
	physical, err := args.Region.Named(naming.Schedule, args.Purpose)
	if err != nil {
		return err
	}
	// The source is the schedule's group, the narrowest that is documented (EventBridge Scheduler User Guide, "Confused deputy
	// prevention in EventBridge Scheduler").
	scheduleRole, granted, err := role.NewGranted(ctx, parent, role.Args{
		Region: args.Region, Purpose: args.Purpose, Description: args.Description,
		Service: "scheduler.amazonaws.com", Sid: "AllowEventBridgeScheduler",
		Condition: policy.Conditions{
			"StringEquals": {"aws:SourceAccount": {args.Region.Account}},
			"ArnEquals":    {"aws:SourceArn": {args.Region.ARN("scheduler", "schedule-group/default")}},
		},
	}, args.document())
	if err != nil {
		return err
	}
	_, err = scheduler.NewSchedule(ctx, physical, &scheduler.ScheduleArgs{
		Name:               pulumi.String(physical),
		Description:        pulumi.String(args.Description),
		ScheduleExpression: pulumi.String(args.Rate),
		FlexibleTimeWindow: scheduler.ScheduleFlexibleTimeWindowArgs{Mode: pulumi.String("OFF")},
		Target: scheduler.ScheduleTargetArgs{
			Arn: args.Target.arn, RoleArn: scheduleRole.Arn,
			Input: pulumi.String(args.Target.input), EventbridgeParameters: args.Target.event,
			RetryPolicy: scheduler.ScheduleTargetRetryPolicyArgs{
				MaximumEventAgeInSeconds: pulumi.Int(maxEventAgeSeconds), MaximumRetryAttempts: pulumi.Int(args.Retries),
			},
			DeadLetterConfig: args.deadLetterConfig(),
		},
	}, args.Region.Child(parent, slices.Concat(opts, []pulumi.ResourceOption{pulumi.DependsOn([]pulumi.Resource{granted})})...)...)
	if err != nil {
		return fmt.Errorf("building schedule %s: %w", physical, err)
	}
	return nil
}

// document returns the policy of the schedule's role.
func (a Args) document() pulumi.StringOutput {
	arns := pulumi.StringMap{"target": a.Target.arn}
	if a.DeadLetterQueue != nil {
		arns["queue"], arns["key"] = a.DeadLetterQueue.ARN, a.DeadLetterQueue.KeyARN
	}
	return arns.ToStringMapOutput().ApplyT(func(arns map[string]string) (string, error) {
		document := policy.Document{{
			Sid: a.Target.sid, Effect: policy.Allow,
			Actions: []string{a.Target.action}, Resources: []string{arns["target"]},
		}}
		if a.DeadLetterQueue != nil {
			document = append(document, policy.SendToDeadLetterQueue(a.Region.Name, arns["queue"], arns["key"])...)
		}
		return document.JSON()
	}).(pulumi.StringOutput)
}

// deadLetterConfig returns the target's dead-letter queue; nil without one.
func (a Args) deadLetterConfig() scheduler.ScheduleTargetDeadLetterConfigPtrInput {
	if a.DeadLetterQueue == nil {
		return nil
	}
	return scheduler.ScheduleTargetDeadLetterConfigArgs{Arn: a.DeadLetterQueue.ARN.ToStringOutput()}
}
