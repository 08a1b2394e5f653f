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

// roleType is the type of the resources that have a trust policy.
const roleType = "aws:iam/role:Role"

// trustFaults holds the trust policy of a role to one account: a statement that lets a service of AWS assume the role names the account
// for whose resources the service acts (IAM User Guide, "The confused deputy problem", "Cross-service confused deputy prevention").
func trustFaults(r Resource) []string {
	if r.Type != roleType {
		return nil
	}
	var document struct{ Statement json.RawMessage }
	if err := json.Unmarshal([]byte(r.Outputs.Text("assumeRolePolicy")), &document); err != nil {
		return []string{fmt.Sprintf("the trust policy is no policy: %v", err)}
	}
	statements, err := statementsOf(document.Statement)
	if err != nil {
		return []string{fmt.Sprintf("the trust policy is no policy: %v", err)}
	}
	var found []string
	for _, s := range statements {
		if principals, _ := s.Principal.(map[string]any); s.Effect == "Allow" && principals["Service"] != nil && !s.namesAccount() {
			found = append(found, fmt.Sprintf("the trust policy lets %v act for any account by its statement %q", principals["Service"], s.Sid))
		}
	}
	return found
}

// namesAccount reports whether a condition names the account of the resource for which a service acts.
func (s statement) namesAccount() bool {
	for operator, keys := range s.Condition {
		for key, values := range keys {
			if slices.Contains(positive, operator) && strings.EqualFold(key, "aws:SourceAccount") && !anybody(values) {
				return true
			}
		}
	}
	return false
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
