// Package hipaa holds the stacks to AWS Config's conformance pack "Operational Best Practices for HIPAA Security", rule by rule.
//
// A rule of the pack holds over what the programs register, or is excused with a reason for named resources, or is the account's, with
// what it is about. [Check] evaluates the rules over the resources of one stack; the stacks' tests call it for production. The page of
// this folder is written from the table.
//
// The rules are AWS's (AWS Config Developer Guide, "List of AWS Config Managed Rules"), with the pack's default parameters. They are
// written anew for the provider's properties: AWS evaluates its own model of a resource.
package hipaa

import (
	"fmt"
	"path"
	"slices"

	"warmstandby/test/support/invariant"
)

// Rule is a rule of the pack.
type Rule struct {
	// Name is AWS's.
	Name string
	// check evaluates it; nil: it is the account's.
	check *check
	// excuses are for resources that break it.
	excuses []excuse
	// account says why it is the account's, and what keeps it there.
	account string
}

// excuse is a reason why a resource need not keep a rule.
type excuse struct {
	// token is the resource's type, name a pattern of path.Match for its logical name, stack one for the project that makes it.
	token, name, stack string
	reason             string
}

// check evaluates a rule.
type check struct {
	// requirement is what is required, for the page.
	requirement string
	// tokens are the types of resources that the rule is about.
	tokens []string
	// stack is a pattern for the projects in which at least one such resource must be; empty where no stack may make one.
	stack string
	// fault says how a resource breaks the rule, or nothing. It sees all resources of the stack, because a rule may be about two.
	fault func(r invariant.Resource, all stack) string
}

// Check evaluates every rule over the resources of one stack, in production, and returns a line for each breach that is not excused,
// for each excuse of the stack that nothing needs, and for each rule that found nothing to judge where it should.
func Check(project string, resources []invariant.Resource) []string {
	return evaluate(project, resources, Rules)
}

func evaluate(project string, resources []invariant.Resource, rules []Rule) []string {
	var lines []string
	for _, rule := range rules {
		if rule.check == nil {
			continue
		}
		lines = append(lines, rule.evaluate(project, resources)...)
	}
	return lines
}

func (rule Rule) evaluate(project string, resources []invariant.Resource) []string {
	var lines []string
	seen, used := 0, make([]bool, len(rule.excuses))
	for _, r := range resources {
		if !slices.Contains(rule.check.tokens, r.Type) {
			continue
		}
		seen++
		fault := rule.check.fault(r, resources)
		if fault == "" {
			continue
		}
		if i := slices.IndexFunc(rule.excuses, func(e excuse) bool { return e.covers(project, r) }); i >= 0 {
			used[i] = true
			continue
		}
		lines = append(lines, fmt.Sprintf("HIPAA rule %s: %s %s of %s %s", rule.Name, r.Type, r.Name, project, fault))
	}
	for i, e := range rule.excuses {
		if matches(e.stack, project) && !used[i] {
			lines = append(lines, fmt.Sprintf("HIPAA rule %s: no %s %s of %s needs its excuse: remove it", rule.Name, e.token, e.name, project))
		}
	}
	if seen == 0 && matches(rule.check.stack, project) {
		lines = append(lines, fmt.Sprintf("HIPAA rule %s: %s has none of %q: nothing was judged", rule.Name, project, rule.check.tokens))
	}
	return lines
}

func (e excuse) covers(project string, r invariant.Resource) bool {
	return e.token == r.Type && matches(e.name, r.Name) && matches(e.stack, project)
}

func matches(pattern, name string) bool {
	match, err := path.Match(pattern, name)
	return err == nil && match
}

// stack is all resources of a stack.
type stack []invariant.Resource

// other returns the first resource of a type that meets a condition, and whether there is one.
func (s stack) other(token string, meets func(invariant.Resource) bool) bool {
	return slices.ContainsFunc(s, func(r invariant.Resource) bool { return r.Type == token && meets(r) })
}

// of returns the outputs of the first resource of a type whose property has the value.
func (s stack) of(token, property, value string) invariant.Properties {
	for _, r := range s {
		if r.Type == token && value != "" && r.Outputs.Text(property) == value {
			return r.Outputs
		}
	}
	return nil
}
