package journal_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/journal"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// probeMinutes records three probes a minute, each as the minute and its index in it say.
func probeMinutes(state *journal.State, minutes int, probe func(minute, index int) decision.Probe) {
	for minute := range minutes {
		for index := range 3 {
			state.RecordProbe(noon.Add(time.Duration(minute)*time.Minute+time.Duration(index)*time.Second), probe(minute, index))
		}
	}
}

func TestRecentProbes(t *testing.T) {
	good := decision.Probe{OK: true, Took: 200 * time.Millisecond}
	slow := decision.Probe{OK: true, Took: 1500 * time.Millisecond}
	bad := decision.Probe{Outcome: "status 503", Cause: decision.CauseUnknown}
	tests := []struct {
		name    string
		minutes int
		probe   func(minute, index int) decision.Probe
		want    decision.Recent
	}{
		{"all are good", 60, func(int, int) decision.Probe { return good }, decision.Recent{Minutes: 30, Probes: 90}},
		{"the first of every other minute fails", 10, func(minute, index int) decision.Probe {
			if minute%2 == 0 && index == 0 {
				return bad
			}
			return good
		}, decision.Recent{Minutes: 10, Spoiled: 5, Probes: 30, Failed: 5}},
		{"all are slow", 7, func(int, int) decision.Probe { return slow }, decision.Recent{Minutes: 7, Spoiled: 7, Probes: 21, Slow: 21}},
		{"one of each minute is slow, which is nothing", 20, func(_, index int) decision.Probe {
			if index == 0 {
				return slow
			}
			return good
		}, decision.Recent{Minutes: 20, Probes: 60, Slow: 20}},
		{"what was long ago counts for nothing", 50, func(minute, _ int) decision.Probe {
			if minute < 20 && minute%2 == 0 {
				return bad
			}
			return good
		}, decision.Recent{Minutes: 30, Probes: 90}},
		{"a loss that is over counts for nothing", 20, func(minute, _ int) decision.Probe {
			if minute < 10 {
				return bad
			}
			return good
		}, decision.Recent{Minutes: 10, Probes: 30}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var state journal.State
			probeMinutes(&state, test.minutes, test.probe)
			if got := state.Writes().Recent; got != test.want {
				t.Errorf("the recent probes are %+v, want %+v", got, test.want)
			}
		})
	}
	t.Run("the record is bounded", func(t *testing.T) {
		var state journal.State
		probeMinutes(&state, 3*24*60, func(int, int) decision.Probe { return bad })
		document, err := json.Marshal(state)
		if err != nil || len(document) > 4<<10 || len(state.Minutes) != decision.GrayWindow {
			t.Errorf("after three days the state has %d bytes and %d minutes, %v", len(document), len(state.Minutes), err)
		}
	})
	t.Run("a clock that goes back does no harm", func(t *testing.T) {
		var state journal.State
		state.RecordProbe(noon, bad)
		state.RecordProbe(noon.Add(-time.Hour), good)
		state.RecordProbe(noon.Add(time.Hour), good)
		if got := state.Writes().Recent; got.Minutes != 1 || got.Probes != 1 {
			t.Errorf("the recent probes are %+v, want the last alone", got)
		}
	})
}

