package simulate

import (
	"slices"
	"strings"
	"testing"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/spec"
)

func TestReport(t *testing.T) {
	everything := Result{Cause: "nothing", Met: 1<<rareCases - 1, faults: 1<<kinds - 1}
	for name, test := range map[string]struct {
		result Result
		seeds  int
		want   []string // that the faults say, each in one of them
	}{
		"enough seeds that met everything": {everything, enoughSeeds, nil},
		"enough seeds that never saw a lost answer": {
			Result{Cause: "nothing", Met: everything.Met &^ (1 << metLostAnswer), faults: everything.faults}, enoughSeeds,
			[]string{"never met in 1000 seeds: an answer of RDS is lost"},
		},
		"enough seeds that never saw a partition": {
			Result{Cause: "nothing", Met: everything.Met, faults: everything.faults &^ (1 << CutRegions)}, enoughSeeds,
			[]string{"never met in 1000 seeds: cut: regions"},
		},
		"a few seeds that met nothing": {Result{Cause: "nothing"}, enoughSeeds - 1, nil},
		"a seed that breaks a rule twice": {
			Result{Cause: "nothing", Seed: 7, Violations: []spec.Violation{{Rule: spec.RuleRPO}, {Rule: spec.RuleRPO}}}, 1,
			[]string{"seed 7 (nothing)", "1 seeds: " + spec.RuleRPO},
		},
		"a seed with a wrong answer": {
			Result{Cause: "nothing", Seed: 8, Wrong: "nothing moved"}, 1,
			[]string{"seed 8 (nothing): nothing moved", "1 seeds: wrong answer: nothing"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			report := NewReport()
			for range test.seeds {
				report.Add(test.result)
			}
			got := report.Faults()
			for _, want := range test.want {
				if !slices.ContainsFunc(got, func(one string) bool { return strings.Contains(one, want) }) {
					t.Errorf("the faults are %q, want %q", got, want)
				}
			}
			if len(got) != len(test.want) {
				t.Errorf("there are %d faults, want %d: %q", len(got), len(test.want), got)
			}
		})
	}
}

func TestQuantiles(t *testing.T) {
	t.Run("the median, the 95th percentile and the worst with its seed", func(t *testing.T) {
		var all []timed
		for i := range 101 {
			all = append(all, timed{time.Duration(100-i) * time.Second, uint64(i)})
		}
		if got, want := quantiles(all), "50 s | 95 s | 100 s (0)"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
}

func TestAnswers(t *testing.T) {
	const after = 5 * time.Minute
	failover, switchover := Accepted{decision.Failover, after}, Accepted{decision.Switchover, after}
	for name, test := range map[string]struct {
		right Answer
		due   time.Duration
		moves []Accepted
		wrong bool
	}{
		"nothing moves, and that is right":               {Nothing, 0, nil, false},
		"a switchover where nothing must move":           {Nothing, 0, []Accepted{switchover}, true},
		"a switchover where nothing must be lost":        {LosesNothing, 0, []Accepted{switchover}, false},
		"a failover where nothing must be lost":          {LosesNothing, 0, []Accepted{failover}, true},
		"a failover in time":                             {FailsOver, after, []Accepted{failover}, false},
		"a failover too late":                            {FailsOver, after - 1, []Accepted{failover}, true},
		"no failover":                                    {FailsOver, after, nil, true},
		"two failovers":                                  {FailsOver, after, []Accepted{failover, failover}, true},
		"a switchover instead of a failover":             {FailsOver, after, []Accepted{switchover}, true},
		"no failover, and the end came before it is due": {FailsOver, time.Hour, nil, false},
		"a failover instead of a switchover":             {SwitchesOver, after, []Accepted{failover}, true},
		"a switchover in time":                           {SwitchesOver, after, []Accepted{switchover}, false},
		"anything":                                       {Anything, 0, []Accepted{failover, switchover}, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := NewWorld(&Plan{Length: 20 * time.Minute, Right: test.right, Due: test.due, Faults: []Fault{{Kind: RegionLost}}}, time.Now(), false)
			w.result.Moves = test.moves
			if got := w.judge(); (got != "") != test.wrong {
				t.Errorf("judged %q", got)
			}
		})
	}
}

func TestSkew(t *testing.T) {
	begun := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	state := journal.State{
		FailingSince: begun, Move: &journal.Move{Begun: begun}, Notified: map[string]time.Time{"c": begun}, Lease: journal.Lease{Until: begun},
		Decision: journal.Decision{Reasons: []string{"r"}}, Minutes: []journal.Minute{{At: begun}},
	}
	t.Run("every time of the journal moves, and what is zero stays", func(t *testing.T) {
		moved := state
		shift(&moved, time.Second)
		for name, got := range map[string]time.Time{
			"the failures": moved.FailingSince, "the move": moved.Move.Begun, "a concern": moved.Notified["c"], "the lease": moved.Lease.Until,
			"a minute of probes": moved.Minutes[0].At,
		} {
			if !got.Equal(begun.Add(time.Second)) {
				t.Errorf("%s is at %s", name, got)
			}
		}
		if !moved.LastMove.IsZero() || !moved.Move.Ended.IsZero() {
			t.Error("a time that is not set is moved")
		}
	})
	t.Run("the state that was given stays", func(t *testing.T) {
		if !state.Move.Begun.Equal(begun) || !state.Notified["c"].Equal(begun) || !state.Minutes[0].At.Equal(begun) {
			t.Errorf("it is %+v", state)
		}
	})
}

func TestQueue(t *testing.T) {
	t.Run("events come in the order of their times, and of one time in the order in which they were pushed", func(t *testing.T) {
		w := &World{}
		d := dice{1}
		for i := range 200 {
			w.push(time.Duration(d.intN(20)), eventWrite, i)
		}
		last := event{at: -1}
		for len(w.queue) > 0 {
			if next := w.queue[0]; !last.before(next) {
				t.Fatalf("%+v comes after %+v", next, last)
			}
			last = w.queue[0]
			w.drop()
		}
	})
}
