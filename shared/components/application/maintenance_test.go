package application

import (
	"reflect"
	"testing"

	"warmstandby/test/support/pulumitest"
)

func TestMaintenanceIsSentEachMinute(t *testing.T) {
	recording := build(t, plainly)
	for _, side := range sides {
		made := recording.Get(t, "aws:scheduler/schedule:Schedule", side.schedule())
		want := map[string]any{
			"name": side.schedule(), "scheduleExpression": "rate(1 minute)", "flexibleTimeWindow": map[string]any{"mode": "OFF"},
			"target": map[string]any{
				"arn":     recording.Get(t, functionToken, side.function()).ARN(),
				"roleArn": recording.Get(t, roleToken, "role-maintain-"+side.role+"-blue").ARN(), "input": `{"task":"maintain"}`,
				"deadLetterConfig": map[string]any{"arn": recording.Get(t, queueToken, side.queue()).ARN()},
				"retryPolicy":      map[string]any{"maximumEventAgeInSeconds": 60.0, "maximumRetryAttempts": 3.0},
			},
		}
		if got := without(made.Inputs.Mappable(), "description"); !reflect.DeepEqual(got, want) {
			t.Errorf("the schedule of %s is\n%v, want\n%v", side.region, got, want)
		}
		pulumitest.WantAfter(t, made,
			recording.Get(t, grantToken, "role-maintain-"+side.role+"-blue"), recording.Get(t, "aws:sqs/queuePolicy:QueuePolicy", side.queue()))
	}
}

func TestTheSchedulesOfTheAccountInvokeTheFunctionAndNoOther(t *testing.T) {
	recording := build(t, plainly)
	for _, side := range sides {
		name := "role-maintain-" + side.role + "-blue"
		trust := pulumitest.Statements(t, recording.Get(t, roleToken, name).Text("assumeRolePolicy"))
		wantTrust := []pulumitest.Statement{{
			Sid: "SchedulesOfThisAccount", Effect: "Allow", Principal: map[string][]string{"Service": {"scheduler.amazonaws.com"}},
			Action: []string{"sts:AssumeRole"},
			Condition: map[string]map[string][]string{
				"StringEquals": {"aws:SourceAccount": {"111122223333"}}, "ArnEquals": {"aws:SourceArn": {side.arn("scheduler", "schedule-group/default")}},
			},
		}}
		if !reflect.DeepEqual(trust, wantTrust) {
			t.Errorf("the role of %s trusts\n%+v, want\n%+v", side.region, trust, wantTrust)
		}
		want := []pulumitest.Statement{
			{
				Sid: "InvokeTheFunction", Effect: "Allow", Action: []string{"lambda:InvokeFunction"},
				Resource: []string{recording.Get(t, functionToken, side.function()).ARN()},
			},
			{Sid: "GiveUpToTheQueue", Effect: "Allow", Action: []string{"sqs:SendMessage"}, Resource: []string{recording.Get(t, queueToken, side.queue()).ARN()}},
			{
				Sid: "EncryptWhatFailed", Effect: "Allow", Action: []string{"kms:Decrypt", "kms:GenerateDataKey"},
				Resource:  []string{recording.Get(t, keyToken, side.key()).ARN()},
				Condition: map[string]map[string][]string{"StringEquals": {"kms:ViaService": {"sqs." + side.region + ".amazonaws.com"}}},
			},
		}
		if got := pulumitest.Statements(t, recording.Get(t, grantToken, name).Text("policy")); !reflect.DeepEqual(got, want) {
			t.Errorf("the role of %s may\n%+v, want\n%+v", side.region, got, want)
		}
	}
}
