package audit

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"testing"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/move"
	"warmstandby/lambda/failover/notice"
	"warmstandby/lambda/failover/spec"
)

var (
	errUnanswered = errors.New("no answer")
	begun         = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

// recorder returns a log of a run, and its events.
func recorder() (*slog.Logger, *[]spec.Event) {
	events := new([]spec.Event)
	return slog.New(spec.Handler{Watch: func(e spec.Event) {
		e.At = time.Time{}
		*events = append(*events, e)
	}}).With("run", "1"), events
}

// database answers each request with an error.
type database struct {
	move.Database
	err error
}

func (d database) Move(context.Context, decision.Action, string) error { return d.err }

// topic answers each notice with an error.
type topic struct{ err error }

func (t topic) Publish(context.Context, notice.Notice) error { return t.err }

func check(t *testing.T, got []spec.Event, want ...spec.Event) {
	t.Helper()
	for i := range want {
		want[i].Run = "1"
	}
	if len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want) {
		t.Errorf("logged is\n%+v, want\n%+v", got, want)
	}
}

func TestDatabase(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"RDS accepts":         {nil, spec.Accepted},
		"RDS refuses":         {globaldb.Refusal{Code: "x"}, spec.Refused},
		"RDS does not answer": {errUnanswered, spec.Unanswered},
	} {
		t.Run(name, func(t *testing.T) {
			log, events := recorder()
			if err := Database(database{err: test.err}, log).Move(t.Context(), decision.Failover, "arn"); !errors.Is(err, test.err) {
				t.Errorf("the error is %v", err)
			}
			check(t, *events, spec.Event{Kind: spec.Requested, Action: decision.Failover, Target: "arn"},
				spec.Event{Kind: spec.Answered, Action: decision.Failover, Target: "arn", Outcome: test.want})
		})
	}
}

func TestTopic(t *testing.T) {
	for name, err := range map[string]error{"an accepted notice is logged": nil, "one that may be lost is not": errUnanswered} {
		t.Run(name, func(t *testing.T) {
			log, events := recorder()
			if got := Topic(topic{err}, log).Publish(t.Context(), notice.Notice{Subject: "s"}); !errors.Is(got, err) {
				t.Errorf("the error is %v", got)
			}
			var want []spec.Event
			if err == nil {
				want = []spec.Event{{Kind: spec.Notified, Subject: "s"}}
			}
			check(t, *events, want...)
		})
	}
}

func TestStore(t *testing.T) {
	log, events := recorder()
	memory := &journal.MemoryStore{}
	store := Store(memory, log)
	concerns := map[string]time.Time{"c": begun}
	state := journal.State{Notified: concerns, Move: &journal.Move{
		Action: decision.Failover, Phase: journal.Intent, Target: "arn", By: journal.Controller, LossSince: begun, Begun: begun,
	}}
	t.Run("a confirmed save is logged", func(t *testing.T) {
		if version, err := store.Save(t.Context(), state); err != nil || version != 1 {
			t.Errorf("version %d, %v", version, err)
		}
		check(t, *events, spec.Event{
			Kind: spec.Saved, Action: decision.Failover, Phase: "intent", Target: "arn", By: "controller", Loss: begun, Begun: begun,
			Concerns: map[string]time.Time{"c": begun},
		})
	})
	t.Run("what changes later is not what was saved", func(t *testing.T) {
		concerns["d"] = begun
		if len((*events)[0].Concerns) != 1 {
			t.Errorf("the concerns are %v", (*events)[0].Concerns)
		}
	})
	t.Run("a save that meets another run's is not logged", func(t *testing.T) {
		if _, err := store.Save(t.Context(), state); !errors.Is(err, journal.ErrConflict) {
			t.Errorf("the error is %v", err)
		}
		if len(*events) != 1 {
			t.Errorf("logged is %v", *events)
		}
	})
	t.Run("the state without a move is logged without a phase", func(t *testing.T) {
		if _, err := store.Save(t.Context(), journal.State{Version: 1}); err != nil {
			t.Fatal(err)
		}
		if last := (*events)[len(*events)-1]; last.Phase != "" || last.Kind != spec.Saved {
			t.Errorf("logged is %+v", last)
		}
	})
}
