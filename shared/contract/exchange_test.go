package contract_test

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/contract"
	"warmstandby/shared/naming"
	"warmstandby/test/support/contracttest"
	"warmstandby/test/support/pulumitest"
)

const producer = "organization/foundation-network/dev"

// modes are the two runs of a program.
var modes = []struct {
	name string
	opts []pulumitest.Option
}{
	{name: "in an update"},
	{name: "in a preview", opts: []pulumitest.Option{pulumitest.Preview()}},
}

// exported returns what the engine keeps of a contract that has the fixture's values.
func exported(t *testing.T, project string, pointer interface {
	Export(ctx *pulumi.Context) error
}, fixture resource.PropertyMap) resource.PropertyMap {
	t.Helper()
	contracttest.Set(t, pointer, fixture)
	return pulumitest.Run(t, project, "dev", nil, pointer.Export).Outputs
}

// readFoundation reads foundation-network's outputs in a stack of another project.
func readFoundation(t *testing.T, outputs resource.PropertyMap, opts ...pulumitest.Option) (contract.FoundationNetwork, error) {
	t.Helper()
	var got contract.FoundationNetwork
	_, err := pulumitest.RunErr(t, "region-app-west", "dev", nil, func(ctx *pulumi.Context) (err error) {
		got, err = contract.ReadFoundationNetwork(ctx)
		return err
	}, append(slices.Clone(opts), pulumitest.Stack(producer, outputs))...)
	return got, err
}

func TestRoundTrip(t *testing.T) {
	for _, mode := range modes {
		t.Run("of foundation-network "+mode.name, func(t *testing.T) {
			t.Parallel()
			fixture := contracttest.FoundationNetwork(t, nil)
			got, err := readFoundation(t, exported(t, contract.FoundationNetworkProject, &contract.FoundationNetwork{}, fixture), mode.opts...)
			if err != nil {
				t.Fatal(err)
			}
			checkRead(t, &got, fixture)
		})
		t.Run("of data-global "+mode.name, func(t *testing.T) {
			t.Parallel()
			fixture := contracttest.DataGlobal(t, nil)
			outputs := exported(t, contract.DataGlobalProject, &contract.DataGlobal{}, fixture)
			var got contract.DataGlobal
			pulumitest.Run(t, "region-app-west", "dev", nil, func(ctx *pulumi.Context) (err error) {
				got, err = contract.ReadDataGlobal(ctx)
				return err
			}, append(slices.Clone(mode.opts), pulumitest.Stack("organization/data-global/dev", outputs))...)
			checkRead(t, &got, fixture)
		})
		// Both producers have one contract, and a reader of both must not mix them up.
		t.Run("of both applications "+mode.name, func(t *testing.T) {
			t.Parallel()
			opts := slices.Clone(mode.opts)
			fixtures := map[string]resource.PropertyMap{
				contract.RegionAppEastProject: contracttest.RegionApp(t, naming.Primary, nil),
				contract.RegionAppWestProject: contracttest.RegionApp(t, naming.Secondary, nil),
			}
			for project, fixture := range fixtures {
				opts = append(opts, pulumitest.Stack("organization/"+project+"/dev", exported(t, project, &contract.RegionApp{}, fixture)))
			}
			read := map[string]*contract.RegionApp{}
			pulumitest.Run(t, "global-edge", "dev", nil, func(ctx *pulumi.Context) error {
				for project := range fixtures {
					app, err := contract.ReadRegionApp(ctx, project)
					if err != nil {
						return err
					}
					read[project] = &app
				}
				return nil
			}, opts...)
			for project, fixture := range fixtures {
				checkRead(t, read[project], fixture)
			}
		})
	}
	t.Run("of global-edge through a command", func(t *testing.T) {
		t.Parallel()
		fixture, got := contracttest.GlobalEdge(t, nil), &contract.GlobalEdge{}
		outputs := exported(t, contract.GlobalEdgeProject, &contract.GlobalEdge{}, fixture)
		if err := contract.Outputs(outputs.Mappable()).Decode(got); err != nil {
			t.Fatal(err)
		}
		checkRead(t, got, fixture)
	})
}

