package schedule

import (
	"reflect"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/test/support/pulumitest"
	"warmstandby/test/support/regiontest"
)

const (
	scheduleToken = "aws:scheduler/schedule:Schedule"
	functionARN   = "arn:aws:lambda:us-west-2:111122223333:function:f"
	busARN        = "arn:aws:events:us-east-1:111122223333:event-bus/b"
	queueARN      = "arn:aws:sqs:us-west-2:111122223333:q"
	keyARN        = "arn:aws:kms:us-west-2:111122223333:key/k"
)

// build builds a schedule for a function in the standby region and one for a bus in the primary.
func build(t *testing.T, opts ...pulumitest.Option) *pulumitest.Recording {
	t.Helper()
	return pulumitest.Run(t, "project", "dev", nil, func(ctx *pulumi.Context) error {
		pair, err := regiontest.Pair(ctx)
		if err != nil {
			return err
		}
		parent := &pulumi.ResourceState{}
		if err := ctx.RegisterComponentResource("test:index:Part", "part", parent); err != nil {
			return err
		}
		if err := New(ctx, parent, Args{
			Region: pair.Standby, Purpose: "watch", Description: "Watches", Rate: EveryHour,
			Target: Function(pulumi.String(functionARN), `{"task":"watch"}`),
		}); err != nil {
			return err
		}
		if err := New(ctx, parent, Args{
			Region: pair.Standby, Purpose: "maintain", Description: "Maintains", Rate: EveryMinute, Retries: 3,
			Target:          Function(pulumi.String(functionARN), `{}`),
			DeadLetterQueue: &Queue{ARN: pulumi.String(queueARN), KeyARN: pulumi.String(keyARN)},
		}); err != nil {
			return err
		}
		return New(ctx, parent, Args{
			Region: pair.Primary, Purpose: "beat", Description: "Beats", Rate: EveryMinute, Retries: 2,
			Target: Event(pulumi.String(busARN), "me", "Beat", `{"at":"<aws.scheduler.scheduled-time>"}`),
		})
	}, opts...)
}

func TestRules(t *testing.T) {
	homes := map[string]string{"aws-primary": "us-east-1", "aws-secondary": "us-west-2"}
	for _, word := range []string{"schedule", "role"} {
		homes[word+"-beat-primary-blue"] = "us-east-1"
		homes[word+"-watch-secondary-blue"], homes[word+"-maintain-secondary-blue"] = "us-west-2", "us-west-2"
	}
	for name, opts := range map[string][]pulumitest.Option{"in an update": nil, "in a preview": {pulumitest.Preview()}} {
		t.Run(name, func(t *testing.T) {
			pulumitest.Check(t, build(t, opts...), pulumitest.Rules{
				Suffix: "blue",
				Roles:  map[string]naming.Role{"us-east-1": naming.Primary, "us-west-2": naming.Secondary},
				Home:   func(name string) string { return homes[name] },
			})
		})
	}
}

