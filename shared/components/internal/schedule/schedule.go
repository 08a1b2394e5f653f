// Package schedule builds what EventBridge Scheduler starts again and again, each with a role of its own.
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
	// EveryMinute is the shortest rate that EventBridge Scheduler has (EventBridge Scheduler User Guide, "Schedule types"),
	// and EveryHour one that is long beside it.
	EveryMinute = "rate(1 minute)"
	EveryHour   = "rate(1 hour)"

	// maxEventAgeSeconds is the shortest time that EventBridge Scheduler keeps trying for (EventBridge Scheduler API, RetryPolicy,
	// MaximumEventAgeInSeconds): after it the next event is there, or what is late is of no use.
	maxEventAgeSeconds = 60
)

// Args says what is started, and how often.
type Args struct {
	Region region.Region
	// Purpose is the word for it in the names of the schedule and of its role, such as watch.
	Purpose string
	// Description says for an operator what is started.
	Description string
	// Rate is [EveryMinute] or [EveryHour].
	Rate string
	// Retries are how often a delivery that failed is tried again within a minute.
	Retries int
	Target  Target
	// DeadLetterQueue is where what could not be delivered goes. Without it that is dropped: the next event comes in time.
	DeadLetterQueue *Queue
}

// Queue is a queue of the same region, with the key that encrypts it.
type Queue struct{ ARN, KeyARN pulumi.StringInput }

// Target is what a schedule starts: [Function] or [Event].
type Target struct {
	arn         pulumi.StringInput
	sid, action string
	input       string
	event       scheduler.ScheduleTargetEventbridgeParametersPtrInput
}

// Function is a Lambda function, invoked with an event of JSON.
func Function(arn pulumi.StringInput, event string) Target {
	return Target{arn: arn, sid: "InvokeFunction", action: "lambda:InvokeFunction", input: event}
}

// Event is an event that is put on a bus. In its detail, JSON, <aws.scheduler.scheduled-time> stands for the time at which
// it was to be put (EventBridge Scheduler User Guide, "Adding context attributes").
func Event(busARN pulumi.StringInput, source, detailType, detail string) Target {
	return Target{
		arn: busARN, sid: "PutEvents", action: "events:PutEvents", input: detail,
		event: scheduler.ScheduleTargetEventbridgeParametersArgs{
			Source: pulumi.String(source), DetailType: pulumi.String(detailType),
		},
	}
}

// New builds a schedule below parent after the policy of its role, which may do nothing but start the target. What else the
// schedule waits for, such as the target's own policy, goes into opts.
func New(ctx *pulumi.Context, parent pulumi.Resource, args Args, opts ...pulumi.ResourceOption) error {
	physical, err := args.Region.Named(naming.Schedule, args.Purpose)
	if err != nil {
		return err
	}
	// The source is the schedule's group: no narrower one is taken (EventBridge Scheduler User Guide, "Confused deputy
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

// document is what the schedule's role may do.
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

func (a Args) deadLetterConfig() scheduler.ScheduleTargetDeadLetterConfigPtrInput {
	if a.DeadLetterQueue == nil {
		return nil
	}
	return scheduler.ScheduleTargetDeadLetterConfigArgs{Arn: a.DeadLetterQueue.ARN.ToStringOutput()}
}
