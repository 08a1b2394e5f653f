package run

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/scenario"
)

// fakeFlood is a flood, and operators who are notified of it after a minute.
type fakeFlood struct {
	log       *evidence.Log
	running   bool
	began     time.Time
	ended     time.Time
	detached  bool
	throttled time.Time
}

func (f *fakeFlood) Detach(context.Context) error {
	f.detached = true
	return nil
}

func (f *fakeFlood) CountThrottled(_ context.Context, since time.Time) { f.throttled = since }

// flooder is its load.
type flooder struct{ *fakeFlood }

func (f flooder) Run(ctx context.Context) {
	f.running, f.began = true, time.Now()
	time.AfterFunc(time.Minute, func() {
		f.log.UpdateFlood(func(flood *evidence.Flood) {
			flood.Notices = append(flood.Notices, evidence.Notice{At: time.Now(), Alarm: evidence.ConcurrencyAlarm, State: evidence.AlarmRinging})
		})
	})
	<-ctx.Done()
	f.running, f.ended = false, time.Now()
}

// watcher observes it.
type watcher struct{ *fakeFlood }

func (watcher) Run(ctx context.Context) { <-ctx.Done() }

func TestFlood(t *testing.T) {
	steps := func() scenario.Scenario {
		s, _ := scenario.Find("flood")
		return s
	}
	t.Run("it begins in the fault, in a region with few executions, and ends before the platform is healed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newFakePlatform()
			d := w.drill(steps())
			f := &fakeFlood{log: d.Log}
			d.Flooder, d.Concurrency = flooder{f}, watcher{f}
			e, err := d.Run(t.Context())
			faulted, _ := e.MarkedAt(evidence.Faulted)
			healed, _ := e.MarkedAt(evidence.Healed)
			if err != nil || e.Aborted != "" || f.began.Before(faulted) || f.running || f.ended.After(healed) || !f.detached ||
				!f.throttled.Equal(faulted) {
				t.Errorf("the flood is %+v, the fault from %s to %s: %v, %q", f, faulted, healed, err, e.Aborted)
			}
		})
	})
	t.Run("it ends with a drill that is broken off", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newFakePlatform()
			d := w.drill(steps())
			f := &fakeFlood{log: d.Log}
			d.Flooder, d.Concurrency = flooder{f}, watcher{f}
			ctx, interrupt := context.WithCancelCause(t.Context())
			time.AfterFunc(5*time.Minute, func() { interrupt(errors.New("interrupted")) })
			if _, err := d.Run(ctx); err != nil || f.running || !f.detached {
				t.Errorf("the flood runs: %t, detached: %t, %v", f.running, f.detached, err)
			}
		})
	})
}
