package permissions

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// mutant is a policy of which one part is missing.
type mutant struct {
	document document
	missing  string // "action kms:Decrypt of UseDataKey"
	// part is what is missing: action, resource or condition.
	part string
	// value is the action, the resource, or the operator and key of the condition.
	value string
	text  json.RawMessage
}

// statement is a statement of a policy as JSON. Its lists may be single values.
type statement map[string]any

// mutants returns a document without each action, without each resource of a statement that has several, and without each
// condition key, one at a time.
func (d document) mutants() ([]mutant, error) {
	var all []mutant
	var policy struct {
		Version   string
		Statement []statement
	}
	if err := json.Unmarshal(d.text, &policy); err != nil {
		return nil, fmt.Errorf("reading %s: %w", d.id, err)
	}
	add := func(index int, changed statement, part, what string) error {
		statements := slices.Clone(policy.Statement)
		if changed == nil {
			statements = slices.Delete(statements, index, index+1)
		} else {
			statements[index] = changed
		}
		text, err := json.Marshal(map[string]any{"Version": policy.Version, "Statement": statements})
		all = append(all, mutant{
			document: d, part: part, value: what, missing: fmt.Sprintf("the %s %s of %v", part, what, policy.Statement[index]["Sid"]), text: text,
		})
		return err
	}
	for index, one := range policy.Statement {
		for _, key := range []string{"Action", "Resource"} {
			values := list(one[key])
			if key == "Resource" && len(values) < 2 {
				continue
			}
			for at, value := range values {
				var changed statement
				if len(values) > 1 {
					changed = maps.Clone(one)
					changed[key] = slices.Delete(slices.Clone(values), at, at+1)
				}
				if err := add(index, changed, map[string]string{"Action": "action", "Resource": "resource"}[key], value); err != nil {
					return nil, err
				}
			}
		}
		conditions, _ := one["Condition"].(map[string]any)
		for _, operator := range slices.Sorted(maps.Keys(conditions)) {
			keys, _ := conditions[operator].(map[string]any)
			for _, key := range slices.Sorted(maps.Keys(keys)) {
				changed, less, rest := maps.Clone(one), maps.Clone(conditions), maps.Clone(keys)
				delete(rest, key)
				less[operator] = rest
				changed["Condition"] = less
				if err := add(index, changed, "condition", operator+" "+key); err != nil {
					return nil, err
				}
			}
		}
	}
	return all, nil
}

// list returns the values of an element that IAM takes single, or as a list.
func list(element any) []string {
	var values []string
	switch element := element.(type) {
	case string:
		values = []string{element}
	case []any:
		for _, value := range element {
			values = append(values, fmt.Sprint(value))
		}
	}
	return values
}
