package run

import (
	"context"
	"fmt"
	"sync"
	"time"

	"warmstandby/test/access/events"
	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/observe"
)

// maxCountAttempts is how often listing the rows is attempted.
const maxCountAttempts = 10

// listRows lists the drill's rows in the primary region, by number.
func (d *Drill) listRows(ctx context.Context) (rows map[int][]string, err error) {
	for range maxCountAttempts {
		if rows, err = d.Watch.Count(ctx, d.Watch.Primary); err == nil || ctx.Err() != nil {
			break
		}
		sleep(ctx, retryInterval)
	}
	if err != nil {
		return nil, fmt.Errorf("counting rows: %w", err)
	}
	return rows, nil
}

// count counts rows in the primary region and events in both regions, after the load has ended.
func (d *Drill) count(ctx context.Context) error {
	d.Logf("counting rows and events")
	rows, err := d.listRows(ctx)
	if err != nil {
		return err
	}
	stored, acknowledged := map[string]bool{}, map[string]bool{}
	d.Log.Update(func(e *evidence.Evidence) {
		e.Rows.Counted = true
		for number, ids := range rows {
			e.Rows.Records[number] = len(ids)
			for _, id := range ids {
				stored[id] = true
			}
		}
		for _, a := range e.AllWrites() {
			if a.Good() {
				acknowledged[a.ID] = true
			}
		}
	})
	var waiting sync.WaitGroup
	for _, queue := range d.Queues {
		waiting.Go(func() { observe.AwaitEvents(ctx, queue, stored, eventsTimeout) })
	}
	waiting.Wait()
	d.Log.Update(func(e *evidence.Evidence) {
		for region, queue := range d.Queues {
			e.Events[region] = observe.Tally(queue.Received(events.RecordCreated), stored, acknowledged)
		}
	})
	d.findDocuments(ctx)
	d.Logf("%d rows are stored, %s", len(stored), time.Now().UTC().Format(time.TimeOnly))
	return nil
}