// A schedule has its target, its retries and a role of its own that allows the target alone.
func TestNew(t *testing.T) {
	recording := build(t)
	tests := []struct {
		name, purpose, region, sid, action, target string
		want                                       map[string]any
		moreStatements                             []pulumitest.Statement // of its role
	}{
		{"invokes a function", "watch-secondary", "us-west-2", "InvokeFunction", "lambda:InvokeFunction", functionARN, map[string]any{
			"description": "Watches", "scheduleExpression": "rate(1 hour)",
			"target": map[string]any{
				"arn": functionARN, "input": `{"task":"watch"}`,
				"retryPolicy": map[string]any{"maximumEventAgeInSeconds": 60.0, "maximumRetryAttempts": 0.0},
			},
		}, nil},
		{"has a dead-letter queue", "maintain-secondary", "us-west-2", "InvokeFunction", "lambda:InvokeFunction", functionARN, map[string]any{
			"description": "Maintains", "scheduleExpression": "rate(1 minute)",
			"target": map[string]any{
				"arn": functionARN, "input": `{}`, "deadLetterConfig": map[string]any{"arn": queueARN},
				"retryPolicy": map[string]any{"maximumEventAgeInSeconds": 60.0, "maximumRetryAttempts": 3.0},
			},
		}, []pulumitest.Statement{
			{Sid: "SendToDLQ", Effect: "Allow", Action: []string{"sqs:SendMessage"}, Resource: []string{queueARN}},
			{
				Sid: "EncryptDLQMessages", Effect: "Allow", Action: []string{"kms:Decrypt", "kms:GenerateDataKey"}, Resource: []string{keyARN},
				Condition: map[string]map[string][]string{"StringEquals": {"kms:ViaService": {"sqs.us-west-2.amazonaws.com"}}},
			},
		}},
		{"puts an event on a bus", "beat-primary", "us-east-1", "PutEvents", "events:PutEvents", busARN, map[string]any{
			"description": "Beats", "scheduleExpression": "rate(1 minute)",
			"target": map[string]any{
				"arn": busARN, "input": `{"at":"<aws.scheduler.scheduled-time>"}`,
				"eventbridgeParameters": map[string]any{"source": "me", "detailType": "Beat"},
				"retryPolicy":           map[string]any{"maximumEventAgeInSeconds": 60.0, "maximumRetryAttempts": 2.0},
			},
		}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			name, roleName := "schedule-"+test.purpose+"-blue", "role-"+test.purpose+"-blue"
			scheduleRole := recording.Get(t, "aws:iam/role:Role", roleName)
			granted := recording.Get(t, "aws:iam/rolePolicy:RolePolicy", roleName)
			made := recording.Get(t, scheduleToken, name)
			test.want["name"], test.want["flexibleTimeWindow"] = name, map[string]any{"mode": "OFF"}
			test.want["target"].(map[string]any)["roleArn"] = scheduleRole.ARN()
			if got := made.Inputs.Mappable(); !reflect.DeepEqual(got, test.want) {
				t.Errorf("it is\n%v, want\n%v", got, test.want)
			}
			pulumitest.AssertDependsOn(t, made, granted)
			wantTrust := []pulumitest.Statement{{
				Sid: "AllowEventBridgeScheduler", Effect: "Allow", Principal: map[string][]string{"Service": {"scheduler.amazonaws.com"}},
				Action: []string{"sts:AssumeRole"},
				Condition: map[string]map[string][]string{
					"StringEquals": {"aws:SourceAccount": {"111122223333"}},
					"ArnEquals":    {"aws:SourceArn": {"arn:aws:scheduler:" + test.region + ":111122223333:schedule-group/default"}},
				},
			}}
			if got := pulumitest.Statements(t, scheduleRole.Text("assumeRolePolicy")); !reflect.DeepEqual(got, wantTrust) {
				t.Errorf("its role trusts\n%+v, want\n%+v", got, wantTrust)
			}
			want := append([]pulumitest.Statement{{
				Sid: test.sid, Effect: "Allow", Action: []string{test.action}, Resource: []string{test.target},
			}}, test.moreStatements...)
			if got := pulumitest.Statements(t, granted.Text("policy")); !reflect.DeepEqual(got, want) {
				t.Errorf("its role may\n%+v, want\n%+v", got, want)
			}
		})
	}
}

// Appending to the caller's slice would overwrite options of the next resource that is built from it.
func TestOptionsAreCopied(t *testing.T) {
	given := append(make([]pulumi.ResourceOption, 0, 8), pulumi.Protect(false))
	pulumitest.Run(t, "project", "dev", nil, func(ctx *pulumi.Context) error {
		in, err := regiontest.Pair(ctx)
		if err != nil {
			return err
		}
		parent := &pulumi.ResourceState{}
		if err := ctx.RegisterComponentResource("test:index:Part", "part", parent); err != nil {
			return err
		}
		return New(ctx, parent, Args{Region: in.Primary, Purpose: "p", Rate: EveryHour, Target: Function(pulumi.String(functionARN), "{}")},
			given...)
	})
	if spare := given[:2][1]; spare != nil {
		t.Errorf("New writes %v behind the caller's options", spare)
	}
}
