package observe

import (
	"context"
	"time"

	"warmstandby/test/access/events"
	"warmstandby/test/drill/evidence"
)

// Tally compares the events that came of created records, how many of each, with the stored records and with those that the client has
// acknowledgements of.
func Tally(received map[string]int, stored, acknowledged map[string]bool) evidence.EventCount {
	count := evidence.EventCount{Counted: true}
	for id := range stored {
		if received[id] == 0 {
			count.Lost = append(count.Lost, id)
		}
	}
	for id, n := range received {
		if stored[id] || acknowledged[id] {
			count.Arrived++
			count.Doubled += n - 1
		}
		if acknowledged[id] && !stored[id] {
			count.Orphans++
		}
	}
	return count
}

// AwaitEvents returns when no stored record lacks an event, or the time is over.
func AwaitEvents(ctx context.Context, q *events.Queue, stored map[string]bool, maxWait time.Duration) {
	missing := func() bool { return len(Tally(q.Received(events.RecordCreated), stored, nil).Lost) > 0 }
	for end := time.Now().Add(maxWait); missing() && time.Now().Before(end) && ctx.Err() == nil; {
		select {
		case <-ctx.Done():
		case <-time.After(period):
		}
	}
}
