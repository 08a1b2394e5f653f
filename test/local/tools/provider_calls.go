package tools

import (
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
)

// methodsCalled returns the names of all methods called in the packages of the module at dir that are reachable from roots.
func methodsCalled(dir string, roots []string) (map[string]bool, error) {
	called := map[string]bool{}
	queue := slices.Clone(roots)
	for seen := map[string]bool{}; len(queue) > 0; queue = queue[1:] {
		pkg := queue[0]
		if seen[pkg] {
			continue
		}
		seen[pkg] = true
		imports, err := scanPackage(filepath.Join(dir, pkg), called)
		if err != nil {
			return nil, fmt.Errorf("reading package %s: %w", pkg, err)
		}
		queue = append(queue, imports...)
	}
	return called, nil
}

// scanPackage adds the methods that one package calls to called and returns the packages of the same module that it
// imports, as paths relative to the module.
func scanPackage(dir string, called map[string]bool) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, errors.New("it has no Go files: correct the packages that the plugin imports through its shim")
	}
	var imports []string
	set := token.NewFileSet()
	for _, file := range files {
		if match, err := build.Default.MatchFile(dir, filepath.Base(file)); err != nil || !match {
			if err != nil {
				return nil, err
			}
			continue
		}
		tree, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, imported := range tree.Imports {
			if inside, ok := strings.CutPrefix(strings.Trim(imported.Path.Value, `"`), providerModule+"/"); ok {
				imports = append(imports, inside)
			}
		}
		ast.Inspect(tree, func(node ast.Node) bool {
			if call, ok := node.(*ast.CallExpr); ok {
				if selector, ok := call.Fun.(*ast.SelectorExpr); ok {
					called[selector.Sel.Name] = true
				}
			}
			return true
		})
	}
	return imports, nil
}
