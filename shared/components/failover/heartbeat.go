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
	heartbeat = "heartbeat"

	// heartbeatRetries let a heartbeat outlive a hiccup: the controller misses the second one that does not come.
	heartbeatRetries = 2
	// heartbeatAgeSeconds is the shortest time for which EventBridge keeps trying (Amazon EventBridge API, RetryPolicy); a
	// heartbeat that is later says nothing that the next does not.
	heartbeatAgeSeconds = 60
)

// newHeartbeat has the primary region put an event on its bus each minute, which the bus forwards, and the standby region
// hand it to the controller: what arrives proves that schedules, the bus and the way between the regions live, without a
// call to the primary region.
func (c *Controller) newHeartbeat(ctx *pulumi.Context, args Args, function *lambda.Function) error {
	if err := schedule.New(ctx, c, schedule.Args{
		Region: args.Regions.Primary, Purpose: heartbeat, Description: "Puts the heartbeat on the bus",
		Rate: schedule.EveryMinute, Retries: heartbeatRetries,
		Target: schedule.Event(pulumi.String(args.Primary.EventBusARN), controller.HeartbeatSource, controller.HeartbeatDetailType,
			fmt.Sprintf(`{%q:"<aws.scheduler.scheduled-time>"}`, controller.HeartbeatAtKey)),
	}); err != nil {
		return err
	}
	home := args.Regions.Standby
	name, err := home.Named(naming.EventRule, heartbeat)
	if err != nil {
		return err
	}
	pattern, err := json.Marshal(heartbeatsOf(args.Regions.Primary.Name))
	if err != nil {
		return fmt.Errorf("encoding the pattern of rule %s: %w", name, err)
	}
	rule, err := cloudwatch.NewEventRule(ctx, name, &cloudwatch.EventRuleArgs{
		Name: pulumi.String(name), EventBusName: pulumi.String(args.BusName), EventPattern: pulumi.String(pattern),
		Description: pulumi.String("Hands the heartbeat of " + args.Regions.Primary.Name + " to the failover controller"),
	}, home.Child(c)...)
	if err != nil {
		return fmt.Errorf("building rule %s: %w", name, err)
	}
	allowed, err := lambda.NewPermission(ctx, name, &lambda.PermissionArgs{
		StatementId: pulumi.String("TheHeartbeatsRuleInvokes"), Action: pulumi.String("lambda:InvokeFunction"),
		Function: function.Name, Principal: pulumi.String("events.amazonaws.com"), SourceArn: rule.Arn,
	}, home.Child(c)...)
	if err != nil {
		return fmt.Errorf("building the permission of rule %s: %w", name, err)
	}
	_, err = cloudwatch.NewEventTarget(ctx, name, &cloudwatch.EventTargetArgs{
		Rule: rule.Name, EventBusName: pulumi.String(args.BusName), TargetId: pulumi.String("controller"), Arn: function.Arn,
		RetryPolicy: cloudwatch.EventTargetRetryPolicyArgs{
			MaximumEventAgeInSeconds: pulumi.Int(heartbeatAgeSeconds), MaximumRetryAttempts: pulumi.Int(heartbeatRetries),
		},
	}, home.Child(c, pulumi.DependsOn([]pulumi.Resource{allowed}))...)
	if err != nil {
		return fmt.Errorf("building the target of rule %s: %w", name, err)
	}
	return nil
}

// heartbeatsOf is the pattern of what the region itself sent, and no archive plays again.
func heartbeatsOf(regionName string) map[string][]any {
	return map[string][]any{
		"source":      {controller.HeartbeatSource},
		"detail-type": {controller.HeartbeatDetailType},
		"region":      {regionName},
		"replay-name": {map[string]bool{"exists": false}},
	}
}
