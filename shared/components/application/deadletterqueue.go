package application

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/policy"
	"warmstandby/shared/region"
)

const (
	deadLetterQueueType = "warmstandby:application:Failures"

	// deadLetterRetentionSeconds is a day. What lies in the queue says that one minute's maintenance was given up, and the next does the
	// same work whole: so it is evidence and no work, and the alarm that watches the queue ends by itself.
	deadLetterRetentionSeconds = 24 * 60 * 60
)

type deadLetterQueueArgs struct {
	region region.Region
	keyARN pulumi.StringOutput
}

// deadLetterQueue is the queue of invocations that were given up.
type deadLetterQueue struct {
	pulumi.ResourceState

	name, arn pulumi.StringOutput
	policy    pulumi.Resource
}

// newFailures builds the queue. Lambda and EventBridge Scheduler fill it by roles of this account, for which IAM decides;
// its own policy only refuses plain HTTP.
func newDeadLetterQueue(
	ctx *pulumi.Context, name string, args deadLetterQueueArgs, opts ...pulumi.ResourceOption,
) (*deadLetterQueue, error) {
	deadLetters := &deadLetterQueue{}
	if err := ctx.RegisterComponentResource(deadLetterQueueType, name, deadLetters, opts...); err != nil {
		return nil, fmt.Errorf("registering failures %s: %w", name, err)
	}
	physical, err := args.region.Named(naming.Queue, "failed-"+purpose)
	if err != nil {
		return nil, err
	}
	queue, err := sqs.NewQueue(ctx, physical, &sqs.QueueArgs{
		Name:                    pulumi.String(physical),
		KmsMasterKeyId:          args.keyARN,
		MessageRetentionSeconds: pulumi.Int(deadLetterRetentionSeconds),
	}, args.region.Child(deadLetters)...)
	if err != nil {
		return nil, fmt.Errorf("building queue %s: %w", physical, err)
	}
	deadLetters.policy, err = sqs.NewQueuePolicy(ctx, physical, &sqs.QueuePolicyArgs{
		QueueUrl: queue.Url, Policy: queue.Arn.ApplyT(queuePolicy).(pulumi.StringOutput),
	}, args.region.Child(deadLetters)...)
	if err != nil {
		return nil, fmt.Errorf("building the policy of queue %s: %w", physical, err)
	}
	deadLetters.name, deadLetters.arn = queue.Name, queue.Arn
	return deadLetters, ctx.RegisterResourceOutputs(deadLetters, pulumi.Map{"name": deadLetters.name, "arn": deadLetters.arn})
}

// queuePolicy is the policy of a queue to which nobody speaks without TLS (Amazon SQS Developer Guide, "Amazon SQS
// security best practices", "Enforce encryption of data in transit").
func queuePolicy(queueARN string) (string, error) {
	return policy.Document{policy.DenyInsecureTransport("sqs:*", queueARN)}.JSON()
}
