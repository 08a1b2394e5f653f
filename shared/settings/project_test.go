package settings

import (
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// The projects that the tests configure.
const (
	foundationName = "foundation-network"
	dataName       = "data-global"
	appName        = "region-app-west"
	edgeName       = "global-edge"
)

// programs are the stacks' projects, each with its parser in an environment of the profile dev.
var programs = []struct {
	name  string
	parse func(Project, map[string]string) error
}{
	{foundationName, parseFoundationInDev},
	{dataName, func(project Project, values map[string]string) error {
		_, err := ParseData(project, "dev", Dev, values)
		return err
	}},
	{"region-app-east", parseApplicationInDev},
	{appName, parseApplicationInDev},
	{edgeName, func(project Project, values map[string]string) error {
		_, err := ParseEdge(project, "dev", edgeInDev, values)
		return err
	}},
}

func parseFoundationInDev(project Project, values map[string]string) error {
	_, err := ParseFoundation(project, "dev", values)
	return err
}

func parseApplicationInDev(project Project, values map[string]string) error {
	_, err := ParseApplication(project, "dev", inDev, values)
	return err
}

// readFile returns the content of a stack's Pulumi.yaml.
func readFile(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile("../../stacks/" + name + "/Pulumi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// read returns what a stack's Pulumi.yaml declares.
func read(t testing.TB, name string) Project {
	t.Helper()
	project, err := ReadProject(readFile(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// valid is a complete Pulumi.yaml with a key of every type.
const valid = `name: p
runtime: go
config:
  pulumi:disable-default-providers:
    value: [aws]
  version: {type: string, default: "16.10", description: a string}
  p:count: {type: integer, default: 0x10, description: an integer}
  enabled: {type: boolean, default: false, description: a switch}
  list: {type: array, items: {type: string}, default: [a, "1"], description: a list}
  map:
    type: object
    default: {a: true, b: 1.5}
    description: >-
      two
      lines
`

func TestReadProject(t *testing.T) {
	got, err := ReadProject([]byte(valid))
	want := Project{Name: "p", Keys: []Key{
		{"version", String, "16.10", "a string"},
		{"count", Integer, "16", "an integer"},
		{"enabled", Boolean, "false", "a switch"},
		{"list", Array, `["a","1"]`, "a list"},
		{"map", Object, `{"a":true,"b":1.5}`, "two lines"},
	}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("ReadProject = %+v, %v; want %+v", got, err, want)
	}
}

func TestReadProjectFaults(t *testing.T) {
	tests := []struct{ name, old, new, want string }{
		{"text that is not YAML", "name: p", "name: [", "reading Pulumi.yaml: yaml: "},
		{"a project without a name", "name: p", "name:", "it has no name"},
		{"keys that are a list", "config:\n", "config: [a]\nother:\n", "config is not a map of keys"},
		{"a key declared twice, with and without its namespace", "  enabled:", "  p:version:", "key version: it is declared twice"},
		{"a key without a declaration", "{type: boolean, default: false, description: a switch}", "false", "key enabled: yaml: "},
		{"a type that Pulumi does not have", "type: boolean", "type: bool", `key enabled: its type is "bool", want string, integer`},
		{"a key without a type", "type: boolean, ", "", `key enabled: its type is ""`},
		{"a key without a default", "default: false, ", "", "key enabled: it has no default"},
		{"a default that is null", "default: false", "default: null", "is not of type boolean"},
		{"a default of another type", "default: false", "default: 0", "key enabled: its default on line 8 is not of type boolean"},
		{"a string that is not quoted and so a number", `"16.10"`, "16.10", "key version: its default on line 6 is not of type string"},
		{"a fraction for an integer", "0x10", "1.5", "key count: its default on line 7 is not of type integer"},
		{"a key without a description", ", description: a switch", "", "key enabled: it has no description"},
		{"an array without items", "items: {type: string}, ", "", `key list: it is of type array with items of type ""`},
		{"an array of integers", "items: {type: string}", "items: {type: integer}", `items of type "integer"`},
		{"a string with items", "type: string, default", "type: string, items: {type: string}, default",
			"key version: it is of type string with items"},
		{"an array with an item that is not a string", `"1"`, "1", "key list: its default has an item on line 9 that is not a string"},
		{"an object that JSON cannot hold", "1.5", ".nan", "key map: writing its default as JSON"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := strings.Replace(valid, test.old, test.new, 1)
			if _, err := ReadProject([]byte(text)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v, want one with %q", err, test.want)
			}
		})
	}
	t.Run("faults of several keys are reported together", func(t *testing.T) {
		_, err := ReadProject([]byte(strings.ReplaceAll(valid, "default: ", "value: ")))
		for _, name := range []string{"version", "count", "enabled", "list", "map"} {
			if err == nil || !strings.Contains(err.Error(), "key "+name+": it has no default") {
				t.Errorf("the error is %v, want one that names %s", err, name)
			}
		}
	})
}

func FuzzReadProject(f *testing.F) {
	f.Add(valid)
	for _, program := range programs {
		f.Add(string(readFile(f, program.name)))
	}
	f.Add("name: p\nconfig: {a: &a {type: string, default: \"\", description: d}, b: *a}\n")
	f.Add("name: p\nconfig: {a: {type: object, default: {1: 2}, description: d}}\n")
	f.Fuzz(func(t *testing.T, text string) {
		project, err := ReadProject([]byte(text))
		if err != nil {
			return
		}
		names := map[string]bool{}
		for _, key := range project.Keys {
			if names[key.Name] || yamlTags[key.Type] == "" || key.Description == "" {
				t.Errorf("%+v is incomplete or declared twice", key)
			}
			names[key.Name] = true
		}
	})
}

func TestPulumiYAML(t *testing.T) {
	for _, program := range programs {
		t.Run(program.name, func(t *testing.T) {
			if project := read(t, program.name); project.Name != program.name {
				t.Errorf("the project's name is %q, want the folder's", project.Name)
			}
			var file struct {
				Config struct {
					Disabled struct{ Value []string } `yaml:"pulumi:disable-default-providers"`
				}
			}
			if err := yaml.Unmarshal(readFile(t, program.name), &file); err != nil {
				t.Fatal(err)
			}
			if disabled := file.Config.Disabled.Value; !reflect.DeepEqual(disabled, []string{"aws"}) {
				t.Errorf("default providers are disabled for %q, want aws: a resource could be created in any region", disabled)
			}
		})
	}
}

// TestProgramsReadTheDeclaredKeys changes one declaration and has the program refuse it: each key is declared for a field that reads
// it as its type, and each field has a declaration.
func TestProgramsReadTheDeclaredKeys(t *testing.T) {
	defaults := map[Type]string{String: "a", Integer: "1", Boolean: "true", Array: `["a"]`, Object: `{"a":true}`}
	for _, program := range programs {
		original := read(t, program.name)
		if err := program.parse(original, map[string]string{}); err != nil {
			t.Fatalf("the declarations of %s: %v", program.name, err)
		}
		refused := func(name, key, want string, keys []Key) {
			t.Run(program.name+" "+name+" "+key, func(t *testing.T) {
				err := program.parse(Project{original.Name, keys}, nil)
				if want = "\n  " + key + ": allowed in Pulumi.yaml " + want; err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("the error is %v, want one with %q", err, want)
				}
			})
		}
		const unread = "only keys that the program reads; got a key that it does not read"
		refused("with another key", "other", unread, append(original.Keys[:len(original.Keys):len(original.Keys)], Key{"other", String, "", "d"}))
		for i, key := range original.Keys {
			change := func(changed ...Key) []Key {
				return append(append(original.Keys[:i:i], changed...), original.Keys[i+1:]...)
			}
			missing := fmt.Sprintf("the type %s, which the program reads; got no such key", key.Type)
			renamed, retyped := key, key
			renamed.Name += "New"
			refused("without", key.Name, missing, change())
			refused("with the renamed", key.Name, missing, change(renamed))
			refused("with the new name of", renamed.Name, unread, change(renamed))
			for retyped.Type, retyped.Default = range defaults {
				if retyped.Type != key.Type {
					want := fmt.Sprintf("the type %s, which the program reads; got type %s", key.Type, retyped.Type)
					refused("with the type "+string(retyped.Type)+" of", key.Name, want, change(retyped))
				}
			}
		}
	}
}

func TestProfileDefaultsHaveOneSpelling(t *testing.T) {
	filled := map[string]bool{}
	for _, row := range profileRows {
		for _, name := range row.keys {
			filled[name] = true
		}
	}
	for _, program := range programs {
		original := read(t, program.name)
		for i, key := range original.Keys {
			t.Run(program.name+" "+key.Name, func(t *testing.T) {
				if described := strings.Contains(key.Description, "Empty: the profile's default"); described != filled[key.Name] {
					t.Errorf("the description is %q; a profile fills the key: %t", key.Description, filled[key.Name])
				}
				if !filled[key.Name] {
					return
				}
				if err := program.parse(original, map[string]string{program.name + ":" + key.Name: ""}); err != nil {
					t.Errorf("an empty string is refused: %v", err)
				}
				changed := Project{original.Name, append([]Key{}, original.Keys...)}
				changed.Keys[i].Default = "1"
				want := key.Name + `: allowed in Pulumi.yaml the default "", which stands for the profile's; got ` + strconv.Quote("1")
				if err := program.parse(changed, nil); err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("with another default the error is %v, want one with %q", err, want)
				}
			})
		}
	}
}
