package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// Type is the type of a configuration key, in the words of Pulumi.yaml.
type Type string

// The types that a key may have. An array's items are strings; the values of an object are checked by its parser. Pulumi has no
// type for a fraction, and none whose value is optional: such keys are strings.
const (
	String  Type = "string"
	Integer Type = "integer"
	Boolean Type = "boolean"
	Array   Type = "array"
	Object  Type = "object"
)

// yamlTags are the YAML tags of a default of each type.
var yamlTags = map[Type]string{String: "!!str", Integer: "!!int", Boolean: "!!bool", Array: "!!seq", Object: "!!map"}

// Key is one configuration key that a stack declares in its Pulumi.yaml.
type Key struct {
	// Name is the key without the project's namespace.
	Name string
	// Type is what the engine checks the value against.
	Type Type
	// Default is the value of a key that is not set, as the engine passes it to a program: a string as it is, anything else as
	// JSON. Every key has one, because the engine requires a value for a key without a default.
	Default string
	// Description is what operators read in stacks/README.md.
	Description string
}

// Project is what a stack's Pulumi.yaml declares.
type Project struct {
	// Name is the project's name and the namespace of its keys.
	Name string
	// Keys are the project's own keys in the order of the file. Keys of other namespaces, such as pulumi:, are left out.
	Keys []Key
}

// ReadProject reads the content of a Pulumi.yaml. The error names every key that is not declared completely: with a type, a
// default of that type and a description.
func ReadProject(pulumiYAML []byte) (Project, error) {
	var document struct {
		Name   string    `yaml:"name"`
		Config yaml.Node `yaml:"config"`
	}
	if err := yaml.Unmarshal(pulumiYAML, &document); err != nil {
		return Project{}, fmt.Errorf("reading Pulumi.yaml: %w", err)
	}
	if document.Name == "" {
		return Project{}, errors.New("reading Pulumi.yaml: it has no name")
	}
	project := Project{Name: document.Name}
	if kind := document.Config.Kind; kind != 0 && kind != yaml.MappingNode {
		return Project{}, fmt.Errorf("reading Pulumi.yaml of %s: config is not a map of keys", project.Name)
	}
	var errs []error
	declared := map[string]bool{}
	for entries := document.Config.Content; len(entries) > 1; entries = entries[2:] {
		name := strings.TrimPrefix(entries[0].Value, project.Name+":")
		if strings.Contains(name, ":") {
			continue
		}
		key, err := readKey(name, entries[1])
		if declared[name] {
			err = errors.New("it is declared twice")
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("key %s: %w", name, err))
		}
		declared[name] = true
		project.Keys = append(project.Keys, key)
	}
	if err := errors.Join(errs...); err != nil {
		return Project{}, fmt.Errorf("reading Pulumi.yaml of %s: %w", project.Name, err)
	}
	return project, nil
}

// readKey reads the declaration of one key.
func readKey(name string, declaration *yaml.Node) (Key, error) {
	var fields struct {
		Type        Type      `yaml:"type"`
		Default     yaml.Node `yaml:"default"`
		Description string    `yaml:"description"`
		Items       struct {
			Type Type `yaml:"type"`
		} `yaml:"items"`
	}
	if err := declaration.Decode(&fields); err != nil {
		return Key{}, err
	}
	key := Key{Name: name, Type: fields.Type, Description: fields.Description}
	switch {
	case yamlTags[key.Type] == "":
		return key, fmt.Errorf("its type is %q, want string, integer, boolean, array or object", key.Type)
	case (key.Type == Array) != (fields.Items.Type == String):
		return key, fmt.Errorf("it is of type %s with items of type %q; an array has string items, and no other type has items",
			key.Type, fields.Items.Type)
	case key.Description == "":
		return key, errors.New("it has no description")
	}
	var err error
	key.Default, err = readDefault(key.Type, &fields.Default)
	return key, err
}

// readDefault returns a default as the engine passes it to a program.
func readDefault(keyType Type, node *yaml.Node) (string, error) {
	if node.IsZero() {
		return "", errors.New("it has no default, so the engine would require a value in every stack")
	}
	if node.ShortTag() != yamlTags[keyType] {
		return "", fmt.Errorf("its default on line %d is not of type %s", node.Line, keyType)
	}
	if keyType == String {
		return node.Value, nil
	}
	for _, item := range node.Content {
		if keyType == Array && item.ShortTag() != yamlTags[String] {
			return "", fmt.Errorf("its default has an item on line %d that is not a string", item.Line)
		}
	}
	var value any
	if err := node.Decode(&value); err != nil {
		return "", fmt.Errorf("reading its default: %w", err)
	}
	text, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("writing its default as JSON: %w", err)
	}
	return string(text), nil
}
