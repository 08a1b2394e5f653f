package run

import (
	"context"
	"time"

	"warmstandby/lambda/failover/invocation"
	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/scenario"
)

const (
	// damageInterval is the time between two records that the bad release damages.
	damageInterval = 200 * time.Millisecond
	// damageAge is how old a record is at least when the release begins: it was committed in an earlier second than the first damage,
	// so that the second before has it.
	damageAge = 2 * time.Second
)

// corrupt is a bad release: it overwrites and deletes records in turn, the oldest first, by the API that users have.
func (d *Drill) corrupt(ctx context.Context, s scenario.Step) error {
	began := time.Now()
	var victims []evidence.Attempt
	d.Log.Read(func(e *evidence.Evidence) {
		for _, a := range e.Attempts {
			if a.Kind == evidence.Write && a.Good() && a.End().Before(began.Add(-damageAge)) {
				victims = append(victims, a)
			}
		}
	})
	d.Logf("a bad release overwrites and deletes records for %s", s.For)
	d.Log.Mark(evidence.Faulted, "a bad release")
	d.Log.SetCorruption(func(c *evidence.Corruption) { c.Began = began })
	overwrite := true
	for _, a := range victims {
		if time.Since(began) >= s.For || ctx.Err() != nil {
			break
		}
		damage := d.Client.Delete
		if overwrite {
			damage = d.Client.Overwrite
		}
		err := damage(ctx, a)
		d.Log.SetCorruption(func(c *evidence.Corruption) {
			switch {
			case err != nil:
				c.Errors = append(c.Errors, err.Error())
			case overwrite:
				c.Overwritten = append(c.Overwritten, a.Number)
			default:
				c.Deleted = append(c.Deleted, a.Number)
			}
		})
		overwrite = !overwrite
		sleep(ctx, damageInterval)
	}
	d.Log.SetCorruption(func(c *evidence.Corruption) { c.Ended = time.Now() })
	d.Log.Mark(evidence.Healed, "the release is taken back")
	return nil
}

// restore has the operator restore the second before the corruption, and then takes the damaged rows back from the restored cluster.
func (d *Drill) restore(ctx context.Context, s scenario.Step) error {
	var to time.Time
	d.Log.SetCorruption(func(c *evidence.Corruption) {
		c.Found, c.RestoredTo = time.Now(), c.Began.UTC().Truncate(time.Second)
		to = c.RestoredTo
	})
	s.Command = []string{invocation.Restore, "--at", to.Format(time.RFC3339)}
	if err := d.operate(ctx, s); err != nil {
		return err
	}
	d.Log.SetCorruption(func(c *evidence.Corruption) { c.Restored = time.Now() })
	rows, err := d.TakeBack(ctx)
	if err != nil {
		d.recordTimeout("The damaged rows were not taken back: %v", err)
		return nil // the restored cluster is to be removed
	}
	d.Logf("%d rows are taken back from the restored cluster", rows)
	d.Log.SetCorruption(func(c *evidence.Corruption) { c.TakenBack, c.Rows = time.Now(), rows })
	return nil
}
