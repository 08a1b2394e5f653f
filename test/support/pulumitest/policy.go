package pulumitest

import (
	"encoding/json"
	"testing"
)

// Statement is a statement of a policy as IAM reads it.
type Statement struct {
	Sid, Effect string
	Principal   map[string][]string
	Action      []string
	Resource    []string
	Condition   map[string]map[string][]string
}

// Statements reads a policy document. The test ends when it is no JSON.
func Statements(t *testing.T, document string) []Statement {
	t.Helper()
	var parsed struct{ Statement []Statement }
	if err := json.Unmarshal([]byte(document), &parsed); err != nil {
		t.Fatalf("the policy %q is no JSON: %v", document, err)
	}
	return parsed.Statement
}
