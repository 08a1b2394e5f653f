package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/scenario"
	"warmstandby/test/drill/verdict"
)

const east, west = "us-east-1", "us-west-2"

var start = time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)

func after(seconds float64) time.Time {
	return start.Add(time.Duration(seconds * float64(time.Second)))
}

// lost is the document of a region that was lost a minute after the load began, with two rows that are gone.
func lost(began time.Time) Document {
	log := evidence.NewLog(evidence.Evidence{
		Scenario: "region-lost", Environment: "local", Primary: east, Standby: west, Began: began, Ended: after(360),
	})
	log.Update(func(e *evidence.Evidence) {
		e.Marks = []evidence.Mark{
			{At: start, Step: evidence.LoadBegan},
			{At: after(60), Step: evidence.Faulted, Detail: "us-east-1 unreachable"},
			{At: after(350), Step: evidence.LoadEnded},
		}
		for second := range 290 {
			e.Probes = append(e.Probes, evidence.Probe{At: after(61 + float64(second)), Detail: "a time-out"})
		}
		e.Observations[evidence.Writer] = []evidence.Observation{
			{At: start, Value: east},
			{At: after(170), Value: ""},
			{At: after(172), Value: west},
		}
		e.Observations[evidence.Answer] = []evidence.Observation{{At: start, Value: east}, {At: after(155), Value: west}}
		e.Observations[evidence.Accepts(east)] = []evidence.Observation{{At: start, Value: evidence.Yes}, {At: after(61), Value: "no"}}
		e.Observations[evidence.Check(east)] = []evidence.Observation{{At: start, Value: evidence.Healthy}}
		e.Observations[evidence.Check(west)] = []evidence.Observation{{At: start, Value: evidence.Healthy}}
		for n := range 1700 {
			a := evidence.Attempt{
				At: after(float64(n) / 5), Duration: 15 * time.Millisecond, Kind: evidence.Write, Number: n + 1, Try: 1,
				Region: east, Status: 201, ID: fmt.Sprintf("<id-%d>", n+1),
			}
			switch {
			case n >= 1000:
				a.Region = west
			case n >= 300:
				a.Status, a.Error = 0, "a time-out"
			}
			if a.Good() && n != 298 && n != 299 {
				e.Rows.Records[a.Number] = 1
			}
			e.Attempts = append(e.Attempts, a)
		}
		e.Rows.Counted = true
		e.Operations = []evidence.Operation{{
			At: after(1), Kind: evidence.Create, Subject: "record 1", Value: "first", Tag: `"1-a"`, Status: 201, Region: east,
		}}
		e.CPUPressure = []evidence.PressureSample{{At: after(1), Waited: time.Hour}, {At: after(61), Waited: time.Hour + 27*time.Second}}
		e.Events[east], e.Events[west] = evidence.EventCount{Counted: true, Arrived: 7}, evidence.EventCount{Counted: true, Arrived: 7}
		e.Moves = []evidence.Move{{
			Action: "failover", By: "controller", To: west, Phase: "announced", Begun: after(168), Ended: after(172),
			Reasons: []string{"The heartbeat is <overdue>."},
		}}
	})
	s, _ := scenario.Find("region-lost")
	return Judge(s, log.Copy())
}

func TestPage(t *testing.T) {
	t.Run("the page has every result and loads nothing", func(t *testing.T) {
		var page bytes.Buffer
		if err := Page(&page, lost(start), nil, "5eed", ""); err != nil {
			t.Fatal(err)
		}
		html := page.String()
		for _, want := range [...]string{
			"region-lost", "FAIL", "us-east-1 unreachable", "&lt;id-299&gt;", "&lt;id-300&gt;", "first good write",
			"own part counts as 150.0 s", "its answer changed after 95.0 s, and the client followed after 140.0 s",
			"The heartbeat is &lt;overdue&gt;.", "writes a second", "2 rows, 0.4 s", "<b>45 %</b>",
		} {
			if !strings.Contains(html, want) {
				t.Errorf("the page does not say %q", want)
			}
		}
		if loads := regexp.MustCompile(`(?i)(src|https?:)[="/]`).FindString(html); loads != "" {
			t.Errorf("the page loads something: %q", loads)
		}
		picture := html[strings.Index(html, "<svg"):][:strings.Index(html[strings.Index(html, "<svg"):], "</svg>")+len("</svg>")]
		for decoder := xml.NewDecoder(strings.NewReader(picture)); ; {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("the picture is no SVG: %v", err)
			}
		}
		if strings.Contains(picture, "NaN") || strings.Contains(picture, "Inf") {
			t.Error("the picture has measures that are no numbers")
		}
	})
}

