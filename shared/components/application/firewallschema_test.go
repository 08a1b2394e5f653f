package application

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// sdkTypes are the fields of the types of the SDK's package wafv2: by type, the properties with their types. The package is read and not
// imported.
type sdkTypes map[string]map[string]string

func readSDK(t *testing.T) sdkTypes {
	t.Helper()
	const wafv2 = "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/wafv2"
	folder, err := exec.CommandContext(t.Context(), "go", "list", "-f", "{{.Dir}}", wafv2).Output()
	if err != nil {
		t.Fatalf("finding the source of the SDK: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(folder)), "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("the SDK has no source in %s: %v", folder, err)
	}
	types := sdkTypes{}
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range tree.Decls {
			general, is := declaration.(*ast.GenDecl)
			if !is || general.Tok != token.TYPE {
				continue
			}
			for _, spec := range general.Specs {
				named := spec.(*ast.TypeSpec)
				object, is := named.Type.(*ast.StructType)
				if !is {
					continue
				}
				properties := map[string]string{}
				for _, field := range object.Fields.List {
					if field.Tag == nil {
						continue
					}
					tag := reflect.StructTag(strings.Trim(field.Tag.Value, "`"))
					name, _, _ := strings.Cut(tag.Get("pulumi"), ",")
					properties[name] = typeName(field.Type)
				}
				types[named.Name.Name] = properties
			}
		}
	}
	return types
}

// typeName returns the name of a field's type, without what points to it or lists it.
func typeName(expression ast.Expr) string {
	switch expression := expression.(type) {
	case *ast.StarExpr:
		return typeName(expression.X)
	case *ast.ArrayType:
		return typeName(expression.Elt)
	case *ast.Ident:
		return expression.Name
	}
	return fmt.Sprintf("%T", expression)
}

// unknown returns the properties that the type does not have, by their paths.
func (s sdkTypes) unknown(kind, path string, value any) []string {
	switch value := value.(type) {
	case []any:
		var all []string
		for i, one := range value {
			all = append(all, s.unknown(kind, fmt.Sprintf("%s[%d]", path, i), one)...)
		}
		return all
	case map[string]any:
		var all []string
		for name, inner := range value {
			next, known := s[kind][name]
			if !known {
				all = append(all, path+"."+name)
				continue
			}
			all = append(all, s.unknown(next, path+"."+name, inner)...)
		}
		return all
	}
	return nil
}

// AWS WAF's resources are registered by their tokens: their properties are those of the SDK that is not imported.
func TestFirewallProperties(t *testing.T) {
	types, recording := readSDK(t), build(t, withFirewall)
	for token, kind := range map[string]string{
		webACLType: "webAclArgs", associationType: "webAclAssociationArgs", firewallLoggerType: "webAclLoggingConfigurationArgs",
	} {
		if len(types[kind]) == 0 {
			t.Fatalf("the SDK has no type %s", kind)
		}
		for _, made := range recording.OfType(token) {
			if faults := types.unknown(kind, token, made.Inputs.Mappable()); len(faults) > 0 {
				t.Errorf("the SDK has no properties %q", faults)
			}
		}
	}
	wrong := map[string]any{"rules": []any{map[string]any{"noSuchProperty": 1}}, "scope": "REGIONAL"}
	if faults := types.unknown("webAclArgs", "acl", wrong); !slices.Equal(faults, []string{"acl.rules[0].noSuchProperty"}) {
		t.Errorf("a misspelt property is found as %q", faults)
	}
}
