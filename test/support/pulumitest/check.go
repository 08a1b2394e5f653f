package pulumitest

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"warmstandby/shared/naming"
)

// Rules are the facts of a stack that [Check] holds its resources to.
type Rules struct {
	// Suffix ends every physical name.
	Suffix string
	// Roles holds the regions that the stack has providers for, by AWS's names.
	Roles map[string]naming.Role
	// Home returns the region of a logical name, or nothing. It is called with a resource's own name and then with those of its
	// ancestors, from the parent on, until it returns a region.
	Home func(name string) string
	// Protection says whether the guards against deletion must be on.
	Protection bool
}

// Check holds all resources that a program registered to the rules that all stacks share, and reports every fault.
func Check(t testing.TB, recording *Recording, rules Rules) {
	t.Helper()
	for _, fault := range faults(recording, rules) {
		t.Error(fault)
	}
}

// faults returns a line for each breach of a rule: type, logical name, and the fault.
func faults(recording *Recording, rules Rules) []string {
	c := checker{recording: recording, rules: rules, byURN: map[string]Resource{}, seen: map[string]bool{}}
	for _, registered := range recording.Resources {
		c.byURN[registered.URN] = registered
	}
	for _, registered := range recording.Resources {
		c.parent(registered)
		c.provider(registered)
		c.invariants(registered)
		c.guards(registered)
		c.descriptions(registered)
	}
	return c.faults
}

type checker struct {
	recording *Recording
	rules     Rules
	byURN     map[string]Resource
	seen      map[string]bool // by type and logical name
	faults    []string
}

func (c *checker) fault(r Resource, format string, args ...any) {
	c.faults = append(c.faults, fmt.Sprintf("%s %s: %s", r.Type, r.Name, fmt.Sprintf(format, args...)))
}

// ancestors returns a resource's ancestors, the parent first, and whether the last one's parent is the stack.
func (c *checker) ancestors(r Resource) (path []Resource, fromStack bool) {
	for urn := r.Request.GetParent(); ; {
		if strings.Contains(urn, "::pulumi:pulumi:Stack::") {
			return path, true
		}
		parent, known := c.byURN[urn]
		if !known {
			return path, false
		}
		path = append(path, parent)
		urn = parent.Request.GetParent()
	}
}

// parent holds a resource to the tree: the stack is the parent of components and providers, components of all other resources.
func (c *checker) parent(r Resource) {
	if key := r.Type + " " + r.Name; c.seen[key] {
		c.fault(r, "the logical name is not the only one of its type")
	} else {
		c.seen[key] = true
	}
	path, fromStack := c.ancestors(r)
	switch {
	case !fromStack:
		c.fault(r, "does not descend from the stack")
	case r.Type == providerType && len(path) > 0:
		c.fault(r, "a provider must be a child of the stack, and is in %s", path[0].Name)
	case r.Request.GetCustom() && r.Type != providerType && len(path) == 0:
		c.fault(r, "is a child of the stack, and in no component")
	case len(path) > 0 && path[len(path)-1].Request.GetCustom():
		c.fault(r, "descends from %s, which is no component", path[len(path)-1].Name)
	}
}

// provider holds resources to an explicit provider of their region, and the providers to the required tags. The program's own
// components need no provider: their children are checked.
func (c *checker) provider(r Resource) {
	if !r.Request.GetCustom() && !r.Request.GetRemote() {
		return
	}
	home := c.home(r)
	if home == "" {
		c.fault(r, "neither its name nor an ancestor's has a region")
		return
	}
	if r.Type == providerType {
		c.tags(r, home)
		return
	}
	if region := c.recording.Region(r); region != home {
		c.fault(r, "is made by the provider of %q, belongs to %s", region, home)
	}
	for _, tag := range [...]string{"Environment", "Region", "DR-Role"} {
		if r.Input("tags."+tag) != nil {
			c.fault(r, "sets the tag %s, which is the provider's to set", tag)
		}
	}
}

func (c *checker) home(r Resource) string {
	path, _ := c.ancestors(r)
	for _, candidate := range append([]Resource{r}, path...) {
		if home := c.rules.Home(candidate.Name); home != "" {
			return home
		}
	}
	return ""
}

func (c *checker) tags(r Resource, home string) {
	if region := r.Text("region"); region != home {
		c.fault(r, "is of region %q, belongs to %s", region, home)
	}
	got := map[string]string{}
	object, _ := r.Input("defaultTags.tags").(map[string]any)
	for key, value := range object {
		got[key] = fmt.Sprint(value)
	}
	// Written out, so that this check finds a tag that package naming does not set.
	want := map[string]string{
		"Environment": c.recording.Stack, "Region": home, "DR-Role": string(c.rules.Roles[home]),
	}
	if !maps.Equal(got, want) {
		c.fault(r, "has the default tags %v, want %v", got, want)
	}
}
