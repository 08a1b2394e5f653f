package verdict

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"warmstandby/test/drill/evidence"
)

func TestCorruption(t *testing.T) {
	for _, test := range []struct {
		name    string
		breaks  func(*recording)
		verdict Verdict
		message string
		back    int
	}{
		{name: "all damaged records are back", breaks: func(*recording) {}, verdict: Pass, back: 10},
		{
			name: "an overwritten record is still damaged",
			breaks: func(r *recording) {
				delete(r.Rows.Records, 3)
				r.Rows.Records[-1] = 1
			},
			verdict: Fail, message: "1 damaged records are not as they were: [3].", back: 9,
		},
		{
			name: "a deleted record is there twice", breaks: func(r *recording) { r.Rows.Records[4] = 2 },
			verdict: Fail, message: "not as they were: [4].", back: 9,
		},
		{
			name: "the rows were never taken back",
			breaks: func(r *recording) {
				r.Corruption.TakenBack, r.Corruption.Rows = time.Time{}, 0
				r.busy(0.99)
			},
			verdict: Fail, message: "The damaged rows were not taken back.", back: 10,
		},
		{
			name: "they were taken back too late", breaks: func(r *recording) { r.Corruption.TakenBack = secondsAfterFault(901) },
			verdict: Fail, message: "back after 901.0 s", back: 10,
		},
		{
			name: "more rows were written than damaged", breaks: func(r *recording) { r.Corruption.Rows = 11 },
			verdict: Fail, message: "11 rows were taken back, and 10 damaged", back: 10,
		},
		{
			name: "a good write after the damage is gone",
			breaks: func(r *recording) {
				for _, a := range r.Attempts {
					if a.At.After(secondsAfterFault(20)) {
						delete(r.Rows.Records, a.Number)
						return
					}
				}
			},
			verdict: Fail, message: "1 acknowledged rows are lost, none may be", back: 10,
		},
		{
			name: "the release damaged too little", breaks: func(r *recording) { r.Corruption.Deleted, r.Corruption.Rows = nil, 5 },
			verdict: Inconclusive, message: "5 records were overwritten and 0 deleted", back: 5,
		},
		{
			name: "the writer moves meanwhile", breaks: func(r *recording) { r.see(evidence.Writer, 70, west) },
			verdict: Fail, message: "The writer moved", back: 10,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, r := passingRecording("data-corrupted")
			test.breaks(r)
			result := Of(s, r.Evidence)
			assertVerdict(t, result, test.verdict, test.message)
			if got := result.Corruption; got.Back != test.back || got.Back+len(got.NotBack) != got.Overwritten+got.Deleted {
				t.Errorf("the corruption is %+v, want %d back", got, test.back)
			}
		})
	}
	t.Run("a release that never ran proves nothing", func(t *testing.T) {
		s, r := passingRecording("data-corrupted")
		r.Corruption = nil
		if result := Of(s, r.Evidence); result.Verdict != Inconclusive || !strings.Contains(result.Reasons[0], "No release") {
			t.Errorf("%s: %q", result.Verdict, result.Reasons)
		}
	})
	t.Run("RTO has its parts", func(t *testing.T) {
		s, r := passingRecording("data-corrupted")
		c := Of(s, r.Evidence).Corruption
		if got := fmt.Sprint(*c.Found, *c.Restore, *c.TakeBack, *c.RTO); got != "40 60 1 101" {
			t.Errorf("found, restored, taken back and RTO are %s s", got)
		}
		if c.Kept < 4000 {
			t.Errorf("%d good writes were kept", c.Kept)
		}
	})
}
