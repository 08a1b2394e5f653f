package hipaa

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"warmstandby/test/support/invariant"
)

// unused is a rule about types that no stack makes.
func unused(name string, tokens ...string) Rule {
	return Rule{Name: name, check: &check{
		requirement: "no stack makes " + strings.Join(kinds(tokens), " or "), tokens: tokens,
		fault: func(invariant.Resource, stack) string {
			return "is of a type that the rule is about and that nothing judges yet"
		},
	}}
}

// kinds are the last words of type tokens, with their service.
func kinds(tokens []string) []string {
	found := make([]string, len(tokens))
	for i, token := range tokens {
		service, kind, _ := strings.Cut(strings.TrimPrefix(token, "aws:"), "/")
		_, kind, _ = strings.Cut(kind, ":")
		found[i] = service + "." + kind
	}
	return found
}

// wants is a fault of outputs that are not as they must be.
func wants(output string, want any) func(invariant.Resource, stack) string {
	return func(r invariant.Resource, _ stack) string {
		if got := r.Outputs.Get(output); got != want {
			return fmt.Sprintf("has %s %v, want %v", output, got, want)
		}
		return ""
	}
}

// wantsKey is a fault of a resource that is not under a KMS key of the platform's own.
func wantsKey(output string) func(invariant.Resource, stack) string {
	return func(r invariant.Resource, _ stack) string {
		if key := r.Outputs.Text(output); !strings.Contains(key, ":key/") {
			return fmt.Sprintf("has %s %q, want the ARN of a KMS key", output, key)
		}
		return ""
	}
}

// companion is a fault of a resource that no resource of another type with its name belongs to and is in order.
func companion(token, reference, own string, inOrder func(invariant.Properties) string) func(invariant.Resource, stack) string {
	return func(r invariant.Resource, all stack) string {
		found := all.of(token, reference, r.Outputs.Text(own))
		if found == nil {
			return "has no " + kinds([]string{token})[0]
		}
		if inOrder == nil {
			return ""
		}
		return inOrder(found)
	}
}

// statement is a statement of a policy.
type statement struct {
	Effect                      string
	Action, Resource, Principal any
	Condition                   map[string]map[string]any
}

// statements reads a policy's; a document that is none has one that allows everything, so that no rule passes it.
func statements(document string) []statement {
	var parsed struct{ Statement []statement }
	if err := json.Unmarshal([]byte(document), &parsed); err != nil || len(parsed.Statement) == 0 {
		return []statement{{Effect: "Allow", Action: "*", Resource: "*", Principal: "*"}}
	}
	return parsed.Statement
}

// texts are the strings of a value that is one or a list of them, or an object with such values.
func texts(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		var found []string
		for _, element := range v {
			found = append(found, texts(element)...)
		}
		return found
	case map[string]any:
		var found []string
		for _, element := range v {
			found = append(found, texts(element)...)
		}
		return found
	}
	return nil
}

// allows reports whether a statement allows an action, which may be a pattern itself, on every resource.
func (s statement) allowsEverywhere(actions ...string) bool {
	if s.Effect != "Allow" || !slices.Contains(texts(s.Resource), "*") {
		return false
	}
	return slices.ContainsFunc(texts(s.Action), func(allowed string) bool {
		return slices.ContainsFunc(actions, func(action string) bool {
			one, _ := path.Match(allowed, action)
			other, _ := path.Match(action, allowed)
			return one || other
		})
	})
}

// isOpen reports whether a range is every address.
func isOpen(r invariant.Resource) bool {
	return r.Outputs.Text("cidrIpv4") == "0.0.0.0/0" || r.Outputs.Text("cidrIpv6") == "::/0"
}