// checkRead holds a contract to the values of the fixture that its producer exported.
func checkRead(t *testing.T, pointer any, fixture resource.PropertyMap) {
	t.Helper()
	want := map[string]any{}
	for key, value := range fixture {
		switch {
		case value.IsNumber():
			want[string(key)] = int(value.NumberValue())
		case value.IsArray():
			list := []string{}
			for _, element := range value.ArrayValue() {
				list = append(list, element.StringValue())
			}
			want[string(key)] = list
		default:
			want[string(key)] = value.Mappable()
		}
	}
	contracttest.CheckValues(t, contracttest.Values(t, pointer), want)
}

// Each key of each fixture is missed when it is not there, so that a fixture has nothing that its contract does not.
func TestMissing(t *testing.T) {
	contracttest.CheckRefused(t, contract.FoundationNetworkProject, contracttest.FoundationNetwork(t, nil), refusal(
		contract.FoundationNetworkProject, func(ctx *pulumi.Context) error {
			_, err := contract.ReadFoundationNetwork(ctx)
			return err
		}))
	contracttest.CheckRefused(t, contract.DataGlobalProject, contracttest.DataGlobal(t, nil), refusal(
		contract.DataGlobalProject, func(ctx *pulumi.Context) error {
			_, err := contract.ReadDataGlobal(ctx)
			return err
		}))
	for project, role := range map[string]naming.Role{
		contract.RegionAppEastProject: naming.Primary, contract.RegionAppWestProject: naming.Secondary,
	} {
		contracttest.CheckRefused(t, project, contracttest.RegionApp(t, role, nil), refusal(project, func(ctx *pulumi.Context) error {
			_, err := contract.ReadRegionApp(ctx, project)
			return err
		}))
	}
	// No stack reads global-edge: commands decode its outputs.
	for key := range contracttest.GlobalEdge(t, nil) {
		t.Run("global-edge without "+string(key), func(t *testing.T) {
			t.Parallel()
			outputs := contracttest.GlobalEdge(t, nil)
			delete(outputs, key)
			err := contract.Outputs(outputs.Mappable()).Decode(&contract.GlobalEdge{})
			checkError(t, err, "output "+string(key)+": ", "got nothing")
			if err != nil && strings.Count(err.Error(), "output ") != 1 {
				t.Errorf("the error %q names other outputs too", err)
			}
		})
	}
}

// refusal runs a reader of a project's outputs in a preview.
func refusal(project string, read pulumi.RunFunc) func(*testing.T, resource.PropertyMap) (*pulumitest.Recording, error) {
	return func(t *testing.T, outputs resource.PropertyMap) (*pulumitest.Recording, error) {
		t.Helper()
		return pulumitest.RunErr(t, "reader", "dev", nil, read, pulumitest.Preview(), pulumitest.Stack("organization/"+project+"/dev", outputs))
	}
}

// password is a secret's value, which no error may show.
const password = "hunter2"

