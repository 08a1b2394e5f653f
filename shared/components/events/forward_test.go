package events

import (
	"encoding/json"
	"reflect"
	"testing"

	"warmstandby/test/support/pulumitest"
)

// A rule forwards what was put in its own region, and no replay.
func TestForwardingRule(t *testing.T) {
	recording := build(t)
	for _, r := range testRegions {
		rule := recording.Get(t, "aws:cloudwatch/eventRule:EventRule", r.ruleName())
		var pattern map[string]any
		if err := json.Unmarshal([]byte(rule.Text("eventPattern")), &pattern); err != nil {
			t.Fatal(err)
		}
		// Without the region the two rules would forward every event in a loop.
		want := map[string]any{"region": []any{r.region}, "replay-name": []any{map[string]any{"exists": false}}}
		if !reflect.DeepEqual(pattern, want) || rule.Text("eventBusName") != busName {
			t.Errorf("the rule of %s matches %v on %q, want %v on %s", r.region, pattern, rule.Text("eventBusName"), want, busName)
		}
		if rule.Input("state") != nil || rule.Input("isEnabled") != nil {
			t.Errorf("the rule of %s sets its state, want AWS's default, enabled", r.region)
		}
	}
}

// A target is the other region's bus, with a role, retries and a dead-letter queue.
func TestForwardingTarget(t *testing.T) {
	recording := build(t)
	for _, r := range testRegions {
		target := recording.Get(t, "aws:cloudwatch/eventTarget:EventTarget", r.ruleName())
		want := map[string]any{
			"rule": r.ruleName(), "eventBusName": busName, "targetId": "other-region",
			"arn":              recording.Get(t, busToken, "records-"+r.otherRole).ARN(),
			"roleArn":          recording.Get(t, roleToken, r.roleName()).ARN(),
			"deadLetterConfig": map[string]any{"arn": recording.Get(t, queueToken, r.queueName()).ARN()},
			"retryPolicy":      map[string]any{"maximumEventAgeInSeconds": 86400.0, "maximumRetryAttempts": 185.0},
		}
		if got := target.Inputs.Mappable(); !reflect.DeepEqual(got, want) {
			t.Errorf("the target of %s is\n%v, want\n%v", r.region, got, want)
		}
		pulumitest.AssertDependsOn(t, target,
			recording.Get(t, "aws:cloudwatch/eventBusPolicy:EventBusPolicy", "records-"+r.otherRole),
			recording.Get(t, "aws:iam/rolePolicy:RolePolicy", r.roleName()),
			recording.Get(t, "aws:sqs/queuePolicy:QueuePolicy", r.queueName()))
	}
}

// The role is for one rule, and puts events on the other region's bus alone.
func TestForwardingRole(t *testing.T) {
	recording := build(t)
	for _, r := range testRegions {
		trust := pulumitest.Statements(t, recording.Get(t, roleToken, r.roleName()).Text("assumeRolePolicy"))
		wantTrust := []pulumitest.Statement{{
			Sid: "AllowEventBridgeRule", Effect: "Allow", Principal: map[string][]string{"Service": {"events.amazonaws.com"}},
			Action: []string{"sts:AssumeRole"},
			Condition: map[string]map[string][]string{
				"StringEquals": {"aws:SourceAccount": {"111122223333"}},
				"ArnEquals":    {"aws:SourceArn": {r.ruleARN()}},
			},
		}}
		if !reflect.DeepEqual(trust, wantTrust) {
			t.Errorf("the role of %s trusts\n%+v, want\n%+v", r.region, trust, wantTrust)
		}
		attached := recording.Get(t, "aws:iam/rolePolicy:RolePolicy", r.roleName())
		want := []pulumitest.Statement{{
			Sid: "PutEventsToPeerBus", Effect: "Allow", Action: []string{"events:PutEvents"},
			Resource: []string{recording.Get(t, busToken, "records-"+r.otherRole).ARN()},
		}}
		if got := pulumitest.Statements(t, attached.Text("policy")); !reflect.DeepEqual(got, want) || attached.Text("role") != r.roleName() {
			t.Errorf("the role %q may\n%+v, want\n%+v", attached.Text("role"), got, want)
		}
	}
}
