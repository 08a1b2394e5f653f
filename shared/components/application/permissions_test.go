package application

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"warmstandby/test/support/pulumitest"
)

func TestTheFunctionMayDoThisAndNothingElse(t *testing.T) {
	recording := build(t, plainly)
	for _, side := range sides {
		network := []string{"ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:UnassignPrivateIpAddresses"}
		describe := []string{"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"}
		through := func(services ...string) map[string]map[string][]string {
			for i := range services {
				services[i] += "." + side.region + ".amazonaws.com"
			}
			return map[string]map[string][]string{"StringEquals": {"kms:ViaService": services}}
		}
		want := []pulumitest.Statement{
			{Sid: "LambdaJoinsTheVPC", Effect: "Allow", Action: network, Resource: []string{side.arn("ec2", "*/*")}},
			{Sid: "LambdaLooksAtTheVPC", Effect: "Allow", Action: describe, Resource: []string{"*"}},
			{
				Sid: "TheCodeItselfDoesNot", Effect: "Deny", Action: slices.Concat(network, describe), Resource: []string{"*"},
				Condition: map[string]map[string][]string{"ArnEquals": {"lambda:SourceFunctionArn": {side.arn("lambda", "function:"+side.function())}}},
			},
			{
				Sid: "WriteToItsLog", Effect: "Allow", Action: []string{"logs:CreateLogStream", "logs:PutLogEvents"},
				Resource: []string{recording.Get(t, groupToken, side.logGroup()).ARN() + ":*"},
			},
			{
				Sid: "ReadItsParameters", Effect: "Allow", Action: []string{"ssm:GetParametersByPath"},
				Resource: []string{side.arn("ssm", "parameter/warmstandby/blue"), side.arn("ssm", "parameter/warmstandby/blue/*")},
			},
			{
				Sid: "ReadTheDatabasesCredentials", Effect: "Allow", Action: []string{"secretsmanager:GetSecretValue"},
				Resource: []string{side.arn("secretsmanager", "secret:database-x")},
			},
			{
				Sid: "SignURLsOfDocuments", Effect: "Allow", Action: []string{"s3:GetObject", "s3:PutObject"},
				Resource: []string{"arn:aws:s3:::documents-" + side.role + "/records/*"},
			},
			{
				Sid: "PublishEvents", Effect: "Allow", Action: []string{"events:PutEvents"}, Resource: []string{side.arn("events", "event-bus/bus-records-blue")},
			},
			{
				Sid: "OpenSecretAndDocuments", Effect: "Allow", Action: []string{"kms:Decrypt", "kms:GenerateDataKey"},
				Resource: []string{side.arn("kms", "key/data")}, Condition: through("s3", "secretsmanager"),
			},
			{
				Sid: "GiveUpToTheQueue", Effect: "Allow", Action: []string{"sqs:SendMessage"}, Resource: []string{recording.Get(t, queueToken, side.queue()).ARN()},
			},
			{
				Sid: "EncryptWhatFailed", Effect: "Allow", Action: []string{"kms:Decrypt", "kms:GenerateDataKey"},
				Resource: []string{recording.Get(t, keyToken, side.key()).ARN()}, Condition: through("sqs"),
			},
		}
		name := "role-app-" + side.role + "-blue"
		attached := recording.Get(t, grantToken, name)
		got := pulumitest.Statements(t, attached.Text("policy"))
		for i := range want {
			if i >= len(got) || !reflect.DeepEqual(got[i], want[i]) {
				t.Errorf("statement %d of %s differs from\n%+v in\n%+v", i, side.region, want[i], got)
				break
			}
		}
		if len(got) != len(want) || attached.Text("role") != name {
			t.Errorf("the role %q has %d statements, want %d for %s", attached.Text("role"), len(got), len(want), name)
		}
	}
}

// Whatever is added: no role may all, no action but those that describe is allowed everywhere, nothing reaches the other
// region, and each use of a key is for a service.
func TestNoRoleOfTheApplicationIsAllowedTooMuch(t *testing.T) {
	recording := build(t, plainly)
	for i, side := range sides {
		for _, attached := range recording.OfType(grantToken) {
			if recording.Region(attached) != side.region {
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
				if other := sides[1-i].region; strings.Contains(strings.Join(each.Resource, " "), other) {
					t.Errorf("statement %s of %s reaches %s", each.Sid, attached.Name, other)
				}
			}
		}
	}
}

func TestLambdaAloneRunsAsTheFunction(t *testing.T) {
	recording := build(t, plainly)
	for _, side := range sides {
		got := pulumitest.Statements(t, recording.Get(t, roleToken, "role-app-"+side.role+"-blue").Text("assumeRolePolicy"))
		want := []pulumitest.Statement{{
			Sid: "LambdaRuns", Effect: "Allow", Principal: map[string][]string{"Service": {"lambda.amazonaws.com"}}, Action: []string{"sts:AssumeRole"},
		}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("the role of %s trusts\n%+v, want\n%+v", side.region, got, want)
		}
	}
}
