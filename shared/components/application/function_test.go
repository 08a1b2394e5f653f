package application

import (
	"reflect"
	"testing"

	"warmstandby/test/support/pulumitest"
)

// The function has the properties of its arguments and no others.
func TestFunction(t *testing.T) {
	recording := build(t, unchanged)
	for _, r := range testRegions {
		function := recording.Get(t, functionToken, r.function())
		if !function.Inputs["code"].IsArchive() {
			t.Errorf("the code of %s is %v, want the archive", r.function(), function.Inputs["code"])
		}
		// Neither reservedConcurrentExecutions, which would cap the region that takes over, nor anything else that is not here.
		want := map[string]any{
			"name": r.function(), "description": "The records API", "handler": "index.handler", "runtime": "nodejs22.x",
			"architectures": []any{"arm64"},
			"memorySize":    512.0, "timeout": 20.0, "role": recording.Get(t, roleToken, "role-app-"+r.role+"-blue").ARN(),
			"environment": map[string]any{"variables": map[string]any{
				"PARAMETER_PATH": "/warmstandby/blue", "DR_ROLE": r.role, "LOG_LEVEL": "info",
				"AUDIT_LOG_GROUP": r.auditGroup(), "VERSION_RETENTION_DAYS": "2192", "LEGAL_HOLD": "true",
				"NODE_OPTIONS": "--enable-source-maps",
			}},
			"vpcConfig": map[string]any{
				"subnetIds": []any{"private-1-" + r.role, "private-2-" + r.role}, "securityGroupIds": []any{"sg-function-" + r.role},
			},
			"replaceSecurityGroupsOnDestroy": true,
		}
		if got := without(function.Inputs.Mappable(), "code"); !reflect.DeepEqual(got, want) {
			t.Errorf("the function of %s is\n%v, want\n%v", r.region, got, want)
		}
		if got := function.Request.GetCustomTimeouts().GetDelete(); got != "60m" {
			t.Errorf("the deletion of %s may take %q, want 60m", r.function(), got)
		}
	}
}

// A log group that Lambda created would have neither retention nor key, and outlive the stack.
func TestLogGroup(t *testing.T) {
	recording := build(t, unchanged)
	for _, r := range testRegions {
		group, key := recording.Get(t, groupToken, r.logGroup()), recording.Get(t, keyToken, r.key())
		if group.Text("name") != r.logGroup() || group.Input("retentionInDays") != 14.0 || group.Text("kmsKeyId") != key.ARN() {
			t.Errorf("the log group of %s is %v, want 14 days under %s", r.region, group.Inputs.Mappable(), key.ARN())
		}
		trail := recording.Get(t, groupToken, r.auditGroup())
		if trail.Text("name") != r.auditGroup() || trail.Input("retentionInDays") != 2192.0 || trail.Text("kmsKeyId") != key.ARN() {
			t.Errorf("the audit trail of %s is %v, want 2192 days under %s", r.region, trail.Inputs.Mappable(), key.ARN())
		}
		pulumitest.AssertDependsOn(t, recording.Get(t, functionToken, r.function()), group, trail,
			recording.Get(t, grantToken, "role-app-"+r.role+"-blue"))
	}
}

// Lambda deletes the function's network interfaces by its role. A destroy deletes the role and its policy after the function and
// after the log group.
func TestRoleOutlivesFunction(t *testing.T) {
	recording := build(t, unchanged)
	for _, r := range testRegions {
		name := "role-app-" + r.role + "-blue"
		function, group := recording.Get(t, functionToken, r.function()), recording.Get(t, groupToken, r.logGroup())
		role, policy := recording.Get(t, roleToken, name), recording.Get(t, grantToken, name)
		pulumitest.AssertDependsOn(t, function, role, policy, group)
		pulumitest.AssertDependsOn(t, group, policy)
		pulumitest.AssertDependsOn(t, policy, role)
	}
}

// The key is for the account, the log group and alarms.
func TestKeyPolicy(t *testing.T) {
	recording := build(t, unchanged)
	for _, r := range testRegions {
		var sids []string
		for _, each := range pulumitest.Statements(t, recording.Get(t, keyToken, r.key()).Text("policy")) {
			sids = append(sids, each.Sid)
			if each.Sid != "AllowCloudWatchLogs" {
				continue
			}
			want := map[string]map[string][]string{"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": {
				r.arn("logs", "log-group:"+r.logGroup()), r.arn("logs", "log-group:"+r.auditGroup()),
			}}}
			if !reflect.DeepEqual(each.Condition, want) {
				t.Errorf("the key of %s is for logs under %v, want %v", r.region, each.Condition, want)
			}
		}
		want := []string{"EnableIAMPolicies", "AllowCloudWatchLogs", "AllowCloudWatchAlarms", "AllowEventBridgeRules"}
		if !reflect.DeepEqual(sids, want) {
			t.Errorf("the key of %s has the statements %q, want %q", r.region, sids, want)
		}
	}
}

// An event goes to the dead-letter queue after two retries.
func TestRetries(t *testing.T) {
	recording := build(t, unchanged)
	for _, r := range testRegions {
		queue := recording.Get(t, queueToken, r.queue())
		retries := recording.Get(t, "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", r.function())
		want := map[string]any{
			"functionName": r.function(), "maximumEventAgeInSeconds": 300.0, "maximumRetryAttempts": 2.0,
			"destinationConfig": map[string]any{"onFailure": map[string]any{"destination": queue.ARN()}},
		}
		if got := retries.Inputs.Mappable(); !reflect.DeepEqual(got, want) {
			t.Errorf("the retries of %s are\n%v, want\n%v", r.region, got, want)
		}
		// Lambda tries the role's permission when the destination is set.
		pulumitest.AssertDependsOn(t, retries, recording.Get(t, grantToken, "role-app-"+r.role+"-blue"))
	}
}

// The queue is encrypted by the region's key and accepts TLS alone.
func TestDeadLetterQueue(t *testing.T) {
	recording := build(t, unchanged)
	for _, r := range testRegions {
		queue := recording.Get(t, queueToken, r.queue())
		want := map[string]any{"name": r.queue(), "kmsMasterKeyId": recording.Get(t, keyToken, r.key()).ARN(), "messageRetentionSeconds": 86400.0}
		if got := queue.Inputs.Mappable(); !reflect.DeepEqual(got, want) {
			t.Errorf("the queue of %s is %v, want %v", r.region, got, want)
		}
		attached := recording.Get(t, "aws:sqs/queuePolicy:QueuePolicy", r.queue())
		wantPolicy := []pulumitest.Statement{{
			Sid: "DenyInsecureTransport", Effect: "Deny", Principal: map[string][]string{"AWS": {"*"}},
			Action: []string{"sqs:*"}, Resource: []string{queue.ARN()},
			Condition: map[string]map[string][]string{"Bool": {"aws:SecureTransport": {"false"}}},
		}}
		if got := pulumitest.Statements(t, attached.Text("policy")); !reflect.DeepEqual(got, wantPolicy) ||
			attached.Text("queueUrl") != "url-"+r.queue() {
			t.Errorf("the policy of %q is\n%+v, want\n%+v", attached.Text("queueUrl"), got, wantPolicy)
		}
	}
}
