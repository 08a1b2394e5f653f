package settings

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// declaration is one key as Pulumi.yaml declares it.
type declaration struct {
	Type        Type
	Default     any
	Description string
	Items       struct{ Type Type }
}

// tables is every project's table of keys.
var tables = []struct {
	project string
	keys    func() []Key
}{
	{project, FoundationKeys},
	{dataProject, DataKeys},
	{edgeProject, EdgeKeys},
	{appProject, ApplicationKeys},
	{"region-app-east", ApplicationKeys},
}

func TestPulumiYAMLDeclaresTheKeys(t *testing.T) {
	for _, table := range tables {
		t.Run(table.project, func(t *testing.T) {
			text, err := os.ReadFile("../../stacks/" + table.project + "/Pulumi.yaml")
			if err != nil {
				t.Fatal(err)
			}
			var file struct {
				Name   string
				Config yaml.Node
			}
			if err := yaml.Unmarshal(text, &file); err != nil {
				t.Fatal(err)
			}
			if file.Name != table.project {
				t.Errorf("the project's name is %q, want %q", file.Name, table.project)
			}
			if disabled := engineSetting(t, &file.Config, "pulumi:disable-default-providers"); !reflect.DeepEqual(disabled, []string{"aws"}) {
				t.Errorf("default providers are disabled for %q, want aws: a resource could end up in any region", disabled)
			}
			if got, want := declared(t, table.project, &file.Config), table.keys(); !reflect.DeepEqual(got, want) {
				t.Errorf("Pulumi.yaml declares\n%q, the table has\n%q", got, want)
			}
		})
	}
}

// engineSetting returns the value that a config node sets for one of the engine's own keys.
func engineSetting(t *testing.T, config *yaml.Node, key string) []string {
	t.Helper()
	for i := 0; i+1 < len(config.Content); i += 2 {
		if config.Content[i].Value == key {
			var setting struct{ Value []string }
			if err := config.Content[i+1].Decode(&setting); err != nil {
				t.Fatalf("reading %s: %v", key, err)
			}
			return setting.Value
		}
	}
	return nil
}

// declared returns the project's own keys of a config node in their order.
func declared(t *testing.T, project string, config *yaml.Node) []Key {
	t.Helper()
	var keys []Key
	for i := 0; i+1 < len(config.Content); i += 2 {
		name := strings.TrimPrefix(config.Content[i].Value, project+":")
		if strings.Contains(name, ":") {
			continue // Another namespace's: it has a value here, and no declaration.
		}
		var d declaration
		if err := config.Content[i+1].Decode(&d); err != nil {
			t.Fatalf("reading %s: %v", name, err)
		}
		if (d.Type == List) != (d.Items.Type == Text) {
			t.Errorf("%s is of type %s and has items of type %q; a list has string items, and nothing else has any", name, d.Type, d.Items.Type)
		}
		keys = append(keys, Key{Name: name, Type: d.Type, Default: asTheEngineGives(t, d.Default), Description: d.Description})
	}
	return keys
}

// asTheEngineGives returns a default in the form in which a program gets it.
func asTheEngineGives(t *testing.T, value any) string {
	t.Helper()
	if text, ok := value.(string); ok {
		return text
	}
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatalf("writing the default %v: %v", value, err)
	}
	return string(text)
}

func TestEveryDefaultIsOfItsKeysType(t *testing.T) {
	for _, table := range tables {
		for _, key := range table.keys() {
			var target any
			switch key.Type {
			case Text:
				continue
			case Integer:
				target = new(int)
			case Boolean:
				target = new(bool)
			case List:
				target = new([]string)
			case Map:
				target = new(map[string]any)
			default:
				t.Errorf("%s:%s has the unknown type %q", table.project, key.Name, key.Type)
				continue
			}
			if err := json.Unmarshal([]byte(key.Default), target); err != nil {
				t.Errorf("%s:%s is of type %s, its default is %q: %v", table.project, key.Name, key.Type, key.Default, err)
			}
		}
	}
}

func TestATableCannotBeChangedFromOutside(t *testing.T) {
	for _, table := range tables {
		want := table.keys()[0]
		table.keys()[0].Name = "changed"
		if got := table.keys()[0]; got != want {
			t.Errorf("%s: the first key is %q after a caller's change, want %q", table.project, got, want)
		}
	}
}
