package pulumitest

import "testing"

// ARN returns the ARN that the mocks answered for the resource.
func (r Resource) ARN() string { return r.Outputs["arn"].StringValue() }

// AssertDependsOn reports each of the others that a resource does not depend on. A resource is created after those that it depends
// on, and destroyed before them.
func AssertDependsOn(t testing.TB, made Resource, others ...Resource) {
	t.Helper()
	depends := map[string]bool{}
	for _, urn := range made.Request.GetDependencies() {
		depends[urn] = true
	}
	for _, other := range others {
		if !depends[other.URN] {
			t.Errorf("%s %s does not depend on %s %s", made.Type, made.Name, other.Type, other.Name)
		}
	}
}
