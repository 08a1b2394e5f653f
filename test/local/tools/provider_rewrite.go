package tools

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// rewrite parses a Go file, lets edit change its syntax tree, drops the imports that the edit left unused, and writes it back.
func rewrite(file string, edit func(*ast.File) error) error {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	if err := edit(tree); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(file), err)
	}
	dropUnusedImports(tree)
	var out bytes.Buffer
	if err := format.Node(&out, set, tree); err != nil {
		return fmt.Errorf("printing %s: %w", filepath.Base(file), err)
	}
	return os.WriteFile(file, out.Bytes(), 0o644)
}

// keepServices reduces the list of service packages, `<service>.ServicePackage(ctx)` each, to the named ones.
func keepServices(tree *ast.File, services []string) error {
	found := map[string]bool{}
	var strange error
	ast.Inspect(tree, func(node ast.Node) bool {
		list, ok := node.(*ast.CompositeLit)
		if !ok {
			return true
		}
		list.Elts = slices.DeleteFunc(list.Elts, func(element ast.Expr) bool {
			service, ok := calledOn(element, "ServicePackage")
			if !ok {
				strange = errors.New("the list holds something other than <service>.ServicePackage(…): see how this version of the provider lists its services, and rewrite that")
			}
			found[service] = true
			return !slices.Contains(services, service)
		})
		return false
	})
	if strange != nil {
		return strange
	}
	if len(found) == 0 {
		return errors.New("it has no list of <service>.ServicePackage(…): see where this version of the provider lists its services, and rewrite that")
	}
	var missing []string
	for _, service := range services {
		if !found[service] {
			missing = append(missing, service)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("no service package %s in the provider: correct services.txt", strings.Join(missing, ", "))
	}
	return nil
}

// keepClients reduces the methods that make one AWS client each to those that are called.
func keepClients(tree *ast.File, called map[string]bool) error {
	kept := 0
	tree.Decls = slices.DeleteFunc(tree.Decls, func(decl ast.Decl) bool {
		method, ok := decl.(*ast.FuncDecl)
		if !ok {
			return false
		}
		if called[method.Name.Name] {
			kept++
			return false
		}
		return true
	})
	if kept == 0 {
		return errors.New("no method of it is called in the packages to be built: see where this version of the provider makes its AWS clients, and rewrite that")
	}
	return nil
}

// calledOn answers whether expr is the call `<name>.<method>(…)`, and with which name.
func calledOn(expr ast.Expr, method string) (string, bool) {
	call, ok := expr.(*ast.CallExpr)
	if !ok {
		return "", false
	}
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || selector.Sel.Name != method {
		return "", false
	}
	receiver, ok := selector.X.(*ast.Ident)
	if !ok {
		return "", false
	}
	return receiver.Name, true
}

// dropUnusedImports removes the imports whose package name is nowhere used. It knows the names of the two kinds of package
// that the rewriting makes unused, both named as the last element of their path.
func dropUnusedImports(tree *ast.File) {
	used := map[string]bool{}
	ast.Inspect(tree, func(node ast.Node) bool {
		if selector, ok := node.(*ast.SelectorExpr); ok {
			if name, ok := selector.X.(*ast.Ident); ok {
				used[name.Name] = true
			}
		}
		return true
	})
	unused := func(spec ast.Spec) bool {
		imported, ok := spec.(*ast.ImportSpec)
		if !ok {
			return false
		}
		target, err := strconv.Unquote(imported.Path.Value)
		if err != nil || !strings.HasPrefix(target, servicePath) && !strings.HasPrefix(target, sdkServicePath) {
			return false
		}
		name := path.Base(target)
		if imported.Name != nil {
			name = imported.Name.Name
		}
		return !used[name]
	}
	for _, decl := range tree.Decls {
		if group, ok := decl.(*ast.GenDecl); ok {
			group.Specs = slices.DeleteFunc(group.Specs, unused)
		}
	}
}
