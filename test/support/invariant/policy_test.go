package invariant

import (
	"fmt"
	"strings"
	"testing"
)

func TestAPolicyAdmitsNobodyUnknown(t *testing.T) {
	tests := []struct {
		name, statement string
		open            bool
	}{
		{"everybody", `{"Effect": "Allow", "Principal": "*"}`, true},
		{"everybody, as an AWS principal", `{"Effect": "Allow", "Principal": {"AWS": ["*"]}}`, true},
		{"everybody, among others", `{"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::111122223333:root", "*"]}}`, true},
		{"all but one", `{"Effect": "Allow", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"}}`, true},
		{"one account", `{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}}`, false},
		{"a service", `{"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}}`, false},
		{"everybody is refused", `{"Effect": "Deny", "Principal": "*"}`, false},
		{"everybody of one account", `{"Effect": "Allow", "Principal": "*", "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}`, false},
		{"a key in another spelling", `{"Effect": "Allow", "Principal": "*", "Condition": {"StringEquals": {"AWS:SourceOwner": ["111122223333"]}}}`, false},
		{"everybody of any account", `{"Effect": "Allow", "Principal": "*", "Condition": {"StringLike": {"aws:SourceAccount": "*"}}}`, true},
		{"everybody but one account's", `{"Effect": "Allow", "Principal": "*", "Condition": {"StringNotEquals": {"aws:SourceAccount": "111122223333"}}}`, true},
		{"everybody who names no account", `{"Effect": "Allow", "Principal": "*", "Condition": {"StringEqualsIfExists": {"aws:SourceAccount": "111122223333"}}}`, true},
		{"everybody who speaks TLS", `{"Effect": "Allow", "Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}`, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, document := range []string{`{"Statement": [%s]}`, `{"Statement": %s}`} {
				text := fmt.Sprintf(document, test.statement)
				found := policyFaults(Resource{Outputs: Properties{"anyPolicy": text, "name": "n", "count": 1.0}})
				if open := len(found) > 0; open != test.open {
					t.Errorf("%s is open: %t, want %t; it says %q", text, open, test.open, found)
				}
			}
		})
	}
}

func TestAPolicyThatCannotBeReadIsABreach(t *testing.T) {
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
		for _, says := range policyFaults(Resource{Outputs: Properties{"policy": text}}) {
			if !strings.HasPrefix(says, "the policy ") {
				t.Errorf("%q says %q, which does not name the property", text, says)
			}
		}
	})
}
