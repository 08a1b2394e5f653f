package verdict

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/scenario"
)

const east, west = "us-east-1", "us-west-2"

// start is when the recorded drills begin; the fault comes a minute later.
var start = time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)

// secondsAfterFault is a moment, in seconds since the fault.
func secondsAfterFault(seconds float64) time.Time {
	return start.Add(time.Minute + time.Duration(seconds*float64(time.Second)))
}

// recording makes evidence.
type recording struct{ evidence.Evidence }

// record returns the evidence of a drill that went as it should: the writes of a minute before the fault are good in the
// primary region.
func record(name string) *recording {
	r := &recording{evidence.Evidence{
		Scenario: name, Environment: "local", Primary: east, Standby: west, Began: start, Ended: secondsAfterFault(1000),
		Observations: map[evidence.Topic][]evidence.Observation{}, Arrivals: map[int]time.Time{},
		Rows:    evidence.Rows{Counted: true, Records: map[int]int{}},
		Events:  map[string]evidence.EventCount{east: {Counted: true}, west: {Counted: true}},
		Preview: &evidence.Preview{Clean: true}, ControllerLog: &evidence.ControllerLog{Group: "controller", Decisions: 15},
	}}
	r.mark(-60, evidence.LoadBegan)
	r.mark(900, evidence.LoadEnded)
	r.see(evidence.Writer, -50, east)
	r.see(evidence.Answer, -50, east)
	r.see(evidence.Check(east), -50, evidence.Healthy)
	r.see(evidence.Accepts(east), -50, evidence.Yes)
	r.see(evidence.Accepts(west), -50, "no")
	r.writes(-50, 0, east, 201)
	r.operate(-50, evidence.Operation{Kind: evidence.Create, Value: "first", Status: 201})
	r.change(-40, "first", "second")
	return r
}

// operate records an operation of a contended record, in the primary region unless it says another one. Each content has a tag of its own.
func (r *recording) operate(seconds float64, o evidence.Operation) {
	o.At, o.Duration, o.Subject = secondsAfterFault(seconds), 20*time.Millisecond, "record 1"
	if o.Region == "" {
		o.Region = east
	}
	if o.Status < 400 {
		o.Tag = "tag of " + o.Value
	}
	r.Operations = append(r.Operations, o)
}

// change records an acknowledged change of a contended record.
func (r *recording) change(seconds float64, from, to string) {
	r.operate(seconds, evidence.Operation{Kind: evidence.Update, Basis: from, Value: to, Status: 200})
}

// read records what a region answers of a contended record.
func (r *recording) read(seconds float64, region, value string) {
	r.operate(seconds, evidence.Operation{Kind: evidence.ReadRecord, Value: value, Status: 200, Region: region})
}

func (r *recording) mark(seconds float64, step evidence.Step) {
	r.Marks = append(r.Marks, evidence.Mark{At: secondsAfterFault(seconds), Step: step})
}

func (r *recording) see(topic evidence.Topic, seconds float64, value string) {
	r.Observations[topic] = append(r.Observations[topic], evidence.Observation{At: secondsAfterFault(seconds), Value: value})
}

// writes makes a number each fifth of a second, tried once. Those that are good are there, and had arrived a second later.
func (r *recording) writes(from, to float64, region string, status int) {
	for seconds := from; seconds < to; seconds += 0.2 {
		number := len(r.Attempts) + 1
		r.Attempts = append(r.Attempts, evidence.Attempt{
			At: secondsAfterFault(seconds), Duration: 20 * time.Millisecond, Kind: evidence.Write, Number: number, Try: 1,
			Region: region, Status: status, ID: fmt.Sprint("id-", number),
		})
		if status == 201 {
			r.Rows.Records[number] = 1
			r.Arrivals[number] = secondsAfterFault(seconds + 1)
		}
	}
}

// stored are the rows that tell what was lost: those before the reconciliation, if there was one.
func (r *recording) stored() map[int]int {
	if r.Reconciliation != nil {
		return r.Reconciliation.Before
	}
	return r.Rows.Records
}

