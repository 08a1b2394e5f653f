//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	eventtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// eventsForwarded is how many events are put in one region and must arrive in the other, each once.
const eventsForwarded = 1000

// eventVisibility is longer than the benchmark takes, in seconds: an event that is received twice was sent twice.
const eventVisibility = 600

// benchmarkEvents puts events in us-east-1, ten a call, while two receivers read the queue in us-west-2. Each event has its own
// id, so that losses and duplicates are found; both end the benchmark.
func (p *platform) benchmarkEvents(b *testing.B) {
	from, to := attachQueue(b, p, east, eventSource, nameVisit), attachQueue(b, p, west, eventSource, nameVisit)
	for b.Loop() {
		ctx, cancel := context.WithTimeout(b.Context(), waitLimit)
		start := time.Now()
		arrivals := to.receiveAll(ctx, eventsForwarded)
		sent, err := from.putBatches(ctx, eventsForwarded)
		if err != nil {
			b.Fatalf("putting events in %s: %v", from.region, err)
		}
		got := <-arrivals
		took := time.Since(start)
		cancel()
		if got.err != nil {
			b.Fatalf("receiving events in %s, of which %d have arrived: %v", to.region, len(got.times), got.err)
		}
		// Duplicates would be in the queue by now.
		late := <-to.receiveAll(b.Context(), 0)
		if late.err != nil {
			b.Fatalf("receiving events in %s: %v", to.region, late.err)
		}
		for id, times := range late.times {
			got.times[id] += times
		}
		for _, id := range sent {
			if got.times[id] != 1 {
				b.Fatalf("event %s arrived %d times in %s, want once", id, got.times[id], to.region)
			}
		}
		if len(got.times) != len(sent) {
			b.Fatalf("%d different events arrived in %s, want %d", len(got.times), to.region, len(sent))
		}
		report(b, "events/s", eventsForwarded/took.Seconds())
	}
}

// putBatches puts a number of events and returns their ids.
func (bus *eventBus) putBatches(ctx context.Context, count int) (ids []string, err error) {
	for len(ids) < count {
		entries := make([]eventtypes.PutEventsRequestEntry, batch)
		for i := range entries {
			entries[i] = bus.entry(len(ids) + i)
		}
		answered, err := bus.putEntries(ctx, entries)
		if err != nil {
			return ids, err
		}
		ids = append(ids, answered...)
	}
	return ids, nil
}

// arrivals are how often each event arrived, by id.
type arrivals struct {
	times map[string]int
	err   error
}

// receiveAll receives messages until count different events have arrived and the queue is empty.
func (bus *eventBus) receiveAll(ctx context.Context, count int) <-chan arrivals {
	const receivers = 2
	var mu sync.Mutex
	all := arrivals{times: map[string]int{}}
	var group sync.WaitGroup
	for range receivers {
		group.Go(func() {
			for {
				ids, err := bus.receive(ctx)
				mu.Lock()
				all.err = errors.Join(all.err, err)
				for _, id := range ids {
					all.times[id]++
				}
				enough := len(all.times) >= count
				mu.Unlock()
				if err != nil || enough && len(ids) == 0 {
					return
				}
			}
		})
	}
	done := make(chan arrivals, 1)
	go func() {
		group.Wait()
		done <- all
	}()
	return done
}

// receive makes one call and returns the ids of the received events.
func (bus *eventBus) receive(ctx context.Context) (ids []string, err error) {
	received, err := bus.queues.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &bus.queue, MaxNumberOfMessages: batch, VisibilityTimeout: eventVisibility,
	})
	if err != nil {
		return nil, err
	}
	for _, message := range received.Messages {
		var event struct{ ID string }
		if err := json.Unmarshal([]byte(aws.ToString(message.Body)), &event); err != nil {
			return nil, fmt.Errorf("reading an event: %w", err)
		}
		ids = append(ids, event.ID)
	}
	return ids, nil
}
