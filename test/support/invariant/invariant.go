// Package invariant has the rules of every resource of the platform, in any stack: it has the required tags and a name of the one
// pattern, it is encrypted where its type can be, and nobody outside of the account reaches it. [Types] has the details for each
// type; a type without a row there is a fault, so that no type is added without a decision.
//
// The rules are pure functions. [Check] holds the states of a deployed platform to all of them. The harness of the unit tests,
// test/support/pulumitest, holds a program's registrations to those that its inputs decide.
package invariant

import (
	"fmt"
	"slices"

	"warmstandby/shared/naming"
)

// Resource is one resource of a stack's state.
type Resource struct {
	// Type is the type token, Name the logical name.
	Type, Name string
	// Stack is the project that made it.
	Stack string
	// Region is that of the provider that made it, by AWS's name.
	Region string
	// ID is the provider's.
	ID string
	// Inputs are the program's, Outputs AWS's answer.
	Inputs, Outputs Properties
}

// Platform has the expected facts of a deployed platform.
type Platform struct {
	// Environment is the tag's value, Suffix the end of every physical name.
	Environment, Suffix string
	// Roles holds the platform's regions, by AWS's names.
	Roles map[string]naming.Role
	// Settings are those that it is configured with.
	Settings []Setting
}

// has reports whether the platform is configured with a setting; every one has the empty setting.
func (p Platform) has(setting Setting) bool {
	return setting == "" || slices.Contains(p.Settings, setting)
}

// Rule names a rule.
type Rule string

// The rules.
const (
	// Known: the type has a row in [Types].
	Known Rule = "known"
	// Tagged: the resource has the tags Environment, Region and DR-Role, each with the right value.
	Tagged Rule = "tagged"
	// Named: its name is {type}-{purpose}-{environmentSuffix}, within AWS's limit.
	Named Rule = "named"
	// Encrypted: its data is encrypted.
	Encrypted Rule = "encrypted"
	// Closed: nobody outside of the account reaches it.
	Closed Rule = "closed"
)

// fault is one resource's breach of one rule.
type fault struct {
	rule     Rule
	resource Resource
	message  string
}

// Check holds the resources of stacks of a platform to every rule and returns one line for each breach: stack, type, logical name,
// rule, and the fault. Faults that [Exceptions] cover are left out, and an exception of one of the stacks that covers nothing is a line
// of its own. So are states without resources, for which every rule would hold.
func Check(resources []Resource, platform Platform) []string {
	return check(resources, platform, Exceptions)
}

func check(resources []Resource, platform Platform, exceptions []Exception) []string {
	if len(resources) == 0 {
		return []string{"the states have no resource: nothing was checked"}
	}
	var lines []string
	used := make([]bool, len(exceptions))
	for _, f := range faults(resources, platform) {
		covers := func(e Exception) bool { return e.excuses(f.rule, f.resource, platform) }
		if i := slices.IndexFunc(exceptions, covers); i >= 0 {
			used[i] = true
			continue
		}
		lines = append(lines, fmt.Sprintf("%s: %s %s: not %s: %s", f.resource.Stack, f.resource.Type, f.resource.Name, f.rule, f.message))
	}
	for i, exception := range exceptions {
		if !used[i] && exception.expected(resources, platform) {
			lines = append(
				lines,
				fmt.Sprintf("the exception of %s %s from %q covers nothing: remove it", exception.Type, exception.Name, exception.Rule),
			)
		}
	}
	return lines
}

// faults returns every breach, in the order of the resources.
func faults(resources []Resource, platform Platform) []fault {
	var found []fault
	linked := companionsOf(resources)
	for _, r := range resources {
		add := func(rule Rule, messages ...string) {
			for _, message := range messages {
				found = append(found, fault{rule: rule, resource: r, message: message})
			}
		}
		if exposure, isForbidden := forbidden[r.Type]; isForbidden {
			add(Closed, exposure)
			continue
		}
		if _, known := Types[r.Type]; !known {
			add(Known, Unknown(r.Type))
			continue
		}
		add(Tagged, tagFaults(r, platform)...)
		add(Named, NameFaults(r.Type, r.Outputs, platform.Suffix)...)
		add(Encrypted, EncryptionFaults(r.Type, r.Outputs)...)
		add(Encrypted, linked.missing(r, Encrypted)...)
		add(Closed, exposureFaults(r)...)
		add(Closed, listenerFaults(r, platform)...)
		add(Closed, policyFaults(r)...)
		add(Closed, trustFaults(r)...)
		add(Closed, linked.missing(r, Closed)...)
	}
	return found
}

// Unknown returns the fault of a type without a row in [Types].
func Unknown(token string) string {
	return fmt.Sprintf("add a row for %s to Types in test/support/invariant: its name, its tags, and its encryption", token)
}