// lose takes the last n rows that were acknowledged before a moment.
func (r *recording) lose(n int, before float64) (numbers []int) {
	for i := len(r.Attempts) - 1; i >= 0 && n > 0; i-- {
		if a := r.Attempts[i]; a.Good() && a.End().Before(secondsAfterFault(before)) {
			delete(r.stored(), a.Number)
			delete(r.Arrivals, a.Number)
			numbers = append(numbers, a.Number)
			n--
		}
	}
	return numbers
}

// busy has something wait for a processor for a part of each five seconds.
func (r *recording) busy(part float64) {
	for i := range 200 {
		length := 5 * time.Second
		r.CPUPressure = append(r.CPUPressure, evidence.PressureSample{
			At:     secondsAfterFault(-60).Add(time.Duration(i) * length),
			Waited: time.Duration(float64(i) * part * float64(length)),
		})
	}
}

func (r *recording) probes(from, to float64, works bool) {
	for seconds := from; seconds < to; seconds++ {
		r.Probes = append(r.Probes, evidence.Probe{At: secondsAfterFault(seconds), Works: works})
	}
}

// failback is what follows every move, from a moment on: healing, failing back, and users who return.
func (r *recording) failback(from float64) {
	r.mark(from, evidence.Healed)
	r.mark(from+10, evidence.OperatorCommand)
	r.see(evidence.Accepts(west), from+19, "no")
	r.see(evidence.Writer, from+18, "")
	r.see(evidence.Writer, from+20, east)
	r.see(evidence.Accepts(east), from+25, evidence.Yes)
	r.see(evidence.Check(east), from+110, evidence.Healthy)
	r.see(evidence.Answer, from+111, east)
	r.writes(from+20, from+150, west, 201)
	r.writes(from+150, 900, east, 201)
}

// movedRecording is a move of the writer to the standby region in which nothing goes wrong: the fault at 0, the first good write at 165.
func movedRecording(s scenario.Scenario) *recording {
	r := record(s.Name)
	zero := 0.0
	if s.Fault != "" {
		r.mark(0, evidence.Faulted)
		r.probes(1, 200, false)
	}
	if s.Expectations.MovedBy == "operator" {
		if s.Fault != "" {
			zero = 100
		}
		r.mark(zero, evidence.OperatorCommand)
	}
	first := zero + s.Expectations.FirstGoodWithin.Seconds() - 15
	r.writes(0, first, east, 503)
	r.see(evidence.Accepts(east), 2, "no")
	r.see(evidence.Check(east), 95, evidence.Unhealthy)
	r.see(evidence.Answer, 96, west)
	r.see(evidence.Writer, first-5, west)
	r.see(evidence.Accepts(west), first-4, evidence.Yes)
	r.Moves = []evidence.Move{{
		Action: s.Expectations.Action, By: s.Expectations.MovedBy, To: west, Phase: "announced",
		Begun: secondsAfterFault(first - 10), Requested: secondsAfterFault(first - 9), Ended: secondsAfterFault(first - 5),
	}}
	back := first + 60
	r.writes(first, back, west, 201)
	r.failback(back)
	if s.Expectations.Reconciled {
		r.Reconciliation = &evidence.Reconciliation{
			CountedAt: secondsAfterFault(850), Ended: secondsAfterFault(870), Before: maps.Clone(r.Rows.Records), Snapshot: "old",
		}
	}
	if s.Expectations.Flooded {
		r.flood()
	}
	r.document(s)
	return r
}

// flood is one of the first two minutes after the fault, of which the operators were notified.
func (r *recording) flood() {
	r.Evidence.Flood = &evidence.Flood{
		Granted: 10, Threshold: 8, Began: secondsAfterFault(1), Ended: secondsAfterFault(300), Sent: 3000, Answered: 2500, Refused: 400,
		Unanswered: 100, Throttled: new(3),
		Notices: []evidence.Notice{
			{At: secondsAfterFault(-30), Region: west, Alarm: evidence.ConcurrencyAlarm, State: evidence.AlarmOK},
			{At: secondsAfterFault(110), Region: west, Alarm: evidence.ConcurrencyAlarm, State: evidence.AlarmRinging},
		},
	}
}

// document puts the document of the first record, in scenarios that have documents.
func (r *recording) document(s scenario.Scenario) {
	if s.Expectations.Documents {
		first := r.Attempts[0]
		r.Documents = []evidence.Document{{At: first.End(), Number: first.Number, ID: first.ID, Status: 200, Found: evidence.Yes}}
	}
}

