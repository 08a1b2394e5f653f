package events

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/internal/role"
	"warmstandby/shared/policy"
)

// EventBridge tries again as long and as often as it can, which are its defaults (Amazon EventBridge API, RetryPolicy): a
// day is longer than the loss of a region is left alone. What is left then goes to the dead-letter queue.
const (
	retrySeconds  = 24 * 60 * 60
	retryAttempts = 185
)

// forwarding is a direction of forwarding.
type forwarding struct {
	purpose             string
	names               regionNames
	source, destination *Bus
}

// forward delivers what is put in one region to the other region's bus. EventBridge looks whether it may when the target
// is put: so the target comes after the role's policy and the destination's.
func (c *BusPair) forward(ctx *pulumi.Context, forwarding forwarding) error {
	in, name := forwarding.names.region, forwarding.names.rule
	pattern, err := eventPattern(in.Name)
	if err != nil {
		return err
	}
	rule, err := cloudwatch.NewEventRule(ctx, name, &cloudwatch.EventRuleArgs{
		Name: pulumi.String(name), EventBusName: forwarding.source.Name, EventPattern: pulumi.String(pattern),
		Description: pulumi.String("Forwards what is put in " + in.Name),
	}, in.Child(c)...)
	if err != nil {
		return fmt.Errorf("building rule %s: %w", name, err)
	}
	forwarder, granted, err := c.newRole(ctx, forwarding)
	if err != nil {
		return err
	}
	_, err = cloudwatch.NewEventTarget(ctx, name, &cloudwatch.EventTargetArgs{
		Rule: rule.Name, EventBusName: forwarding.source.Name, TargetId: pulumi.String("other-region"),
		Arn: forwarding.destination.ARN, RoleArn: forwarder.Arn,
		DeadLetterConfig: cloudwatch.EventTargetDeadLetterConfigArgs{Arn: forwarding.source.DeadLetterQueueARN},
		RetryPolicy: cloudwatch.EventTargetRetryPolicyArgs{
			MaximumEventAgeInSeconds: pulumi.Int(retrySeconds), MaximumRetryAttempts: pulumi.Int(retryAttempts),
		},
	}, in.Child(c, pulumi.DependsOn([]pulumi.Resource{granted, forwarding.destination.policies.bus, forwarding.source.policies.queue}))...)
	if err != nil {
		return fmt.Errorf("building the target of rule %s: %w", name, err)
	}
	return nil
}

// eventPattern is the pattern of the events that were put in a region. A replay is for the region that asks for it, the other has
// an archive of its own (Amazon EventBridge User Guide, "Archiving and replaying events"): so it is not forwarded.
func eventPattern(regionName string) (string, error) {
	text, err := json.Marshal(map[string][]any{
		"region":      {regionName},
		"replay-name": {map[string]bool{"exists": false}},
	})
	if err != nil {
		return "", fmt.Errorf("encoding the pattern of %s's events: %w", regionName, err)
	}
	return string(text), nil
}

// newRole makes the role by which one rule puts events on the other region's bus, and returns it with the policy that it
// acts by. Across regions EventBridge wants a role (Amazon EventBridge API, PutTargets), which it assumes for the rule: the
// source is the rule's ARN (Amazon EventBridge User Guide, "Cross-service confused deputy prevention").
func (c *BusPair) newRole(ctx *pulumi.Context, forwarding forwarding) (*iam.Role, *iam.RolePolicy, error) {
	in := forwarding.names.region
	return role.NewGranted(ctx, c, role.Args{
		Region: in, Purpose: "forward-" + forwarding.purpose,
		Description: "Forwards events of the " + string(in.Role) + " region",
		Service:     "events.amazonaws.com", Sid: "AllowEventBridgeRule",
		Condition: policy.Conditions{
			"StringEquals": {"aws:SourceAccount": {in.Account}},
			"ArnEquals":    {"aws:SourceArn": {forwarding.names.ruleARN()}},
		},
	}, forwarding.destination.ARN.ApplyT(putEventsPolicy).(pulumi.StringOutput))
}

// putEventsPolicy is the policy that lets a role put events on one bus.
func putEventsPolicy(busARN string) (string, error) {
	return policy.Document{{
		Sid: "PutEventsToPeerBus", Effect: policy.Allow,
		Actions: []string{"events:PutEvents"}, Resources: []string{busARN},
	}}.JSON()
}
