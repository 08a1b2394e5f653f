//go:build e2e

package e2e

import (
	"testing"

	"warmstandby/shared/naming"
	"warmstandby/test/support/invariant"
)

// checkEveryResource checks in all states that every resource has the required tags, follows the naming pattern, is encrypted
// where its type supports that, and, but for the load balancer, is not public.
func checkEveryResource(t *testing.T, p *platform) {
	expected := invariant.Platform{Environment: p.name, Suffix: p.name, Roles: map[string]naming.Role{}}
	if p.traits.https {
		expected.Settings = append(expected.Settings, invariant.HTTPS)
	}
	if p.traits.nat {
		expected.Settings = append(expected.Settings, invariant.NAT)
	}
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