// unmovedRecording is a drill in which nothing moves.
func unmovedRecording(s scenario.Scenario) *recording {
	r := record(s.Name)
	r.mark(0, evidence.Faulted)
	r.probes(1, 60, false)
	if s.Expectations.CommitsPause {
		r.pause(200, 260, 300)
		return r
	}
	r.writes(0, 900, east, 201)
	if s.Expectations.Corrupted {
		r.Corruption = &evidence.Corruption{
			Began: secondsAfterFault(0), Ended: secondsAfterFault(10), Found: secondsAfterFault(40), RestoredTo: secondsAfterFault(0),
			Restored: secondsAfterFault(100), TakenBack: secondsAfterFault(101), Rows: 10,
			Overwritten: []int{1, 3, 5, 7, 9}, Deleted: []int{2, 4, 6, 8, 10},
		}
	}
	r.document(s)
	if s.Fault.BreaksBackups() {
		r.mark(60, evidence.Healed)
		r.backups(s.Fault)
	}
	return r
}

// backups is a day of backups before the fault, which lasts for a minute, the notices of it, and a day of backups after it.
func (r *recording) backups(kind scenario.Kind) {
	b := &evidence.Backups{Calendar: []evidence.CalendarMove{
		{At: secondsAfterFault(-20)}, {At: secondsAfterFault(10)}, {At: secondsAfterFault(70)},
	}}
	day := func(seconds float64, region, state string) {
		for _, job := range kindsOfBackups {
			b.Jobs = append(b.Jobs, evidence.Job{
				ID: fmt.Sprint(region, job, seconds), Region: region, Kind: job.kind, Resource: job.resource, State: state,
				Seen: secondsAfterFault(seconds),
			})
		}
	}
	notify := func(seconds float64, state string) {
		for _, alarm := range evidence.BackupAlarms {
			b.Notices = append(b.Notices, evidence.Notice{At: secondsAfterFault(seconds), Region: east, Alarm: alarm, State: state})
		}
	}
	day(-15, east, evidence.JobCompleted)
	day(-15, west, evidence.JobCompleted)
	day(11, west, evidence.JobCompleted)
	if kind == scenario.BackupFailing {
		first := len(b.Jobs)
		day(11, east, evidence.JobFailed)
		for _, job := range b.Jobs[first:] {
			b.Notices = append(b.Notices, evidence.Notice{At: secondsAfterFault(13), Region: east, Job: job.ID, State: evidence.JobFailed})
		}
	} else {
		notify(14, evidence.AlarmRinging)
		notify(75, evidence.AlarmOK)
	}
	day(71, east, evidence.JobCompleted)
	r.Evidence.Backups = b
}

// pause has commits wait from a moment on until the drill heals; the advice comes between.
func (r *recording) pause(from, advised, healed float64) {
	r.RPOSeconds = 200
	r.see(evidence.RPOAdvice, -40, "no")
	r.writes(0, from, east, 201)
	r.see(evidence.Accepts(east), from+2, "no")
	r.writes(from, healed, east, 503)
	r.see(evidence.RPOAdvice, advised, evidence.Yes)
	r.mark(healed, evidence.Healed)
	r.see(evidence.Answer, from+75, west)
	r.see(evidence.Answer, healed+60, east)
	r.see(evidence.Accepts(east), healed+3, evidence.Yes)
	r.writes(healed+5, 900, east, 201)
}

// passingRecording is a drill of a scenario as it should be.
func passingRecording(name string) (scenario.Scenario, *recording) {
	s, _ := scenario.Find(name)
	if s.Expectations.WriterMoves {
		return s, movedRecording(s)
	}
	return s, unmovedRecording(s)
}

// assertVerdict checks a verdict, and that one of its reasons has the message.
func assertVerdict(t *testing.T, result Result, want Verdict, message string) {
	t.Helper()
	if reasons := strings.Join(result.Reasons, "\n"); result.Verdict != want || !strings.Contains(reasons, message) {
		t.Errorf("%s:\n%s\nwant %s with %q", result.Verdict, reasons, want, message)
	}
}
