package events

import (
	"encoding/json"
	"reflect"
	"testing"

	"warmstandby/test/support/pulumitest"
)

func TestARuleForwardsWhatWasPutInItsOwnRegionAndNoReplay(t *testing.T) {
	recording := build(t)
	for _, side := range sides {
		rule := recording.Get(t, "aws:cloudwatch/eventRule:EventRule", side.ruleName())
		var pattern map[string]any
		if err := json.Unmarshal([]byte(rule.Text("eventPattern")), &pattern); err != nil {
			t.Fatal(err)
		}
		// Without the region two rules that face each other would send every event round for ever.
		want := map[string]any{"region": []any{side.region}, "replay-name": []any{map[string]any{"exists": false}}}
		if !reflect.DeepEqual(pattern, want) || rule.Text("eventBusName") != busName {
			t.Errorf("the rule of %s matches %v on %q, want %v on %s", side.region, pattern, rule.Text("eventBusName"), want, busName)
		}
		if rule.Input("state") != nil || rule.Input("isEnabled") != nil {
			t.Errorf("the rule of %s sets its state, want AWS's default, enabled", side.region)
		}
	}
}

func TestATargetIsTheOtherBusWithARoleRetriesAndADeadLetterQueue(t *testing.T) {
	recording := build(t)
	for _, side := range sides {
		target := recording.Get(t, "aws:cloudwatch/eventTarget:EventTarget", side.ruleName())
		want := map[string]any{
			"rule": side.ruleName(), "eventBusName": busName, "targetId": "other-region",
			"arn":              recording.Get(t, busToken, "records-"+side.otherRole).ARN(),
			"roleArn":          recording.Get(t, roleToken, side.roleName()).ARN(),
			"deadLetterConfig": map[string]any{"arn": recording.Get(t, queueToken, side.queueName()).ARN()},
			"retryPolicy":      map[string]any{"maximumEventAgeInSeconds": 86400.0, "maximumRetryAttempts": 185.0},
		}
		if got := target.Inputs.Mappable(); !reflect.DeepEqual(got, want) {
			t.Errorf("the target of %s is\n%v, want\n%v", side.region, got, want)
		}
		pulumitest.WantAfter(t, target,
			recording.Get(t, "aws:cloudwatch/eventBusPolicy:EventBusPolicy", "records-"+side.otherRole),
			recording.Get(t, "aws:iam/rolePolicy:RolePolicy", side.roleName()),
			recording.Get(t, "aws:sqs/queuePolicy:QueuePolicy", side.queueName()))
	}
}

func TestTheRoleIsTheRulesAndPutsOnTheOtherBus(t *testing.T) {
	recording := build(t)
	for _, side := range sides {
		trust := pulumitest.Statements(t, recording.Get(t, roleToken, side.roleName()).Text("assumeRolePolicy"))
		wantTrust := []pulumitest.Statement{{
			Sid: "TheRuleForwards", Effect: "Allow", Principal: map[string][]string{"Service": {"events.amazonaws.com"}},
			Action: []string{"sts:AssumeRole"},
			Condition: map[string]map[string][]string{
				"StringEquals": {"aws:SourceAccount": {"111122223333"}},
				"ArnEquals":    {"aws:SourceArn": {side.ruleARN()}},
			},
		}}
		if !reflect.DeepEqual(trust, wantTrust) {
			t.Errorf("the role of %s trusts\n%+v, want\n%+v", side.region, trust, wantTrust)
		}
		attached := recording.Get(t, "aws:iam/rolePolicy:RolePolicy", side.roleName())
		want := []pulumitest.Statement{{
			Sid: "PutOnTheOtherBus", Effect: "Allow", Action: []string{"events:PutEvents"},
			Resource: []string{recording.Get(t, busToken, "records-"+side.otherRole).ARN()},
		}}
		if got := pulumitest.Statements(t, attached.Text("policy")); !reflect.DeepEqual(got, want) || attached.Text("role") != side.roleName() {
			t.Errorf("the role %q may\n%+v, want\n%+v", attached.Text("role"), got, want)
		}
	}
}
