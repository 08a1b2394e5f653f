package move

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/notice"
)

// slowToShow is RDS that accepts a move without an answer, and shows it a while later.
type slowToShow struct {
	accepts  bool
	answer   error
	shows    time.Time
	requests int
}

func (d *slowToShow) Global(context.Context) (globaldb.Global, error) {
	moving := d.accepts && d.requests > 0 && !time.Now().Before(d.shows)
	return globaldb.Global{Moving: moving, MovingTo: "west", Members: []globaldb.Member{{ARN: "east", Writer: true}, {ARN: "west"}}}, nil
}

func (d *slowToShow) Move(context.Context, decision.Action, string) error {
	d.requests++
	d.shows = time.Now().Add(20 * time.Second)
	return d.answer
}

// subjects are the notices that were sent.
type subjects []string

func (s *subjects) Notify(_ context.Context, n notice.Notice) error {
	*s = append(*s, n.Subject)
	return nil
}

func TestAMoveThatRDSMayHaveAcceptedIsNotAbandoned(t *testing.T) {
	refusal := globaldb.Refusal{Code: "x", Message: "no"}
	lost := context.DeadlineExceeded // the answer
	for name, test := range map[string]struct {
		database slowToShow
		wait     time.Duration // until the next run, which finds no reason any more
		open     bool
		phase    journal.Phase
	}{
		"it does not show yet":                       {slowToShow{accepts: true, answer: lost}, 10 * time.Second, true, journal.Intent},
		"it shows":                                   {slowToShow{accepts: true, answer: lost}, 30 * time.Second, true, journal.Requested},
		"it never shows, for as long as it may":      {slowToShow{answer: lost}, startTimeout - time.Second, true, journal.Intent},
		"it never shows":                             {slowToShow{answer: lost}, startTimeout, false, journal.Abandoned},
		"RDS has refused it, so it is not under way": {slowToShow{answer: refusal}, time.Second, false, journal.Abandoned},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sent := &subjects{}
				m := Mover{Database: &test.database, Notifier: sent, Log: slog.New(slog.DiscardHandler)}
				store := &journal.MemoryStore{}
				j, err := journal.Open(t.Context(), store, "run", time.Now().Add(time.Hour))
				if err != nil {
					t.Fatal(err)
				}
				intent := journal.Move{Action: decision.Failover, Target: "west", By: journal.Controller}
				if err := Begin(t.Context(), j, intent); err != nil {
					t.Fatal(err)
				}
				if err := m.Advance(t.Context(), j, true); err == nil {
					t.Fatal("a request without an answer is a success")
				}
				state, err := store.Load(t.Context())
				if err != nil || state.Move.Asked.IsZero() != errors.Is(test.database.answer, refusal) {
					t.Errorf("the journal has %+v (%v)", state.Move, err)
				}
				time.Sleep(test.wait)
				ctx, cancel := context.WithTimeout(t.Context(), pollInterval)
				defer cancel()
				err = m.Advance(ctx, j, false)
				if test.open != errors.Is(err, ErrUnfinished) {
					t.Errorf("the next run ends with %v", err)
				}
				kept := j.Move
				if !test.open {
					kept = j.Last
				}
				if kept == nil || kept.Phase != test.phase || test.database.requests != 1 {
					t.Errorf("the move is %+v after %d requests, want phase %s after one", kept, test.database.requests, test.phase)
				}
			})
		})
	}
}
