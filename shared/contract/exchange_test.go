package contract

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

	"warmstandby/test/support/pulumitest"
)

const producer = "organization/foundation-network/dev"

// filled is a contract whose values all differ, so that two that were mixed up show.
func filled() FoundationNetwork {
	network := func(role string) RegionNetwork {
		text := func(of string) Value[string] { return String(pulumi.String(role + "-" + of)) }
		list := func(of string) Value[[]string] {
			return Strings(pulumi.ToStringArray([]string{role + "-" + of + "-1", role + "-" + of + "-2"}))
		}
		return RegionNetwork{
			Region: text("region"), CIDR: text("cidr"), VPCID: text("vpc"),
			PublicSubnetIDs: list("public"), PrivateSubnetIDs: list("private"), IsolatedSubnetIDs: list("isolated"),
			LoadBalancerSecurityGroupID: text("loadbalancer"), FunctionSecurityGroupID: text("function"),
			DatabaseSecurityGroupID: text("database"), EndpointsSecurityGroupID: text("endpoints"),
		}
	}
	return FoundationNetwork{
		EnvironmentSuffix: String(pulumi.String("blue")), Profile: String(pulumi.String("prod")),
		Protection: Bool(pulumi.Bool(true)), ListenerPort: Int(pulumi.Int(8443)),
		AllowedAccountIDs:   Strings(pulumi.StringArray{}),
		PeeringConnectionID: ID(pulumi.ID("pcx-1").ToIDOutput()),
		Primary:             network("primary"), Standby: network("standby"),
	}
}

// published is what the engine keeps of the filled contract.
func published(t *testing.T) resource.PropertyMap {
	t.Helper()
	return pulumitest.Run(t, FoundationNetworkProject, "dev", nil, filled().Export).Outputs
}

// readBack reads a producer's outputs in a stack of another project.
func readBack(t *testing.T, outputs resource.PropertyMap, opts ...pulumitest.Option) (FoundationNetwork, error) {
	t.Helper()
	var got FoundationNetwork
	_, err := pulumitest.RunErr(t, "region-app-west", "dev", nil, func(ctx *pulumi.Context) (err error) {
		got, err = ReadFoundationNetwork(ctx)
		return err
	}, append(opts, pulumitest.Stack(producer, outputs))...)
	return got, err
}

// plain returns every value of the contract that pointer points to by its key.
func plain(pointer any) map[string]any {
	values := map[string]any{}
	walk("", reflect.ValueOf(pointer).Elem(), func(key string, field output) {
		switch value := field.(type) {
		case *Value[string]:
			values[key] = value.Get()
		case *Value[[]string]:
			values[key] = value.Get()
		case *Value[int]:
			values[key] = value.Get()
		case *Value[bool]:
			values[key] = value.Get()
		}
	})
	return values
}

func TestWhatIsExportedIsRead(t *testing.T) {
	want := map[string]any{
		"environmentSuffix": "blue", "profile": "prod", "protection": true, "allowedAccountIds": []string{},
		"listenerPort": 8443, "peeringConnectionId": "pcx-1",
	}
	for _, role := range []string{"primary", "standby"} {
		for key, value := range map[string]any{
			"Region": "region", "Cidr": "cidr", "VpcId": "vpc",
			"LoadBalancerSecurityGroupId": "loadbalancer", "FunctionSecurityGroupId": "function",
			"DatabaseSecurityGroupId": "database", "EndpointsSecurityGroupId": "endpoints",
		} {
			want[role+key] = role + "-" + value.(string)
		}
		for key, of := range map[string]string{"Public": "public", "Private": "private", "Isolated": "isolated"} {
			want[role+key+"SubnetIds"] = []string{role + "-" + of + "-1", role + "-" + of + "-2"}
		}
	}
	tests := []struct {
		name string
		opts []pulumitest.Option
	}{
		{"in an update", nil},
		{"in a preview, with plain values and none unknown", []pulumitest.Option{pulumitest.Preview()}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := readBack(t, published(t), test.opts...)
			if err != nil {
				t.Fatal(err)
			}
			if values := plain(&got); !reflect.DeepEqual(values, want) {
				t.Errorf("the values are\n%v, want\n%v", values, want)
			}
		})
	}
}

