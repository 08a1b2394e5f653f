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
	// Allowed says which values would do.
	Allowed string
	// Got says what was found instead.
	Got string
}

// Faults is the error of a stack's configuration: everything that is wrong with
// it, so that one run is enough to correct it all.
type Faults struct {
	// Project and Stack say whose configuration it is.
	Project, Stack string
	// List is sorted by key, and never empty.
	List []Fault
}

// newFaults returns the error of a list of faults that is not empty, and sorts
// the list. Faults of one key stay in the order in which they were found.
func newFaults(project, stack string, list []Fault) *Faults {
	slices.SortStableFunc(list, func(a, b Fault) int { return cmp.Compare(a.Key, b.Key) })
	return &Faults{Project: project, Stack: stack, List: list}
}

// Error returns a first line that says how many settings are wrong in which
// stack, and then one line a fault; a setting may have several.
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
