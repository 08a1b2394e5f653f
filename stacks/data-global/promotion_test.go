package main

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"warmstandby/test/support/pulumitest"
)

// clustersOf has AWS compute of the clusters what belongs to one volume, and the endpoint of the global database.
func clustersOf(volume, endpoint string) []pulumitest.Option {
	property := func(text string) resource.PropertyValue { return resource.NewProperty(text + "-" + volume) }
	return []pulumitest.Option{
		pulumitest.Computed(clusterToken, resource.PropertyMap{
			"clusterResourceId": property("cluster"), "hostedZoneId": property("zone"),
		}),
		pulumitest.Computed(instanceToken, resource.PropertyMap{"dbiResourceId": property("db"), "endpoint": property("instance")}),
		pulumitest.Computed(globalToken, resource.PropertyMap{
			"globalClusterResourceId": property("global"), "endpoint": resource.NewProperty(endpoint),
		}),
	}
}

// A promotion puts another volume behind the names of the cluster, the instance and the global database. What AWS computes for the
// volume changes; nothing of the program may depend on it, or the stacks would not be in step.
func TestPromotion(t *testing.T) {
	before := up(t, nil, nil, clustersOf("old", "global.old")...)
	t.Run("no resource and no output depends on the volume", func(t *testing.T) {
		after := up(t, nil, nil, clustersOf("new", "global.old")...)
		if changed := changedInputs(t, before, after); len(changed) > 0 {
			t.Errorf("these would change: %q", changed)
		}
		if !reflect.DeepEqual(before.Outputs, after.Outputs) {
			t.Errorf("the outputs change from\n%v to\n%v", before.Outputs, after.Outputs)
		}
	})
	t.Run("on the endpoint of the global database depend the parameters that have it alone", func(t *testing.T) {
		after := up(t, nil, nil, clustersOf("new", "global.new")...)
		changed := changedInputs(t, before, after)
		if len(changed) == 0 || slices.ContainsFunc(changed, func(urn string) bool { return !strings.Contains(urn, parameterToken) }) {
			t.Errorf("these would change: %q, want parameters", changed)
		}
	})
}

// changedInputs returns the URNs of resources whose inputs differ between two runs of the program.
func changedInputs(t *testing.T, before, after *pulumitest.Recording) (changed []string) {
	t.Helper()
	inputs := map[string]any{}
	for _, one := range before.Resources {
		inputs[one.URN] = one.Inputs.Mappable()
	}
	if len(before.Resources) != len(after.Resources) {
		t.Errorf("there are %d resources instead of %d", len(after.Resources), len(before.Resources))
	}
	for _, one := range after.Resources {
		if !reflect.DeepEqual(inputs[one.URN], any(one.Inputs.Mappable())) {
			changed = append(changed, one.URN)
		}
	}
	return changed
}
