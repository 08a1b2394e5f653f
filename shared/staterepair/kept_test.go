package staterepair

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// answers are what an AWS of JSON says to an action: the body, or an error's code.
type answers map[string]struct{ body, code string }

// fakeAWS answers so at the endpoint that every SDK finds, and notes what it was asked.
func fakeAWS(t *testing.T, says answers) *[]string {
	t.Helper()
	var asked []string
	serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		body, _ := io.ReadAll(r.Body)
		asked = append(asked, action+" "+string(body))
		answer, has := says[action]
		if !has {
			answer.code = "UnexpectedAction"
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if answer.code != "" {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `{"__type": %q, "message": "no"}`, answer.code)
			return
		}
		fmt.Fprint(w, answer.body)
	})
	return &asked
}

// serve answers at the endpoint that every SDK finds.
func serve(t *testing.T, answer http.HandlerFunc) {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	for key, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(key, value)
	}
}

// A log group is found by its whole name with the tag of its environment.
func TestKeptLogGroup(t *testing.T) {
	const arn = "arn:aws-us-gov:logs:us-gov-west-1:111122223333:log-group:logs-vpc-primary-dev"
	groups := func(names ...string) struct{ body, code string } {
		var listed []map[string]string
		for _, name := range names {
			listed = append(
				listed,
				map[string]string{"logGroupName": name, "arn": "arn:aws-us-gov:logs:us-gov-west-1:111122223333:log-group:" + name + ":*"},
			)
		}
		body, err := json.Marshal(map[string]any{"logGroups": listed})
		if err != nil {
			t.Fatal(err)
		}
		return struct{ body, code string }{body: string(body)}
	}
	tags := func(body string) struct{ body, code string } { return struct{ body, code string }{body: body} }
	denied := struct{ body, code string }{code: "AccessDeniedException"}
	for _, test := range []struct {
		name            string
		says            answers
		id, environment string
		fault           string
	}{
		{
			"of this environment",
			answers{"DescribeLogGroups": groups("logs-vpc-primary-dev"), "ListTagsForResource": tags(`{"tags": {"Environment": "dev"}}`)},
			"logs-vpc-primary-dev", "dev", "",
		},
		{
			"after one whose name is longer",
			answers{
				"DescribeLogGroups":   groups("logs-vpc-primary-dev2", "logs-vpc-primary-dev"),
				"ListTagsForResource": tags(`{"tags": {"Environment": "dev"}}`),
			},
			"logs-vpc-primary-dev", "dev", "",
		},
		{
			"without tags", answers{"DescribeLogGroups": groups("logs-vpc-primary-dev"), "ListTagsForResource": tags(`{"tags": {}}`)},
			"logs-vpc-primary-dev", "", "",
		},
		{"only one whose name is longer", answers{"DescribeLogGroups": groups("logs-vpc-primary-dev2")}, "", "", ""},
		{"none", answers{"DescribeLogGroups": groups()}, "", "", ""},
		{"no answer to the list", answers{"DescribeLogGroups": denied}, "", "", "listing log groups logs-vpc-primary-dev in us-gov-west-1"},
		{
			"no answer to the tags", answers{"DescribeLogGroups": groups("logs-vpc-primary-dev"), "ListTagsForResource": denied}, "", "",
			"reading the tags of log group logs-vpc-primary-dev in us-gov-west-1",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			asked := fakeAWS(t, test.says)
			kept, err := (&AWS{Environment: "dev"}).Kept(t.Context(), "us-gov-west-1", groupKind, inputs{"name": "logs-vpc-primary-dev"})
			if kept.ID != test.id || kept.Environment != test.environment || kept.Restore != nil {
				t.Errorf("found is %+v, want %q of %q", kept, test.id, test.environment)
			}
			if (err == nil) != (test.fault == "") || err != nil && !strings.Contains(err.Error(), test.fault) {
				t.Errorf("the error is %v, want %q", err, test.fault)
			}
			if test.id == "" {
				return
			}
			if want := "aws logs delete-log-group --region us-gov-west-1 --log-group-name logs-vpc-primary-dev"; kept.Removal != want {
				t.Errorf("it is removed by %q, want %q", kept.Removal, want)
			}
			if want := `ListTagsForResource {"resourceArn":"` + arn + `"}`; !slices.Contains(*asked, want) {
				t.Errorf("asked is %q, want %q", *asked, want)
			}
		})
	}
}

