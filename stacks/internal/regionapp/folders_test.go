package regionapp

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"warmstandby/shared/naming"
)

const projects = "../.."

// content returns the files of a stack's folder by name, without the settings that Pulumi keeps of each deployment.
func content(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(projects, folder))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), "Pulumi.") && entry.Name() != "Pulumi.yaml" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(projects, folder, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[entry.Name()] = string(text)
	}
	return files
}

func TestFolders(t *testing.T) {
	t.Run("the folders differ in nothing but their region", func(t *testing.T) {
		t.Parallel()
		toWest := strings.NewReplacer(
			"region-app-east", "region-app-west", "naming.Primary", "naming.Secondary", "primary region", "standby region",
		)
		eastern, western := content(t, eastStack.folder), content(t, westStack.folder)
		for name, text := range eastern {
			eastern[name] = toWest.Replace(text)
		}
		if want := []string{"Pulumi.yaml", "main.go"}; !slices.Equal(slices.Sorted(maps.Keys(eastern)), want) {
			t.Errorf("the east has the files %q, want %q", slices.Sorted(maps.Keys(eastern)), want)
		}
		if !maps.Equal(eastern, western) {
			t.Errorf("the east's files, with the west's words, are\n%s\nthe west has\n%s", eastern, western)
		}
	})
}

func TestPrograms(t *testing.T) {
	roles := map[naming.Role]string{naming.Primary: "naming.Primary", naming.Secondary: "naming.Secondary"}
	for _, s := range stacks {
		t.Run(s.folder+" has its project and deploys its role, with the bundle", func(t *testing.T) {
			files := content(t, s.folder)
			if !strings.HasPrefix(files["Pulumi.yaml"], "name: "+s.project+"\n") {
				t.Errorf("the project is not %s, which other stacks reference", s.project)
			}
			arguments := deployArguments(t, files["main.go"])
			for _, want := range []string{roles[s.role], "regionapp.Bundle"} {
				if !slices.Contains(arguments, want) {
					t.Errorf("main.go calls Deploy with %q, want %s among them", arguments, want)
				}
			}
		})
	}
}

// deployArguments returns the arguments of a program's call of Deploy that are names of other packages.
func deployArguments(t *testing.T, program string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "main.go", program, 0)
	if err != nil {
		t.Fatal(err)
	}
	var arguments []string
	ast.Inspect(file, func(node ast.Node) bool {
		call, isCall := node.(*ast.CallExpr)
		if !isCall || qualified(call.Fun) != "regionapp.Deploy" {
			return true
		}
		for _, argument := range call.Args {
			arguments = append(arguments, qualified(argument))
		}
		return false
	})
	return arguments
}

// qualified returns the package and the name of an expression that is a name of another package, and nothing for any other.
func qualified(expression ast.Expr) string {
	selector, isSelector := expression.(*ast.SelectorExpr)
	if !isSelector {
		return ""
	}
	pkg, isName := selector.X.(*ast.Ident)
	if !isName {
		return ""
	}
	return pkg.Name + "." + selector.Sel.Name
}

// outFile is the file that the function's build writes, in its script.
var outFile = regexp.MustCompile(`(?m)^const OUTFILE = '(.+)';$`)

func TestBundle(t *testing.T) {
	t.Run("the bundle that is deployed is the one that the function's build writes", func(t *testing.T) {
		const function = "lambda/app"
		script, err := os.ReadFile(filepath.Join("../../..", function, "build.js"))
		if err != nil {
			t.Fatal(err)
		}
		written := outFile.FindSubmatch(script)
		if written == nil {
			t.Fatalf("build.js of %s does not match %s", function, outFile)
		}
		deployed := filepath.Join("stacks/any", Bundle, "index.mjs")
		if want := filepath.Join(function, string(written[1])); deployed != want {
			t.Errorf("the stacks deploy %s, the build writes %s", deployed, want)
		}
	})
}
