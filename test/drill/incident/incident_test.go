package incident

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/history"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/spec"
	"warmstandby/shared/contract/controller"
	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/report"
)

const east, west = "us-east-1", "us-west-2"

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func minute(n float64) time.Time { return start.Add(time.Duration(n * float64(time.Minute))) }

// decided is a decision at a minute: healthy until the loss at minute 60, the writer moved at minute 62.
func decided(n float64) spec.Event {
	at := minute(n)
	e := &decision.Evidence{
		Now: at, Database: decision.Database{Known: true, Status: "available"}, Writes: decision.Writes{Known: true},
		Heartbeat: decision.Heartbeat{Known: true, At: at}, Replication: decision.Replication{Known: true, Through: at},
		Routing: decision.Routing{Known: true, Primary: true}, PrimaryReads: decision.Reads{Known: true, OK: true},
	}
	action := decision.None
	if n >= 60 {
		e.Writes.FailingSince, e.PrimaryReads.OK = minute(60), false
		e.Heartbeat.At, e.Replication.Through = minute(59), minute(59)
		e.Routing.Primary = n < 61
	}
	if n == 62 {
		action = decision.Failover
	}
	e.Database.WriterInStandby = n > 62
	return spec.Event{At: at, Kind: spec.Decided, Action: action, Evidence: e, Reasons: []string{"because"}}
}

func lost() record {
	r := record{
		config: controller.Config{Environment: "prod", PrimaryRegion: east, StandbyRegion: west}, from: start, to: minute(180),
		health: map[string][]healthPoint{}, platform: &evidence.Platform{Kind: evidence.AWS, Account: "123456789012"},
	}
	for n := range 120 {
		r.decided = append(r.decided, decided(float64(n)))
		if n <= 61 || n >= 80 { // the metric is in us-east-1
			r.health[east] = append(r.health[east], healthPoint{minute(float64(n)), map[bool]float64{true: 1, false: 0}[n < 61]})
		}
	}
	r.state.Last = &journal.Move{
		Action: decision.Failover, By: journal.Controller, To: west, Phase: journal.Announced, LossSince: minute(60), Begun: minute(62),
		Requested: minute(62.1), Ended: minute(62.5), Reasons: []string{"Writes fail."},
	}
	r.events = []history.Event{
		{At: minute(62), Kind: history.Notice, Region: west, Subject: "[prod] failover to us-west-2 has begun", Text: "What <happened>."},
		{At: minute(63), Kind: history.Alarm, Region: west, Subject: "alarm-a-prod", State: "ALARM", Before: "OK"},
		{At: minute(64), Kind: history.Alarm, Region: west, Subject: "alarm-b-prod", State: "OK", Before: "INSUFFICIENT_DATA"},
		{At: minute(170), Kind: history.Alarm, Region: west, Subject: "alarm-of-another-day", State: "ALARM", Before: "OK"},
	}
	return r
}

