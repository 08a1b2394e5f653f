package run

import (
	"context"
	"fmt"
	"sync"
	"time"

	"warmstandby/test/drill/evidence"
)

// countTries is how often the rows are listed before that is given up.
const countTries = 10

// count counts what is there once the load has ended: rows where the writer is, and their events in both regions.
func (d *Drill) count(ctx context.Context) error {
	d.Say("counting rows and events")
	var rows map[int][]string
	var err error
	for range countTries {
		if rows, err = d.Watch.Count(ctx, d.Watch.Primary); err == nil || ctx.Err() != nil {
			break
		}
		pause(ctx, askEvery)
	}
	if err != nil {
		return fmt.Errorf("counting rows: %w", err)
	}
	there, told := map[string]bool{}, map[string]bool{}
	d.Log.Change(func(e *evidence.Evidence) {
		e.Rows.Counted = true
		for number, ids := range rows {
			e.Rows.Records[number] = len(ids)
			for _, id := range ids {
				there[id] = true
			}
		}
		for _, a := range e.Attempts {
			if a.Kind == evidence.Write && a.Good() {
				told[a.ID] = true
			}
		}
	})
	var waiting sync.WaitGroup
	for _, queue := range d.Queues {
		waiting.Go(func() { queue.Await(ctx, there, eventsTime) })
	}
	waiting.Wait()
	d.Log.Change(func(e *evidence.Evidence) {
		for region, queue := range d.Queues {
			e.Events[region] = queue.Tally(there, told)
		}
	})
	d.Say("%d rows are there, %s", len(there), time.Now().UTC().Format(time.TimeOnly))
	return nil
}
