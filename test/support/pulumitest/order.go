package pulumitest

import "testing"

// ARN is what the mocks answered as the resource's ARN.
func (r Resource) ARN() string { return r.Outputs["arn"].StringValue() }

// WantAfter wants a resource to depend on others, so that it is made after them and destroyed before them.
func WantAfter(t *testing.T, made Resource, others ...Resource) {
	t.Helper()
	depends := map[string]bool{}
	for _, urn := range made.Request.GetDependencies() {
		depends[urn] = true
	}
	for _, other := range others {
		if !depends[other.URN] {
			t.Errorf("%s %s does not wait for %s %s", made.Type, made.Name, other.Type, other.Name)
		}
	}
}