func TestUnusable(t *testing.T) {
	list := func(elements ...any) resource.PropertyValue {
		values := make([]resource.PropertyValue, len(elements))
		for i, element := range elements {
			values[i] = resource.NewPropertyValue(element)
		}
		return resource.NewProperty(values)
	}
	secret, missing := resource.MakeSecret(resource.NewProperty(password)), resource.NewNullProperty()
	for _, test := range []struct {
		name, key string
		value     resource.PropertyValue
		want      string
	}{
		{name: "a missing text", key: "primaryVpcId", value: missing, want: "allowed a string that is not empty, got nothing"},
		{name: "a missing list", key: "standbyPublicSubnetIds", value: missing, want: "allowed a list of strings, none empty, got nothing"},
		{name: "a missing number", key: "listenerPort", value: missing, want: "allowed a whole number, got nothing"},
		{name: "a missing truth value", key: "protection", value: missing, want: "allowed true or false, got nothing"},
		{
			name: "an empty text", key: "standbyVpcId", value: resource.NewProperty(""),
			want: "allowed a string that is not empty, got an empty string",
		},
		{name: "a number for a text", key: "primaryCidr", value: resource.NewProperty(10.0), want: "got a float64"},
		{
			name: "a text for a number", key: "listenerPort", value: resource.NewProperty("443"),
			want: "allowed a whole number, got a string",
		},
		{name: "a fraction for a number", key: "listenerPort", value: resource.NewProperty(80.5), want: "allowed a whole number"},
		{
			name: "a text for a truth value", key: "protection", value: resource.NewProperty("true"),
			want: "allowed true or false, got a string",
		},
		{
			name: "a text for a list", key: "allowedAccountIds", value: resource.NewProperty("111122223333"),
			want: "allowed a list of strings, none empty, got a string",
		},
		{
			name: "a list with an empty element", key: "primaryPublicSubnetIds", value: list("subnet-1", ""),
			want: "allowed a list of strings, none empty",
		},
		{
			name: "a list with a number in it", key: "primaryPublicSubnetIds", value: list("subnet-1", 2.0),
			want: "allowed a list of strings, none empty",
		},
		{name: "a list for a text", key: "profile", value: list("dev"), want: "allowed a string that is not empty"},
		{name: "a secret", key: "environmentSuffix", value: secret, want: "secrets do not cross stacks: publish its ARN or name"},
		{name: "a secret in a list", key: "primaryPublicSubnetIds", value: list("subnet-1", secret), want: "secrets do not cross stacks"},
	} {
		for _, mode := range modes {
			t.Run(test.name+" "+mode.name, func(t *testing.T) {
				t.Parallel()
				outputs := contracttest.FoundationNetwork(t, nil)
				outputs[resource.PropertyKey(test.key)] = test.value
				if test.value.IsNull() {
					delete(outputs, resource.PropertyKey(test.key))
				}
				_, err := readFoundation(t, outputs, mode.opts...)
				checkError(t, err, producer, "make up STACK=foundation-network", "output "+test.key+": ", test.want)
			})
		}
	}
	t.Run("a secret of the data", func(t *testing.T) {
		t.Parallel()
		outputs := contracttest.DataGlobal(t, nil)
		outputs["secretName"] = secret
		_, err := pulumitest.RunErr(t, "region-app-west", "dev", nil, func(ctx *pulumi.Context) error {
			_, err := contract.ReadDataGlobal(ctx)
			return err
		}, pulumitest.Preview(), pulumitest.Stack("organization/data-global/dev", outputs))
		checkError(t, err, "output secretName: ", "secrets do not cross stacks")
	})
}

// checkError holds an error to containing all parts, and not the password.
func checkError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one that contains %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error is %q, which does not contain %q", err, part)
		}
	}
	if strings.Contains(err.Error(), password) {
		t.Errorf("the error %q shows the secret", err)
	}
}

func TestAllFaults(t *testing.T) {
	t.Run("all faults of a contract are named together", func(t *testing.T) {
		_, err := readFoundation(t, resource.PropertyMap{})
		for key := range contract.Fields(&contract.FoundationNetwork{}) {
			checkError(t, err, "output "+key+": allowed ")
		}
	})
}

func TestUnknownStack(t *testing.T) {
	t.Run("a producer that was never deployed is named, with the command that deploys it", func(t *testing.T) {
		_, err := pulumitest.RunErr(t, "region-app-west", "pr-7", nil, func(ctx *pulumi.Context) error {
			_, err := contract.ReadFoundationNetwork(ctx)
			return err
		})
		checkError(t, err, "reading the outputs of stack organization/foundation-network/pr-7; to deploy it: ",
			"make up STACK=foundation-network ENV=pr-7", "unknown stack")
	})
}

