package network

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"warmstandby/test/support/pulumitest"
)

// Flow logs record all traffic in the encrypted group.
func TestFlowLogs(t *testing.T) {
	recording := build(t, unchanged)
	for _, r := range testRegions {
		log := recording.Get(t, "aws:ec2/flowLog:FlowLog", "fl-vpc-"+r.role+"-blue")
		group := recording.Get(t, "aws:cloudwatch/logGroup:LogGroup", "logs-vpc-"+r.role+"-blue")
		key := recording.Get(t, "aws:kms/key:Key", "flowlogs-"+r.role)
		alias := recording.Get(t, "aws:kms/alias:Alias", "flowlogs-"+r.role)
		role := recording.Get(t, "aws:iam/role:Role", "role-flowlogs-"+r.role+"-blue")
		for _, test := range []struct {
			what      string
			got, want any
		}{
			{"VPC", log.Input("vpcId"), pulumitest.VPCID(r.vpc)},
			{"kind of traffic", log.Input("trafficType"), "ALL"},
			{"destination", log.Input("logDestination"), group.ARN()},
			{"role", log.Input("iamRoleArn"), role.ARN()},
			{"window in seconds", log.Input("maxAggregationInterval"), 600.0},
			{"retention in days", group.Input("retentionInDays"), 30.0},
			{"key", group.Input("kmsKeyId"), key.ARN()},
			{"key rotation", key.Input("enableKeyRotation"), true},
			{"alias's key", alias.Input("targetKeyId"), key.Outputs["keyId"].StringValue()},
		} {
			if test.got != test.want {
				t.Errorf("the flow logs of %s have the %s %v, want %v", r.region, test.what, test.got, test.want)
			}
		}
	}
}

// The key is for the account and for the one log group.
func TestFlowLogKey(t *testing.T) {
	recording := build(t, unchanged)
	for _, r := range testRegions {
		key := recording.Get(t, "aws:kms/key:Key", "flowlogs-"+r.role)
		statements := parsePolicy(t, key.Text("policy")).Statement
		if len(statements) != 2 {
			t.Fatalf("the key policy of %s has %d statements, want two", r.region, len(statements))
		}
		account, logs := statements[0], statements[1]
		for _, statement := range statements {
			for kind, principals := range statement.Principal {
				if slices.Contains(principals, "*") {
					t.Errorf("statement %s of %s admits every %s principal", statement.Sid, r.region, kind)
				}
			}
		}
		if want := map[string][]string{"AWS": {"arn:aws:iam::111122223333:root"}}; !reflect.DeepEqual(account.Principal, want) ||
			account.Effect != "Allow" || !slices.Equal(account.Action, []string{"kms:*"}) {
			t.Errorf("the account's statement is %+v, want all actions for %v", account, want)
		}
		if want := map[string][]string{"Service": {"logs." + r.region + ".amazonaws.com"}}; !reflect.DeepEqual(logs.Principal, want) ||
			logs.Effect != "Allow" {
			t.Errorf("CloudWatch Logs's statement of %s admits %v, want %v", r.region, logs.Principal, want)
		}
		group := "arn:aws:logs:" + r.region + ":111122223333:log-group:logs-vpc-" + r.role + "-blue"
		want := map[string]map[string][]string{"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": {group}}}
		if !reflect.DeepEqual(logs.Condition, want) {
			t.Errorf("CloudWatch Logs's statement of %s holds under %v, want %v", r.region, logs.Condition, want)
		}
		for _, action := range logs.Action {
			if action == "kms:*" || !strings.HasPrefix(action, "kms:") {
				t.Errorf("CloudWatch Logs may %s in %s", action, r.region)
			}
		}
	}
}

// The role is for this account's flow logs, and writes to the one group. On a destroy its policy goes between the flow log and the
// group, so that no late record creates the group again.
func TestFlowLogRole(t *testing.T) {
	recording := build(t, unchanged)
	for _, r := range testRegions {
		name := "role-flowlogs-" + r.role + "-blue"
		trust := parsePolicy(t, recording.Get(t, "aws:iam/role:Role", name).Text("assumeRolePolicy"))
		if len(trust.Statement) != 1 {
			t.Fatalf("the trust policy of %s has %d statements, want one", name, len(trust.Statement))
		}
		statement := trust.Statement[0]
		if want := map[string][]string{"Service": {"vpc-flow-logs.amazonaws.com"}}; !reflect.DeepEqual(statement.Principal, want) ||
			!slices.Equal(statement.Action, []string{"sts:AssumeRole"}) {
			t.Errorf("role %s is for %v to %q, want %v to assume", name, statement.Principal, statement.Action, want)
		}
		want := map[string]map[string][]string{
			"StringEquals": {"aws:SourceAccount": {"111122223333"}},
			"ArnLike":      {"aws:SourceArn": {"arn:aws:ec2:" + r.region + ":111122223333:vpc-flow-log/*"}},
		}
		if !reflect.DeepEqual(statement.Condition, want) {
			t.Errorf("role %s is assumed under %v, want %v", name, statement.Condition, want)
		}

		attached := recording.Get(t, "aws:iam/rolePolicy:RolePolicy", name)
		group := recording.Get(t, "aws:cloudwatch/logGroup:LogGroup", "logs-vpc-"+r.role+"-blue").ARN()
		// All actions are those of AWS's page (Amazon VPC User Guide, "IAM role for publishing flow logs to CloudWatch Logs").
		wantStatements := []pulumitest.Statement{
			{
				Sid: "WriteLogs", Effect: "Allow", Resource: []string{group, group + ":*"},
				Action: []string{"logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"},
			},
			{Sid: "FindLogGroup", Effect: "Allow", Action: []string{"logs:DescribeLogGroups"}, Resource: []string{"*"}},
		}
		if got := pulumitest.Statements(t, attached.Text("policy")); !reflect.DeepEqual(got, wantStatements) {
			t.Errorf("role %s has the statements\n%+v, want\n%+v", name, got, wantStatements)
		}
		pulumitest.AssertDependsOn(t, recording.Get(t, "aws:ec2/flowLog:FlowLog", "fl-vpc-"+r.role+"-blue"), attached)
		pulumitest.AssertDependsOn(t, attached, recording.Get(t, "aws:cloudwatch/logGroup:LogGroup", "logs-vpc-"+r.role+"-blue"))
		if got := attached.Text("role"); got != name {
			t.Errorf("the policy is that of role %q, want %q", got, name)
		}
	}
}
