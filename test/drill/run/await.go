package run

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/scenario"
)

// await waits for a condition. Every scenario waits for a healthy platform first, and ends without one.
func (d *Drill) await(ctx context.Context, s scenario.Step) error {
	d.Logf("waiting until %s", s.Until)
	for end := time.Now().Add(s.For); ; sleep(ctx, pollInterval) {
		met := false
		d.Log.Read(func(e *evidence.Evidence) { met = conditionMet(e, s.Until) })
		switch {
		case met || ctx.Err() != nil:
			return nil
		case time.Now().Before(end):
		case s.Until == scenario.AllHealthy:
			return fmt.Errorf("waiting for %s until %s: %s", s.For, s.Until, d.lastObservations())
		default:
			d.recordTimeout("Within %s it did not come to be that %s.", s.For, s.Until)
			return nil
		}
	}
}

func (d *Drill) recordTimeout(format string, values ...any) {
	message := fmt.Sprintf(format, values...)
	d.Logf("%s", message)
	d.Log.Update(func(e *evidence.Evidence) { e.Timeouts = append(e.Timeouts, message) })
}

// lastObservations describes the last observation of each topic.
func (d *Drill) lastObservations() string {
	var all []string
	d.Log.Read(func(e *evidence.Evidence) {
		for topic, seen := range e.Observations {
			last := seen[len(seen)-1]
			all = append(all, fmt.Sprintf("%s is %q %s", topic, last.Value, last.Reason))
		}
	})
	slices.Sort(all)
	return strings.Join(all, "; ")
}

// sleep returns after a time, or when the context ends.
func sleep(ctx context.Context, length time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(length):
	}
}
