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

	// deadLetterRetentionSeconds is a day. A message is evidence that one minute's maintenance failed, and no work left to do,
	// because the next minute's does the same work whole. When the messages expire, the queue's alarm ends by itself.
	deadLetterRetentionSeconds = 24 * 60 * 60
)

type deadLetterQueueArgs struct {
	region region.Region
	keyARN pulumi.StringOutput
}

// deadLetterQueue is the queue of invocations that failed after their retries.
type deadLetterQueue struct {
	pulumi.ResourceState

	name, arn pulumi.StringOutput
	policy    pulumi.Resource
}

// newDeadLetterQueue builds the queue. Lambda and EventBridge Scheduler send to it by roles of this account, for which IAM
// decides. The queue's own policy only denies requests without TLS.
func newDeadLetterQueue(
	ctx *pulumi.Context, name string, args deadLetterQueueArgs, opts ...pulumi.ResourceOption,
) (*deadLetterQueue, error) {
	deadLetters := &deadLetterQueue{}
	if err := ctx.RegisterComponentResource(deadLetterQueueType, name, deadLetters, opts...); err != nil {
		return nil, fmt.Errorf("registering dead-letter queue %s: %w", name, err)
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

// queuePolicy denies requests without TLS (Amazon SQS Developer Guide, "Amazon SQS security best practices", "Enforce
// encryption of data in transit").
func queuePolicy(queueARN string) (string, error) {
	return policy.Document{policy.DenyInsecureTransport("sqs:*", queueARN)}.JSON()
}
