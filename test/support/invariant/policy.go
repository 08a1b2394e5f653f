package invariant

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// statement is the part of a policy's statement that decides who is admitted. IAM accepts one value or a list for each key.
type statement struct {
	Sid, Effect  string
	Principal    any
	NotPrincipal any
	Condition    map[string]map[string]any
}

// policyFaults holds every policy that AWS answered, of whatever property, to admitting nobody unknown: a statement that allows
// to everybody must have a condition that names who.
func policyFaults(r Resource) []string {
	var found []string
	for _, property := range slices.Sorted(maps.Keys(r.Outputs)) {
		text := r.Outputs.Text(property)
		if !strings.HasPrefix(strings.TrimSpace(text), "{") || !strings.Contains(text, `"Statement"`) {
			continue
		}
		var document struct{ Statement json.RawMessage }
		if err := json.Unmarshal([]byte(text), &document); err != nil {
			found = append(found, fmt.Sprintf("the %s is no policy: %v", property, err))
			continue
		}
		statements, err := statementsOf(document.Statement)
		if err != nil {
			found = append(found, fmt.Sprintf("the %s is no policy: %v", property, err))
		}
		for _, s := range statements {
			if s.admitsAnybody() {
				found = append(found, fmt.Sprintf("the %s allows everybody by its statement %q, and no condition names who", property, s.Sid))
			}
		}
	}
	return found
}

func statementsOf(text json.RawMessage) ([]statement, error) {
	var one statement
	if json.Unmarshal(text, &one) == nil {
		return []statement{one}, nil
	}
	var many []statement
	err := json.Unmarshal(text, &many)
	return many, err
}

// admitsAnybody reports whether a statement allows principals that are not named. NotPrincipal allows to all but some
// (IAM User Guide, "AWS JSON policy elements: NotPrincipal").
func (s statement) admitsAnybody() bool {
	if s.Effect != "Allow" || s.NotPrincipal == nil && !anybody(s.Principal) {
		return false
	}
	for operator, keys := range s.Condition {
		if !slices.Contains(positive, operator) {
			continue
		}
		for key, values := range keys {
			if slices.Contains(whoKeys, strings.ToLower(key)) && !anybody(values) {
				return false
			}
		}
	}
	return true
}

// positive are the operators whose condition fails when the key is missing or another. Those that end in IfExists do not,
// nor do negated ones (IAM User Guide, "IAM JSON policy elements: Condition operators").
var positive = []string{"ArnEquals", "ArnLike", "StringEquals", "StringEqualsIgnoreCase", "StringLike"}

// whoKeys are the condition keys, in lower case, that name an account, an organization, a network of the platform's own, or
// the resource that asks (IAM User Guide, "AWS global condition context keys"; AWS KMS Developer Guide, "AWS KMS condition
// keys"). AWS:SourceOwner is in the policy that SNS creates for a topic.
var whoKeys = []string{
	"aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid",
	"aws:sourceowner", "aws:sourcevpc", "aws:sourcevpce", "kms:calleraccount",
}

// anybody reports whether "*" is the value, or among the values.
func anybody(value any) bool {
	switch v := value.(type) {
	case string:
		return v == "*"
	case []any:
		return slices.ContainsFunc(v, anybody)
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(v)), anybody)
	}
	return false
}
