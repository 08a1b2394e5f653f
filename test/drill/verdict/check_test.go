package verdict

import (
	"strings"
	"testing"

	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/scenario"
)

func checkNamed(t *testing.T, result Result, part string) Check {
	t.Helper()
	for _, c := range result.Checks {
		if strings.Contains(c.Name, part) {
			return c
		}
	}
	t.Fatalf("there is no check of %q", part)
	return Check{}
}

func TestChecks(t *testing.T) {
	t.Run("every scenario lists every check, and none that failed is met", func(t *testing.T) {
		for _, s := range scenario.All() {
			s, r := passingRecording(s.Name)
			for _, c := range Of(s, r.Evidence).Checks {
				if c.Outcome != Met && c.Outcome != NotJudged || c.Outcome == NotJudged && len(c.Findings) != 1 {
					t.Errorf("%s: %+v", s.Name, c)
				}
			}
		}
	})
	for _, test := range []struct {
		name, scenario string
		breaks         func(*recording)
		check          string
		outcome        CheckOutcome
		finding        string
	}{
		{
			"a failure is at the check that found it", "flap", func(r *recording) { r.Preview = &evidence.Preview{} },
			"Pulumi has nothing to change", NotMet, "do not preview without changes",
		},
		{"a doubt is, too", "region-lost", func(r *recording) { r.Probes = nil }, "fault took effect", Doubtful, "was not probed"},
		{"a check of another scenario is not judged", "flap", func(*recording) {}, "writer moved as it must", NotJudged, notPart},
		{
			"nothing that was done is nothing that is met", "planned-switchover", func(r *recording) { r.Marks = r.Marks[:1] },
			"users had good writes again", NotJudged, nothingDone,
		},
		{"what was broken off did not end well", "flap", func(r *recording) { r.Aborted = "x" }, "ended as it began", NotJudged, brokenOff},
		{"a log that was not read is not a log that is met", "flap", func(r *recording) { r.ControllerLog = nil }, "specification", NotJudged, "not read"},
		{"a fence that nothing tested is not judged", "region-lost", func(*recording) {}, "fenced", NotJudged, "no row is lost"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, r := passingRecording(test.scenario)
			test.breaks(r)
			got := checkNamed(t, Of(s, r.Evidence), test.check)
			if got.Outcome != test.outcome || !strings.Contains(strings.Join(got.Findings, " "), test.finding) {
				t.Errorf("it is %+v, want %s with %q", got, test.outcome, test.finding)
			}
		})
	}
}

func TestObjectives(t *testing.T) {
	for _, test := range []struct {
		name, scenario string
		breaks         func(*recording)
		objective      string
		want           Objective
	}{
		{
			"the time of a scenario", "region-lost", func(*recording) {}, "bound of this scenario",
			Objective{Allowed: "at most 180 s", Measured: "165.0 s", Outcome: Met},
		},
		{
			"a time that is over", "region-lost", func(r *recording) { r.spoil(0, 185) }, "bound of this scenario",
			Objective{Allowed: "at most 180 s", Measured: "185.2 s", Outcome: NotMet},
		},
		{
			"what never came", "region-lost", func(r *recording) { r.spoil(0, 226) }, "RTO of the platform",
			Objective{Allowed: "at most 15 min", Measured: "never", Outcome: NotMet},
		},
		{
			"a row that may be lost", "region-lost", func(r *recording) { r.lose(1, 0) }, "RPO",
			Objective{Allowed: "what had not reached the standby, and 15 min at most", Measured: "1 rows of 0.2 s", Outcome: Met},
		},
		{
			"a row that may not be lost", "planned-switchover", func(r *recording) { r.lose(1, 0) }, "RPO",
			Objective{Allowed: "none", Measured: "1 rows of 0.2 s", Outcome: NotMet},
		},
		{
			"a drill that proves nothing", "region-lost", func(r *recording) { r.Probes = nil }, "RTO of the platform",
			Objective{Allowed: "at most 15 min", Measured: "165.0 s", Outcome: Doubtful},
		},
		{
			"rows that nobody counted", "flap", func(r *recording) { r.Rows.Counted = false }, "RPO",
			Objective{Allowed: "none", Measured: "not counted", Outcome: NotJudged},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, r := passingRecording(test.scenario)
			test.breaks(r)
			for _, o := range Of(s, r.Evidence).Objectives {
				if !strings.HasPrefix(o.Name, test.objective) {
					continue
				}
				if test.want.Name = o.Name; o != test.want {
					t.Errorf("it is %+v, want %+v", o, test.want)
				}
				return
			}
			t.Errorf("there is no objective %q", test.objective)
		})
	}
}

func TestExperience(t *testing.T) {
	s, r := passingRecording("region-lost")
	r.Attempts = append(r.Attempts, evidence.Attempt{
		At: secondsAfterFault(100), Duration: 3e9, Kind: evidence.Read, Number: 1, Try: 1, Region: east,
	})
	parts := map[string]Experience{}
	for _, e := range Of(s, r.Evidence).Experience {
		parts[e.Part+" "+e.Kind] = e
	}
	if before := parts["before write"]; before.Bad != 0 || before.Tries < 200 || before.Latency == nil || before.Latency.Median != 0.02 {
		t.Errorf("before: %+v", before)
	}
	if during := parts["during write"]; during.BadShare() != 1 || during.Latency != nil || during.Until != "first good write" {
		t.Errorf("during: %+v", during)
	}
	if reads := parts["during read"]; reads.Tries != 1 || reads.Bad != 1 {
		t.Errorf("reads during: %+v", reads)
	}
	if after := parts["after write"]; after.Bad != 0 || after.Tries < 1000 {
		t.Errorf("after: %+v", after)
	}
}

func TestGivenUp(t *testing.T) {
	s, r := passingRecording("region-lost")
	if got := Of(s, r.Evidence).GivenUp; got == nil || got.Causes[0].Text != "status 503 of us-east-1" ||
		got.Numbers != got.Causes[0].Numbers {
		t.Fatalf("it is %+v", got)
	}
	n := len(r.Attempts) + 1
	for i, a := range []evidence.Attempt{
		{Number: n, Try: 1, Status: 503, Region: east}, {Number: n, Try: 2, Region: east, Error: "a time-out"}, // its last try counts
		{Number: n + 1, Try: 1, Withheld: true},
		{Number: n + 2, Try: 1, Error: "no address"},
		{Number: n + 3, Try: 1, Region: east}, {Number: n + 3, Try: 2, Status: 201, Region: west, ID: "id"}, // acknowledged in the end
	} {
		a.Kind, a.At = evidence.Write, secondsAfterFault(300+float64(i))
		r.Attempts = append(r.Attempts, a)
	}
	r.Rows.Records[n] = 1
	got := Of(s, r.Evidence).GivenUp
	causes := map[string]int{}
	for _, c := range got.Causes {
		causes[c.Text] = c.Numbers
	}
	if causes["no answer of us-east-1"] != 1 || causes["withheld by the client, because its other requests hung"] != 1 ||
		causes["the name had no address"] != 1 || got.Stored != 1 {
		t.Errorf("it is %+v", got)
	}
}

func TestWhatNobodyAnswersIsNoMove(t *testing.T) {
	s, r := passingRecording("standby-lost")
	for _, topic := range [...]evidence.Topic{evidence.Writer, evidence.Answer} {
		r.see(topic, 990, evidence.Unknown)
	}
	if got := Of(s, r.Evidence); got.Verdict != Pass {
		t.Errorf("%s: %v", got.Verdict, got.Reasons)
	}
}
