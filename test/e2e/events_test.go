//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"warmstandby/test/access/events"
)

const (
	// eventSource is the source of the test's own events, which its rules select.
	eventSource = "warmstandby.e2e"
	// eventsPerRegion is how many events are put concurrently in each region.
	eventsPerRegion = 50
	// observerName names the rule and the queue by which the test sees what arrives.
	observerName = "e2e-observer"
	// batch is the largest number of events in a call of PutEvents, and of messages in one of SQS (their API references).
	batch = 10
	// visibilityTimeout is how long a message is not received again, in seconds: one whose response was lost on its way comes after
	// that. Messages need not be deleted, because each is known by its id.
	visibilityTimeout = 60
)

// visitEvent is an event as the target of a rule receives it.
type visitEvent struct {
	Region string
	Detail struct {
		PutIn  string
		Number int
	}
}

func (o visitEvent) String() string { return o.Detail.PutIn + " " + strconv.Itoa(o.Detail.Number) }

// nameVisit identifies an event of the test by its region, which it must name, and its number.
func nameVisit(event []byte) (string, error) {
	var visit visitEvent
	if err := json.Unmarshal(event, &visit); err != nil {
		return "", err
	}
	if visit.Region != visit.Detail.PutIn {
		return "", fmt.Errorf("event %s has the region %s", visit, visit.Region)
	}
	return visit.String(), nil
}

// eventBus is a region's bus, with the queue that the test attaches to it.
type eventBus struct {
	region, name string
	events       *eventbridge.Client
	queues       *sqs.Client
	queue        string   // its URL
	arrived      []string // events, as they came
	// received are the ids of the queue's messages. A message that is received twice counts once; an event that is sent twice has two.
	received map[string]bool
	// describe identifies an event, which it gets as the target of a rule does.
	describe func(event []byte) (string, error)
}

func checkEvents(t *testing.T, p *platform) {
	var buses []*eventBus
	for _, deployed := range deployedRegions {
		buses = append(buses, attachQueue(t, p, deployed.region, eventSource, nameVisit))
	}
	putAll(t, buses, 0, eventsPerRegion)
	for _, bus := range buses {
		bus.await(t, eventsPerRegion*len(buses))
	}
	// Duplicates of the first hundred would arrive before these, or with them.
	putAll(t, buses, eventsPerRegion, eventsPerRegion+1)
	for _, bus := range buses {
		bus.await(t, (eventsPerRegion+1)*len(buses))
		times := map[string]int{}
		for _, event := range bus.arrived {
			times[event]++
		}
		for _, from := range buses {
			for number := range eventsPerRegion + 1 {
				event := from.region + " " + strconv.Itoa(number)
				if times[event] != 1 {
					t.Errorf("event %s arrived %d times in %s, want once", event, times[event], bus.region)
				}
			}
		}
		if got, want := len(bus.arrived), (eventsPerRegion+1)*len(buses); got != want {
			t.Errorf("%d events arrived in %s, want %d", got, bus.region, want)
		}
		bus.checkNothingUndelivered(t, p)
	}
}

// attachQueue sends the events of one source from the region's bus to a queue. Both are removed when the test ends, because a
// bus with rules cannot be deleted.
func attachQueue(t testing.TB, p *platform, region, source string, nameEvent func([]byte) (string, error)) *eventBus {
	t.Helper()
	bus := &eventBus{
		region: region, name: p.parameters(t, region)["events/bus"],
		events: eventbridge.NewFromConfig(p.aws(t, region)), queues: sqs.NewFromConfig(p.aws(t, region)), describe: nameEvent,
		received: map[string]bool{},
	}
	queue, err := events.Attach(t.Context(), p.aws(t, region), region, bus.name, observerName, source)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), target.cleanupLimit)
		defer cancel()
		if err := queue.Detach(ctx); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	bus.queue = queue.URL()
	return bus
}

