// Package invariant holds what is true of every resource of the platform, whichever stack makes it: it carries the required
// tags, is named by the one pattern, is encrypted where its type can be, and is open to nobody outside. [Types] says of each
// type what that means; a type without a row there is a fault, so that nobody adds one without saying it.
//
// The rules are pure. [Check] holds the states of a deployed platform to all of them; the harness of the unit tests,
// test/support/pulumitest, holds what a program registers to those that can be known before AWS has answered.
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
	// Inputs are what the program gave, Outputs what AWS answered.
	Inputs, Outputs Properties
}

// Platform is what is known of a deployed platform beforehand.
type Platform struct {
	// Environment is the tag's value, Suffix the end of every physical name.
	Environment, Suffix string
	// Roles holds the platform's regions, by AWS's names.
	Roles map[string]naming.Role
}

// Rule is one of the things that hold for every resource.
type Rule string

// The rules.
const (
	// Known is that a type has a row in [Types].
	Known Rule = "known"
	// Tagged is that a resource carries Environment, Region and DR-Role, each with the right value.
	Tagged Rule = "tagged"
	// Named is that its name is {type}-{purpose}-{environmentSuffix}, within AWS's limit.
	Named Rule = "named"
	// Encrypted is that what it keeps is encrypted.
	Encrypted Rule = "encrypted"
	// Closed is that nobody outside the account reaches it.
	Closed Rule = "closed"
)

// fault is one resource's breach of one rule.
type fault struct {
	rule     Rule
	resource Resource
	says     string
}

// Check holds the resources of all stacks of a platform to every rule and returns one line for each breach: stack, type,
// logical name, rule, and what is wrong. What [Exceptions] excuses is left out, and an exception that excuses nothing is a
// line of its own. So are states without resources, of which everything would be true.
func Check(resources []Resource, platform Platform) []string {
	return check(resources, platform, Exceptions)
}

func check(resources []Resource, platform Platform, exceptions []Exception) []string {
	if len(resources) == 0 {
		return []string{"the states have no resource: nothing was looked at"}
	}
	var lines []string
	used := make([]bool, len(exceptions))
	for _, f := range faults(resources, platform) {
		if at := slices.IndexFunc(exceptions, func(e Exception) bool { return e.excuses(f.rule, f.resource.Type, f.resource.Name) }); at >= 0 {
			used[at] = true
			continue
		}
		lines = append(lines, fmt.Sprintf("%s: %s %s: not %s: %s", f.resource.Stack, f.resource.Type, f.resource.Name, f.rule, f.says))
	}
	for i, exception := range exceptions {
		if !used[i] {
			lines = append(lines, fmt.Sprintf("the exception of %s %s from %q excuses nothing: take it out", exception.Type, exception.Name, exception.Rule))
		}
	}
	return lines
}

// faults returns every breach, in the order of the resources.
func faults(resources []Resource, platform Platform) []fault {
	var found []fault
	kept := companionsOf(resources)
	for _, r := range resources {
		add := func(rule Rule, says ...string) {
			for _, s := range says {
				found = append(found, fault{rule, r, s})
			}
		}
		if opens, is := forbidden[r.Type]; is {
			add(Closed, opens)
			continue
		}
		if _, known := Types[r.Type]; !known {
			add(Known, Unknown(r.Type))
			continue
		}
		add(Tagged, tagFaults(r, platform)...)
		add(Named, NameFaults(r.Type, r.Outputs, platform.Suffix)...)
		add(Encrypted, EncryptionFaults(r.Type, r.Outputs)...)
		add(Encrypted, kept.missing(r, Encrypted)...)
		add(Closed, exposureFaults(r)...)
		add(Closed, policyFaults(r)...)
		add(Closed, kept.missing(r, Closed)...)
	}
	return found
}

// Unknown says what to do about a type without a row in [Types].
func Unknown(token string) string {
	return fmt.Sprintf("say in test/support/invariant how a %s is named, whether it carries tags, and whether it can be encrypted", token)
}
