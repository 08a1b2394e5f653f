package verdict

import (
	"testing"

	"warmstandby/test/drill/evidence"
)

func TestFlood(t *testing.T) {
	for _, test := range []struct {
		name    string
		breaks  func(*recording)
		verdict Verdict
		message string
	}{
		{"as it should be", func(*recording) {}, Pass, ""},
		{
			"nobody is notified", func(r *recording) { r.Evidence.Flood.Notices = r.Evidence.Flood.Notices[:1] },
			Fail, "The operators of us-west-2 were not notified that its executions are used up",
		},
		{
			"nobody is notified, on a machine that was busy, too", func(r *recording) {
				r.Evidence.Flood.Notices = nil
				r.busy(0.99)
			}, Fail, "no notice of concurrency",
		},
		{
			"the notice is of another time",
			func(r *recording) { r.Evidence.Flood.Notices[1].At = secondsAfterFault(-10) }, Fail, "were not notified",
		},
		{
			"the notice came when all was over",
			func(r *recording) { r.Evidence.Flood.Notices[1].At = secondsAfterFault(500) }, Fail, "were not notified",
		},
		{
			"the controller decides late", func(r *recording) { r.Moves[0].Begun = secondsAfterFault(241) },
			Fail, "The controller decided 4m1s after the fault, allowed are 4m0s.",
		},
		{
			"no execution was missing", func(r *recording) { r.Evidence.Flood.Refused = 0 },
			Inconclusive, "The flood used no executions up: of 3000 requests Lambda refused none.",
		},
		{"there was no flood", func(r *recording) { r.Evidence.Flood = &evidence.Flood{Granted: 10} }, Inconclusive, "There was no flood."},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, r := passingRecording("flood")
			test.breaks(r)
			assertVerdict(t, Of(s, r.Evidence), test.verdict, test.message)
		})
	}
	t.Run("its figures are counted from the fault", func(t *testing.T) {
		s, r := passingRecording("flood")
		got := Of(s, r.Evidence).Flood
		if got.Noticed == nil || *got.Noticed != 110 || got.Decided == nil || *got.Decided != 215 || got.Refused != 400 ||
			got.Throttled == nil || *got.Throttled != 3 {
			t.Errorf("got %+v", got)
		}
	})
}
