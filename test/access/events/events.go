// Package events receives what a region's event bus carries, by a queue of its own, for whoever tests a deployed platform.
package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"warmstandby/shared/policy"
	"warmstandby/test/access/queue"
)

// Source is that of the application's events.
const Source = "warmstandby.records"

// The detail types of the application's events that are received.
const (
	RecordCreated = "RecordCreated"
	RecordDeleted = "RecordDeleted"
)

const (
	// period is the time between two calls that receive.
	period = time.Second
	// Batch is the most messages in a call (Amazon SQS API Reference, ReceiveMessage).
	Batch = 10
)

// Queue is a queue that is attached to a region's event bus, and the events that it has received.
type Queue struct {
	region, bus, name string
	events            *eventbridge.Client
	queues            *sqs.Client
	url               *string

	mu       sync.Mutex
	received map[key]map[string]int // count by event id
}

// key is an event's detail type and the id of its record.
type key struct{ kind, record string }

// Attach creates the queue and a rule that sends the events of a source to it; both have the given name. After an error the
// returned queue has to be detached, too.
func Attach(ctx context.Context, settings aws.Config, region, bus, name, source string) (*Queue, error) {
	q := &Queue{
		region: region, bus: bus, name: name, received: map[key]map[string]int{},
		events: eventbridge.NewFromConfig(settings), queues: sqs.NewFromConfig(settings),
	}
	if err := q.attach(ctx, source); err != nil {
		return q, fmt.Errorf("attaching queue %s to bus %s of %s: %w", name, bus, region, err)
	}
	return q, nil
}

func (q *Queue) attach(ctx context.Context, source string) error {
	url, arn, err := queue.Create(ctx, q.queues, q.name)
	q.url = url
	if err != nil {
		return err
	}
	pattern, err := json.Marshal(map[string][]string{"source": {source}})
	if err != nil {
		return err
	}
	rule, err := q.events.PutRule(ctx, &eventbridge.PutRuleInput{
		Name: aws.String(q.name), EventBusName: aws.String(q.bus), EventPattern: aws.String(string(pattern)),
	})
	if err != nil {
		return err
	}
	if err := queue.Admit(ctx, q.queues, q.url, policy.AllowRuleToSend(arn, aws.ToString(rule.RuleArn))); err != nil {
		return err
	}
	attached, err := q.events.PutTargets(ctx, &eventbridge.PutTargetsInput{
		Rule: aws.String(q.name), EventBusName: aws.String(q.bus),
		Targets: []eventtypes.Target{{Id: aws.String(q.name), Arn: aws.String(arn)}},
	})
	if err == nil && attached.FailedEntryCount > 0 {
		err = errors.New(aws.ToString(attached.FailedEntries[0].ErrorMessage))
	}
	return err
}

// URL returns the queue's URL.
func (q *Queue) URL() string { return aws.ToString(q.url) }

// Detach removes the rule and the queue: a bus with rules cannot be deleted.
func (q *Queue) Detach(ctx context.Context) error {
	rule, bus := aws.String(q.name), aws.String(q.bus)
	_, targets := q.events.RemoveTargets(ctx, &eventbridge.RemoveTargetsInput{Rule: rule, EventBusName: bus, Ids: []string{q.name}})
	if missing := new(eventtypes.ResourceNotFoundException); errors.As(targets, &missing) {
		targets = nil
	}
	_, rules := q.events.DeleteRule(ctx, &eventbridge.DeleteRuleInput{Name: rule, EventBusName: bus})
	var removed error
	if q.url != nil {
		_, removed = q.queues.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: q.url})
	}
	if err := errors.Join(targets, rules, removed); err != nil {
		return fmt.Errorf("removing rule and queue %s of bus %s in %s, which keep the stacks from being destroyed: %w",
			q.name, q.bus, q.region, err)
	}
	return nil
}

// Run receives events until the context ends.
func (q *Queue) Run(ctx context.Context) {
	ticker := time.NewTicker(period)
	defer ticker.Stop()
	for {
		for q.receiveBatch(ctx) == Batch && ctx.Err() == nil {
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// receiveBatch receives a batch and returns its size.
func (q *Queue) receiveBatch(ctx context.Context) int {
	got, err := q.queues.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: q.url, MaxNumberOfMessages: Batch})
	if err != nil || len(got.Messages) == 0 {
		return 0
	}
	var done []sqstypes.DeleteMessageBatchRequestEntry
	for i, message := range got.Messages {
		q.record([]byte(aws.ToString(message.Body)), aws.ToString(message.MessageId))
		done = append(done, sqstypes.DeleteMessageBatchRequestEntry{Id: aws.String(fmt.Sprint(i)), ReceiptHandle: message.ReceiptHandle})
	}
	// A message that stays comes again, and is known by its id.
	if _, err := q.queues.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: q.url, Entries: done}); err != nil {
		return 0
	}
	return len(got.Messages)
}

// record counts an event. A message that SQS delivers twice counts once; an event that was sent twice counts twice.
func (q *Queue) record(body []byte, message string) {
	var event struct {
		DetailType string `json:"detail-type"`
		Detail     struct{ RecordID string }
	}
	if err := json.Unmarshal(body, &event); err != nil || event.Detail.RecordID == "" {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	of := key{event.DetailType, event.Detail.RecordID}
	if q.received[of] == nil {
		q.received[of] = map[string]int{}
	}
	q.received[of][message]++
}

// Received returns how many events of a detail type have come for each record, by its id.
func (q *Queue) Received(kind string) map[string]int {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := map[string]int{}
	for of, messages := range q.received {
		if of.kind == kind {
			all[of.record] = len(messages)
		}
	}
	return all
}
