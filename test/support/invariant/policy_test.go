package invariant

import (
	"fmt"
	"strings"
	"testing"
)

func TestPolicy(t *testing.T) {
	tests := []struct {
		name, statement string
		open            bool
	}{
		{name: "everybody", statement: `{"Effect": "Allow", "Principal": "*"}`, open: true},
		{name: "everybody, as an AWS principal", statement: `{"Effect": "Allow", "Principal": {"AWS": ["*"]}}`, open: true},
		{
			name:      "everybody, among others",
			statement: `{"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::111122223333:root", "*"]}}`,
			open:      true,
		},
		{name: "all but one", statement: `{"Effect": "Allow", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"}}`, open: true},
		{name: "one account", statement: `{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}}`},
		{name: "a service", statement: `{"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}}`},
		{name: "everybody is refused", statement: `{"Effect": "Deny", "Principal": "*"}`},
		{
			name:      "everybody of one account",
			statement: `{"Effect": "Allow", "Principal": "*", "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}`,
		},
		{
			name:      "a key in another spelling",
			statement: `{"Effect": "Allow", "Principal": "*", "Condition": {"StringEquals": {"AWS:SourceOwner": ["111122223333"]}}}`,
		},
		{
			name:      "everybody of any account",
			statement: `{"Effect": "Allow", "Principal": "*", "Condition": {"StringLike": {"aws:SourceAccount": "*"}}}`,
			open:      true,
		},
		{
			name:      "everybody but one account's",
			statement: `{"Effect": "Allow", "Principal": "*", "Condition": {"StringNotEquals": {"aws:SourceAccount": "111122223333"}}}`,
			open:      true,
		},
		{
			name:      "everybody who names no account",
			statement: `{"Effect": "Allow", "Principal": "*", "Condition": {"StringEqualsIfExists": {"aws:SourceAccount": "111122223333"}}}`,
			open:      true,
		},
		{
			name:      "everybody who speaks TLS",
			statement: `{"Effect": "Allow", "Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}`,
			open:      true,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, document := range []string{`{"Statement": [%s]}`, `{"Statement": %s}`} {
				text := fmt.Sprintf(document, test.statement)
				found := policyFaults(Resource{Outputs: Properties{"anyPolicy": text, "name": "n", "count": 1.0}})
				if open := len(found) > 0; open != test.open {
					t.Errorf("%s is open: %t, want %t; the faults are %q", text, open, test.open, found)
				}
			}
		})
	}
}

func TestUnreadablePolicy(t *testing.T) {
	for _, text := range []string{`{"Statement": [`, `{"Statement": 7}`} {
		found := policyFaults(Resource{Outputs: Properties{"policy": text}})
		if len(found) != 1 || !strings.Contains(found[0], "the policy is no policy") {
			t.Errorf("%s: the breaches are %q, want that it is no policy", text, found)
		}
	}
}

func FuzzPolicy(f *testing.F) {
	f.Add(`{"Statement": [{"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Condition": {"StringEquals": {"aws:SourceArn": "a"}}}]}`)
	f.Add(`{"Statement": {"Effect": "Deny", "Principal": null}}`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, message := range policyFaults(Resource{Outputs: Properties{"policy": text}}) {
			if !strings.HasPrefix(message, "the policy ") {
				t.Errorf("the fault of %q is %q, which does not name the property", text, message)
			}
		}
	})
}

func TestTrust(t *testing.T) {
	const service = `"Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"`
	tests := []struct {
		name, token, statement string
		open                   bool
	}{
		{name: "a service for any account", statement: `{"Effect": "Allow", ` + service + `}`, open: true},
		{
			name:      "a service for one account",
			statement: `{"Effect": "Allow", ` + service + `, "Condition": {"StringEquals": {"aws:SourceAccount": ["111122223333"]}}}`,
		},
		{
			name:      "a service for every account",
			statement: `{"Effect": "Allow", ` + service + `, "Condition": {"StringLike": {"aws:SourceAccount": "*"}}}`,
			open:      true,
		},
		{
			name:      "a service that need not name the account",
			statement: `{"Effect": "Allow", ` + service + `, "Condition": {"StringEqualsIfExists": {"aws:SourceAccount": "111122223333"}}}`,
			open:      true,
		},
		{
			name:      "a service by TLS",
			statement: `{"Effect": "Allow", ` + service + `, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}`,
			open:      true,
		},
		{name: "a service is refused", statement: `{"Effect": "Deny", ` + service + `}`},
		{name: "a principal of AWS", statement: `{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}}`},
		{name: "no policy", statement: `7`, open: true},
		{name: "another type", token: "aws:sqs/queue:Queue", statement: `{"Effect": "Allow", ` + service + `}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			role := Resource{Type: roleType, Outputs: Properties{"assumeRolePolicy": `{"Statement": ` + test.statement + `}`}}
			if test.token != "" {
				role.Type = test.token
			}
			if found := trustFaults(role); len(found) > 0 != test.open {
				t.Errorf("%s is open: %t, want %t; the faults are %q", test.statement, len(found) > 0, test.open, found)
			}
		})
	}
}