func TestAnOutputThatCannotBeUsedIsNamed(t *testing.T) {
	list := func(elements ...any) resource.PropertyValue { return resource.NewProperty(toProperties(elements)) }
	tests := []struct {
		name, key string
		value     resource.PropertyValue // null: the output is missing
		says      string
	}{
		{"a missing text", "primaryVpcId", resource.NewNullProperty(), "allowed a string that is not empty, got nothing"},
		{"a missing list", "standbyPublicSubnetIds", resource.NewNullProperty(), "allowed a list of strings, none empty, got nothing"},
		{"a missing number", "listenerPort", resource.NewNullProperty(), "allowed a whole number, got nothing"},
		{"a missing truth value", "protection", resource.NewNullProperty(), "allowed true or false, got nothing"},
		{"an empty text", "standbyVpcId", resource.NewProperty(""), "allowed a string that is not empty, got an empty string"},
		{"a number for a text", "primaryCidr", resource.NewProperty(10.0), "got a float64"},
		{"a text for a number", "listenerPort", resource.NewProperty("443"), "allowed a whole number, got a string"},
		{"a fraction for a number", "listenerPort", resource.NewProperty(80.5), "allowed a whole number"},
		{"a text for a truth value", "protection", resource.NewProperty("true"), "allowed true or false, got a string"},
		{"a text for a list", "allowedAccountIds", resource.NewProperty("111122223333"), "allowed a list of strings, none empty, got a string"},
		{"a list with an empty element", "primaryPublicSubnetIds", list("subnet-1", ""), "allowed a list of strings, none empty"},
		{"a list with a number in it", "primaryPublicSubnetIds", list("subnet-1", 2.0), "allowed a list of strings, none empty"},
		{"a list for a text", "profile", list("dev"), "allowed a string that is not empty"},
		{"a secret", "environmentSuffix", resource.MakeSecret(resource.NewProperty("hunter2")), "secrets do not cross stacks: publish its ARN or name"},
		{"a secret in a list", "primaryPublicSubnetIds", list("subnet-1", resource.MakeSecret(resource.NewProperty("hunter2"))), "secrets do not cross stacks"},
	}
	for _, mode := range []struct {
		name string
		opts []pulumitest.Option
	}{{"in an update", nil}, {"in a preview", []pulumitest.Option{pulumitest.Preview()}}} {
		for _, test := range tests {
			t.Run(test.name+" "+mode.name, func(t *testing.T) {
				outputs := published(t)
				outputs[resource.PropertyKey(test.key)] = test.value
				if test.value.IsNull() {
					delete(outputs, resource.PropertyKey(test.key))
				}
				_, err := readBack(t, outputs, mode.opts...)
				wantSaid(t, err, producer, "make up STACK=foundation-network ", "output "+test.key+": ", test.says)
				if err != nil && strings.Contains(err.Error(), "hunter2") {
					t.Errorf("the error %q shows the secret", err)
				}
			})
		}
	}
}

func toProperties(elements []any) []resource.PropertyValue {
	values := make([]resource.PropertyValue, len(elements))
	for i, element := range elements {
		values[i] = resource.NewPropertyValue(element)
	}
	return values
}

func wantSaid(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one that says %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error is %q, which does not say %q", err, part)
		}
	}
}

func TestAllFaultsOfAContractAreNamedTogether(t *testing.T) {
	_, err := readBack(t, resource.PropertyMap{})
	for key := range plain(&FoundationNetwork{}) {
		wantSaid(t, err, "output "+key+": allowed ")
	}
}

func TestAProducerThatWasNeverDeployedIsNamed(t *testing.T) {
	_, err := pulumitest.RunErr(t, "region-app-west", "pr-7", nil, func(ctx *pulumi.Context) error {
		_, err := ReadFoundationNetwork(ctx)
		return err
	})
	wantSaid(t, err, "reading the outputs of stack organization/foundation-network/pr-7; to deploy it: make up STACK=foundation-network ENV=pr-7", "unknown stack")
}

func TestAContractWithAFieldThatWasNotSetIsNotExported(t *testing.T) {
	incomplete := filled()
	incomplete.Profile = Value[string]{}
	incomplete.Standby.PrivateSubnetIDs = Value[[]string]{}
	_, err := pulumitest.RunErr(t, FoundationNetworkProject, "dev", nil, incomplete.Export)
	wantSaid(t, err, "output profile has no value", "output standbyPrivateSubnetIds has no value")
	if strings.Contains(err.Error(), "primaryPrivateSubnetIds") {
		t.Errorf("the error %q names an output that was set", err)
	}
}

// A key is public: whoever renames one edits the list too, and sees that the stacks which read it must follow.
func TestKeysAreTheListed(t *testing.T) {
	for project, pointer := range map[string]any{
		FoundationNetworkProject: &FoundationNetwork{},
		DataGlobalProject:        &DataGlobal{},
		RegionAppEastProject:     &RegionApp{},
		RegionAppWestProject:     &RegionApp{},
		GlobalEdgeProject:        &GlobalEdge{},
	} {
		t.Run(project, func(t *testing.T) {
			var keys []string
			walk("", reflect.ValueOf(pointer).Elem(), func(key string, _ output) { keys = append(keys, key) })
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

func FuzzReceive(f *testing.F) {
	for _, seed := range []string{`"a"`, `""`, `1.5`, `8443`, `1e300`, `true`, `["a",""]`, `[]`, `{"a":1}`, `null`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		value, ok := decode(text)
		if !ok {
			return
		}
		var name Value[string]
		if err := name.receive(value); (err == nil) != (name.Get() != "" && reflect.DeepEqual(value, name.Get())) {
			t.Errorf("the text %v was received as %q, %v", value, name.Get(), err)
		}
		var port Value[int]
		if err := port.receive(value); err == nil && !reflect.DeepEqual(value, float64(port.Get())) {
			t.Errorf("the number %v was received as %d", value, port.Get())
		}
		var names Value[[]string]
		if err := names.receive(value); err == nil {
			if list, _ := value.([]any); len(list) != len(names.Get()) || slices.Contains(names.Get(), "") {
				t.Errorf("the list %v was received as %q", value, names.Get())
			}
		}
	})
}

// decode gives JSON the Go types in which the engine hands over outputs.
func decode(text string) (value any, ok bool) {
	err := json.Unmarshal([]byte(text), &value)
	return value, err == nil
}
