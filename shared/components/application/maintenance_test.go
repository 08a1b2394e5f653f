package application

import (
	"reflect"
	"testing"

	"warmstandby/test/support/pulumitest"
)

// The function's maintenance starts each minute.
func TestMaintenance(t *testing.T) {
	recording := build(t, unchanged)
	for _, r := range testRegions {
		made := recording.Get(t, "aws:scheduler/schedule:Schedule", r.schedule())
		want := map[string]any{
			"name": r.schedule(), "scheduleExpression": "rate(1 minute)", "flexibleTimeWindow": map[string]any{"mode": "OFF"},
			"target": map[string]any{
				"arn":     recording.Get(t, functionToken, r.function()).ARN(),
				"roleArn": recording.Get(t, roleToken, "role-maintain-"+r.role+"-blue").ARN(), "input": `{"task":"maintain"}`,
				"deadLetterConfig": map[string]any{"arn": recording.Get(t, queueToken, r.queue()).ARN()},
				"retryPolicy":      map[string]any{"maximumEventAgeInSeconds": 60.0, "maximumRetryAttempts": 3.0},
			},
		}
		if got := without(made.Inputs.Mappable(), "description"); !reflect.DeepEqual(got, want) {
			t.Errorf("the schedule of %s is\n%v, want\n%v", r.region, got, want)
		}
		pulumitest.AssertDependsOn(t, made,
			recording.Get(t, grantToken, "role-maintain-"+r.role+"-blue"), recording.Get(t, "aws:sqs/queuePolicy:QueuePolicy", r.queue()))
	}
}

// The account's schedules alone assume the role, which invokes the function and no other.
func TestMaintenanceRole(t *testing.T) {
	recording := build(t, unchanged)
	for _, r := range testRegions {
		name := "role-maintain-" + r.role + "-blue"
		trust := pulumitest.Statements(t, recording.Get(t, roleToken, name).Text("assumeRolePolicy"))
		wantTrust := []pulumitest.Statement{{
			Sid: "AllowEventBridgeScheduler", Effect: "Allow", Principal: map[string][]string{"Service": {"scheduler.amazonaws.com"}},
			Action: []string{"sts:AssumeRole"},
			Condition: map[string]map[string][]string{
				"StringEquals": {"aws:SourceAccount": {"111122223333"}}, "ArnEquals": {"aws:SourceArn": {r.arn("scheduler", "schedule-group/default")}},
			},
		}}
		if !reflect.DeepEqual(trust, wantTrust) {
			t.Errorf("the role of %s trusts\n%+v, want\n%+v", r.region, trust, wantTrust)
		}
		want := []pulumitest.Statement{
			{
				Sid: "InvokeFunction", Effect: "Allow", Action: []string{"lambda:InvokeFunction"},
				Resource: []string{recording.Get(t, functionToken, r.function()).ARN()},
			},
			{
				Sid: "SendToDLQ", Effect: "Allow", Action: []string{"sqs:SendMessage"},
				Resource: []string{recording.Get(t, queueToken, r.queue()).ARN()},
			},
			{
				Sid: "EncryptDLQMessages", Effect: "Allow", Action: []string{"kms:Decrypt", "kms:GenerateDataKey"},
				Resource:  []string{recording.Get(t, keyToken, r.key()).ARN()},
				Condition: map[string]map[string][]string{"StringEquals": {"kms:ViaService": {"sqs." + r.region + ".amazonaws.com"}}},
			},
		}
		if got := pulumitest.Statements(t, recording.Get(t, grantToken, name).Text("policy")); !reflect.DeepEqual(got, want) {
			t.Errorf("the role of %s may\n%+v, want\n%+v", r.region, got, want)
		}
	}
}
