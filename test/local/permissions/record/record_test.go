package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// file is the recording, seen from this package.
var file = filepath.Join("..", "testdata", "recorded.json")

// record runs the command on the lines of one environment and returns the recording.
func record(t *testing.T, lines ...string) (string, error) {
	t.Helper()
	t.Chdir(filepath.Join("..", "..")) // the module's root, where the command is run
	folder := t.TempDir()
	recorded, to := filepath.Join(folder, "local-e1234567.jsonl"), filepath.Join(folder, "recorded.json")
	if err := os.WriteFile(recorded, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{recorded}, to, false); err != nil {
		return "", err
	}
	text, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	return string(text), nil
}

func line(principal, action, resource, region string, context ...string) string {
	given := map[string]string{}
	for i := 0; i < len(context); i += 2 {
		given[context[i]] = context[i+1]
	}
	text, err := json.Marshal(recorded{principal, action, resource, region, given})
	if err != nil {
		panic(err) // strings can always be encoded
	}
	return string(text)
}

func TestRecord(t *testing.T) {
	const east = "us-east-1"
	const deployer = "deployer.local-e1234567"
	key := "arn:aws:kms:us-east-1:000000000000:key/0123abcd-0123-0123-0123-0123456789ab"
	for _, c := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"the account and the environment are replaced, and a call stands once", []string{
			line(deployer, "sqs:CreateQueue", "arn:aws:sqs:us-east-1:000000000000:queue-failed-local-e1234567", east),
			line(deployer, "sqs:CreateQueue", "arn:aws:sqs:us-east-1:000000000000:queue-failed-local-e1234567", east),
		}, `{"principal":"deployer","action":"sqs:CreateQueue","resources":["arn:aws:sqs:us-east-1:111122223333:queue-failed-dev"]}`},
		{"ids are made up, and tags stay", []string{
			line(deployer, "kms:ScheduleKeyDeletion", key, east, resourceTag, "local-e1234567"),
		}, `{"principal":"deployer","action":"kms:ScheduleKeyDeletion",` +
			`"resources":["arn:aws:kms:us-east-1:111122223333:key/00000000-0000-0000-0000-000000000000"],` +
			`"context":{"aws:ResourceTag/Environment":"dev"}}`},
		{"a look is about everything", []string{
			line(deployer, "kms:DescribeKey", key, east), line(deployer, "kms:DescribeKey", strings.Replace(key, "/0", "/1", 1), east),
		}, `{"principal":"deployer","action":"kms:DescribeKey","resources":["*"]}`},
		{"a look at data names it", []string{
			line("role-app-primary-local-e1234567", "secretsmanager:GetSecretValue",
				"arn:aws:secretsmanager:us-east-1:000000000000:secret:secret-database-local-e1234567-Xy12Zz", east),
		}, `{"principal":"application","action":"secretsmanager:GetSecretValue",` +
			`"resources":["arn:aws:secretsmanager:us-east-1:111122223333:secret:secret-database-dev-AbCdEf"]}`},
		{"EC2 asks about each resource, and about the tags of what is made", []string{
			line(deployer, "ec2:CreateSubnet", "*", east),
		}, `{"principal":"deployer","action":"ec2:CreateSubnet","resources":["arn:aws:ec2:us-east-1:111122223333:subnet/*"],` +
			`"context":{"aws:RequestTag/Environment":"dev"}},` +
			`{"principal":"deployer","action":"ec2:CreateSubnet","resources":["arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1"],` +
			`"context":{"aws:ResourceTag/Environment":"dev"}},` +
			`{"principal":"deployer","action":"ec2:CreateTags","resources":["arn:aws:ec2:us-east-1:111122223333:subnet/*"],` +
			`"context":{"aws:RequestTag/Environment":"dev","ec2:CreateAction":"CreateSubnet"}}`},
		{"CI's calls are whose documents have them, and what is made with tags is tagged", []string{
			line("ci.local-e1234567", "rds:SwitchoverGlobalCluster", "arn:aws:rds::000000000000:global-cluster:globaldb-local-e1234567", east),
			line("ci.local-e1234567", "sqs:CreateQueue", "arn:aws:sqs:us-east-1:000000000000:queue-local-e1234567", east,
				requestTag, "local-e1234567"),
		}, `{"principal":"deployer","action":"sqs:CreateQueue","resources":["arn:aws:sqs:us-east-1:111122223333:queue-dev"],` +
			`"context":{"aws:RequestTag/Environment":"dev"}},` +
			`{"principal":"deployer","action":"sqs:TagQueue","resources":["arn:aws:sqs:us-east-1:111122223333:queue-dev"],` +
			`"context":{"aws:RequestTag/Environment":"dev"}},` +
			`{"principal":"operator","action":"rds:SwitchoverGlobalCluster",` +
			`"resources":["arn:aws:rds::111122223333:global-cluster:globaldb-dev"]}`},
		{"a role of a service is nobody's", []string{
			line("role-backup-primary-local-e1234567", "s3:GetObject", "arn:aws:s3:::bucket/x", east),
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := record(t, c.lines...)
			if err != nil {
				t.Fatal(err)
			}
			if got = strings.ReplaceAll(got, "\n", ""); got != "["+c.want+"]" {
				t.Errorf("got  %s\nwant [%s]", got, c.want)
			}
		})
	}
	t.Run("an action of EC2 that is not known is named", func(t *testing.T) {
		_, err := record(t, line(deployer, "ec2:CreateNetworkAcl", "*", east))
		if err == nil || !strings.Contains(err.Error(), "ec2:CreateNetworkAcl") {
			t.Errorf("got %v", err)
		}
	})
}

// TestRecording holds the file in the tree to the command that writes it.
func TestRecording(t *testing.T) {
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var read groups
	if err := json.Unmarshal(content, &read.all); err != nil {
		t.Fatal(err)
	}
	t.Run("the file is as the command writes it", func(t *testing.T) {
		again := groups{all: slices.Clone(read.all)}
		text, err := again.text()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(text, content) {
			t.Errorf("%s was changed by hand, or the command writes it otherwise now: record anew (CONTRIBUTING)", file)
		}
	})
	t.Run("EC2 is asked as the table says", func(t *testing.T) {
		for _, one := range read.all {
			service, action, _ := strings.Cut(one.Action, ":")
			if service != "ec2" || one.Resources[0] == "*" {
				continue
			}
			for _, arn := range one.Resources {
				from := action
				if made := one.Context[createAction]; made != "" {
					from = made
				}
				calls, err := ec2Calls(one.Principal, from, strings.Split(arn, ":")[3])
				if err != nil {
					t.Error(err)
				}
				if !slices.ContainsFunc(calls, func(call group) bool { return call.compare(one) == 0 && call.Resources[0] == arn }) {
					t.Errorf("%s on %s with %v does not follow from the table", one.Action, arn, one.Context)
				}
			}
		}
	})
}
