package run

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/scenario"
)

// fakeBackups notifies of both alarms some seconds after a move of the calendar in a fault.
type fakeBackups struct {
	log      *evidence.Log
	moves    []time.Duration
	detached bool
	refuse   error
}

func (*fakeBackups) Run(ctx context.Context) { <-ctx.Done() }

func (b *fakeBackups) Detach(context.Context) error {
	b.detached = true
	return nil
}

func (b *fakeBackups) Advance(_ context.Context, by time.Duration) (time.Time, error) {
	if b.refuse != nil {
		return time.Time{}, b.refuse
	}
	b.moves = append(b.moves, by)
	state := evidence.AlarmOK
	if len(b.moves) == 2 {
		state = evidence.AlarmRinging
	}
	b.log.UpdateBackups(func(all *evidence.Backups) {
		for _, region := range []string{east, west} {
			for _, alarm := range evidence.BackupAlarms {
				all.Alarms = append(all.Alarms, evidence.AlarmState{At: time.Now(), Region: region, Alarm: alarm, State: state})
				all.Notices = append(all.Notices, evidence.Notice{At: time.Now().Add(time.Second), Region: region, Alarm: alarm, State: state})
			}
		}
	})
	return time.Now().Add(by), nil
}

func TestAdvance(t *testing.T) {
	steps := func() scenario.Scenario {
		s, _ := scenario.Find("backup-silent")
		return s
	}
	t.Run("the calendar is moved on before, in and after the fault, and nothing is left", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newFakePlatform()
			d := w.drill(steps())
			b := &fakeBackups{log: d.Log}
			d.Backups = b
			e, err := d.Run(t.Context())
			if want := []time.Duration{24 * time.Hour, 29 * time.Hour, 24 * time.Hour}; err != nil || !slices.Equal(b.moves, want) {
				t.Errorf("the calendar moved by %v, want %v: %v, %q", b.moves, want, err, e.Aborted)
			}
			if len(e.Probes) > 0 || !b.detached || len(e.Backups.Calendar) != 3 {
				t.Errorf("%d probes, detached %t, %+v", len(e.Probes), b.detached, e.Backups)
			}
			for _, late := range e.Timeouts {
				t.Log(late) // the fake platform's rows do not arrive
			}
			if len(e.Timeouts) > 1 {
				t.Errorf("%d steps timed out", len(e.Timeouts))
			}
		})
	})
	t.Run("a calendar that does not move ends the drill", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newFakePlatform()
			d := w.drill(steps())
			b := &fakeBackups{log: d.Log, refuse: errors.New("not up")}
			d.Backups = b
			if e, _ := d.Run(t.Context()); e.Aborted != "moving AWS Backup's calendar on: not up" || !b.detached {
				t.Errorf("it was broken off by %q, detached %t", e.Aborted, b.detached)
			}
		})
	})
}
