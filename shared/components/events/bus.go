package events

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/policy"
)

const (
	busType = "warmstandby:events:Bus"

	// queueRetentionSeconds is 14 days, the longest that SQS keeps a message (Amazon SQS API, SetQueueAttributes,
	// MessageRetentionPeriod): events that could not be forwarded outlast the loss of a region and a weekend.
	queueRetentionSeconds = 14 * 24 * 60 * 60
)

type busArgs struct {
	local, peer regionNames
	purpose     string
	archiveDays int
	protection  bool
}

// Bus is one region's event bus, with its archive and the dead-letter queue of its forwarding rule.
type Bus struct {
	pulumi.ResourceState

	// Name is the same in both regions, ARN the region's own.
	Name, ARN pulumi.StringOutput
	// ForwardingRule is the name of the rule that forwards to the other region. DeadLetterQueueARN is the queue of the events
	// that could not be forwarded.
	ForwardingRule     string
	DeadLetterQueueARN pulumi.StringOutput

	resource pulumi.Resource
	// policies are the bus's and the queue's.
	policies struct{ bus, queue pulumi.Resource }
}

func newBus(ctx *pulumi.Context, name string, args busArgs, opts ...pulumi.ResourceOption) (*Bus, error) {
	bus := &Bus{ForwardingRule: args.local.rule}
	if err := ctx.RegisterComponentResource(busType, name, bus, opts...); err != nil {
		return nil, fmt.Errorf("registering event bus %s: %w", name, err)
	}
	child := args.local.region.Child
	logical := args.purpose + "-" + string(args.local.region.Role)
	made, err := cloudwatch.NewEventBus(ctx, logical, &cloudwatch.EventBusArgs{
		Name:        pulumi.String(args.local.bus),
		Description: pulumi.String("Events of both regions: " + args.purpose),
	}, child(bus)...)
	if err != nil {
		return nil, fmt.Errorf("building event bus %s: %w", args.local.bus, err)
	}
	bus.resource, bus.Name, bus.ARN = made, made.Name, made.Arn
	document, err := busPolicy(args.local, args.peer)
	if err != nil {
		return nil, err
	}
	bus.policies.bus, err = cloudwatch.NewEventBusPolicy(ctx, logical, &cloudwatch.EventBusPolicyArgs{
		EventBusName: made.Name, Policy: pulumi.String(document),
	}, child(bus)...)
	if err != nil {
		return nil, fmt.Errorf("building the policy of event bus %s: %w", args.local.bus, err)
	}
	archive, err := args.local.region.Named(naming.EventArchive, args.purpose)
	if err != nil {
		return nil, err
	}
	// The archive has the events of both regions, so that each region can replay them alone.
	_, err = cloudwatch.NewEventArchive(ctx, archive, &cloudwatch.EventArchiveArgs{
		Name: pulumi.String(archive), EventSourceArn: made.Arn, RetentionDays: pulumi.Int(args.archiveDays),
		Description: pulumi.String("Every event of the bus, for replay"),
	}, args.local.region.Durable(bus, args.protection)...)
	if err != nil {
		return nil, fmt.Errorf("building archive %s: %w", archive, err)
	}
	if err := bus.addQueue(ctx, args); err != nil {
		return nil, err
	}
	return bus, ctx.RegisterResourceOutputs(bus, pulumi.Map{
		"name": bus.Name, "arn": bus.ARN, "deadLetterQueueArn": bus.DeadLetterQueueARN,
	})
}

// busPolicy is the policy of a bus. The account's principals put events directly, as IAM allows them. Of all rules only the
// other region's forwarding rule is allowed (Amazon EventBridge User Guide, "Example policy: Send events only from a specific
// Region to a different Region"), and others are denied: what a policy of the bus does not allow, one of a rule's role could
// (IAM User Guide, "Policy evaluation logic", "Evaluating identity-based policies with resource-based policies").
func busPolicy(local, peer regionNames) (string, error) {
	account := &policy.Principal{AWS: []string{local.region.RootARN()}}
	return policy.Document{
		{
			Sid: "AllowAccount", Effect: policy.Allow, Principal: account,
			Actions: []string{"events:PutEvents"}, Resources: []string{local.busARN()},
		},
		{
			Sid: "DenyOtherRules", Effect: policy.Deny, Principal: &policy.Principal{AWS: []string{"*"}},
			Actions: []string{"events:PutEvents"}, Resources: []string{local.busARN()},
			Condition: policy.Conditions{
				"ArnLike":      {"aws:SourceArn": {"arn:" + local.region.Partition + ":events:*:*:rule/*"}},
				"ArnNotEquals": {"aws:SourceArn": {peer.ruleARN()}},
			},
		},
	}.JSON()
}

// addQueue builds the dead-letter queue of the forwarding rule. SQS's own key encrypts it: the policy of a customer managed key
// would have to allow EventBridge, and a mistake in it would lose the events.
func (b *Bus) addQueue(ctx *pulumi.Context, args busArgs) error {
	name, err := args.local.region.Named(naming.Queue, "undelivered-"+args.purpose)
	if err != nil {
		return err
	}
	queue, err := sqs.NewQueue(ctx, name, &sqs.QueueArgs{
		Name:                    pulumi.String(name),
		SqsManagedSseEnabled:    pulumi.Bool(true),
		MessageRetentionSeconds: pulumi.Int(queueRetentionSeconds),
	}, args.local.region.Child(b)...)
	if err != nil {
		return fmt.Errorf("building queue %s: %w", name, err)
	}
	document := queue.Arn.ApplyT(func(arn string) (string, error) { return queuePolicy(arn, args.local.ruleARN()) }).(pulumi.StringOutput)
	b.policies.queue, err = sqs.NewQueuePolicy(ctx, name, &sqs.QueuePolicyArgs{
		QueueUrl: queue.Url, Policy: document,
	}, args.local.region.Child(b)...)
	if err != nil {
		return fmt.Errorf("building the policy of queue %s: %w", name, err)
	}
	b.DeadLetterQueueARN = queue.Arn
	return nil
}

// queuePolicy allows one rule to send to its dead-letter queue (Amazon EventBridge User Guide, "Using dead-letter queues to
// process undelivered events", "Granting permissions to the dead-letter queue"), and denies requests without TLS.
func queuePolicy(queueARN, ruleARN string) (string, error) {
	return policy.Document{policy.AllowRuleToSend(queueARN, ruleARN), policy.DenyInsecureTransport("sqs:*", queueARN)}.JSON()
}
