package main

import (
	"fmt"
	"slices"
	"strings"
)

// layer is a stack and the stacks of the layer before it, whose outputs it reads. What those read it may read, too: a stack of the
// fourth layer reads the outputs of all three before it.
type layer struct {
	stack string
	reads []string
}

// layers are in the order of deployment, which is defined here and nowhere else.
var layers = []layer{
	{stack: "foundation-network"},
	{stack: "data-global", reads: []string{"foundation-network"}},
	{stack: "region-app-east", reads: []string{"data-global"}},
	{stack: "region-app-west", reads: []string{"data-global"}},
	{stack: "global-edge", reads: []string{"region-app-east", "region-app-west"}},
}

// stackNames returns all stacks in the order of deployment.
func stackNames() []string {
	var names []string
	for _, l := range layers {
		names = append(names, l.stack)
	}
	return names
}

// reads returns the stacks of the layer before a stack's, whose outputs it reads. A stack is deployed after them, and so after all
// that it reads.
func reads(stack string) []string {
	for _, l := range layers {
		if l.stack == stack {
			return l.reads
		}
	}
	return nil
}

// dependents returns the stacks that read a stack's outputs, directly or through others, in the order of deployment.
func dependents(stack string) []string {
	found := map[string]bool{stack: true}
	var names []string
	for _, l := range layers { // A stack comes after all that it reads, so one pass finds every dependent.
		if slices.ContainsFunc(l.reads, func(read string) bool { return found[read] }) {
			found[l.stack] = true
			names = append(names, l.stack)
		}
	}
	return names
}

// checkStack refuses a name that is no stack's.
func checkStack(name string) error {
	if name == "" || slices.Contains(stackNames(), name) {
		return nil
	}
	return fmt.Errorf("STACK: allowed %s; got %q", strings.Join(stackNames(), ", "), name)
}