func TestIncident(t *testing.T) {
	i := lost().incident()
	if !i.Zero.Equal(minute(60)) || i.What != "the controller's first failed probe" {
		t.Errorf("times count from %s, %s", i.Zero, i.What)
	}
	if !i.From.Equal(minute(50)) || !i.To.Equal(minute(78)) {
		t.Errorf("it is from %s to %s, want ten minutes before the first phase to fifteen after the last", i.From, i.To)
	}
	var phases []string
	for _, p := range i.Phases {
		phases = append(phases, fmt.Sprintf("%.0f %s", p.After, p.Name))
	}
	want := []string{
		"0 detection", "60 users are sent to us-west-2", "60 check of us-east-1 is unhealthy", "120 decision", "126 RDS agreed",
		"150 writer arrived", "180 writer seen in us-west-2",
	}
	if strings.Join(phases, "; ") != strings.Join(want, "; ") {
		t.Errorf("the phases are\n%q\nwant\n%q", phases, want)
	}
	var entries []string
	for _, e := range i.Entries {
		entries = append(entries, e.Kind+" "+e.Subject)
	}
	const shown = "decision failover; notice [prod] failover to us-west-2 has begun; alarm alarm-a-prod; decision none"
	if got := strings.Join(entries, "; "); got != shown {
		t.Errorf("the entries are %s", got)
	}
	value := func(topic evidence.Topic, at time.Time) string {
		for _, s := range i.Evidence.Spans(topic) {
			if !at.Before(s.From) && at.Before(s.To) {
				return s.Value
			}
		}
		return "nothing"
	}
	for _, test := range []struct {
		topic evidence.Topic
		at    float64
		want  string
	}{
		{evidence.Writer, 55, east},
		{evidence.Writer, 70, west},
		{evidence.Answer, 60.5, east},
		{evidence.Answer, 70, west},
		{evidence.Accepts(east), 59, evidence.Yes},
		{evidence.Accepts(east), 70, "no"},
		{report.ServesReads, 70, "no"},
		{report.Heartbeat, 60.5, evidence.Yes},
		{report.Heartbeat, 70, "no"},
		{report.Replication, 59, evidence.Yes},
		{report.Replication, 70, evidence.Unknown}, // nothing is replicated to the writer
		{evidence.Check(east), 55, evidence.Healthy},
		{evidence.Check(east), 61.5, evidence.Unhealthy},
		{evidence.Check(east), 70, evidence.Unknown}, // a minute without data is not known
		{evidence.Check(east), 90, evidence.Unhealthy},
		{evidence.Writer, 150, evidence.Unknown}, // the controller is silent
	} {
		if got := value(test.topic, minute(test.at)); got != test.want {
			t.Errorf("%s is %q at minute %.1f, want %q", test.topic, got, test.at, test.want)
		}
	}
}

func TestQuietTime(t *testing.T) {
	r := record{config: controller.Config{PrimaryRegion: east, StandbyRegion: west}, from: start, to: minute(10)}
	for n := range 10 {
		r.decided = append(r.decided, decided(float64(n)))
	}
	if i := r.incident(); len(i.Phases) != 0 || !i.From.Equal(r.from) || !i.To.Equal(r.to) || i.What != "the beginning" {
		t.Errorf("it is %+v", i)
	}
}

// The journal keeps the last move alone: what was before it follows from the notices.
func TestEarlierMoves(t *testing.T) {
	r := lost()
	r.state.Last.To, r.state.Last.Begun, r.state.Last.LossSince = east, minute(100), time.Time{}
	r.state.Last.Requested, r.state.Last.Ended = minute(100), minute(101)
	i := r.incident()
	if len(i.Evidence.Moves) != 2 || i.Evidence.Moves[0].To != west || i.Evidence.Moves[0].Action != "failover" ||
		i.Evidence.Moves[1].To != east {
		t.Errorf("the moves are %+v", i.Evidence.Moves)
	}
}

func TestPage(t *testing.T) {
	i := lost().incident()
	i.NotKnown = []string{"the alarms of us-east-1: a <time-out>"}
	var page bytes.Buffer
	if err := report.IncidentPage(&page, i, "5eed", ""); err != nil {
		t.Fatal(err)
	}
	for _, want := range [...]string{
		"AWS account 123456789012", "the alarms of us-east-1: a &lt;time-out&gt;", "What &lt;happened&gt;.", "users are sent to us-west-2",
		`<span class="tag not-met">ALARM</span>`, "replication advances", `class="state unknown"`, "<code>5eed</code>",
		"Why the controller moved",
	} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page does not have %q", want)
		}
	}
	if strings.Contains(page.String(), "bar good") {
		t.Error("the page has traffic, which nobody has measured")
	}
	written, err := report.WriteIncident(t.Context(), t.TempDir(), i, report.Signer{Command: `sh -c 'cp "$1" "$1.sig"' sign`})
	if err != nil || filepath.Base(filepath.Dir(written)) != "incident-20260301T130000Z" {
		t.Fatalf("it was written to %s, %v", written, err)
	}
	for _, name := range [...]string{report.IncidentFile, report.SumsFile, report.SumsFile + ".sig"} {
		if _, err := os.Stat(filepath.Join(filepath.Dir(written), name)); err != nil {
			t.Error(err)
		}
	}
}
