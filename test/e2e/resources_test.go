//go:build e2e

package e2e

import (
	"testing"

	"warmstandby/shared/naming"
	"warmstandby/test/support/invariant"
)

// checkEveryResource walks the states of all stacks: whatever they made carries the required tags, is named by the one
// pattern, is encrypted where its type can be, and is closed to the world but for the load balancer.
func checkEveryResource(t *testing.T, p *platform) {
	expected := invariant.Platform{Environment: p.name, Suffix: p.name, Roles: map[string]naming.Role{}}
	for _, deployed := range deployedRegions {
		expected.Roles[deployed.region] = naming.Role(deployed.role)
	}
	var all []invariant.Resource
	for _, stack := range stacks {
		made := require(invariant.Read([]byte(p.exportState(t, stack))))(t)
		if len(made) == 0 {
			t.Errorf("the state of %s has no resource", stack)
		}
		all = append(all, made...)
	}
	for _, breach := range invariant.Check(all, expected) {
		t.Error(breach)
	}
}
