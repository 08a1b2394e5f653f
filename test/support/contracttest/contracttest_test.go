package contracttest_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/contract"
	"warmstandby/shared/naming"
	"warmstandby/test/support/contracttest"
	"warmstandby/test/support/pulumitest"
)

// fixture is the outputs of one project.
type fixture struct {
	project string
	outputs func(t testing.TB, overrides map[string]any) resource.PropertyMap
	empty   func() exporter // a pointer to the contract
}

type exporter interface {
	Export(ctx *pulumi.Context) error
}

func regionApp(role naming.Role) func(testing.TB, map[string]any) resource.PropertyMap {
	return func(t testing.TB, overrides map[string]any) resource.PropertyMap {
		t.Helper()
		return contracttest.RegionApp(t, role, overrides)
	}
}

var fixtures = []fixture{
	{
		project: contract.FoundationNetworkProject, outputs: contracttest.FoundationNetwork,
		empty: func() exporter { return &contract.FoundationNetwork{} },
	},
	{
		project: contract.DataGlobalProject, outputs: contracttest.DataGlobal,
		empty: func() exporter { return &contract.DataGlobal{} },
	},
	{
		project: contract.RegionAppEastProject, outputs: regionApp(naming.Primary),
		empty: func() exporter { return &contract.RegionApp{} },
	},
	{
		project: contract.RegionAppWestProject, outputs: regionApp(naming.Secondary),
		empty: func() exporter { return &contract.RegionApp{} },
	},
	{
		project: contract.GlobalEdgeProject, outputs: contracttest.GlobalEdge,
		empty: func() exporter { return &contract.GlobalEdge{} },
	},
}

// Two equal values would hide that a stack takes one for the other.
func TestDistinct(t *testing.T) {
	// The ports and the scheme of both applications are equal in the platform too.
	equal := map[string]bool{"port": true, "scheme": true, "listenerPort": true, "region": true, "primaryRegion": true, "standbyRegion": true}
	seen := map[string]string{}
	for _, f := range fixtures {
		for key, value := range f.outputs(t, nil) {
			texts := []resource.PropertyValue{value}
			if value.IsArray() {
				texts = value.ArrayValue()
			}
			for _, text := range texts {
				if !text.IsString() || equal[string(key)] {
					continue
				}
				if other, twice := seen[text.StringValue()]; twice {
					t.Errorf("%s of %s is %q, as is %s", key, f.project, text.StringValue(), other)
				}
				seen[text.StringValue()] = string(key) + " of " + f.project
			}
		}
	}
}

func TestOverrides(t *testing.T) {
	t.Run("an override replaces its key alone", func(t *testing.T) {
		want := contracttest.FoundationNetwork(t, nil)
		want["profile"], want["listenerPort"] = resource.NewProperty("prod"), resource.NewProperty(8443.0)
		got := contracttest.FoundationNetwork(t, map[string]any{"profile": "prod", "listenerPort": 8443})
		contracttest.CheckValues(t, got.Mappable(), want.Mappable())
	})
	for _, f := range fixtures {
		t.Run("an override of no key of "+f.project+" ends the test", func(t *testing.T) {
			failed := &fatal{TB: t}
			ended := make(chan struct{})
			go func() { // Fatalf ends its goroutine.
				defer close(ended)
				f.outputs(failed, map[string]any{"profil": "prod"})
			}()
			if <-ended; !strings.Contains(failed.message, f.project) {
				t.Errorf("the test goes on, with the message %q", failed.message)
			}
		})
	}
}

func TestSet(t *testing.T) {
	for _, f := range fixtures {
		t.Run("a contract that is set exports the fixture of "+f.project, func(t *testing.T) {
			t.Parallel()
			pointer, outputs := f.empty(), f.outputs(t, nil)
			contracttest.Set(t, pointer, outputs)
			recording := pulumitest.Run(t, f.project, contracttest.Stack, nil, pointer.Export)
			contracttest.CheckValues(t, recording.Outputs.Mappable(), outputs.Mappable())
		})
	}
}

func TestChecks(t *testing.T) {
	outputs := contracttest.GlobalEdge(t, nil)
	renamed := maps.Clone(outputs)
	renamed["globalURL"] = renamed["globalUrl"]
	delete(renamed, "globalUrl")
	swapped := maps.Clone(outputs)
	swapped["primaryUrl"], swapped["standbyUrl"] = swapped["standbyUrl"], swapped["primaryUrl"]
	for _, test := range []struct {
		name  string
		check func(testing.TB)
		want  []string // in the messages
	}{
		{name: "equal values pass", check: func(t testing.TB) { contracttest.CheckValues(t, outputs.Mappable(), outputs.Mappable()) }},
		{
			name:  "swapped values are named by their keys",
			check: func(t testing.TB) { contracttest.CheckValues(t, swapped.Mappable(), outputs.Mappable()) },
			want:  []string{`primaryUrl is "global-edge.standbyUrl", want "global-edge.primaryUrl"`, `standbyUrl is "global-edge.primaryUrl"`},
		},
		{
			name:  "a renamed value is named twice",
			check: func(t testing.TB) { contracttest.CheckValues(t, renamed.Mappable(), outputs.Mappable()) },
			want:  []string{"globalURL is \"global-edge.globalUrl\", and is not expected", "globalUrl is missing"},
		},
		{name: "the contract's keys pass", check: func(t testing.TB) { contracttest.CheckKeys(t, outputs, &contract.GlobalEdge{}) }},
		{
			name: "a renamed key is named twice", check: func(t testing.TB) { contracttest.CheckKeys(t, renamed, &contract.GlobalEdge{}) },
			want: []string{"does not export globalUrl", "exports globalURL, which its contract does not have"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			failed := &fatal{TB: t}
			test.check(failed)
			for _, part := range test.want {
				if !strings.Contains(failed.message, part) {
					t.Errorf("the messages are %q, want %q among them", failed.message, part)
				}
			}
			if len(test.want) == 0 && failed.message != "" {
				t.Errorf("the check fails: %s", failed.message)
			}
		})
	}
}
