package sdk

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const (
	toolchainDir = repository + "/test/local/toolchain"
	servicesFile = toolchainDir + "/services.txt"
	standInDir   = toolchainDir + "/cmd/pulumi-resource-awsx"
	tokensFile   = toolchainDir + "/cmd/pulumi-resource-aws/tokens.json"
)

// tokenMap is tokens.json, see tokens.go beside it.
type tokenMap struct {
	Resources, Functions map[string]string
	Names                map[string]map[string]string
}

// all returns both kinds of token with their Terraform types.
func (m tokenMap) all() map[string]string {
	all := map[string]string{}
	for _, part := range []map[string]string{m.Resources, m.Functions} {
		for name, terraformType := range part {
			all[name] = terraformType
		}
	}
	return all
}

func loadTokens(t *testing.T) tokenMap {
	t.Helper()
	content, err := os.ReadFile(tokensFile)
	if err != nil {
		t.Fatal(err)
	}
	var mapping tokenMap
	if err := json.Unmarshal(content, &mapping); err != nil {
		t.Fatalf("reading %s: %v", tokensFile, err)
	}
	return mapping
}

// sourceFile is one Go file of the product or of the toolchain.
type sourceFile struct {
	set  *token.FileSet
	tree *ast.File
}

// path is the file's path in the repository.
func (f sourceFile) path() string {
	name := f.set.Position(f.tree.Pos()).Filename
	rel, err := filepath.Rel(repository, name)
	if err != nil {
		return name
	}
	return rel
}

// at says where a node is, as a path in the repository and a line.
func (f sourceFile) at(node ast.Node) string {
	return fmt.Sprintf("%s:%d", f.path(), f.set.Position(node.Pos()).Line)
}

// goFiles parses all Go files below the folders that are no tests.
func goFiles(dirs ...string) ([]sourceFile, error) {
	var files []sourceFile
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
				return err
			}
			set := token.NewFileSet()
			tree, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
			files = append(files, sourceFile{set, tree})
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("reading the sources below %s: %w", dir, err)
		}
	}
	return files, nil
}

// product is what stacks are made of: the only code that uses the SDK outside tests.
func product() ([]sourceFile, error) {
	return goFiles(filepath.Join(repository, "stacks"), filepath.Join(repository, "shared"))
}

// tokensUsed returns the tokens that functions of the SDK named in files register, read or invoke, each with where it is
// first used. A function counts when it is named, called or not: it may be handed on.
func (s *sources) tokensUsed(files []sourceFile) (map[string]string, error) {
	used := map[string]string{}
	for _, file := range files {
		imports := importsOf(file.tree)
		var failed error
		ast.Inspect(file.tree, func(node ast.Node) bool {
			importPath, member, ok := qualified(node, imports)
			if !ok || failed != nil {
				return failed == nil
			}
			loaded, err := s.load(importPath)
			if err != nil {
				failed = fmt.Errorf("%s: %w", file.at(node), err)
				return false
			}
			if name, ok := loaded.tokens[member]; ok && used[name] == "" {
				used[name] = file.at(node)
			}
			return true
		})
		if failed != nil {
			return nil, failed
		}
	}
	return used, nil
}

// qualified answers whether a node is `<package>.<member>` with a package of the SDK.
func qualified(node ast.Node, imports map[string]string) (importPath, member string, ok bool) {
	selector, ok := node.(*ast.SelectorExpr)
	if !ok {
		return "", "", false
	}
	name, ok := selector.X.(*ast.Ident)
	if !ok {
		return "", "", false
	}
	importPath = imports[name.Name]
	inside := importPath == sdkRoot || strings.HasPrefix(importPath, sdkRoot+"/")
	return importPath, selector.Sel.Name, inside
}

// tokensWritten returns the AWS tokens that stand in files as text, each with where: so the awsx stand-in has them.
func tokensWritten(files []sourceFile) map[string]string {
	written := map[string]string{}
	for _, file := range files {
		ast.Inspect(file.tree, func(node ast.Node) bool {
			literal, ok := node.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			if err == nil && strings.HasPrefix(text, "aws:") && strings.Count(text, ":") == 2 && written[text] == "" {
				written[text] = file.at(literal)
			}
			return true
		})
	}
	return written
}

// fieldUses returns where files name a field of the SDK's structs: as a key of a composite literal, or behind a dot of
// what is no package. The types are not resolved, so another field of that name counts too: the answer errs to the safe side.
func fieldUses(files []sourceFile, field string) []string {
	var uses []string
	for _, file := range files {
		imports := importsOf(file.tree)
		if usesTheAWSSDK(imports) {
			continue
		}
		ast.Inspect(file.tree, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.KeyValueExpr:
				if key, ok := node.Key.(*ast.Ident); ok && key.Name == field {
					uses = append(uses, file.at(node))
				}
			case *ast.SelectorExpr:
				name, ok := node.X.(*ast.Ident)
				isPackage := ok && imports[name.Name] != ""
				if node.Sel.Name == field && !isPackage {
					uses = append(uses, file.at(node.Sel))
				}
			}
			return true
		})
	}
	return uses
}

// usesTheAWSSDK reports whether a file talks to AWS itself, as what repairs a state does: AWS's own SDK has fields of the same
// names, and a file that imports Pulumi, too, is held to the rule.
func usesTheAWSSDK(imports map[string]string) bool {
	uses := false
	for _, target := range imports {
		if strings.HasPrefix(target, "github.com/pulumi/") {
			return false
		}
		uses = uses || strings.HasPrefix(target, "github.com/aws/aws-sdk-go-v2/")
	}
	return uses
}
