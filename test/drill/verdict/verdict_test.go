package verdict

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/scenario"
)

func TestPass(t *testing.T) {
	for _, s := range scenario.All() {
		s, r := passingRecording(s.Name)
		result := Of(s, r.Evidence)
		if result.Verdict != Pass || len(result.Reasons) != 0 {
			t.Errorf("%s: %s: %v", s.Name, result.Verdict, result.Reasons)
		}
		if (result.RTO != nil) != s.Expectations.WriterMoves || result.RPO.Rows != 0 {
			t.Errorf("%s has the RTO %v and lost %d rows", s.Name, result.RTO, result.RPO.Rows)
		}
	}
}

// Each break is of something that the platform has against a loss, or of the drill itself.
func TestFail(t *testing.T) {
	for _, test := range []struct {
		name, scenario string
		breaks         func(*recording)
		verdict        Verdict
		message        string
	}{
		{
			name: "the controller is switched off", scenario: "region-lost",
			breaks: func(r *recording) {
				r.Moves = nil
				r.Observations[evidence.Writer] = r.Observations[evidence.Writer][:1]
				r.Observations[evidence.Decision] = []evidence.Observation{{
					At: secondsAfterFault(100), Value: "advise, would failover", Reason: "The mode is advisory, not automatic.",
				}}
				r.spoil(0, 1000)
			},
			verdict: Fail,
			message: "The writer never came to us-west-2. The controller's last decision: advise, would failover. The mode is advisory",
		},
		{
			name: "the controller is not there", scenario: "app-lost",
			breaks: func(r *recording) {
				r.Moves = nil
				r.Observations[evidence.Writer] = r.Observations[evidence.Writer][:1]
			},
			verdict: Fail, message: "The writer never came",
		},
		{
			name: "somebody else moved the writer", scenario: "region-lost",
			breaks:  func(r *recording) { r.Moves[0].By = "operator" },
			verdict: Fail, message: "by a failover of the operator",
		},
		{
			name: "the controller loses data where it need not", scenario: "app-lost",
			breaks:  func(r *recording) { r.Moves[0].Action = "failover" },
			verdict: Fail, message: "want a switchover",
		},
		{
			name: "the health checks never see the loss", scenario: "region-lost",
			breaks: func(r *recording) {
				r.Observations[evidence.Answer] = r.Observations[evidence.Answer][:1]
				r.Observations[evidence.Check(east)] = r.Observations[evidence.Check(east)][:1]
				r.spoil(0, 1000)
			},
			verdict: Fail, message: "Route 53 never answered with us-west-2.",
		},
		{
			name: "the health checks are too slow", scenario: "region-lost",
			breaks:  func(r *recording) { r.spoil(0, 185) },
			verdict: Fail, message: "The first good write came after 3m5",
		},
		{
			name: "writes are good only because the drill has healed", scenario: "region-lost",
			breaks:  func(r *recording) { r.spoil(0, 226) },
			verdict: Fail, message: "No write was good again.",
		},
		{
			name: "replication was off", scenario: "region-lost",
			breaks: func(r *recording) {
				r.Attempts[0].At = r.Attempts[0].At.Add(-20 * time.Minute) // the load had run for longer
				clear(r.Arrivals)
				clear(r.Rows.Records)
			},
			verdict: Fail, message: "the objective is 15m0s",
		},
		{
			name: "replication went off before the fault", scenario: "region-lost",
			breaks: func(r *recording) {
				for _, a := range r.Attempts {
					if a.At.After(secondsAfterFault(-25)) {
						delete(r.Arrivals, a.Number)
					}
				}
			},
			verdict: Fail, message: "Replication was off or late before anything was lost: ",
		},
		{
			name: "replication was late before the operator asked", scenario: "planned-switchover",
			breaks: func(r *recording) {
				for number, when := range r.Arrivals {
					r.Arrivals[number] = when.Add(20 * time.Second)
				}
			},
			verdict: Fail, message: "Replication was off or late",
		},
		{
			name: "replication was off in a switchover", scenario: "planned-switchover",
			breaks:  func(r *recording) { r.lose(3, 0) },
			verdict: Fail, message: "3 acknowledged rows are lost, none may be",
		},
		{
			name: "a row is lost that had arrived", scenario: "region-lost",
			breaks: func(r *recording) {
				lost := r.lose(1, -10)
				r.Arrivals[lost[0]] = secondsAfterFault(-9)
			},
			verdict: Fail, message: "although they had reached us-west-2",
		},
		{
			name: "a row is written twice", scenario: "region-lost",
			breaks:  func(r *recording) { r.Rows.Records[7] = 2 },
			verdict: Fail, message: "more than once, in spite of their keys: 7",
		},
		{
			name: "an event is lost", scenario: "app-lost",
			breaks:  func(r *recording) { r.Events[west] = evidence.EventCount{Counted: true, Lost: []string{"id-9"}} },
			verdict: Fail, message: "no event came to us-west-2",
		},
		{
			name: "events are not counted", scenario: "app-lost",
			breaks:  func(r *recording) { delete(r.Events, east) },
			verdict: Fail, message: "events of us-east-1 were not counted",
		},
		{
			name: "rows are not counted", scenario: "app-lost",
			breaks:  func(r *recording) { r.Rows.Counted = false },
			verdict: Fail, message: "what was lost is not known",
		},
		{
			name: "two writers accept writes", scenario: "split",
			breaks: func(r *recording) {
				r.Observations[evidence.Accepts(east)] = r.Observations[evidence.Accepts(east)][:1]
			},
			verdict: Fail, message: "Both regions' databases accepted writes for",
		},
		{
			name: "the controller moves the writer on a split", scenario: "split",
			breaks:  func(r *recording) { r.Observations[evidence.Writer][1].At = secondsAfterFault(50) },
			verdict: Fail, message: "moved before the operator asked",
		},
		{
			name: "the writer moves in a flap", scenario: "flap",
			breaks:  func(r *recording) { r.see(evidence.Writer, 70, west) },
			verdict: Fail, message: "The writer moved to \"us-west-2\"",
		},
		{
			name: "the name moves without the standby", scenario: "standby-lost",
			breaks:  func(r *recording) { r.see(evidence.Answer, 70, west) },
			verdict: Fail, message: "The answer moved to \"us-west-2\"",
		},
		{
			name: "the journal has a move in a flap", scenario: "flap",
			breaks: func(r *recording) {
				r.Moves = []evidence.Move{{Action: "switchover", By: "controller", To: west, Begun: secondsAfterFault(80)}}
			},
			verdict: Fail, message: "The journal has a switchover",
		},
		{
			name: "users wait although nothing moves", scenario: "standby-lost",
			breaks:  func(r *recording) { r.spoil(10, 60) },
			verdict: Fail, message: "No write was good for 50",
		},
		{
			name: "users wait until the load ends", scenario: "standby-lost",
			breaks:  func(r *recording) { r.spoil(850, 1000) },
			verdict: Fail, message: "No write was good for 50",
		},
		{
			name: "a step waits in vain", scenario: "region-lost",
			breaks:  func(r *recording) { r.Timeouts = []string{"The operator's failback did not succeed."} },
			verdict: Fail, message: "failback did not succeed",
		},
		{
			name: "the writer does not come home", scenario: "region-lost",
			breaks:  func(r *recording) { r.see(evidence.Writer, 990, west) },
			verdict: Fail, message: "At the end the writer is \"us-west-2\"",
		},
		{
			name: "Pulumi wants to change what is there", scenario: "flap",
			breaks:  func(r *recording) { r.Preview = &evidence.Preview{} },
			verdict: Fail, message: "do not preview without changes",
		},
		{
			name: "the fault never took", scenario: "region-lost",
			breaks:  func(r *recording) { r.Probes = nil; r.probes(1, 200, true) },
			verdict: Inconclusive, message: "The fault never took: of 199 probes",
		},
		{
			name: "the fault was not probed", scenario: "flap",
			breaks:  func(r *recording) { r.Probes = nil },
			verdict: Inconclusive, message: "was not probed",
		},
		{
			name: "the load never ran", scenario: "region-lost",
			breaks:  func(r *recording) { r.Attempts = nil },
			verdict: Inconclusive, message: "The load never ran: 0 writes",
		},
		{
			name: "the platform was ill before", scenario: "region-lost",
			breaks:  func(r *recording) { r.spoil(-40, -20) },
			verdict: Inconclusive, message: "The platform was ill before the fault",
		},
		{
			name: "the drill was broken off", scenario: "region-lost",
			breaks:  func(r *recording) { r.Aborted = "interrupted" },
			verdict: Inconclusive, message: "interrupted",
		},
		{
			name: "nothing was done", scenario: "planned-switchover",
			breaks:  func(r *recording) { r.Marks = r.Marks[:1] },
			verdict: Inconclusive, message: "Nothing was done to the platform.",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, r := passingRecording(test.scenario)
			test.breaks(r)
			result := Of(s, r.Evidence)
			assertVerdict(t, result, test.verdict, test.message)
		})
	}
}

