package settings

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Fault is one setting that cannot be used.
type Fault struct {
	// Key is the configuration key, without the project's namespace.
	Key string
	// Allowed describes the valid values.
	Allowed string
	// Got describes the value found.
	Got string
}

// Faults is the error of a stack's configuration. It contains all faults, so that an operator corrects them after one run.
type Faults struct {
	// Project and Stack are those of the configuration.
	Project, Stack string
	// List is sorted by key, and never empty.
	List []Fault
}

// newFaults returns the error of a list of faults that is not empty, and sorts the list. Faults of one key keep their order.
func newFaults(project, stack string, list []Fault) *Faults {
	slices.SortStableFunc(list, func(a, b Fault) int { return cmp.Compare(a.Key, b.Key) })
	return &Faults{Project: project, Stack: stack, List: list}
}

// Error returns a first line with the stack and the number of wrong settings, and then one line per fault; a setting may have several.
func (f *Faults) Error() string {
	count, previous := 0, ""
	for i, fault := range f.List {
		if i == 0 || fault.Key != previous {
			count++
		}
		previous = fault.Key
	}
	settings := "settings are"
	if count == 1 {
		settings = "setting is"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s): %d %s wrong:", f.Project, f.Stack, count, settings)
	for _, fault := range f.List {
		fmt.Fprintf(&b, "\n  %s: allowed %s; got %s", fault.Key, fault.Allowed, fault.Got)
	}
	return b.String()
}