// What RDS or Lambda has made again after a destroy has no tags, and does not keep the next deployment from its group.
func TestKeptLogGroupOfService(t *testing.T) {
	for _, test := range []struct{ name, tags, environment string }{
		{"/aws/rds/cluster/aurora-records-primary-dev/postgresql", `{}`, "dev"},
		{"/aws/lambda/lambda-app-primary-dev", `{}`, "dev"},
		{"/aws/lambda/lambda-app-primary-dev", `{"Environment": "prod"}`, "prod"},
		{"/aws/lambda/lambda-app-primary-dev", `{"Team": "x"}`, ""},
		{"/aws/other/dev", `{}`, ""},
		{"logs-vpc-primary-dev", `{}`, ""},
	} {
		fakeAWS(t, answers{
			"DescribeLogGroups": {
				body: `{"logGroups": [{"logGroupName": "` + test.name + `", "arn": "arn:aws:logs:us-east-1:1:log-group:` + test.name + `:*"}]}`,
			},
			"ListTagsForResource": {body: `{"tags": ` + test.tags + `}`},
		})
		kept, err := (&AWS{Environment: "dev"}).Kept(t.Context(), "us-east-1", groupKind, inputs{"name": test.name})
		if err != nil || kept.ID != test.name || kept.Environment != test.environment {
			t.Errorf("%s with the tags %s is %+v, %v, want the environment %q", test.name, test.tags, kept, err, test.environment)
		}
	}
}

func TestASecretIsFoundAlsoWhereItsDeletionIsScheduled(t *testing.T) {
	const arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:secret-database-dev-AbCdEf"
	describe := func(rest string) struct{ body, code string } {
		return struct{ body, code string }{body: `{"ARN": "` + arn + `", "Name": "secret-database-dev"` + rest + `}`}
	}
	for _, test := range []struct {
		name            string
		says            answers
		id, environment string
		restore         bool
		fault           string
	}{
		{
			"scheduled, of this environment",
			answers{
				"DescribeSecret": describe(
					`, "DeletedDate": 1798000000, "Tags": [{"Key": "Region", "Value": "us-east-1"}, {"Key": "Environment", "Value": "dev"}]`,
				),
			},
			arn, "dev", true, "",
		},
		{"not scheduled", answers{"DescribeSecret": describe(`, "Tags": [{"Key": "Environment", "Value": "dev"}]`)}, arn, "dev", false, ""},
		{"without tags", answers{"DescribeSecret": describe(``)}, arn, "", false, ""},
		{"none", answers{"DescribeSecret": {code: "ResourceNotFoundException"}}, "", "", false, ""},
		{
			"no answer", answers{"DescribeSecret": {code: "AccessDeniedException"}}, "", "", false,
			"asking for secret secret-database-dev in us-east-1",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			fakeAWS(t, test.says)
			kept, err := (&AWS{Environment: "dev"}).Kept(t.Context(), "us-east-1", secretKind, inputs{"name": "secret-database-dev"})
			if kept.ID != test.id || kept.Environment != test.environment || (kept.Restore != nil) != test.restore {
				t.Errorf("found is %+v, want %q of %q, its deletion called off %t", kept, test.id, test.environment, test.restore)
			}
			if (err == nil) != (test.fault == "") || err != nil && !strings.Contains(err.Error(), test.fault) {
				t.Errorf("the error is %v, want %q", err, test.fault)
			}
			if test.id != "" &&
				!strings.Contains(kept.Removal, "delete-secret --region us-east-1 --secret-id secret-database-dev --force-delete-without-recovery") {
				t.Errorf("it is removed by %q", kept.Removal)
			}
		})
	}
}

func TestTheDeletionOfAKeptSecretIsCalledOff(t *testing.T) {
	const described = `{"ARN": "arn:secret", "Name": "secret-database-dev", "DeletedDate": 1798000000}`
	for code, fails := range map[string]bool{"": false, "InvalidRequestException": true} {
		asked := fakeAWS(t, answers{"DescribeSecret": {body: described}, "RestoreSecret": {body: `{}`, code: code}})
		kept, err := (&AWS{}).Kept(t.Context(), "us-east-1", secretKind, inputs{"name": "secret-database-dev"})
		if err != nil || kept.Restore == nil {
			t.Fatalf("found is %+v, %v", kept, err)
		}
		if err := kept.Restore(
			t.Context(),
		); (err != nil) != fails ||
			fails && !strings.Contains(err.Error(), "calling off the deletion of secret secret-database-dev in us-east-1") {
			t.Errorf("with %q the deletion is called off with %v", code, err)
		}
		if want := `RestoreSecret {"SecretId":"arn:secret"}`; !slices.Contains(*asked, want) {
			t.Errorf("asked is %q, want %q", *asked, want)
		}
	}
}

func TestOnlyKindsThatADestroyKeepsAreLookedFor(t *testing.T) {
	aws := &AWS{}
	for kind, want := range map[string]bool{
		groupKind: true, secretKind: true, "aws:kms/key:Key": false, "aws:secretsmanager/secretVersion:SecretVersion": false, "": false,
	} {
		if aws.Keeps(kind) != want {
			t.Errorf("%q is kept: %t, want %t", kind, !want, want)
		}
	}
	for name, test := range map[string]struct {
		kind, says string
		in         inputs
	}{
		"a kind that is not kept":   {"aws:kms/key:Key", "add one in shared/staterepair/kept.go", inputs{"name": "k"}},
		"a resource without a name": {groupKind, "it has no name to look for in us-east-1", inputs{"kmsKeyId": "k"}},
	} {
		if kept, err := aws.Kept(
			t.Context(),
			"us-east-1",
			test.kind,
			test.in,
		); kept.ID != "" || err == nil ||
			!strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %+v, %v, want %q", name, kept, err, test.says)
		}
	}
}