// What a machine that is too busy can have caused proves nothing; what no machine excuses stays a failure.
func TestBusyMachine(t *testing.T) {
	late := func(r *recording) { r.spoil(0, 185) }
	lost := func(r *recording) { r.Rows.Records[7] = 0 }
	for _, test := range []struct {
		name     string
		busy     float64 // the part of each minute in which something waits
		scenario string
		breaks   func(*recording)
		verdict  Verdict
		message  string
	}{
		{
			name: "late on a quiet machine", busy: 0.4, scenario: "region-lost",
			breaks:  late,
			verdict: Fail, message: "The first good write came after 3m5",
		},
		{
			name: "late on a machine that is busy, not overrun", busy: 0.95, scenario: "region-lost",
			breaks:  late,
			verdict: Fail, message: "The first good write came after 3m5",
		},
		{
			name: "late on a busy machine", busy: 0.99, scenario: "region-lost",
			breaks:  late,
			verdict: Inconclusive, message: "for 99 % of the busiest minute something waited",
		},
		{
			name: "a step that waited in vain on a busy machine", busy: 0.99, scenario: "region-lost",
			breaks:  func(r *recording) { r.Timeouts = []string{"too late"} },
			verdict: Inconclusive, message: "too late",
		},
		{
			name: "users moved by a busy machine", busy: 0.99, scenario: "flap",
			breaks:  func(r *recording) { r.see(evidence.Answer, 70, west); r.see(evidence.Answer, 90, east) },
			verdict: Inconclusive, message: "The answer moved",
		},
		{
			name: "the writer moved on a busy machine", busy: 0.99, scenario: "flap",
			breaks:  func(r *recording) { r.see(evidence.Writer, 70, west); r.see(evidence.Writer, 90, east) },
			verdict: Fail, message: "The writer moved",
		},
		{
			name: "a row lost on a busy machine", busy: 0.99, scenario: "app-lost",
			breaks:  lost,
			verdict: Fail, message: "1 acknowledged rows are lost",
		},
		{
			name: "late, and a row lost, on a busy machine", busy: 0.99, scenario: "app-lost",
			breaks:  func(r *recording) { late(r); lost(r) },
			verdict: Fail, message: "1 acknowledged rows are lost",
		},
		{
			name: "the wrong move on a busy machine", busy: 0.99, scenario: "app-lost",
			breaks:  func(r *recording) { r.Moves[0].Action = "failover" },
			verdict: Fail, message: "want a switchover",
		},
		{
			name: "a write made twice on a busy machine", busy: 0.99, scenario: "flap",
			breaks:  func(r *recording) { r.Rows.Records[7] = 2 },
			verdict: Fail, message: "more than once",
		},
		{
			name: "two writers on a busy machine", busy: 0.99, scenario: "split",
			breaks: func(r *recording) {
				r.Observations[evidence.Accepts(east)] = r.Observations[evidence.Accepts(east)][:1]
			},
			verdict: Fail, message: "accepted writes for",
		},
		{
			name: "replication that is off on a busy machine", busy: 0.99, scenario: "planned-switchover",
			breaks:  func(r *recording) { clear(r.Arrivals) },
			verdict: Fail, message: "Replication was off",
		},
		{
			name: "all in time on a busy machine", busy: 0.99, scenario: "region-lost",
			breaks:  func(*recording) {},
			verdict: Pass, message: "",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, r := passingRecording(test.scenario)
			r.busy(test.busy)
			test.breaks(r)
			result := Of(s, r.Evidence)
			assertVerdict(t, result, test.verdict, test.message)
			if result.Busiest == nil || fmt.Sprintf("%.2f", *result.Busiest) != fmt.Sprintf("%.2f", test.busy) {
				t.Errorf("the busiest minute is %v, want %.2f", result.Busiest, test.busy)
			}
		})
	}
}

