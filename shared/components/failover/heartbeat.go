package failover

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/internal/schedule"
	"warmstandby/shared/contract/controller"
	"warmstandby/shared/naming"
)

const (
	heartbeatPurpose = "heartbeat"

	// heartbeatRetries cover a short fault. The controller counts a heartbeat as overdue when the second one in a row is missing.
	heartbeatRetries = 2
	// heartbeatAgeSeconds is the shortest time for which EventBridge retries (Amazon EventBridge API, RetryPolicy). A later
	// heartbeat adds nothing to the next one.
	heartbeatAgeSeconds = 60
)

// addHeartbeat builds the schedule that puts an event on the primary region's bus each minute, which the bus forwards, and the
// rule that delivers it to the controller. An event that arrives proves that schedules, the bus and the forwarding of the
// primary region work, without a call to that region.
func (c *Controller) addHeartbeat(ctx *pulumi.Context, args Args, function *lambda.Function) error {
	if err := schedule.New(ctx, c, schedule.Args{
		Region: args.Regions.Primary, Purpose: heartbeatPurpose, Description: "Puts the heartbeat on the bus",
		Rate: schedule.EveryMinute, Retries: heartbeatRetries,
		Target: schedule.Event(pulumi.String(args.Primary.EventBusARN), controller.HeartbeatSource, controller.HeartbeatDetailType,
			fmt.Sprintf(`{%q:"<aws.scheduler.scheduled-time>"}`, controller.HeartbeatAtKey)),
	}); err != nil {
		return err
	}
	standby := args.Regions.Standby
	name, err := standby.Named(naming.EventRule, heartbeatPurpose)
	if err != nil {
		return err
	}
	pattern, err := json.Marshal(heartbeatPattern(args.Regions.Primary.Name))
	if err != nil {
		return fmt.Errorf("encoding the pattern of rule %s: %w", name, err)
	}
	rule, err := cloudwatch.NewEventRule(ctx, name, &cloudwatch.EventRuleArgs{
		Name: pulumi.String(name), EventBusName: pulumi.String(args.BusName), EventPattern: pulumi.String(pattern),
		Description: pulumi.String("Hands the heartbeat of " + args.Regions.Primary.Name + " to the failover controller"),
	}, standby.Child(c)...)
	if err != nil {
		return fmt.Errorf("building rule %s: %w", name, err)
	}
	permission, err := lambda.NewPermission(ctx, name, &lambda.PermissionArgs{
		StatementId: pulumi.String("TheHeartbeatsRuleInvokes"), Action: pulumi.String("lambda:InvokeFunction"),
		Function: function.Name, Principal: pulumi.String("events.amazonaws.com"), SourceArn: rule.Arn,
	}, standby.Child(c)...)
	if err != nil {
		return fmt.Errorf("building the permission of rule %s: %w", name, err)
	}
	_, err = cloudwatch.NewEventTarget(ctx, name, &cloudwatch.EventTargetArgs{
		Rule: rule.Name, EventBusName: pulumi.String(args.BusName), TargetId: pulumi.String("controller"), Arn: function.Arn,
		RetryPolicy: cloudwatch.EventTargetRetryPolicyArgs{
			MaximumEventAgeInSeconds: pulumi.Int(heartbeatAgeSeconds), MaximumRetryAttempts: pulumi.Int(heartbeatRetries),
		},
	}, standby.Child(c, pulumi.DependsOn([]pulumi.Resource{permission}))...)
	if err != nil {
		return fmt.Errorf("building the target of rule %s: %w", name, err)
	}
	return nil
}

// heartbeatPattern matches the heartbeats that the region itself sent, and no replay of an archive.
func heartbeatPattern(regionName string) map[string][]any {
	return map[string][]any{
		"source":      {controller.HeartbeatSource},
		"detail-type": {controller.HeartbeatDetailType},
		"region":      {regionName},
		"replay-name": {map[string]bool{"exists": false}},
	}
}
