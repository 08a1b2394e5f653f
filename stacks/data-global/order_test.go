package main

import (
	"slices"
	"testing"

	"warmstandby/test/support/pulumitest"
)

// What AWS makes known everywhere only after some seconds has minutes for it: what an update makes last needs it first.
func TestWhatSpreadsInAWSHasTime(t *testing.T) {
	const instance, rule = "aws:rds/clusterInstance:ClusterInstance", "aws:cloudwatch/eventRule:EventRule"
	recording := up(t, nil, nil)
	primary := recording.Get(t, instance, "instance-records-primary-1-blue")
	for _, role := range []string{"primary", "secondary"} {
		bus := recording.Get(t, "aws:cloudwatch/eventBus:EventBus", "records-"+role)
		target := recording.Get(t, "aws:cloudwatch/eventTarget:EventTarget", "rule-forward-records-"+role+"-blue")
		// A new role may be refused at first, and PutTargets is not tried again.
		pulumitest.AssertDependsOn(t, target, primary)
		// A bus may say that it has rules after they went, and DeleteEventBus is not tried again.
		pulumitest.AssertDependsOn(t, primary, bus)
		forwards := recording.Get(t, rule, "rule-forward-records-"+role+"-blue")
		if slices.Contains(forwards.Request.GetDependencies(), primary.URN) {
			t.Errorf("the rule of the %s depends on the instance, and goes with the bus: it must be gone minutes before", role)
		}
	}
}