func TestPageOfReconciliation(t *testing.T) {
	d := lost(start)
	d.Result.RPO.Lost[0].Outcome, d.Result.RPO.Lost[1].Outcome = verdict.Returned, verdict.InConflict
	d.Result.Reconciled = &verdict.Reconciled{
		Lost: 61, Returned: 52, Conflict: 8, StillLost: d.Result.RPO.Lost[:1], Changes: verdict.Changes{Lost: 73, Returned: 64, Conflict: 9},
	}
	d.Result.Documents = &verdict.Documents{Acked: 31, OfLostRows: 6, Conflict: 1, Missing: d.Result.RPO.Lost[:1]}
	for _, test := range []struct {
		name       string
		reconciled *verdict.Reconciled
		want       bool
	}{{"reconciled", d.Result.Reconciled, true}, {"not reconciled", nil, false}} {
		t.Run(test.name, func(t *testing.T) {
			var page bytes.Buffer
			d.Result.Reconciled = test.reconciled
			if err := Page(&page, d, nil, "", ""); err != nil {
				t.Fatal(err)
			}
			const documents = "31 were acknowledged, 6 of them of rows that the failover gave up. 1 are of rows in conflict, and 1 are not there."
			if !strings.Contains(page.String(), documents) {
				t.Errorf("the page does not say %q", documents)
			}
			for _, row := range [...]string{
				`<td>acknowledged rows, as the drill counted them</td><td class="n" data-l="lost">61</td>` +
					`<td class="n" data-l="returned">52</td><td class="n" data-l="in conflict">8</td>` +
					`<td class="n" data-l="doubled">0</td><td class="n" data-l="still lost">1</td>`,
				`reported them</td><td class="n" data-l="lost">73</td><td class="n" data-l="returned">64</td>` +
					`<td class="n" data-l="in conflict">9</td><td class="n" data-l="doubled">0</td>`,
				"<td>returned</td></tr>", "<td>in conflict</td></tr>", "<th>after the reconciliation</th>",
			} {
				if strings.Contains(page.String(), row) != test.want {
					t.Errorf("the page has %q: %t, want %t", row, !test.want, test.want)
				}
			}
		})
	}
}

func TestPageOfOtherUsers(t *testing.T) {
	d := lost(start)
	d.Result.Users = []verdict.UserResult{{
		User: evidence.KeepsAddress, Numbers: 940, Acked: 660, Bad: 280, Outage: 281, Moved: new(280.0), LostRows: 3,
	}}
	d.Result.Advice = new(61.5)
	var page bytes.Buffer
	if err := Page(&page, d, nil, "", ""); err != nil {
		t.Fatal(err)
	}
	row := `<td>caches the name for longer than its TTL</td><td class="n" data-l="acknowledged">660 of 940</td>` +
		`<td class="n" data-l="failed">280</td><td class="n" data-l="longest without a good write">281.0 s</td>` +
		`<td class="n" data-l="first in us-west-2">280.0 s</td><td class="n" data-l="rows lost">3</td>`
	for _, want := range [...]string{row, "came 61.5 s after commits had paused"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page does not have %q", want)
		}
	}
}

