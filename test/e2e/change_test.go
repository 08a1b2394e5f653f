//go:build e2e

package e2e

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gruntwork-io/terratest/modules/random"
)

// bundle is the deployed code of the function.
var bundle = filepath.Join(root, "lambda", "app", "dist", "index.mjs")

// changeFunction appends a comment to the function's bundle, as a release would change its code. The bundle and its time are
// restored when the test ends, so that make does not build it again.
func changeFunction(t testing.TB) {
	t.Helper()
	before, err := os.ReadFile(bundle)
	if err != nil {
		t.Fatalf("reading the function's bundle: %v", err)
	}
	information, err := os.Stat(bundle)
	if err != nil {
		t.Fatalf("looking at the function's bundle: %v", err)
	}
	t.Cleanup(func() {
		if err := os.WriteFile(bundle, before, information.Mode()); err != nil {
			t.Errorf("putting the function's bundle back: %v", err)
		}
		if err := os.Chtimes(bundle, information.ModTime(), information.ModTime()); err != nil {
			t.Errorf("putting the time of the function's bundle back: %v", err)
		}
	})
	changed := append(slices.Clone(before), "\n// "+random.UniqueID()+"\n"...)
	if err := os.WriteFile(bundle, changed, information.Mode()); err != nil {
		t.Fatalf("changing the function's bundle: %v", err)
	}
}

// resources are the resources in the state of a stack: outputs by URN.
type resources map[string]map[string]any

// exportState returns a stack's state as `pulumi stack export` prints it.
func (p *platform) exportState(t testing.TB, stack string) string {
	t.Helper()
	return p.shell(t, "cd stacks/"+stack+"; pulumi stack export")
}

// resources reads a stack's state.
func (p *platform) resources(t testing.TB, stack string) resources {
	t.Helper()
	found := resources{}
	for _, r := range p.stateResources(t, stack) {
		found[r.URN] = r.Outputs
	}
	return found
}

// stateResource is a resource in a state.
type stateResource struct {
	URN, Type, ID string
	Outputs       map[string]any
}

func (p *platform) stateResources(t testing.TB, stack string) []stateResource {
	t.Helper()
	var state struct {
		Deployment struct{ Resources []stateResource }
	}
	if err := json.Unmarshal([]byte(p.exportState(t, stack)), &state); err != nil {
		t.Fatalf("reading the state of %s: %v", stack, err)
	}
	return state.Deployment.Resources
}

// resourceIDs returns the AWS resources of a stack by type and id; a bucket's settings share the id of the bucket. Permissions
// are left out: their ids are unique only within a function.
func (p *platform) resourceIDs(t testing.TB, stack string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, r := range p.stateResources(t, stack) {
		if r.ID != "" && strings.HasPrefix(r.Type, "aws:") && r.Type != "aws:lambda/permission:Permission" {
			found[r.Type+" "+r.ID] = r.URN
		}
	}
	return found
}

// changedSince returns the URNs of changed, added and removed resources.
func (r resources) changedSince(before resources) []string {
	var changed []string
	for urn := range before {
		if _, exists := r[urn]; !exists {
			changed = append(changed, urn)
		}
	}
	for urn, outputs := range r {
		if previous, existed := before[urn]; !existed || !reflect.DeepEqual(previous, outputs) {
			changed = append(changed, urn)
		}
	}
	slices.Sort(changed)
	return changed
}

// arnRegion finds the region of a regional resource in its ARN.
var arnRegion = regexp.MustCompile(`^arn:[a-z-]+:[a-z0-9-]+:([a-z]+-[a-z]+-[0-9]+):`)

// regions returns the regions that the ARNs of these resources name.
func (r resources) regions(urns []string) []string {
	found := map[string]bool{}
	for _, urn := range urns {
		for _, value := range r[urn] {
			if text, ok := value.(string); ok {
				if match := arnRegion.FindStringSubmatch(text); match != nil {
					found[match[1]] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}
