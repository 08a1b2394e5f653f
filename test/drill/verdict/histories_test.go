package verdict

import (
	"testing"

	"warmstandby/test/drill/evidence"
)

func TestHistories(t *testing.T) {
	for _, test := range []struct {
		name, scenario string
		breaks         func(*recording)
		verdict        Verdict
		message        string
		stale          int
	}{
		{
			name: "changes of before the fault are there after the move", scenario: "region-lost",
			breaks:  func(r *recording) { r.read(400, west, "second"); r.change(401, "second", "third") },
			verdict: Pass,
		},
		{
			name: "a change that had not been replicated is lost with the region", scenario: "region-lost",
			breaks: func(r *recording) {
				r.change(-1, "second", "lost")
				r.read(400, west, "second")
				r.change(401, "second", "third")
			},
			verdict: Pass,
		},
		{
			name: "a change is lost that had been acknowledged half a minute before the fault", scenario: "region-lost",
			breaks:  func(r *recording) { r.change(-30, "second", "lost"); r.read(400, west, "second") },
			verdict: Fail, message: "The history of record 1 is impossible: no course of changes explains the answers.",
		},
		{
			name: "a change is lost in a planned switchover", scenario: "planned-switchover",
			breaks:  func(r *recording) { r.change(-1, "second", "lost"); r.read(400, west, "second") },
			verdict: Fail, message: "The history of record 1 is impossible",
		},
		{
			name: "a change is lost after the move", scenario: "region-lost",
			breaks: func(r *recording) {
				r.change(400, "second", "third")
				r.read(410, west, "second")
			},
			verdict: Fail, message: "The history of record 1 is impossible",
		},
		{
			name: "the standby is asked while it is cut off, and its answers are old", scenario: "split",
			breaks:  func(r *recording) { r.change(20, "second", "third"); r.read(60, west, "second") },
			verdict: Pass, stale: 1,
		},
		{
			name: "the region with the writer gives an old answer as a fresh one", scenario: "split",
			breaks: func(r *recording) {
				r.change(20, "second", "third")
				r.read(60, east, "second")
				r.read(65, east, "third")
			},
			verdict: Fail, message: "The history of record 1 is impossible",
		},
		{
			name: "the old writer goes on", scenario: "split",
			breaks: func(r *recording) {
				r.change(310, "second", "of the new writer")
				r.change(312, "second", "of the old writer")
			},
			verdict: Fail, message: "The history of record 1 is impossible",
		},
		{
			name: "a tag names two contents", scenario: "flap",
			breaks: func(r *recording) {
				r.change(1, "second", "third")
				r.Operations[len(r.Operations)-1].Tag = "tag of second"
			},
			verdict: Fail, message: "the tag tag of second names two contents",
		},
		{
			name: "a key is forgotten", scenario: "app-lost",
			breaks: func(r *recording) {
				for n, id := range []string{"a", "b"} {
					r.operate(float64(n), evidence.Operation{Kind: evidence.Create, Value: id, Status: 201})
					r.Operations[len(r.Operations)-1].Subject = "key 1"
				}
			},
			verdict: Fail, message: "The history of key 1 is impossible",
		},
		{
			name: "nothing was contended", scenario: "flap",
			breaks:  func(r *recording) { r.Operations = nil },
			verdict: Inconclusive, message: "there is no history to check",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, r := passingRecording(test.scenario)
			test.breaks(r)
			result := Of(s, r.Evidence)
			assertVerdict(t, result, test.verdict, test.message)
			if result.Histories != nil && result.Histories.Stale != test.stale {
				t.Errorf("%d reads were not judged, want %d", result.Histories.Stale, test.stale)
			}
		})
	}
}