func TestTimeline(t *testing.T) {
	t.Run("the timeline has requests, states and phases", func(t *testing.T) {
		picture := newTimeline(lost(start))
		count := map[string]int{}
		for _, r := range picture.Rects {
			count[r.Class]++
			if r.W <= 0 || r.H <= 0 || r.X < marginLeft || r.X+r.W > width-marginRight+1 || r.Y < 0 || r.Y+r.H > picture.Height {
				t.Fatalf("%+v lies outside of the picture", r)
			}
		}
		if count["state primary"] != 2 || count["state standby"] != 2 || count["state moving"] != 1 || count["bar bad"] < 100 ||
			count["bar good"] < 100 {
			t.Errorf("the picture has %v", count)
		}
		if newTimeline(Document{}) != nil {
			t.Error("a drill without load has a picture")
		}
	})
}

func TestWrite(t *testing.T) {
	t.Run("a drill is written and read back", func(t *testing.T) {
		drills := filepath.Join(t.TempDir(), "drills")
		var last string
		for i := range 3 {
			page, err := Write(t.Context(), drills, lost(start.Add(time.Duration(i)*time.Hour)), Signer{})
			if err != nil {
				t.Fatal(err)
			}
			last = page
		}
		if _, err := Write(t.Context(), drills, lost(start), Signer{}); err != nil { // again, which replaces the entry
			t.Fatal(err)
		}
		content, err := os.ReadFile(filepath.Join(filepath.Dir(last), DocumentFile))
		if err != nil {
			t.Fatal(err)
		}
		d, err := Parse(content)
		if err != nil || d.Scenario != "region-lost" || len(d.Evidence.Attempts) != 1700 || d.Result.RPO.Rows != 2 {
			t.Errorf("read back are %s with %d attempts (%v)", d.Scenario, len(d.Evidence.Attempts), err)
		}
		s, _ := scenario.Find(d.Scenario)
		if again := verdict.Of(s, d.Evidence); fmt.Sprint(again.Verdict, again.Reasons) != fmt.Sprint(d.Result.Verdict, d.Result.Reasons) {
			t.Errorf("the verdict does not follow from what is written: %v, was %v", again.Reasons, d.Result.Reasons)
		}
		all, err := History(drills)
		if err != nil || len(all) != 3 || all[0].Folder != "20260102T030000Z-region-lost" || all[2].Began.Before(all[1].Began) {
			t.Errorf("the history is %+v (%v)", all, err)
		}
		index, err := os.ReadFile(filepath.Join(drills, PageFile))
		if err != nil || !strings.Contains(string(index), `href="20260102T050000Z-region-lost/index.html"`) {
			t.Errorf("the page of all drills does not lead to the last (%v)", err)
		}
	})
}

func TestImpossibleHistory(t *testing.T) {
	t.Run("the page leads to the picture of an impossible history", func(t *testing.T) {
		d := lost(start)
		for n, value := range []string{"second", "third"} { // both on the first
			d.Evidence.Operations = append(d.Evidence.Operations, evidence.Operation{
				Client: n, At: after(10 + float64(n)), Kind: evidence.Update, Subject: "record 1", Region: east,
				Basis: "first", Value: value, Status: 200,
			})
		}
		s, _ := scenario.Find(d.Scenario)
		page, err := Write(t.Context(), t.TempDir(), Judge(s, d.Evidence), Signer{})
		if err != nil {
			t.Fatal(err)
		}
		for file, wants := range map[string][]string{
			SumsFile:         {"  history-1.html"},
			PageFile:         {`<a href="history-1.html">record 1</a>: no course of changes explains the answers`},
			"history-1.html": {"update on first to second", "update on first to third", "failover"},
		} {
			content, err := os.ReadFile(filepath.Join(filepath.Dir(page), file))
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range wants {
				if !strings.Contains(string(content), want) {
					t.Errorf("%s has no %q", file, want)
				}
			}
		}
	})
}