func TestBusiestMinute(t *testing.T) {
	t.Run("only the minutes of the load count", func(t *testing.T) {
		s, r := passingRecording("region-lost")
		r.spoil(0, 185)
		for seconds, total := -300.0, time.Duration(0); seconds < 1500; seconds += 5 {
			if seconds < -65 || seconds > 900 { // before the load and after it
				total += 5 * time.Second
			}
			r.CPUPressure = append(r.CPUPressure, evidence.PressureSample{At: secondsAfterFault(seconds), Waited: total})
		}
		if result := Of(s, r.Evidence); result.Verdict != Fail || *result.Busiest != 0 {
			t.Errorf("%s with a busiest minute of %.2f, want %s with 0", result.Verdict, *result.Busiest, Fail)
		}
	})
	t.Run("without CPU pressure nothing is excused", func(t *testing.T) {
		s, r := passingRecording("region-lost")
		r.spoil(0, 185)
		if result := Of(s, r.Evidence); result.Verdict != Fail || result.Busiest != nil {
			t.Errorf("%s with a busiest minute of %v, want %s with none", result.Verdict, result.Busiest, Fail)
		}
	})
}

// spoil makes the writes between two moments fail.
func (r *recording) spoil(from, to float64) {
	for i := range r.Attempts {
		if a := &r.Attempts[i]; !a.At.Before(secondsAfterFault(from)) && a.At.Before(secondsAfterFault(to)) {
			a.Status = 503
			delete(r.Rows.Records, a.Number)
		}
	}
}