func TestUnset(t *testing.T) {
	t.Run("a contract with a field that was not set is not exported", func(t *testing.T) {
		incomplete := contract.FoundationNetwork{}
		contracttest.Set(t, &incomplete, contracttest.FoundationNetwork(t, nil))
		incomplete.Profile = contract.Value[string]{}
		incomplete.Standby.PrivateSubnetIDs = contract.Value[[]string]{}
		_, err := pulumitest.RunErr(t, contract.FoundationNetworkProject, "dev", nil, incomplete.Export)
		checkError(t, err, "output profile has no value", "output standbyPrivateSubnetIds has no value")
		if strings.Contains(err.Error(), "primaryPrivateSubnetIds") {
			t.Errorf("the error %q names an output that was set", err)
		}
	})
}

// A key is public: whoever renames one edits the list too, and sees that the stacks which read it must follow.
func TestKeys(t *testing.T) {
	for project, pointer := range map[string]any{
		contract.FoundationNetworkProject: &contract.FoundationNetwork{},
		contract.DataGlobalProject:        &contract.DataGlobal{},
		contract.RegionAppEastProject:     &contract.RegionApp{},
		contract.RegionAppWestProject:     &contract.RegionApp{},
		contract.GlobalEdgeProject:        &contract.GlobalEdge{},
	} {
		t.Run("the keys of "+project+" are the listed ones", func(t *testing.T) {
			var keys []string
			for key := range contract.Fields(pointer) {
				keys = append(keys, key)
			}
			slices.Sort(keys)
			if unique := slices.Compact(slices.Clone(keys)); len(unique) != len(keys) {
				t.Errorf("a key is used twice: %q", keys)
			}
			file := "testdata/" + project + ".keys"
			listed, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(keys, "\n") + "\n"; !bytes.Equal([]byte(got), listed) {
				t.Errorf("the keys are\n%s\nand %s lists\n%s", got, file, listed)
			}
		})
	}
}

func TestFields(t *testing.T) {
	t.Run("an iteration ends where the caller ends it, inside a nested struct too", func(t *testing.T) {
		for _, last := range []string{"environmentSuffix", "primaryVpcId"} {
			var keys []string
			for key := range contract.Fields(&contract.FoundationNetwork{}) {
				if keys = append(keys, key); key == last {
					break
				}
			}
			if len(keys) == 0 || keys[len(keys)-1] != last {
				t.Errorf("the iteration gives %q, want %s as the last", keys, last)
			}
		}
	})
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`"a"`, `""`, `1.5`, `8443`, `1e300`, `true`, `["a",""]`, `[]`, `{"a":1}`, `null`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var value any
		if json.Unmarshal([]byte(text), &value) != nil {
			return
		}
		outputs := contract.Outputs{"only": value}
		var name struct {
			Only contract.Value[string] `key:"only"`
		}
		want, isText := value.(string)
		if err := outputs.Decode(&name); (err == nil) != (isText && want != "") || err == nil && name.Only.Get() != want {
			t.Errorf("the text %v was decoded as %q, %v", value, name.Only.Get(), err)
		}
		var port struct {
			Only contract.Value[int] `key:"only"`
		}
		if err := outputs.Decode(&port); err == nil && !reflect.DeepEqual(value, float64(port.Only.Get())) {
			t.Errorf("the number %v was decoded as %d", value, port.Only.Get())
		}
		var names struct {
			Only contract.Value[[]string] `key:"only"`
		}
		if err := outputs.Decode(&names); err == nil {
			if list, _ := value.([]any); len(list) != len(names.Only.Get()) || slices.Contains(names.Only.Get(), "") {
				t.Errorf("the list %v was decoded as %q", value, names.Only.Get())
			}
		}
	})
}
