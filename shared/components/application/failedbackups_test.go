package application

import (
	"encoding/json"
	"reflect"
	"testing"

	"warmstandby/test/support/pulumitest"
)

// Each region's rule notifies the region's topic of the failed jobs of its own vault, once the topic lets it.
func TestFailedBackups(t *testing.T) {
	recording := build(t, unchanged)
	for _, r := range testRegions {
		name := "rule-backup-failed-" + r.role + "-blue"
		rule := recording.Get(t, "aws:cloudwatch/eventRule:EventRule", name)
		var pattern map[string]any
		if err := json.Unmarshal([]byte(rule.Text("eventPattern")), &pattern); err != nil {
			t.Fatal(err)
		}
		ended, vault := []any{"ABORTED", "EXPIRED", "FAILED", "PARTIAL"}, []any{r.arn("backup", "backup-vault:"+r.vault())}
		want := map[string]any{
			"source":      []any{"aws.backup"},
			"detail-type": []any{"Backup Job State Change", "Copy Job State Change"},
			"detail": map[string]any{
				"state": ended, "$or": []any{map[string]any{"backupVaultArn": vault}, map[string]any{"sourceBackupVaultArn": vault}},
			},
		}
		if !reflect.DeepEqual(pattern, want) {
			t.Errorf("the rule of %s matches\n%v, want\n%v", r.region, pattern, want)
		}
		if bus := rule.Input("eventBusName"); bus != nil {
			t.Errorf("the rule of %s is on the bus %v, and AWS Backup puts its events on the default one", r.region, bus)
		}
		target := recording.Get(t, "aws:cloudwatch/eventTarget:EventTarget", name)
		topic := recording.Get(t, topicToken, r.topic()).ARN()
		if want := map[string]any{"rule": name, "targetId": "operators", "arn": topic}; !reflect.DeepEqual(target.Inputs.Mappable(), want) {
			t.Errorf("the target in %s is %v, want %v", r.region, target.Inputs.Mappable(), want)
		}
		pulumitest.AssertDependsOn(t, target, recording.Get(t, "aws:sns/topicPolicy:TopicPolicy", r.topic()))
	}
}
