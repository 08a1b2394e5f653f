package main

import (
	"fmt"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/info"
	tfshim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
)

// description is what -properties prints: per token, each property's name and shape. A shape is "string", "bool", "int" or
// "float"; "archive"; ["shape"] for a list; {"*": shape} for a map; {"name": shape, …} for an object. What is none of these is named as
// the bridge names it, so that no test takes it for text.
type description struct {
	Resources map[string]map[string]any `json:"resources"`
	Functions map[string]map[string]any `json:"functions"`
}

func describe(provider tfbridge.ProviderInfo) description {
	described := description{Resources: map[string]map[string]any{}, Functions: map[string]map[string]any{}}
	for name, resource := range provider.Resources {
		schema := provider.P.ResourcesMap().Get(name).Schema()
		described.Resources[string(resource.Tok)] = object(schema, resource.Fields)
	}
	for name, function := range provider.DataSources {
		schema := provider.P.DataSourcesMap().Get(name).Schema()
		described.Functions[string(function.Tok)] = object(schema, function.Fields)
	}
	return described
}

func object(schema tfshim.SchemaMap, fields map[string]*info.Schema) map[string]any {
	properties := map[string]any{}
	schema.Range(func(name string, property tfshim.Schema) bool {
		properties[tfbridge.TerraformToPulumiNameV2(name, schema, fields)] = shape(property, fields[name])
		return true
	})
	return properties
}

func shape(property tfshim.Schema, field *info.Schema) any {
	switch {
	case field == nil:
	case field.Asset != nil:
		return "archive" // The one kind of asset that tokens.json knows.
	case field.Type == "integer":
		return "int" // The one type that tokens.json sets.
	}
	switch property.Type() {
	case tfshim.TypeBool:
		return "bool"
	case tfshim.TypeInt:
		return "int"
	case tfshim.TypeFloat:
		return "float"
	case tfshim.TypeList, tfshim.TypeSet:
		if tfbridge.IsMaxItemsOne(property, field) {
			return element(property, field)
		}
		return []any{element(property, field)}
	case tfshim.TypeMap:
		if block, ok := property.Elem().(tfshim.Resource); ok {
			return object(block.Schema(), inside(field)) // A framework block of exactly one object.
		}
		return map[string]any{"*": element(property, field)}
	case tfshim.TypeString:
		return "string"
	default:
		return fmt.Sprintf("bridge type %v", property.Type())
	}
}

func element(property tfshim.Schema, field *info.Schema) any {
	switch elem := property.Elem().(type) {
	case tfshim.Resource:
		return object(elem.Schema(), inside(field))
	case tfshim.Schema:
		return shape(elem, nil)
	case nil:
		return "string" // Terraform's plugin SDK takes the elements of a map for text unless told otherwise.
	default:
		return fmt.Sprintf("bridge element %T", elem)
	}
}
