package report

import (
	"bytes"
	"crypto/sha256"
	"fmt"
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

// html is the page of a document, for whoever reads it.
func html(t *testing.T, d Document, all []Entry) string {
	t.Helper()
	var page bytes.Buffer
	if err := Page(&page, d, all, "5eed", ""); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

// again judges the evidence of a document anew, after a change of it.
func again(t *testing.T, d Document, change func(e *evidence.Evidence)) Document {
	t.Helper()
	change(&d.Evidence)
	s, known := scenario.Find(d.Scenario)
	if !known {
		t.Fatalf("there is no scenario %q", d.Scenario)
	}
	return Judge(s, d.Evidence)
}

func TestPageOfAnAuditor(t *testing.T) {
	d := again(t, lost(start), func(e *evidence.Evidence) {
		e.Platform = &evidence.Platform{
			Kind: evidence.Emulator, Account: "000000000000", Commit: "0123456789ab", Changed: true, Engine: "aurora-postgresql 16.11",
			Drill: "go1.26.3 linux/amd64", Processors: 2,
		}
	})
	page := html(t, d, nil)
	for name, want := range map[string]string{
		"the objective beside the result": `<td data-l="allowed">at most 180 s</td><td data-l="measured"><b>140.0 s</b></td><td><span class="tag met">met</span></td>`,
		"the objective of the platform":   `<td data-l="allowed">at most 15 min</td>`,
		"a check that is met":             `<td>the load ran, and the platform was healthy before</td><td><span class="tag met">met</span></td>`,
		"a check of another scenario":     `<span class="tag not-judged">not judged</span></td><td>not a part of this scenario`,
		"what it ran on":                  `local AWS emulator: real PostgreSQL servers and DNS on one machine, not AWS`,
		"the commit, and that it is none": `<code>0123456789ab</code> <b>with changes that are in no commit</b>`,
		"the versions":                    `database aurora-postgresql 16.11; the drill: go1.26.3 linux/amd64, 2 processors`,
		"users before":                    `<td>before</td><td data-l="until">fault</td>`,
		"users during":                    `<td class="n" data-l="failed">700 (100.0 %)</td>`,
		"what was given up":               `<b>700 of 1700 numbers</b> were never acknowledged`,
		"why it was given up":             `<td>no answer of us-east-1</td><td class="n" data-l="numbers">700</td>`,
		"the sum of the evidence":         `SHA-256 <code>5eed</code>`,
		"that it is not signed":           `<b>SHA256SUMS is not signed.</b>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%s: the page does not have %q", name, want)
		}
	}
	for _, letter := range [...]string{"A", "B", "C", "D", "E"} {
		if !strings.Contains(page, "<b>("+letter+")</b>") {
			t.Errorf("the page does not say what it is evidence of under 164.308(a)(7)(ii)(%s)", letter)
		}
	}
	if first := strings.Index(page, "Objective and result"); first < 0 || first > strings.Index(page, "<svg") {
		t.Error("the objectives do not come first")
	}
	t.Run("a check that fails is there with its reason", func(t *testing.T) {
		d := again(t, d, func(e *evidence.Evidence) { e.Preview = &evidence.Preview{Output: "1 to change"} })
		want := `has nothing to change</td><td><span class="tag not-met">not met</span></td><td>At the end the writer is`
		if page := html(t, d, nil); !strings.Contains(page, want) {
			t.Errorf("the page does not have %q", want)
		}
	})
	t.Run("a drill on AWS says so, with the account", func(t *testing.T) {
		d := again(t, d, func(e *evidence.Evidence) { e.Platform.Kind, e.Platform.Account = evidence.AWS, "123456789012" })
		if page := html(t, d, nil); !strings.Contains(page, "AWS account 123456789012") || strings.Contains(page, "not AWS") {
			t.Error("the page does not say that it ran on AWS")
		}
	})
	t.Run("a drill without that evidence says that it ran on the emulator", func(t *testing.T) {
		if page := html(t, lost(start), nil); !strings.Contains(page, "the local AWS emulator, not AWS") {
			t.Error("the page does not say what it ran on")
		}
	})
}

// pieces are the parts of a lane by their class, in the order of time; the lane is that of a label.
func pieces(t *testing.T, picture *Timeline, label string) []Rect {
	t.Helper()
	for _, text := range picture.Texts {
		if text.Content != label {
			continue
		}
		var found []Rect
		for _, r := range picture.Rects {
			if strings.HasPrefix(r.Class, "state ") && r.Y < text.Y && text.Y < r.Y+r.H {
				found = append(found, r)
			}
		}
		return found
	}
	t.Fatalf("there is no lane %q", label)
	return nil
}

func TestWhatIsNotKnown(t *testing.T) {
	base := lost(start)
	x := func(picture *Timeline, second float64) float64 {
		return marginLeft + second/350*(picture.Width-marginLeft-marginRight)
	}
	classesAt := func(picture *Timeline, lane string, second float64) string {
		var found []string
		for _, r := range pieces(t, picture, lane) {
			if r.X <= x(picture, second) && x(picture, second) < r.X+r.W {
				found = append(found, r.Class)
			}
		}
		return strings.Join(found, ", ")
	}
	for _, test := range []struct {
		name   string
		change func(*evidence.Evidence)
		lane   string
		second float64
		class  string
		phase  bool // whether the check's turning red is a phase
	}{
		{"before the fault the check is what it was", func(*evidence.Evidence) {}, "health check us-east-1", 30, "state good", false},
		{
			"a check is not known while the region is lost that has Route 53's API",
			func(*evidence.Evidence) {}, "health check us-east-1", 100, "state unknown", false,
		},
		{"so is the other region's", func(*evidence.Evidence) {}, "health check us-west-2", 100, "state unknown", false},
		{
			"a red that was seen only after the fault is no phase",
			func(e *evidence.Evidence) {
				e.Observations[evidence.Check(east)] = append(e.Observations[evidence.Check(east)],
					evidence.Observation{At: after(61), Value: evidence.Unknown}, evidence.Observation{At: after(300), Value: evidence.Unhealthy})
				e.Marks = append(e.Marks, evidence.Mark{At: after(299), Step: evidence.Healed})
			},
			"health check us-east-1", 200, "state unknown", false,
		},
		{
			"on AWS the API answers, and its answers count",
			func(e *evidence.Evidence) {
				e.Platform = &evidence.Platform{Kind: evidence.AWS}
				e.Observations[evidence.Check(east)] = append(e.Observations[evidence.Check(east)],
					evidence.Observation{At: after(130), Value: evidence.Unknown}, evidence.Observation{At: after(136), Value: evidence.Unhealthy})
			},
			"health check us-east-1", 200, "state bad", true,
		},
		{
			"what does not answer is not known, and not good",
			func(e *evidence.Evidence) {
				e.Observations[evidence.Accepts(east)] = []evidence.Observation{
					{At: start, Value: evidence.Yes}, {At: after(61), Value: evidence.Unknown, Reason: "a time-out"},
				}
			},
			"us-east-1 accepts writes", 100, "state unknown", false,
		},
		{
			"what answers no is no",
			func(*evidence.Evidence) {}, "us-east-1 accepts writes", 100, "state none", false,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := Document{Evidence: base.Evidence, Scenario: base.Scenario}
			d.Evidence.Observations = map[evidence.Topic][]evidence.Observation{}
			for topic, seen := range base.Evidence.Observations {
				d.Evidence.Observations[topic] = append([]evidence.Observation(nil), seen...)
			}
			d.Evidence.Marks = append([]evidence.Mark(nil), base.Evidence.Marks...)
			d = again(t, d, test.change)
			if got := classesAt(newTimeline(d), test.lane, test.second); got != test.class {
				t.Errorf("%s is %q after %.0f s, want %q", test.lane, got, test.second, test.class)
			}
			phase := false
			for _, p := range d.Result.Phases {
				phase = phase || p.Name == "check red"
			}
			if phase != test.phase {
				t.Errorf("that the check turned red is a phase: %t, want %t", phase, test.phase)
			}
		})
	}
}

func TestTrafficAxes(t *testing.T) {
	d := again(t, lost(start), func(e *evidence.Evidence) {
		// The standby region answers half of its writes in a burst: as many in one second as the primary never has.
		for n := range 9 {
			e.Attempts = append(e.Attempts, evidence.Attempt{
				At: after(320), Kind: evidence.Write, Number: 5000 + n, Try: 1, Region: west, Status: 201,
			})
		}
	})
	picture := newTimeline(d)
	labels := map[string]int{}
	for _, text := range picture.Texts {
		labels[text.Content]++
	}
	if labels["20 good"] != 2 || labels["20 bad"] != 2 || labels["0"] < 2 || labels["seconds since the fault"] != 1 {
		t.Errorf("the axes have %v, want the same scale of 20 for both regions", labels)
	}
	height := map[string]float64{}
	for _, r := range picture.Rects {
		if r.Class == "bar good" {
			height[fmt.Sprintf("%.0f", r.H)]++
		}
	}
	if steady := fmt.Sprintf("%.0f", halfLaneHeight*5/20); height[steady] < 150 {
		t.Errorf("good writes have heights %v, want most of 5 a second at %s in both regions", height, steady)
	}
	axes := 0
	for _, line := range picture.Ticks {
		if line.Name == "axis" {
			axes++
		}
	}
	if axes != 4 {
		t.Errorf("there are %d axes, want a vertical and a horizontal one for each region", axes)
	}
}

func TestWithheldWritesFlattenNoRegion(t *testing.T) {
	withheld := again(t, lost(start), func(e *evidence.Evidence) {
		for n := range 300 {
			e.Attempts = append(e.Attempts, evidence.Attempt{At: after(320), Kind: evidence.Write, Number: 9000 + n, Try: 1, Error: "withheld"})
		}
	})
	labels := map[string]int{}
	for _, text := range newTimeline(withheld).Texts {
		labels[text.Content]++
	}
	if labels["5 good"] != 2 || labels["500 bad"] != 1 {
		t.Errorf("the axes have %v, want the regions' scale of 5 and one of 500 for what was sent nowhere", labels)
	}
}

func TestMarksNeverOverlap(t *testing.T) {
	d := lost(start)
	d.Result.Phases = nil
	for i := range 40 {
		d.Result.Phases = append(d.Result.Phases, verdict.Phase{Name: "a phase", At: after(60 + float64(i)*0.7), Evidence: "seen"})
	}
	marks := newTimeline(d).Marks
	if len(marks) != 40 {
		t.Fatalf("%d of 40 phases have a mark", len(marks))
	}
	for i, one := range marks {
		if one.Y-8 < 0 {
			t.Errorf("mark %d lies above the picture", one.Number)
		}
		for _, other := range marks[i+1:] {
			if x, y := one.X-other.X, one.Y-other.Y; x*x+y*y < 16*16 {
				t.Errorf("marks %d and %d overlap", one.Number, other.Number)
			}
		}
	}
}

func TestTrend(t *testing.T) {
	var all []Entry
	for i, v := range []verdict.Verdict{verdict.Pass, verdict.Fail, verdict.Inconclusive, verdict.Pass} {
		seconds := 140 + 20*float64(i)
		all = append(all, Entry{
			Began: start.Add(time.Duration(i) * time.Hour), Scenario: "region-lost", Verdict: v, RTO: &seconds, Folder: fmt.Sprint("drill-", i),
		})
	}
	trend := newTrend("region-lost", all, "drill-2")
	if trend == nil || len(trend.Points) != 4 || !trend.HasHere || !trend.Points[2].Here {
		t.Fatalf("the trend is %+v", trend)
	}
	shapes := map[string]bool{}
	for i, p := range trend.Points {
		shapes[regexp.MustCompile(`[\d.-]+`).ReplaceAllString(p.Shape, "")] = true
		if i > 0 && (p.X <= trend.Points[i-1].X || p.Y >= trend.Points[i-1].Y) {
			t.Errorf("point %d is not to the right of and above the one before", i)
		}
	}
	if len(shapes) != 3 {
		t.Errorf("three verdicts have %d shapes", len(shapes))
	}
	if newTrend("region-lost", all[:1], "") != nil || newTrend("flap", all, "") != nil {
		t.Error("one drill has a trend")
	}
	if page := html(t, lost(start), all); !strings.Contains(page, `class="trend"`) {
		t.Error("the page of a drill has no trend")
	}
}

func TestSums(t *testing.T) {
	for _, test := range []struct {
		name, command string
		signature     bool
		fails         bool
		says          string
	}{
		{"without a command", "", false, false, "SHA256SUMS is not signed"},
		{"signed", `sh -c 'cp "$1" "$1.sig"' sign`, true, false, "SHA256SUMS is signed"},
		{"a command that fails", "false", false, true, "SHA256SUMS is not signed"},
		{"a command that leaves nothing", "true", false, true, "SHA256SUMS is not signed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			page, err := Write(t.Context(), filepath.Join(t.TempDir(), "a folder"), lost(start), Signer{Command: test.command})
			if (err != nil) != test.fails {
				t.Fatalf("the error is %v", err)
			}
			folder := filepath.Dir(page)
			lines, err := os.ReadFile(filepath.Join(folder, SumsFile))
			if err != nil {
				t.Fatal(err)
			}
			var want string
			for _, name := range [...]string{DocumentFile, PageFile} {
				content, err := os.ReadFile(filepath.Join(folder, name))
				if err != nil {
					t.Fatal(err)
				}
				want += fmt.Sprintf("%x  %s\n", sha256.Sum256(content), name)
				if name == PageFile && !bytes.Contains(content, []byte(test.says)) {
					t.Errorf("the page does not say %q", test.says)
				}
			}
			if string(lines) != want {
				t.Errorf("the sums are\n%swant\n%s", lines, want)
			}
			if _, err := os.Stat(filepath.Join(folder, SumsFile+".sig")); (err == nil) != test.signature {
				t.Errorf("there is a signature: %t, want %t", err == nil, test.signature)
			}
		})
	}
}
