package tools

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// WaitDivisor shortens every wait of the source-built AWS plugin. The released provider waits for AWS (60 s before it first
// looks at a load balancer, 30 s at a database cluster); the embedded AWS is ready at once. At 50 the longest wait is near
// 1 s and a poll still leaves the emulator time to answer.
const WaitDivisor = 50

// The places in terraform-provider-aws that the source build rewrites, relative to the module.
const (
	providerModule      = "github.com/hashicorp/terraform-provider-aws"
	servicePackagesFile = "internal/provider/sdkv2/service_packages_gen.go"
	clientsFile         = "internal/conns/awsclient_gen.go"
	waitsFile           = "internal/backoff/backoff.go"
	waitsType           = "sdkv2HelperRetryCompatibleDelay"
	servicePath         = providerModule + "/internal/service/"
	sdkServicePath      = "github.com/aws/aws-sdk-go-v2/service/"
)

// providerRoots are the packages that the plugin imports through its shim; all else that is compiled is reached from them.
var providerRoots = []string{"internal", "internal/provider/framework", "internal/provider/sdkv2"}

// PrepareProvider copies the AWS provider's module at src to dst, which must not exist, keeps only the named service
// packages and the AWS clients that they use, and divides its waits by [WaitDivisor]. The whole provider takes over a
// quarter of an hour to compile on two cores; a dozen of its 250 services take a few minutes.
//
// It fails when a service is not in the provider, and when the provider's code no longer has the shape that it rewrites:
// a new version must be looked at, not built with its waits or its services silently as they were.
func PrepareProvider(src, dst string, services []string) error {
	if err := copySources(src, dst); err != nil {
		return fmt.Errorf("copying the AWS provider's sources: %w", err)
	}
	if err := rewrite(filepath.Join(dst, servicePackagesFile), func(f *ast.File) error { return keepServices(f, services) }); err != nil {
		return fmt.Errorf("keeping %d service packages of the AWS provider: %w", len(services), err)
	}
	used, err := methodsCalled(dst, providerRoots)
	if err != nil {
		return fmt.Errorf("finding the AWS clients that the kept services use: %w", err)
	}
	if err := rewrite(filepath.Join(dst, clientsFile), func(f *ast.File) error { return keepClients(f, used) }); err != nil {
		return fmt.Errorf("keeping the AWS clients in use: %w", err)
	}
	if err := scaleWaits(filepath.Join(dst, waitsFile)); err != nil {
		return fmt.Errorf("scaling the AWS provider's waits: %w", err)
	}
	return nil
}

// copySources copies what compiles: go.mod, go.sum, and of internal, names and version the Go files that are no tests and
// the .hcl files that they embed.
func copySources(src, dst string) error {
	if _, err := os.Lstat(dst); err == nil {
		return fmt.Errorf("%s exists already", dst)
	}
	for _, root := range []string{"go.mod", "go.sum", "internal", "names", "version"} {
		err := filepath.WalkDir(filepath.Join(src, root), func(file string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			name := entry.Name()
			compiled := strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") ||
				strings.HasSuffix(name, ".hcl") || name == root
			if entry.IsDir() || !compiled {
				return nil
			}
			rel, err := filepath.Rel(src, file)
			if err != nil {
				return err
			}
			content, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			target := filepath.Join(dst, rel)
			if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
				return err
			}
			return os.WriteFile(target, content, 0o644)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

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
	ast.Inspect(tree, func(node ast.Node) bool {
		list, ok := node.(*ast.CompositeLit)
		if !ok {
			return true
		}
		list.Elts = slices.DeleteFunc(list.Elts, func(element ast.Expr) bool {
			service, ok := calledOn(element, "ServicePackage")
			keep := ok && slices.Contains(services, service)
			found[service] = found[service] || keep
			return !keep
		})
		return false
	})
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
		return errors.New("no client method is called: the provider's code has changed its shape")
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

// scaleWaits divides what the one function returns that all of the provider's waits go through, (*sdkv2…Delay).Next: it is
// renamed, and a new Next divides its result. n = 0 asks for the wait before the first look.
func scaleWaits(file string) error {
	found := false
	err := rewrite(file, func(tree *ast.File) error {
		for _, decl := range tree.Decls {
			method, ok := decl.(*ast.FuncDecl)
			if ok && method.Name.Name == "Next" && receiverType(method) == waitsType {
				method.Name.Name = "unscaled"
				found = true
			}
		}
		if !found {
			return fmt.Errorf("no method Next on *%s: find where this version of the provider waits, and scale it there", waitsType)
		}
		return nil
	})
	if err != nil {
		return err
	}
	out, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "\n// Next returns the wait of a released provider divided by %[2]d.\n"+
		"func (d *%[1]s) Next(n uint) time.Duration { return d.unscaled(n) / %[2]d }\n", waitsType, WaitDivisor)
	return errors.Join(err, out.Close())
}

// receiverType returns T of a method on *T, else "".
func receiverType(method *ast.FuncDecl) string {
	if method.Recv == nil || len(method.Recv.List) != 1 {
		return ""
	}
	pointer, ok := method.Recv.List[0].Type.(*ast.StarExpr)
	if !ok {
		return ""
	}
	name, ok := pointer.X.(*ast.Ident)
	if !ok {
		return ""
	}
	return name.Name
}