func TestCauses(t *testing.T) {
	t.Run("the last cause is kept, and when the database last answered", func(t *testing.T) {
		var state journal.State
		for i, cause := range []decision.WriteFailure{
			decision.CauseUnreachable, decision.CauseNoConnectionSlots, decision.CauseDatabaseUnreachable,
		} {
			state.RecordProbe(noon.Add(time.Duration(i)*time.Second), decision.Probe{Outcome: "status 503", Cause: cause})
		}
		if got := state.Writes(); got.Cause != decision.CauseDatabaseUnreachable || !got.DatabaseAnswered.Equal(noon.Add(time.Second)) {
			t.Errorf("the writes are %+v", got)
		}
		state.RecordProbe(noon.Add(time.Minute), decision.Probe{OK: true, Outcome: "status 200"})
		if got := state.Writes(); got.Cause != "" || !got.DatabaseAnswered.IsZero() {
			t.Errorf("after a good probe the writes are %+v", got)
		}
	})
	t.Run("a region without the writer leaves nothing", func(t *testing.T) {
		var state journal.State
		state.RecordProbe(noon, decision.Probe{Outcome: "status 503", Cause: decision.CauseReadOnly})
		state.ForgetFailures()
		if got := state.Writes(); !got.FailingSince.IsZero() || !got.DatabaseAnswered.IsZero() || got.Recent != (decision.Recent{}) {
			t.Errorf("the writes are %+v", got)
		}
	})
}

func TestRecordRouting(t *testing.T) {
	t.Run("it is kept since when users are away, until the writer is elsewhere or they are back", func(t *testing.T) {
		var state journal.State
		for second, row := range []struct {
			routing decision.Routing
			away    bool
		}{
			{decision.Routing{Known: true}, true},
			{decision.Routing{}, true},
			{decision.Routing{Known: true}, true},
			{decision.Routing{Known: true, Primary: true}, false},
		} {
			got := state.RecordRouting(noon.Add(time.Duration(second)*time.Second), row.routing)
			if row.away && !got.AwaySince.Equal(noon) || !row.away && !got.AwaySince.IsZero() {
				t.Errorf("observation %d is recorded as %+v", second, got)
			}
		}
		state.RecordRouting(noon, decision.Routing{Known: true})
		if state.ForgetFailures(); !state.RoutedAwaySince.IsZero() {
			t.Error("users are away from a region without the writer")
		}
	})
	t.Run("it is kept since when routing is not known", func(t *testing.T) {
		var state journal.State
		at := func(second int) time.Time { return noon.Add(time.Duration(second) * time.Second) }
		for i, routing := range []decision.Routing{{Known: true, Primary: true}, {}, {}, {Known: true}} {
			got := state.RecordRouting(at(i), routing)
			unknown := i == 1 || i == 2
			if got.UnknownSince.IsZero() == unknown || unknown && !got.UnknownSince.Equal(at(1)) {
				t.Errorf("observation %d is recorded as %+v", i, got)
			}
		}
	})
	primary, away, unknown := decision.Routing{Known: true, Primary: true}, decision.Routing{Known: true}, decision.Routing{}
	for _, test := range []struct {
		name         string
		observations map[time.Duration]decision.Routing // after noon
		away         time.Duration                      // since when users are away at the end, after noon
	}{
		{
			name:         "a gap before users are found away counts as time in which they were served",
			observations: map[time.Duration]decision.Routing{0: primary, time.Minute: unknown, 6 * time.Minute: unknown, 7 * time.Minute: away},
			away:         7 * time.Minute,
		},
		{
			name:         "a run that was left out is a gap, too",
			observations: map[time.Duration]decision.Routing{0: primary, 7 * time.Minute: away, 8 * time.Minute: away},
			away:         7 * time.Minute,
		},
		{
			name:         "within a short gap Route 53 cannot have sent them back",
			observations: map[time.Duration]decision.Routing{0: away, time.Minute: unknown, decision.RoutingDue: away},
			away:         0,
		},
		{
			name:         "within a long one it can",
			observations: map[time.Duration]decision.Routing{0: away, time.Minute: unknown, decision.RoutingDue + time.Second: away},
			away:         decision.RoutingDue + time.Second,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var state journal.State
			var got decision.Routing
			for _, after := range slices.Sorted(maps.Keys(test.observations)) {
				got = state.RecordRouting(noon.Add(after), test.observations[after])
			}
			if want := noon.Add(test.away); !got.AwaySince.Equal(want) {
				t.Errorf("users are away since %s, want %s", got.AwaySince, want)
			}
		})
	}
}
