package invariant

import (
	"maps"
	"os"
	"strings"
	"testing"

	"warmstandby/shared/naming"
)

// testPlatform is the one that testdata/recorded.json was exported from.
var testPlatform = Platform{
	Environment: "local", Suffix: "local",
	Roles: map[string]naming.Role{"us-east-1": naming.Primary, "us-west-2": naming.Secondary},
}

// recorded returns one resource of each type that the platform makes, as all five stacks' exported states had them, what they
// need beside them, and no more of their properties than the rules ask for.
func recorded(t testing.TB) []Resource {
	t.Helper()
	export, err := os.ReadFile("testdata/recorded.json")
	if err != nil {
		t.Fatal(err)
	}
	resources, err := Read(export)
	if err != nil {
		t.Fatal(err)
	}
	return resources
}

// find returns the resource of a type whose logical name begins with name.
func find(t testing.TB, resources []Resource, token, name string) *Resource {
	t.Helper()
	for i, r := range resources {
		if r.Type == token && strings.HasPrefix(r.Name, name) {
			return &resources[i]
		}
	}
	t.Fatalf("the recorded state has no %s %s", token, name)
	return nil
}

// set changes an output of a resource, in a copy of its own.
func (r *Resource) set(property string, value any) {
	outputs := maps.Clone(r.Outputs)
	outputs[property] = value
	r.Outputs = outputs
}