// putAll puts events of these numbers in all regions, each with a call of its own, all at the same time.
func putAll(t *testing.T, buses []*eventBus, first, end int) {
	t.Helper()
	faults := make(chan error, len(buses)*(end-first))
	var puts sync.WaitGroup
	for _, bus := range buses {
		for number := first; number < end; number++ {
			puts.Go(func() { faults <- bus.put(t.Context(), number) })
		}
	}
	puts.Wait()
	close(faults)
	for err := range faults {
		if err != nil {
			t.Errorf("putting an event: %v", err)
		}
	}
}

func (bus *eventBus) put(ctx context.Context, number int) error {
	_, err := bus.putEntries(ctx, []eventtypes.PutEventsRequestEntry{bus.entry(number)})
	return err
}

// entry is the event of a number.
func (bus *eventBus) entry(number int) eventtypes.PutEventsRequestEntry {
	return eventtypes.PutEventsRequestEntry{
		EventBusName: aws.String(bus.name), Source: aws.String(eventSource), DetailType: aws.String("visit"),
		Detail: aws.String(fmt.Sprintf(`{"putIn":%q,"number":%d}`, bus.region, number)),
	}
}

// putEntries puts events with one call and returns their ids.
func (bus *eventBus) putEntries(ctx context.Context, entries []eventtypes.PutEventsRequestEntry) (ids []string, err error) {
	answer, err := bus.events.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: entries})
	if err != nil {
		return nil, err
	}
	for _, entry := range answer.Entries {
		if entry.EventId == nil {
			return nil, errors.New(aws.ToString(entry.ErrorMessage))
		}
		ids = append(ids, *entry.EventId)
	}
	return ids, nil
}

// await takes what arrives until there are so many events, and nothing is left in the queue.
func (bus *eventBus) await(t *testing.T, count int) {
	t.Helper()
	await(t, "waiting for events in "+bus.region, func() error {
		for {
			received := require(bus.queues.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
				QueueUrl: &bus.queue, MaxNumberOfMessages: batch, VisibilityTimeout: visibilityTimeout,
			}))(t).Messages
			if len(received) == 0 {
				break
			}
			for _, message := range received {
				bus.record(t, message)
			}
		}
		if len(bus.arrived) < count {
			return fmt.Errorf("%d of %d have arrived", len(bus.arrived), count)
		}
		return nil
	})
}

func (bus *eventBus) record(t *testing.T, message sqstypes.Message) {
	t.Helper()
	id := aws.ToString(message.MessageId)
	if bus.received[id] {
		return
	}
	bus.received[id] = true
	event, err := bus.describe([]byte(aws.ToString(message.Body)))
	if err != nil {
		t.Fatalf("reading an event in %s: %v", bus.region, err)
	}
	bus.arrived = append(bus.arrived, event)
}

// checkNothingUndelivered expects the region's dead-letter queue to be empty.
func (bus *eventBus) checkNothingUndelivered(t *testing.T, p *platform) {
	t.Helper()
	var found []string
	for _, url := range require(bus.queues.ListQueues(t.Context(), &sqs.ListQueuesInput{}))(t).QueueUrls {
		if strings.Contains(url, "/queue-undelivered-") && strings.HasSuffix(url, "-"+p.name) {
			found = append(found, url)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%s has the queues %v, want one for what is undelivered", bus.region, found)
	}
	counts := require(bus.queues.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: aws.String(found[0]), AttributeNames: []sqstypes.QueueAttributeName{
			sqstypes.QueueAttributeNameApproximateNumberOfMessages,
			sqstypes.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
			sqstypes.QueueAttributeNameApproximateNumberOfMessagesDelayed,
		},
	}))(t).Attributes
	if len(counts) != 3 {
		t.Errorf("%s counts %v, want three numbers", found[0], counts)
	}
	for name, count := range counts {
		if count != "0" {
			t.Errorf("%s of %s is %s, want 0", name, found[0], count)
		}
	}
}
