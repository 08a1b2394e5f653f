package policy

import (
	"encoding/json"
	"reflect"
	"testing"
)

func TestJSON(t *testing.T) {
	tests := []struct {
		name     string
		document Document
		want     string // by structure: the order of keys has no meaning in IAM, that of lists none either
	}{
		{
			"an identity's policy has no principal and no condition",
			Document{{
				Sid: "Write", Effect: Allow, Actions: []string{"logs:PutLogEvents"},
				Resources: []string{"arn:aws:logs:::a", "arn:aws:logs:::b"},
			}},
			`{"Version": "2012-10-17", "Statement": [
				{"Sid": "Write", "Effect": "Allow", "Action": ["logs:PutLogEvents"], "Resource": ["arn:aws:logs:::a", "arn:aws:logs:::b"]}]}`,
		},
		{
			"a trust policy has no resources",
			Document{{
				Sid: "Trust", Effect: Allow, Principal: &Principal{Service: []string{"lambda.amazonaws.com"}},
				Actions:   []string{"sts:AssumeRole"},
				Condition: Conditions{"StringEquals": {"aws:SourceAccount": {"111122223333"}}},
			}},
			`{"Version": "2012-10-17", "Statement": [
				{"Sid": "Trust", "Effect": "Allow", "Principal": {"Service": ["lambda.amazonaws.com"]}, "Action": ["sts:AssumeRole"],
				 "Condition": {"StringEquals": {"aws:SourceAccount": ["111122223333"]}}}]}`,
		},
		{
			"statements keep their order, and a denial says so",
			Document{
				{
					Sid: "One", Effect: Allow, Principal: &Principal{AWS: []string{"arn:aws:iam::111122223333:root"}},
					Actions: []string{"kms:*"}, Resources: []string{"*"},
				},
				{Sid: "Two", Effect: Deny, Principal: &Principal{AWS: []string{"*"}}, Actions: []string{"s3:*"}, Resources: []string{"*"},
					Condition: Conditions{"Bool": {"aws:SecureTransport": {"false"}}, "ArnLike": {"aws:SourceArn": {"a", "b"}}}},
			},
			`{"Version": "2012-10-17", "Statement": [
				{"Sid": "One", "Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::111122223333:root"]}, "Action": ["kms:*"], "Resource": ["*"]},
				{"Sid": "Two", "Effect": "Deny", "Principal": {"AWS": ["*"]}, "Action": ["s3:*"], "Resource": ["*"],
				 "Condition": {"ArnLike": {"aws:SourceArn": ["a", "b"]}, "Bool": {"aws:SecureTransport": ["false"]}}}]}`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text, err := test.document.JSON()
			if err != nil {
				t.Fatal(err)
			}
			if got, want := decode(t, text), decode(t, test.want); !reflect.DeepEqual(got, want) {
				t.Errorf("the document is\n%s, want\n%s", text, test.want)
			}
		})
	}
}

// The engine compares policies as texts: one that changed from run to run would be a change in every preview.
func TestJSONIsDeterministic(t *testing.T) {
	document := Document{{Sid: "One", Effect: Allow, Actions: []string{"s3:*"}, Condition: Conditions{
		"StringEquals": {"a": {"1"}, "b": {"2"}, "c": {"3"}}, "ArnLike": {"d": {"4"}}, "Bool": {"e": {"5"}},
	}}}
	first, err := document.JSON()
	if err != nil {
		t.Fatal(err)
	}
	for range 50 { // Go's order of a map's keys differs from loop to loop.
		if again, err := document.JSON(); err != nil || again != first {
			t.Fatalf("the document is %s, %v; it was %s", again, err, first)
		}
	}
}

func decode(t *testing.T, text string) any {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return value
}
