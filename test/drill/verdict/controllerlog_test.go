package verdict

import (
	"slices"
	"strings"
	"testing"

	"warmstandby/test/drill/evidence"
)

func TestControllerLog(t *testing.T) {
	broken := evidence.Violation{
		At: secondsAfterFault(100), Run: "1", Rule: "no request without a saved intent", Text: "RDS is asked for a failover",
	}
	for _, test := range []struct {
		name    string
		log     *evidence.ControllerLog
		breaks  func(*recording) // besides
		want    Verdict
		reasons []string
	}{
		{"a log that breaks no rule passes", &evidence.ControllerLog{Group: "g", Decisions: 1}, nil, Pass, nil},
		{"a drill that was made before the log was checked is judged as it was", nil, nil, Pass, nil},
		{
			"each violation fails the drill with its rule", &evidence.ControllerLog{
				Group: "g", Decisions: 9, Violations: []evidence.Violation{broken, {Rule: "a concern is notified once", Text: "twice"}},
			}, nil, Fail, []string{
				`The controller broke the rule "no request without a saved intent" at 03:02:40: RDS is asked for a failover.`,
				`"a concern is notified once"`,
			},
		},
		{
			"no overload of the machine excuses a violation", &evidence.ControllerLog{Decisions: 9, Violations: []evidence.Violation{broken}},
			func(r *recording) { r.busy(0.99) }, Fail, []string{"no request without a saved intent"},
		},
		{
			"a log that was not read proves nothing", &evidence.ControllerLog{Group: "g", Unread: "reading log group g: access denied"}, nil,
			Inconclusive, []string{"The controller's log was not checked: reading log group g: access denied"},
		},
		{
			"a log without a decision proves nothing", &evidence.ControllerLog{Group: "g"}, nil,
			Inconclusive, []string{"The controller's log g has no decision"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, r := passingRecording("region-lost")
			if r.ControllerLog = test.log; test.breaks != nil {
				test.breaks(r)
			}
			got := Of(s, r.Evidence)
			ok := got.Verdict == test.want && len(got.Reasons) == len(test.reasons)
			for _, reason := range test.reasons {
				ok = ok && slices.ContainsFunc(got.Reasons, func(one string) bool { return strings.Contains(one, reason) })
			}
			if !ok {
				t.Errorf("the verdict is %s: %q, want %s: %q", got.Verdict, got.Reasons, test.want, test.reasons)
			}
		})
	}
}
