package application

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"warmstandby/shared/contract/controller"
	"warmstandby/test/support/pulumitest"
)

// The function's role has these statements and no others.
func TestFunctionPermissions(t *testing.T) {
	recording := build(t, unchanged)
	for _, r := range testRegions {
		network := []string{
			"ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:UnassignPrivateIpAddresses",
		}
		describe := []string{"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"}
		through := func(services ...string) map[string]map[string][]string {
			for i := range services {
				services[i] += "." + r.region + ".amazonaws.com"
			}
			return map[string]map[string][]string{"StringEquals": {"kms:ViaService": services}}
		}
		want := []pulumitest.Statement{
			{
				Sid: "CreateNetworkInterfaces", Effect: "Allow", Action: []string{"ec2:CreateNetworkInterface"},
				Resource: []string{
					r.arn("ec2", "network-interface/*"), r.arn("ec2", "security-group/sg-function-"+r.role),
					r.arn("ec2", "subnet/private-1-"+r.role), r.arn("ec2", "subnet/private-2-"+r.role),
				},
			},
			{
				Sid: "ManageNetworkInterfaces", Effect: "Allow", Resource: []string{r.arn("ec2", "network-interface/*")},
				Action: []string{"ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"},
			},
			// Lambda asks for this resource.
			{
				Sid: "DeleteNetworkInterfaces", Effect: "Allow", Action: []string{"ec2:DeleteNetworkInterface"},
				Resource: []string{r.arn("ec2", "*/*")},
			},
			{Sid: "DescribeNetwork", Effect: "Allow", Action: describe, Resource: []string{"*"}},
			{
				Sid: "DenyNetworkToCode", Effect: "Deny", Action: slices.Concat(network, describe), Resource: []string{"*"},
				Condition: map[string]map[string][]string{"ArnEquals": {"lambda:SourceFunctionArn": {r.arn("lambda", "function:"+r.function())}}},
			},
			{
				Sid: "WriteLogs", Effect: "Allow", Action: []string{"logs:CreateLogStream", "logs:PutLogEvents"},
				Resource: []string{r.arn("logs", "log-group:"+r.logGroup()) + ":*"},
			},
			{
				Sid: "WriteAuditTrail", Effect: "Allow", Action: []string{"logs:CreateLogStream", "logs:PutLogEvents"},
				Resource: []string{r.arn("logs", "log-group:"+r.auditGroup()), r.arn("logs", "log-group:"+r.auditGroup()) + ":log-stream:*"},
			},
			{
				Sid: "ReadParameters", Effect: "Allow", Action: []string{"ssm:GetParametersByPath"},
				Resource: []string{r.arn("ssm", "parameter/warmstandby/blue"), r.arn("ssm", "parameter/warmstandby/blue/*")},
			},
			{
				Sid: "ReadDatabaseSecret", Effect: "Allow", Action: []string{"secretsmanager:GetSecretValue"},
				Resource: []string{r.arn("secretsmanager", "secret:database-x")},
			},
			{
				Sid: "PresignDocumentURLs", Effect: "Allow", Action: []string{"s3:GetObject", "s3:PutObject"},
				Resource: []string{"arn:aws:s3:::documents-" + r.role + "/records/*"},
			},
			{
				Sid: "RemoveDocuments", Effect: "Allow", Action: []string{"s3:DeleteObject"},
				Resource: []string{"arn:aws:s3:::documents-" + r.role + "/records/*"},
			},
			{
				Sid: "FindDocuments", Effect: "Allow", Action: []string{"s3:ListBucket"},
				Resource:  []string{"arn:aws:s3:::documents-" + r.role},
				Condition: map[string]map[string][]string{"StringLike": {"s3:prefix": {"records/*"}}},
			},
			{
				Sid: "PublishEvents", Effect: "Allow", Action: []string{"events:PutEvents"},
				Resource:  []string{r.arn("events", "event-bus/bus-records-blue")},
				Condition: map[string]map[string][]string{"ForAllValues:StringEquals": {"events:source": {"warmstandby.records"}}},
			},
			{
				Sid: "UseDataKey", Effect: "Allow", Action: []string{"kms:Decrypt", "kms:GenerateDataKey"},
				Resource: []string{r.arn("kms", "key/data")}, Condition: through("s3", "secretsmanager"),
			},
			{
				Sid: "SendToDLQ", Effect: "Allow", Action: []string{"sqs:SendMessage"},
				Resource: []string{recording.Get(t, queueToken, r.queue()).ARN()},
			},
			{
				Sid: "EncryptDLQMessages", Effect: "Allow", Action: []string{"kms:Decrypt", "kms:GenerateDataKey"},
				Resource: []string{recording.Get(t, keyToken, r.key()).ARN()}, Condition: through("sqs"),
			},
		}
		name := "role-app-" + r.role + "-blue"
		attached := recording.Get(t, grantToken, name)
		got := pulumitest.Statements(t, attached.Text("policy"))
		for i := range want {
			if i >= len(got) || !reflect.DeepEqual(got[i], want[i]) {
				t.Errorf("statement %d of %s differs from\n%+v in\n%+v", i, r.region, want[i], got)
				break
			}
		}
		if len(got) != len(want) || attached.Text("role") != name {
			t.Errorf("the role %q has %d statements, want %d for %s", attached.Text("role"), len(got), len(want), name)
		}
	}
}

