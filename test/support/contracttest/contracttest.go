// Package contracttest generates the outputs of the platform's stacks for tests of what reads them.
//
// The keys and their types come from package contract, so that a new key is in every fixture at once. A value names its project
// and its key: no two are equal, and a mix-up of two shows in a failure. A few keys have a value with a meaning, in
// [foundationValues], [dataValues] and [appValues].
package contracttest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/contract"
	"warmstandby/shared/naming"
	"warmstandby/test/support/pulumitest"
)

// The environment of the fixtures: the stacks' name, the suffix of its AWS names, and its regions.
const (
	Stack   = "dev"
	Suffix  = "blue"
	Primary = "us-east-1"
	Standby = "us-west-2"
)

// foundationValues are the outputs of foundation-network whose value decides something in the stacks that read it.
var foundationValues = map[string]any{
	"environmentSuffix": Suffix, "profile": "dev", "protection": false, "allowedAccountIds": []any{}, "listenerPort": 80,
	"primaryRegion": Primary, "standbyRegion": Standby,
}

// dataValues are the outputs of data-global whose value decides something in the stacks that read it.
var dataValues = map[string]any{"parameterPath": "/warmstandby/" + Suffix}

// appValues are the outputs of a region's application whose value decides something in the stacks that read it.
func appValues(role naming.Role, region string) map[string]any {
	return map[string]any{"region": region, "role": string(role), "scheme": "http", "port": 80}
}

// FoundationNetwork returns the outputs of foundation-network, of which some are replaced, by key.
func FoundationNetwork(t testing.TB, overrides map[string]any) resource.PropertyMap {
	t.Helper()
	return generate(t, contract.FoundationNetworkProject, &contract.FoundationNetwork{}, Primary, foundationValues, overrides)
}

// DataGlobal returns the outputs of data-global, of which some are replaced, by key.
func DataGlobal(t testing.TB, overrides map[string]any) resource.PropertyMap {
	t.Helper()
	return generate(t, contract.DataGlobalProject, &contract.DataGlobal{}, Primary, dataValues, overrides)
}

// RegionApp returns the outputs of the application of a role's region, of which some are replaced, by key.
func RegionApp(t testing.TB, role naming.Role, overrides map[string]any) resource.PropertyMap {
	t.Helper()
	project, region := contract.RegionAppEastProject, Primary
	if role == naming.Secondary {
		project, region = contract.RegionAppWestProject, Standby
	}
	return generate(t, project, &contract.RegionApp{}, region, appValues(role, region), overrides)
}

// GlobalEdge returns the outputs of global-edge, of which some are replaced, by key.
func GlobalEdge(t testing.TB, overrides map[string]any) resource.PropertyMap {
	t.Helper()
	return generate(t, contract.GlobalEdgeProject, &contract.GlobalEdge{}, Primary, nil, overrides)
}

// generate returns a value for each key of a contract: the override, else the value with a meaning, else a generated one. The
// test ends when a key of either map is none of the contract's.
func generate(
	t testing.TB, project string, pointer any, region string, values, overrides map[string]any,
) resource.PropertyMap {
	t.Helper()
	outputs := map[string]any{}
	for key, value := range contract.Fields(pointer) {
		outputs[key] = generated(project, key, region, len(outputs), value)
	}
	for _, replaced := range []map[string]any{values, overrides} {
		for _, key := range slices.Sorted(maps.Keys(replaced)) {
			if _, known := outputs[key]; !known {
				t.Fatalf("%s has no output %q: its keys are %q", project, key, slices.Sorted(maps.Keys(outputs)))
			}
			outputs[key] = replaced[key]
		}
	}
	return resource.NewPropertyMapFromMap(outputs)
}

// firstPort is the first of the generated numbers. Every number of the contracts is a TCP port.
const firstPort = 9000

// generated returns the value of a key, in the form in which the engine keeps outputs. Key is the index-th of its contract.
func generated(project, key, region string, index int, value any) any {
	name := project + "." + key
	switch value.(type) {
	case *contract.Value[string]:
		if strings.HasSuffix(key, "Arn") {
			if strings.HasPrefix(key, "standby") {
				region = Standby
			}
			return "arn:aws:test:" + region + ":" + pulumitest.Account + ":" + name
		}
		return name
	case *contract.Value[[]string]:
		return []any{name + "-1", name + "-2"}
	case *contract.Value[int]:
		return float64(firstPort + index)
	case *contract.Value[bool]:
		return true
	}
	panic(fmt.Sprintf("contracttest generates no value of type %T: add a case", value))
}

// Set gives every output of the contract that pointer points to a value of the outputs, as the stack that exports it would.
func Set(t testing.TB, pointer any, outputs resource.PropertyMap) {
	t.Helper()
	for key, value := range contract.Fields(pointer) {
		output := outputs[resource.PropertyKey(key)]
		switch value := value.(type) {
		case *contract.Value[string]:
			*value = contract.String(pulumi.String(output.StringValue()))
		case *contract.Value[[]string]:
			list := pulumi.StringArray{}
			for _, element := range output.ArrayValue() {
				list = append(list, pulumi.String(element.StringValue()))
			}
			*value = contract.Strings(list)
		case *contract.Value[int]:
			*value = contract.Int(pulumi.Int(int(output.NumberValue())))
		case *contract.Value[bool]:
			*value = contract.Bool(pulumi.Bool(output.BoolValue()))
		default:
			t.Fatalf("output %s has the type %T: add a case to contracttest.Set", key, value)
		}
	}
}

// Values returns the values that were read into the contract that pointer points to, by key: strings, ints, bools and []string.
func Values(t testing.TB, pointer any) map[string]any {
	t.Helper()
	values := map[string]any{}
	for key, value := range contract.Fields(pointer) {
		switch value := value.(type) {
		case *contract.Value[string]:
			values[key] = value.Get()
		case *contract.Value[[]string]:
			values[key] = value.Get()
		case *contract.Value[int]:
			values[key] = value.Get()
		case *contract.Value[bool]:
			values[key] = value.Get()
		default:
			t.Fatalf("output %s has the type %T: add a case to contracttest.Values", key, value)
		}
	}
	return values
}

// StackName returns the full name of a project's stack of the fixtures' environment.
func StackName(project string) string { return "organization/" + project + "/" + Stack }