func TestSpreads(t *testing.T) {
	t.Run("inconclusive drills have no part in the spread", func(t *testing.T) {
		rto := func(seconds float64) *float64 { return &seconds }
		part := rto
		all := []Entry{
			{Scenario: "flap", Verdict: verdict.Pass, Outage: 6},
			{Scenario: "region-lost", Verdict: verdict.Pass, RTO: rto(170), AnswerMoved: rto(90), UsersMoved: rto(110), Outage: 171, LostRows: 1},
			{Scenario: "region-lost", Verdict: verdict.Fail, RTO: rto(190), Outage: 191, Busiest: part(0.5)},
			{Scenario: "region-lost", Verdict: verdict.Pass, RTO: rto(160), Outage: 161},
			{Scenario: "region-lost", Verdict: verdict.Pass, RTO: rto(165), Outage: 166, Busiest: part(0.25)},
			{Scenario: "region-lost", Verdict: verdict.Inconclusive, RTO: rto(1), Outage: 1, Busiest: part(1)},
			{Scenario: "data-corrupted", Verdict: verdict.Pass, Outage: 1, Corruption: &verdict.Corruption{RTO: rto(42)}},
			{Scenario: "data-corrupted", Verdict: verdict.Pass, Outage: 1, Corruption: &verdict.Corruption{RTO: rto(44)}},
			{Scenario: "data-corrupted", Verdict: verdict.Fail, Outage: 1, Corruption: &verdict.Corruption{}},
		}
		var table bytes.Buffer
		if err := Table(&table, all); err != nil {
			t.Fatal(err)
		}
		want := strings.Join([]string{
			"scenario  drills  passed  first good write  answer moved  users moved  longest outage  rows lost  seconds lost  " +
				"damaged rows back  processors waited for",
			"region-lost  5  3  160 / 167.5 / 190 s  90 s  110 s  161 / 168.5 / 191 s  0 / 0 / 1  0 s  –  25 / 37.5 / 50 %",
			"flap  1  1  –  –  –  6 s  0  0 s  –  –",
			"data-corrupted  3  2  –  –  –  1 s  0  0 s  42 / 43 / 44 s  –",
			"",
		}, "\n")
		if squeeze(table.String()) != squeeze(want) {
			t.Errorf("the table is\n%s\nwant\n%s", table.String(), want)
		}
	})
}

func squeeze(s string) string { return regexp.MustCompile(` +`).ReplaceAllString(s, " ") }

func TestParseHistory(t *testing.T) {
	t.Run("a malformed history is refused", func(t *testing.T) {
		for name, content := range map[string]string{
			"no JSON":                     `[{`,
			"a folder elsewhere":          `[{"folder":"../../etc"}]`,
			"a folder below another":      `[{"folder":"a/b"}]`,
			"no folder":                   `[{}]`,
			"less than no rows were lost": `[{"folder":"a","lostRows":-1}]`,
		} {
			if all, err := ParseHistory([]byte(content)); err == nil {
				t.Errorf("%s: it is read as %+v", name, all)
			}
		}
		for name, content := range map[string]string{
			"no verdict": `{"scenario":"flap"}`, "no scenario": `{"result":{"verdict":"PASS"}}`, "no JSON": `{`,
		} {
			if d, err := Parse([]byte(content)); err == nil {
				t.Errorf("%s: it is read as %+v", name, d.Scenario)
			}
		}
	})
}

func FuzzParseHistory(f *testing.F) {
	f.Add([]byte(`[{"began":"2026-01-02T03:00:00Z","scenario":"flap","verdict":"PASS","folder":"a","rtoSeconds":1.5}]`))
	f.Add([]byte(`[{"folder":".."}]`))
	f.Fuzz(func(t *testing.T, content []byte) {
		all, err := ParseHistory(content)
		if err != nil {
			return
		}
		for _, e := range all {
			if !filepath.IsLocal(e.Folder) {
				t.Fatalf("the folder %q leads elsewhere", e.Folder)
			}
		}
		if err := errors.Join(Table(io.Discard, all), historyPage(io.Discard, all)); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzParse(f *testing.F) {
	content, err := json.Marshal(lost(start))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(content)
	f.Add([]byte(`{"scenario":"flap","result":{"verdict":"PASS"},"evidence":{"marks":[{"step":"load"}],"ended":"2026-01-02T03:00:00Z"}}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		if d, err := Parse(content); err == nil {
			if err := Page(io.Discard, d, nil, "", ""); err != nil {
				t.Fatal(err)
			}
		}
	})
}