// Whatever statements are added: no action has a wildcard, only Describe actions are allowed for every resource, nothing
// reaches the other region, and each use of a key is through a service.
func TestLeastPrivilege(t *testing.T) {
	recording := build(t, unchanged)
	for i, r := range testRegions {
		for _, attached := range recording.OfType(grantToken) {
			if recording.Region(attached) != r.region {
				continue
			}
			for _, each := range pulumitest.Statements(t, attached.Text("policy")) {
				if each.Effect != "Allow" {
					continue
				}
				for _, action := range each.Action {
					verb := action[strings.Index(action, ":")+1:]
					if strings.Contains(action, "*") {
						t.Errorf("statement %s of %s allows %s", each.Sid, attached.Name, action)
					}
					if slices.Contains(each.Resource, "*") && !strings.HasPrefix(verb, "Describe") {
						t.Errorf("statement %s of %s allows %s everywhere", each.Sid, attached.Name, action)
					}
					if strings.HasPrefix(action, "kms:") && len(each.Condition["StringEquals"]["kms:ViaService"]) == 0 {
						t.Errorf("statement %s of %s allows %s for no service in particular", each.Sid, attached.Name, action)
					}
				}
				if other := testRegions[1-i].region; strings.Contains(strings.Join(each.Resource, " "), other) {
					t.Errorf("statement %s of %s reaches %s", each.Sid, attached.Name, other)
				}
			}
		}
	}
}

// Lambda alone assumes the function's role.
func TestFunctionTrust(t *testing.T) {
	recording := build(t, unchanged)
	for _, r := range testRegions {
		got := pulumitest.Statements(t, recording.Get(t, roleToken, "role-app-"+r.role+"-blue").Text("assumeRolePolicy"))
		want := []pulumitest.Statement{{
			Sid: "AllowLambda", Effect: "Allow", Principal: map[string][]string{"Service": {"lambda.amazonaws.com"}},
			Action:    []string{"sts:AssumeRole"},
			Condition: map[string]map[string][]string{"StringEquals": {"aws:SourceAccount": {pulumitest.Account}}},
		}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("the role of %s trusts\n%+v, want\n%+v", r.region, got, want)
		}
	}
}

// The source that the role may publish is the one that the function's code publishes, and not the heartbeat's.
func TestEventSource(t *testing.T) {
	code, err := os.ReadFile(filepath.FromSlash("../../../lambda/app/src/aws/events.js"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "export const SOURCE = '" + eventSource + "';"; !strings.Contains(string(code), want) {
		t.Errorf("lambda/app/src/aws/events.js has no line %q: the role may publish events of that source alone", want)
	}
	if eventSource == controller.HeartbeatSource {
		t.Errorf("the application's events have the source of the controller's heartbeat, %s", eventSource)
	}
}
