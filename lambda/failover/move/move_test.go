package move_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/failovertest"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/move"
	"warmstandby/lambda/failover/notice"
)

// onlooker sees which phase is on record while the mover acts.
type onlooker struct {
	*failovertest.Simulation
	seen   []string
	blind  int   // the number of reads of RDS that show the state before the move
	silent error // of the board
}

func (o *onlooker) note(what string) {
	phase := journal.Phase("none")
	if state := o.State(); state.Move != nil {
		phase = state.Move.Phase
	}
	o.seen = append(o.seen, what+" in phase "+string(phase))
}

func (o *onlooker) Global(ctx context.Context) (globaldb.Global, error) {
	g, err := o.Simulation.Global(ctx)
	if o.blind > 0 {
		o.blind--
		g = globaldb.Global{Status: "available", Members: []globaldb.Member{{ARN: failovertest.East, Writer: true}, {ARN: failovertest.West}}}
	}
	return g, err
}

func (o *onlooker) Move(ctx context.Context, action decision.Action, target string) error {
	o.note("RDS is asked")
	return o.Simulation.Move(ctx, action, target)
}

func (o *onlooker) Notify(_ context.Context, n notice.Notice) error {
	o.note(n.Subject)
	return o.silent
}

// begin opens a simulation's journal with the intent of a failover by the controller.
func begin(t *testing.T) (*onlooker, move.Mover, *journal.Journal) {
	t.Helper()
	o := &onlooker{Simulation: failovertest.New()}
	j, err := journal.Open(t.Context(), o.Table, "run", time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	err = move.Begin(
		t.Context(),
		j,
		journal.Move{Action: decision.Failover, Target: failovertest.West, To: "us-west-2", From: "us-east-1", By: journal.Controller},
	)
	if err != nil {
		t.Fatal(err)
	}
	return o, move.Mover{
		Database: o,
		Notifier: o,
		Composer: notice.Composer{Config: failovertest.Config()},
		Log:      slog.New(slog.DiscardHandler),
	}, j
}

func TestPhases(t *testing.T) {
	t.Run("each phase is saved before what it allows is done", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			o, mover, j := begin(t)
			j.RecordProbe(time.Now(), decision.Probe{Outcome: "status 503"})
			if err := mover.Advance(t.Context(), j, true); err != nil {
				t.Fatal(err)
			}
			if !j.FailingSince.IsZero() {
				t.Error("failures are counted where the writer is no longer")
			}
			want := []string{
				"RDS is asked in phase intent",
				"[test] failover to us-west-2 has begun in phase requested",
				"[test] the writer is in us-west-2 in phase moved",
			}
			if !slices.Equal(o.seen, want) {
				t.Errorf("seen was\n%q, want\n%q", o.seen, want)
			}
			if last := o.State().Last; last == nil || last.Phase != journal.Announced || last.Requested.IsZero() ||
				last.Ended.Before(last.Requested) {
				t.Errorf("on record is %+v", last)
			}
		})
	})
}

func TestMoveWithoutNotice(t *testing.T) {
	t.Run("a move that was not notified has not ended", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			o, mover, j := begin(t)
			o.silent = errors.New("throttled")
			if err := mover.Advance(t.Context(), j, true); err == nil || o.State().Move.Phase != journal.Moved {
				t.Fatalf("it ends with %v in phase %q, want an error in phase moved", err, o.State().Move.Phase)
			}
			o.silent = nil
			if err := mover.Advance(t.Context(), j, false); err != nil || o.State().Last.Phase != journal.Announced || len(o.Requests()) != 1 {
				t.Errorf("then it ends with %v, on record is %+v", err, o.State().Last)
			}
		})
	})
}

func TestRefusalAfterAcceptance(t *testing.T) {
	tests := []struct {
		name  string
		takes time.Duration
	}{{"the writer is on its way", 10 * time.Second}, {"the writer has arrived", 0}}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, mover, j := begin(t)
				o.MoveDuration = test.takes
				if err := o.Simulation.Move(t.Context(), decision.Failover, failovertest.West); err != nil {
					t.Fatal(err)
				}
				o.blind = 1
				if err := mover.Advance(t.Context(), j, true); err != nil || o.State().Last.Phase != journal.Announced || len(o.Requests()) != 1 {
					t.Errorf("it ends with %v, on record is %+v", err, o.State().Last)
				}
			})
		})
	}
}

func TestMoveToOtherTarget(t *testing.T) {
	t.Run("a move to another target is not this one", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			o, mover, j := begin(t)
			o.MoveDuration = time.Hour
			o.SetWriter(failovertest.West)
			if err := o.Simulation.Move(t.Context(), decision.Switchover, failovertest.East); err != nil {
				t.Fatal(err)
			}
			if err := mover.Advance(t.Context(), j, true); err != nil || o.State().Last.Phase != journal.Abandoned {
				t.Errorf("it ends with %v, on record is %+v, want that it was abandoned", err, o.State().Last)
			}
		})
	})
}

func TestUnknownPhase(t *testing.T) {
	t.Run("an unknown phase is an error", func(t *testing.T) {
		_, mover, j := begin(t)
		j.Move.Phase = "spoiled"
		if err := mover.Advance(t.Context(), j, true); err == nil {
			t.Error("a spoiled journal is acted on")
		}
	})
}
