package contracttest

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"warmstandby/shared/contract"
	"warmstandby/test/support/pulumitest"
)

// CheckValues reports each key whose value is another than wanted, and each key that only one of both maps has.
func CheckValues(t testing.TB, got, want map[string]any) {
	t.Helper()
	keys := maps.Clone(got)
	maps.Copy(keys, want)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		value, has := got[key]
		wanted, expected := want[key]
		switch {
		case !expected:
			t.Errorf("%s is %#v, and is not expected", key, value)
		case !has:
			t.Errorf("%s is missing, want %#v", key, wanted)
		case !reflect.DeepEqual(value, wanted):
			t.Errorf("%s is %#v, want %#v", key, value, wanted)
		}
	}
}

// CheckKeys reports each key of the contract that pointer points to that a stack does not export, and each that it exports besides.
func CheckKeys(t testing.TB, outputs resource.PropertyMap, pointer any) {
	t.Helper()
	unexpected := maps.Clone(outputs)
	for key := range contract.Fields(pointer) {
		if _, exported := outputs[resource.PropertyKey(key)]; !exported {
			t.Errorf("the stack does not export %s", key)
		}
		delete(unexpected, resource.PropertyKey(key))
	}
	for _, key := range slices.Sorted(maps.Keys(unexpected)) {
		t.Errorf("the stack exports %s, which its contract does not have", key)
	}
}

// CheckRefused runs a program once for each key of a project's outputs, without that key, and reports it when the program does not
// refuse: with an error that names the stack, the command that deploys it and the one key, and before it registers any resource.
// The runs are parallel.
func CheckRefused(
	t *testing.T, project string, outputs resource.PropertyMap,
	run func(t *testing.T, outputs resource.PropertyMap) (*pulumitest.Recording, error),
) {
	t.Helper()
	for _, key := range slices.Sorted(maps.Keys(outputs)) {
		t.Run(project+" without "+string(key), func(t *testing.T) {
			t.Parallel()
			incomplete := maps.Clone(outputs)
			delete(incomplete, key)
			recording, err := run(t, incomplete)
			if err == nil {
				t.Fatal("the program ran without it")
			}
			for _, part := range []string{StackName(project), "make up STACK=" + project, "output " + string(key) + ": ", "got nothing"} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("the error %q does not contain %q", err, part)
				}
			}
			if count := strings.Count(err.Error(), "output "); count != 1 {
				t.Errorf("the error %q names %d outputs, want one", err, count)
			}
			if len(recording.Resources) != 0 {
				t.Errorf("%d resources were registered before it was refused", len(recording.Resources))
			}
		})
	}
}
