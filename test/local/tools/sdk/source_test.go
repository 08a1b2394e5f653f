// Package sdk holds the source build of the AWS plugin to the Pulumi AWS SDK that the product is compiled with, by reading
// the sources of both: the token map covers exactly what the stacks use, and each mapped type has the properties that the
// SDK sends and reads. It has tests only.
package sdk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// sdkModule is the Pulumi AWS SDK; its packages are below sdkRoot, one for each module of a token.
const (
	sdkModule = "github.com/pulumi/pulumi-aws/sdk/v6"
	sdkRoot   = sdkModule + "/go/aws"
)

// repository is the product's module, seen from this package.
const repository = "../../../.."

// registrations are the methods of a Pulumi context by which a function of the SDK names its token, the first argument.
var registrations = map[string]bool{"RegisterResource": true, "ReadResource": true, "Invoke": true, "InvokeOutput": true}

// sources reads packages of the SDK, each once.
type sources struct {
	dir      string
	packages map[string]*sourcePackage // import path to package
}

// sourcePackage is what the tests need of one package of the SDK.
type sourcePackage struct {
	tokens map[string]string     // function to the token that it registers, reads or invokes
	types  map[string]definition // type to its definition
}

// definition is a type's definition and what the names of packages mean in its file.
type definition struct {
	expr    ast.Expr
	home    *sourcePackage
	imports map[string]string // name to import path
}

// loadSDK finds the SDK in the version that the product's go.mod selects.
func loadSDK(t *testing.T) *sources {
	t.Helper()
	dir, err := moduleDir(t.Context(), repository, sdkModule)
	if err != nil {
		t.Fatal(err)
	}
	return &sources{dir: dir, packages: map[string]*sourcePackage{}}
}

// moduleDir returns where the Go command keeps a module's sources, in the version that the module at dir selects.
func moduleDir(ctx context.Context, dir, module string) (string, error) {
	command := exec.CommandContext(ctx, "go", "mod", "download", "-json", module)
	command.Dir = dir
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("finding the sources of %s: %w: %s", module, err, output)
	}
	var found struct{ Dir string }
	if err := json.Unmarshal(output, &found); err != nil {
		return "", fmt.Errorf("finding the sources of %s: %w", module, err)
	}
	return found.Dir, nil
}

// load reads one package of the SDK.
func (s *sources) load(importPath string) (*sourcePackage, error) {
	if known, ok := s.packages[importPath]; ok {
		return known, nil
	}
	inside, ok := strings.CutPrefix(importPath, sdkModule)
	if !ok {
		return nil, fmt.Errorf("%s is not in the SDK", importPath)
	}
	files, err := filepath.Glob(filepath.Join(s.dir, inside, "*.go"))
	if err == nil && len(files) == 0 {
		err = errors.New("it has no Go files")
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", importPath, err)
	}
	loaded := &sourcePackage{tokens: map[string]string{}, types: map[string]definition{}}
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("reading the SDK: %w", err)
		}
		loaded.add(tree)
	}
	s.packages[importPath] = loaded
	return loaded, nil
}

// add takes the types and the registering functions of one file.
func (p *sourcePackage) add(tree *ast.File) {
	imports := importsOf(tree)
	for _, decl := range tree.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if name, ok := registeredBy(decl); ok && decl.Recv == nil {
				p.tokens[decl.Name.Name] = name
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				if named, ok := spec.(*ast.TypeSpec); ok {
					p.types[named.Name.Name] = definition{named.Type, p, imports}
				}
			}
		}
	}
}

// registeredBy returns the token that a function of the SDK hands to the engine.
func registeredBy(function *ast.FuncDecl) (string, bool) {
	found := ""
	ast.Inspect(function, func(node ast.Node) bool {
		call, ok := node.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		selector, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || !registrations[selector.Sel.Name] {
			return true
		}
		if literal, ok := call.Args[0].(*ast.BasicLit); ok {
			found, _ = strconv.Unquote(literal.Value)
		}
		return true
	})
	return found, found != ""
}

// importsOf maps the name of each imported package to its path; without a name of its own it is taken to be the last
// element of the path, which holds in the SDK.
func importsOf(tree *ast.File) map[string]string {
	imports := map[string]string{}
	for _, spec := range tree.Imports {
		target, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // The parser admits string literals alone.
		}
		name := path.Base(target)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		imports[name] = target
	}
	return imports
}

// structs names the structs of the SDK that hold what a resource or function sends and what it reads back. Of a function
// that would bear the name of a resource's own Get<Type>, the SDK calls everything Lookup<Type>.
func structs(token string) (sent, read []string) {
	member := memberOf(token)
	upper := strings.ToUpper(member[:1]) + member[1:]
	if isFunction(token) {
		lookup := "Lookup" + strings.TrimPrefix(upper, "Get")
		return []string{upper + "Args", lookup + "Args"}, []string{upper + "Result", lookup + "Result"}
	}
	lower := strings.ToLower(member[:1]) + member[1:]
	return []string{lower + "Args"}, []string{lower + "State"}
}

// structOf returns the first of the named structs that the package of a token has.
func (s *sources) structOf(token string, names []string) (definition, error) {
	module, _, _ := strings.Cut(strings.TrimPrefix(token, "aws:"), "/")
	importPath := sdkRoot
	if module != "index" {
		importPath += "/" + module
	}
	loaded, err := s.load(importPath)
	if err != nil {
		return definition{}, err
	}
	for _, name := range names {
		if found, ok := loaded.types[name]; ok {
			return found, nil
		}
	}
	return definition{}, fmt.Errorf("%s has no struct %s for %s", importPath, strings.Join(names, " or "), token)
}

// property is one field of a struct that the SDK sends or reads.
type property struct {
	field string // in Go
	name  string // in Pulumi
	expr  ast.Expr
}

// properties lists the fields of a struct that have a Pulumi name.
func properties(structure *ast.StructType) []property {
	var all []property
	for _, field := range structure.Fields.List {
		if field.Tag == nil || len(field.Names) != 1 {
			continue
		}
		tag, err := strconv.Unquote(field.Tag.Value)
		if err != nil {
			continue // The parser admits string literals alone.
		}
		if name, _, _ := strings.Cut(reflect.StructTag(tag).Get("pulumi"), ","); name != "" {
			all = append(all, property{field.Names[0].Name, name, field.Type})
		}
	}
	return all
}

// isFunction tells a function's token from a resource's: its last part begins with a lower-case letter.
func isFunction(token string) bool {
	member := memberOf(token)
	return member != "" && strings.ToLower(member[:1]) == member[:1]
}

// memberOf returns the last part of a token: Vpc of aws:ec2/vpc:Vpc.
func memberOf(token string) string { return token[strings.LastIndex(token, ":")+1:] }