func TestLostRows(t *testing.T) {
	t.Run("rows that had not reached the standby are listed one by one", func(t *testing.T) {
		s, r := passingRecording("region-lost")
		lost := r.lose(3, 0)
		result := Of(s, r.Evidence)
		if result.Verdict != Pass || result.RPO.Rows != 3 || len(result.RPO.Lost) != 3 {
			t.Fatalf("%s with %+v", result.Verdict, result.RPO)
		}
		for i, row := range result.RPO.Lost {
			if row.Number != lost[2-i] || row.ID != fmt.Sprint("id-", row.Number) || row.Arrived {
				t.Errorf("row %d is %+v, want number %d", i, row, lost[2-i])
			}
		}
		if got := result.RPO.Seconds; got < 0.59 || got > 0.61 {
			t.Errorf("the RPO is %.2f s, want 0.6 s: from the last row that was kept to the last that was lost", got)
		}
	})
	t.Run("a stored row without an acknowledgement is counted apart", func(t *testing.T) {
		s, r := passingRecording("region-lost")
		r.Rows.Records[r.Attempts[len(r.Attempts)-1].Number+1] = 1
		r.Attempts = append(
			r.Attempts,
			evidence.Attempt{At: secondsAfterFault(899), Kind: evidence.Write, Number: len(r.Attempts) + 1, Error: "a time-out"},
		)
		if got := Of(s, r.Evidence); got.Requests.Unknown != 1 || got.Verdict != Pass {
			t.Errorf("%s with %+v", got.Verdict, got.Requests)
		}
	})
}

func TestFencing(t *testing.T) {
	for _, test := range []struct {
		name    string
		lost    []float64 // begun then, in seconds since the fault, and acknowledged by the old writer
		verdict Verdict
		message string
	}{
		{"the last lost row was begun before the new writer's first one", []float64{150, 199, 295.01}, Pass, "The old writer was fenced"},
		{"one that is lost was begun after it", []float64{150, 199, 298}, Fail, "Two writers: the old one took number"},
		{"nothing is lost", nil, Pass, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, r := passingRecording("split") // whose new writer's first is begun at 295
			for _, seconds := range test.lost {
				r.writes(seconds, seconds+0.1, east, 201)
				number := r.Attempts[len(r.Attempts)-1].Number
				delete(r.stored(), number)
				delete(r.Arrivals, number)
			}
			result := Of(s, r.Evidence)
			message := strings.Join(append(result.Reasons, result.Notes...), "\n")
			if result.Verdict != test.verdict || !strings.Contains(message, test.message) ||
				len(test.lost) == 0 && strings.Contains(message, "fenced") {
				t.Errorf("%s:\n%s\nwant %s with %q", result.Verdict, message, test.verdict, test.message)
			}
		})
	}
}

func TestRTO(t *testing.T) {
	t.Run("RTO is counted from the fault or from the operator's command", func(t *testing.T) {
		for name, want := range map[string]struct{ rto, floor float64 }{
			"region-lost": {165, 150}, "app-lost": {195, 150}, "database-lost": {315, 0}, "planned-switchover": {45, 0}, "split": {195, 0},
		} {
			s, r := passingRecording(name)
			result := Of(s, r.Evidence)
			if result.RTO == nil || *result.RTO < want.rto-1 || *result.RTO > want.rto+1 || result.Floor != want.floor {
				t.Errorf("%s has the RTO %v with a floor of %.0f s, want %.0f and %.0f; phases %+v",
					name, result.RTO, result.Floor, want.rto, want.floor, result.Phases)
			}
		}
	})
}

func TestPhases(t *testing.T) {
	t.Run("phases are listed in the order of their times", func(t *testing.T) {
		s, r := passingRecording("region-lost")
		var names []string
		for _, phase := range Of(s, r.Evidence).Phases {
			names = append(names, phase.Name)
		}
		want := "fault, check red, DNS moves, decision, promotion begins, promotion ends, writer moved, first good write, healed, " +
			"the operator asks, writer returns, check green, DNS returns, users are back"
		if got := strings.Join(names, ", "); got != want {
			t.Errorf("the phases are\n%s, want\n%s", got, want)
		}
	})
}
