package failover

import (
	"encoding/json"
	"reflect"
	"testing"

	"warmstandby/test/support/pulumitest"
)

// The controller gets the ends of the restore jobs of the environment's own plan, and of no other's.
func TestRestoreTestRule(t *testing.T) {
	const name = "rule-restoretest-secondary-blue"
	recording := build(t, func(args *Args) { args.RestoreTestPlan = "restoretest_weekly_secondary_blue" })
	rule := recording.Get(t, "aws:cloudwatch/eventRule:EventRule", name)
	var pattern map[string]any
	if err := json.Unmarshal([]byte(rule.Text("eventPattern")), &pattern); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"source": []any{"aws.backup"}, "detail-type": []any{"Restore Job State Change"},
		"detail": map[string]any{
			"status": []any{"ABORTED", "COMPLETED", "FAILED"},
			"restoreTestingPlanArn": []any{map[string]any{
				"prefix": arn("backup", west, "restore-testing-plan:restoretest_weekly_secondary_blue-"),
			}},
		},
	}
	if !reflect.DeepEqual(pattern, want) || rule.Input("eventBusName") != nil {
		t.Errorf("the rule on the bus %v matches\n%v, want on the default one\n%v", rule.Input("eventBusName"), pattern, want)
	}
	permission := recording.Get(t, "aws:lambda/permission:Permission", name)
	if permission.Text("sourceArn") != rule.ARN() || permission.Text("principal") != "events.amazonaws.com" {
		t.Errorf("%s may invoke the controller, want the rule %s", permission.Text("sourceArn"), rule.ARN())
	}
	target := recording.Get(t, "aws:cloudwatch/eventTarget:EventTarget", name)
	if target.Text("arn") != recording.Get(t, "aws:lambda/function:Function", "lambda-failover-secondary-blue").ARN() {
		t.Errorf("the rule's target is %s, want the controller", target.Text("arn"))
	}
	pulumitest.AssertDependsOn(t, target, permission)
}
