package observe

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
	"warmstandby/test/drill/evidence"
)

const (
	// EventSource is that of the application's events.
	EventSource = "warmstandby.records"
	// recordCreated is the detail type of those that are counted.
	recordCreated = "RecordCreated"
	// batch is the most messages in a call (Amazon SQS API Reference, ReceiveMessage).
	batch = 10
)

// Queue is a queue that the drill attaches to a region's event bus, and the events that it has received.
type Queue struct {
	region, bus, name string
	events            *eventbridge.Client
	queues            *sqs.Client
	url               *string

	mu       sync.Mutex
	received map[string]map[string]int // count by record id, then by event id
}

// Attach creates the queue and a rule that sends the events of a source to it; both have the given name. After an error the
// returned queue has to be detached, too.
func Attach(ctx context.Context, settings aws.Config, region, bus, name, source string) (*Queue, error) {
	q := &Queue{
		region: region, bus: bus, name: name, received: map[string]map[string]int{},
		events: eventbridge.NewFromConfig(settings), queues: sqs.NewFromConfig(settings),
	}
	if err := q.attach(ctx, source); err != nil {
		return q, fmt.Errorf("attaching queue %s to bus %s of %s: %w", name, bus, region, err)
	}
	return q, nil
}

func (q *Queue) attach(ctx context.Context, source string) error {
	made, err := q.queues.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String(q.name)})
	if err != nil {
		return err
	}
	q.url = made.QueueUrl
	named := sqstypes.QueueAttributeNameQueueArn
	attributes, err := q.queues.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: q.url, AttributeNames: []sqstypes.QueueAttributeName{named},
	})
	if err != nil {
		return err
	}
	arn := attributes.Attributes[string(named)]
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
	admits, err := policy.Document{policy.AllowRuleToSend(arn, aws.ToString(rule.RuleArn))}.JSON()
	if err != nil {
		return err
	}
	_, err = q.queues.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{
		QueueUrl: q.url, Attributes: map[string]string{"Policy": admits},
	})
	if err != nil {
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
	var queue error
	if q.url != nil {
		_, queue = q.queues.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: q.url})
	}
	if err := errors.Join(targets, rules, queue); err != nil {
		return fmt.Errorf("removing rule and queue %s of bus %s in %s, which keep the stacks from being destroyed: %w",
			q.name, q.bus, q.region, err)
	}
	return nil
}

// Run receives events until the context ends.
func (q *Queue) Run(ctx context.Context) {
	poll(ctx, period, func(ctx context.Context) {
		for q.receiveBatch(ctx) == batch && ctx.Err() == nil {
		}
	})
}

// receiveBatch receives a batch and returns its size.
func (q *Queue) receiveBatch(ctx context.Context) int {
	got, err := q.queues.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: q.url, MaxNumberOfMessages: batch})
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
	if err := json.Unmarshal(body, &event); err != nil || event.DetailType != recordCreated {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.received[event.Detail.RecordID] == nil {
		q.received[event.Detail.RecordID] = map[string]int{}
	}
	q.received[event.Detail.RecordID][message]++
}

// Tally compares the received events with the stored records and with those that the client has acknowledgements of.
func (q *Queue) Tally(stored, acknowledged map[string]bool) evidence.EventCount {
	q.mu.Lock()
	defer q.mu.Unlock()
	count := evidence.EventCount{Counted: true}
	for id := range stored {
		if len(q.received[id]) == 0 {
			count.Lost = append(count.Lost, id)
		}
	}
	for id, messages := range q.received {
		if stored[id] || acknowledged[id] {
			count.Arrived++
			count.Doubled += len(messages) - 1
		}
		if acknowledged[id] && !stored[id] {
			count.Orphans++
		}
	}
	return count
}

// Await returns when no event is missing, or the time is over.
func (q *Queue) Await(ctx context.Context, stored map[string]bool, maxWait time.Duration) {
	for end := time.Now().Add(maxWait); len(q.Tally(stored, nil).Lost) > 0 && time.Now().Before(end) && ctx.Err() == nil; {
		select {
		case <-ctx.Done():
		case <-time.After(period):
		}
	}
}
