package pulumitest

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// Recording has the resources that a program registered and the functions that it called.
type Recording struct {
	// Project and Stack are those that the program ran as.
	Project, Stack string
	// Resources are in order of URN, without the stack itself.
	Resources []Resource
	// Calls are in order of token and region.
	Calls []Call
	// Outputs are the stack's outputs; what is unknown in a preview is computed. There are none if the program failed.
	Outputs resource.PropertyMap
}

// Resource is one registration.
type Resource struct {
	// Type is the type token, Name the logical name.
	Type, Name, URN string
	// ID is a custom resource's; none in a preview.
	ID string
	// Inputs are the program's, Outputs the mocks' answer.
	Inputs, Outputs resource.PropertyMap
	// Request is the registration as the engine gets it; its options (protect, provider, dependencies, …) are here.
	Request *pulumirpc.RegisterResourceRequest
}

// Call is one call of a function.
type Call struct {
	Token string
	// Region is that of the provider which the call went to; empty if it had none.
	Region string
	Args   resource.PropertyMap
}

func (m *monitor) recording() *Recording {
	m.mu.Lock()
	defer m.mu.Unlock()
	slices.SortFunc(m.resources, func(a, b Resource) int { return cmp.Compare(a.URN, b.URN) })
	slices.SortFunc(m.calls, func(a, b Call) int {
		return cmp.Or(cmp.Compare(a.Token, b.Token), cmp.Compare(a.Region, b.Region))
	})
	return &Recording{Project: m.project, Stack: m.stack, Resources: m.resources, Calls: m.calls, Outputs: m.outputs}
}

// OfType returns the resources of a type, in order of URN.
func (r *Recording) OfType(token string) []Resource {
	var found []Resource
	for _, registered := range r.Resources {
		if registered.Type == token {
			found = append(found, registered)
		}
	}
	return found
}

// Get returns the resource of a type and a logical name. The test ends if there is none, or more than one.
func (r *Recording) Get(t testing.TB, token, name string) Resource {
	t.Helper()
	var found []Resource
	var names []string
	for _, registered := range r.OfType(token) {
		names = append(names, registered.Name)
		if registered.Name == name {
			found = append(found, registered)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d resources are %s %q, want one; of this type there are %q", len(found), token, name, names)
	}
	return found[0]
}

// Region returns the region of the provider that makes a custom resource, or that a remote component hands to its children.
// It is empty if there is no explicit provider.
func (r *Recording) Region(registered Resource) string {
	reference := registered.Request.GetProvider()
	if registered.Request.GetRemote() {
		reference = registered.Request.GetProviders()["aws"]
	}
	return regionOf(r.Resources, reference)
}

func regionOf(resources []Resource, reference string) string {
	urn := reference[:max(0, strings.LastIndex(reference, "::"))]
	for _, registered := range resources {
		if registered.Type == providerType && registered.URN == urn {
			return registered.Text("region")
		}
	}
	return ""
}

// Input returns an input by its path, such as tags.Name, as a plain value: a string, float64, bool, []any or
// map[string]any, or nil if there is none.
func (r Resource) Input(path string) any { return lookUp(r.Inputs, path) }

// Text returns an input that is a string by its path, and nothing if it is none.
func (r Resource) Text(path string) string {
	text, _ := r.Input(path).(string)
	return text
}

func lookUp(properties resource.PropertyMap, path string) any {
	var value any = properties.Mappable()
	for key := range strings.SplitSeq(path, ".") {
		object, _ := value.(map[string]any)
		value = object[key]
	}
	return value
}
