package simulate

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Run has the controller run every minute until the world's time is over. It must be called in a bubble of testing/synctest.
func (w *World) Run(ctx context.Context) Result {
	var runs sync.WaitGroup
	for minute := 0; ; minute++ {
		scheduled := time.Duration(minute) * time.Minute
		if scheduled+w.plan.Offset > w.plan.Length-functionTime {
			break
		}
		d := draw(w.plan.Seed, 2, uint64(minute))
		begins := scheduled + min(w.plan.Offset+d.between(0, w.plan.Jitter), time.Minute)
		twice, later := d.chance(w.plan.Doubles), d.between(0, 15*time.Second)
		skew := d.between(-w.plan.Skew, w.plan.Skew)
		runs.Go(func() { w.invoked(ctx, begins, fmt.Sprintf("%02d", minute), skew) })
		if twice {
			w.mu.Lock()
			w.meet(metDouble)
			w.mu.Unlock()
			runs.Go(func() { w.invoked(ctx, begins+later, fmt.Sprintf("%02d again", minute), -skew) })
		}
		time.Sleep(time.Until(w.start.Add(scheduled + time.Minute)))
	}
	runs.Wait()
	return w.Finish()
}

// invoked waits for its time and makes a run, where anything in the region does.
func (w *World) invoked(ctx context.Context, at time.Duration, name string, skew time.Duration) {
	time.Sleep(time.Until(w.start.Add(at)))
	w.mu.Lock()
	w.advance(time.Since(w.start))
	lost := w.is(WestLost) || w.is(SchedulerLost)
	w.mu.Unlock()
	if !lost {
		w.invoke(ctx, name, skew)
	}
}
