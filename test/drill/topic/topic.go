// Package topic receives what a topic publishes, by a queue that is there as long as somebody watches.
package topic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"warmstandby/shared/policy"
	"warmstandby/test/access/events"
	"warmstandby/test/access/queue"
)

// Queue receives what a topic publishes.
type Queue struct {
	name, topicARN string
	topics         *sns.Client
	queues         *sqs.Client
	url            *string
	subscription   *string
}

// New returns the queue of a name, which Attach makes, for a topic of the same region.
func New(settings aws.Config, name, topicARN string) *Queue {
	return &Queue{name: name, topicARN: topicARN, topics: sns.NewFromConfig(settings), queues: sqs.NewFromConfig(settings)}
}

// Attach makes the queue and subscribes it. After an error what was made has to be detached, too.
func (q *Queue) Attach(ctx context.Context) error {
	url, arn, err := queue.Create(ctx, q.queues, q.name)
	q.url = url
	if err == nil {
		err = queue.Admit(ctx, q.queues, q.url, policy.Statement{
			Sid: "AllowTopic", Effect: policy.Allow, Principal: &policy.Principal{Service: []string{"sns.amazonaws.com"}},
			Actions: []string{"sqs:SendMessage"}, Resources: []string{arn},
			Condition: policy.Conditions{"ArnEquals": {"aws:SourceArn": {q.topicARN}}},
		})
	}
	if err == nil {
		var subscribed *sns.SubscribeOutput
		subscribed, err = q.topics.Subscribe(ctx, &sns.SubscribeInput{
			TopicArn: aws.String(q.topicARN), Protocol: aws.String("sqs"), Endpoint: aws.String(arn), ReturnSubscriptionArn: true,
		})
		if err == nil {
			q.subscription = subscribed.SubscriptionArn
		}
	}
	if err != nil {
		return fmt.Errorf("attaching queue %s to topic %s: %w", q.name, q.topicARN, err)
	}
	return nil
}

// Detach removes the queue and its subscription.
func (q *Queue) Detach(ctx context.Context) error {
	var subscription, removed error
	if q.subscription != nil {
		_, subscription = q.topics.Unsubscribe(ctx, &sns.UnsubscribeInput{SubscriptionArn: q.subscription})
	}
	if q.url != nil {
		_, removed = q.queues.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: q.url})
	}
	if err := errors.Join(subscription, removed); err != nil {
		return fmt.Errorf("removing queue %s of topic %s: %w", q.name, q.topicARN, err)
	}
	return nil
}

// Receive calls each for every message that has come, with the text that was published. A query without an answer is repeated the next
// time.
func (q *Queue) Receive(ctx context.Context, each func(text []byte)) {
	for {
		got, err := q.queues.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: q.url, MaxNumberOfMessages: events.Batch})
		if err != nil || len(got.Messages) == 0 {
			return
		}
		for _, message := range got.Messages {
			var envelope struct{ Message string }
			if err := json.Unmarshal([]byte(aws.ToString(message.Body)), &envelope); err == nil {
				each([]byte(envelope.Message))
			}
			if _, err := q.queues.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: q.url, ReceiptHandle: message.ReceiptHandle}); err != nil {
				return
			}
		}
	}
}
