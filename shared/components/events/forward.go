package events

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/internal/role"
	"warmstandby/shared/policy"
)

// The retries are EventBridge's defaults and maxima (Amazon EventBridge API, RetryPolicy). A day is longer than operators leave
// a lost region alone. After it the event goes to the dead-letter queue.
const (
	retrySeconds  = 24 * 60 * 60
	retryAttempts = 185
)

// forwarding is the forwarding in one direction.
type forwarding struct {
	purpose             string
	names               regionNames
	source, destination *Bus
}

// forward delivers what is put in one region to the other region's bus. EventBridge checks the permissions when the target is
// put: the target depends on the role's policy and on the destination's, and on what is settled when AWS knows both everywhere.
func (c *BusPair) forward(ctx *pulumi.Context, forwarding forwarding, settled []pulumi.Resource) error {
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
	}, in.Child(c, pulumi.DependsOn(slices.Concat(
		[]pulumi.Resource{granted, forwarding.destination.policies.bus, forwarding.source.policies.queue}, settled,
	)))...)
	if err != nil {
		return fmt.Errorf("building the target of rule %s: %w", name, err)
	}
	return nil
}

// eventPattern matches the events that were put in a region, except replays: a replay is for the region that starts it, and the
// other has an archive of its own (Amazon EventBridge User Guide, "Archiving and replaying events").
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

// newRole builds the role by which one rule puts events on the other region's bus, and returns it with its policy. Across
// regions EventBridge requires a role (Amazon EventBridge API, PutTargets), which it assumes with the rule's ARN as the source
// (Amazon EventBridge User Guide, "Cross-service confused deputy prevention").
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

// putEventsPolicy allows a role to put events on one bus.
func putEventsPolicy(busARN string) (string, error) {
	return policy.Document{{
		Sid: "PutEventsToPeerBus", Effect: policy.Allow,
		Actions: []string{"events:PutEvents"}, Resources: []string{busARN},
	}}.JSON()
}
