package application

import (
	"reflect"
	"testing"

	"warmstandby/test/support/pulumitest"
)

func TestTheFunctionIsBuiltAsTheArgumentsSay(t *testing.T) {
	recording := build(t, plainly)
	for _, side := range sides {
		function := recording.Get(t, functionToken, side.function())
		if !function.Inputs["code"].IsArchive() {
			t.Errorf("the code of %s is %v, want the archive", side.function(), function.Inputs["code"])
		}
		// Neither reservedConcurrentExecutions, which would cap the region that takes over, nor anything else that is not here.
		want := map[string]any{
			"name": side.function(), "description": "The records API", "handler": "index.handler", "runtime": "nodejs22.x", "architectures": []any{"arm64"},
			"memorySize": 512.0, "timeout": 20.0, "role": recording.Get(t, roleToken, "role-app-"+side.role+"-blue").ARN(),
			"environment": map[string]any{"variables": map[string]any{
				"PARAMETER_PATH": "/warmstandby/blue", "DR_ROLE": side.role, "LOG_LEVEL": "info",
				"NODE_OPTIONS": "--enable-source-maps",
			}},
			"vpcConfig": map[string]any{
				"subnetIds": []any{"private-1-" + side.role, "private-2-" + side.role}, "securityGroupIds": []any{"sg-function-" + side.role},
			},
			"replaceSecurityGroupsOnDestroy": true,
		}
		if got := without(function.Inputs.Mappable(), "code"); !reflect.DeepEqual(got, want) {
			t.Errorf("the function of %s is\n%v, want\n%v", side.region, got, want)
		}
		if got := function.Request.GetCustomTimeouts().GetDelete(); got != "60m" {
			t.Errorf("the deletion of %s may take %q, want 60m", side.function(), got)
		}
	}
}

// A log group that Lambda made would have neither, and outlive the stack.
func TestTheLogGroupIsThereBeforeTheFunctionWithRetentionAndKey(t *testing.T) {
	recording := build(t, plainly)
	for _, side := range sides {
		group, key := recording.Get(t, groupToken, side.logGroup()), recording.Get(t, keyToken, side.key())
		if group.Text("name") != side.logGroup() || group.Input("retentionInDays") != 14.0 || group.Text("kmsKeyId") != key.ARN() {
			t.Errorf("the log group of %s is %v, want 14 days under %s", side.region, group.Inputs.Mappable(), key.ARN())
		}
		pulumitest.WantAfter(t, recording.Get(t, functionToken, side.function()), group,
			recording.Get(t, grantToken, "role-app-"+side.role+"-blue"))
	}
}

func TestTheKeyServesTheLogGroupAndTheAlarms(t *testing.T) {
	recording := build(t, plainly)
	for _, side := range sides {
		var sids []string
		for _, each := range pulumitest.Statements(t, recording.Get(t, keyToken, side.key()).Text("policy")) {
			sids = append(sids, each.Sid)
			if each.Sid != "LogsEncryptsTheseGroups" {
				continue
			}
			want := map[string]map[string][]string{"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": {side.arn("logs", "log-group:"+side.logGroup())}}}
			if !reflect.DeepEqual(each.Condition, want) {
				t.Errorf("the key of %s is for logs under %v, want %v", side.region, each.Condition, want)
			}
		}
		if want := []string{"AccountDecidesByIAM", "LogsEncryptsTheseGroups", "AlarmsReachEncryptedTopics"}; !reflect.DeepEqual(sids, want) {
			t.Errorf("the key of %s has the statements %q, want %q", side.region, sids, want)
		}
	}
}

func TestWhatIsGivenUpGoesToTheQueueAfterTwoRetries(t *testing.T) {
	recording := build(t, plainly)
	for _, side := range sides {
		queue := recording.Get(t, queueToken, side.queue())
		retries := recording.Get(t, "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", side.function())
		want := map[string]any{
			"functionName": side.function(), "maximumEventAgeInSeconds": 300.0, "maximumRetryAttempts": 2.0,
			"destinationConfig": map[string]any{"onFailure": map[string]any{"destination": queue.ARN()}},
		}
		if got := retries.Inputs.Mappable(); !reflect.DeepEqual(got, want) {
			t.Errorf("the retries of %s are\n%v, want\n%v", side.region, got, want)
		}
		// Lambda tries the role's permission when it is given the destination.
		pulumitest.WantAfter(t, retries, recording.Get(t, grantToken, "role-app-"+side.role+"-blue"))
	}
}

func TestTheQueueIsEncryptedByTheKeyAndRefusesPlainHTTP(t *testing.T) {
	recording := build(t, plainly)
	for _, side := range sides {
		queue := recording.Get(t, queueToken, side.queue())
		want := map[string]any{"name": side.queue(), "kmsMasterKeyId": recording.Get(t, keyToken, side.key()).ARN(), "messageRetentionSeconds": 86400.0}
		if got := queue.Inputs.Mappable(); !reflect.DeepEqual(got, want) {
			t.Errorf("the queue of %s is %v, want %v", side.region, got, want)
		}
		attached := recording.Get(t, "aws:sqs/queuePolicy:QueuePolicy", side.queue())
		wantPolicy := []pulumitest.Statement{{
			Sid: "RefusePlainHTTP", Effect: "Deny", Principal: map[string][]string{"AWS": {"*"}},
			Action: []string{"sqs:*"}, Resource: []string{queue.ARN()},
			Condition: map[string]map[string][]string{"Bool": {"aws:SecureTransport": {"false"}}},
		}}
		if got := pulumitest.Statements(t, attached.Text("policy")); !reflect.DeepEqual(got, wantPolicy) || attached.Text("queueUrl") != "url-"+side.queue() {
			t.Errorf("the policy of %q is\n%+v, want\n%+v", attached.Text("queueUrl"), got, wantPolicy)
		}
	}
}
