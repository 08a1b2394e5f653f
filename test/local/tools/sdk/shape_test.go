package sdk

import (
	"fmt"
	"go/ast"
	"maps"
	"slices"
)

// engineSDK is the package that a type of the engine's own is from.
const engineSDK = "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// scalars are the shapes of what has no parts, by their Go types.
var scalars = map[string]string{"string": "string", "bool": "bool", "int": "int", "float64": "float"}

// difference is one property that the SDK has and the plugin has not, or not in this shape.
type difference struct {
	path string // property names, joined by dots; lists and maps add nothing
	what string
}

// compare walks a type of the SDK beside the plugin's shape of the same value (see -properties in the plugin's main.go)
// and returns where the plugin lacks what the SDK has. What the plugin has more is no difference: the SDK does not know it.
//
// A type without a Go type of its own, interface{}, is text for the plugin: the SDK would also take a policy document or a
// resource there, which the official plugin turns into text and this one refuses.
func (s *sources) compare(path string, expr ast.Expr, at definition, plugin any) ([]difference, error) {
	differs := func(want string) ([]difference, error) {
		return []difference{{path, fmt.Sprintf("the SDK has %s, the plugin %s", want, shapeName(plugin))}}, nil
	}
	switch expr := expr.(type) {
	case *ast.StarExpr:
		return s.compare(path, expr.X, at, plugin)
	case *ast.InterfaceType:
		if plugin != "string" {
			return differs("text (interface{})")
		}
		return nil, nil
	case *ast.ArrayType:
		list, ok := plugin.([]any)
		if !ok || len(list) != 1 {
			return differs("a list")
		}
		return s.compare(path, expr.Elt, at, list[0])
	case *ast.MapType:
		object, ok := plugin.(map[string]any)
		if !ok || object["*"] == nil {
			return differs("a map")
		}
		return s.compare(path, expr.Value, at, object["*"])
	case *ast.StructType:
		object, ok := plugin.(map[string]any)
		if !ok || object["*"] != nil {
			return differs("an object")
		}
		return s.compareObject(path, expr, at, object)
	case *ast.Ident:
		if want, ok := scalars[expr.Name]; ok {
			if plugin != want {
				return differs(want)
			}
			return nil, nil
		}
		return s.compareNamed(path, at.home, expr.Name, plugin)
	case *ast.SelectorExpr:
		name, ok := expr.X.(*ast.Ident)
		if !ok {
			return nil, fmt.Errorf("%s: a type from no package: %T", path, expr.X)
		}
		if at.imports[name.Name] == engineSDK && expr.Sel.Name == "Archive" {
			if plugin != "archive" {
				return differs("an archive")
			}
			return nil, nil
		}
		home, err := s.load(at.imports[name.Name])
		if err != nil {
			return nil, fmt.Errorf("%s: reading type %s.%s: %w", path, name.Name, expr.Sel.Name, err)
		}
		return s.compareNamed(path, home, expr.Sel.Name, plugin)
	}
	return nil, fmt.Errorf("%s: the tests do not know the SDK's type %T: teach compare", path, expr)
}

func (s *sources) compareNamed(path string, home *sourcePackage, name string, plugin any) ([]difference, error) {
	found, ok := home.types[name]
	if !ok {
		return nil, fmt.Errorf("%s: the SDK defines no type %s", path, name)
	}
	return s.compare(path, found.expr, found, plugin)
}

func (s *sources) compareObject(path string, structure *ast.StructType, at definition, plugin map[string]any) ([]difference, error) {
	var all []difference
	for _, property := range properties(structure) {
		inner := property.name
		if path != "" {
			inner = path + "." + inner
		}
		shape, ok := plugin[property.name]
		if !ok {
			all = append(all, difference{inner, "the plugin lacks it; it has " + shapeName(plugin)})
			continue
		}
		found, err := s.compare(inner, property.expr, at, shape)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// shapeName describes a shape of the plugin in an error.
func shapeName(shape any) string {
	switch shape := shape.(type) {
	case []any:
		return "a list"
	case map[string]any:
		if shape["*"] != nil {
			return "a map"
		}
		return fmt.Sprintf("an object of %v", slices.Sorted(maps.Keys(shape)))
	}
	return fmt.Sprint(shape)
}
