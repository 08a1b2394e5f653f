package tools

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// The source key changes with whatever is built and with nothing else.
func TestSourceKey(t *testing.T) {
	key := func(t *testing.T, files map[string]string) string {
		t.Helper()
		build := &source{dir: filepath.Join(toolchainOf(t, files), "test/local/toolchain")}
		got, err := build.key(t.Context(), groups())
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	original := key(t, fakeToolchain())
	for _, c := range []struct {
		name, file, content string
		changes             bool
	}{
		{"the module's requirements", "go.mod", fakeMod + "// more\n", true},
		{"the modules' checksums", "go.sum", "a h1:b\n", true},
		{"the list of services", "services.txt", "ec2\n", true},
		{"a source file", "cmd/pulumi-language-go/main.go", "package main\n\nfunc main() { println() }\n", true},
		{"a new source file", "cmd/pulumi-resource-aws/more.go", "package main\n", true},
		{"an embedded data file", "cmd/pulumi-resource-aws/tokens.json", "{}", true},
		{"a module that replaces another", "shim/shim.go", "package shim\n", true},
		{"a test", "cmd/pulumi-resource-aws/main_test.go", "package main\n", false},
		{"a test's data", "cmd/pulumi-resource-aws/testdata/traces.json", "{}", false},
		{"documentation", "README.md", "about", false},
		{"an editor's own file", "cmd/.main.go.swp", "x", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := fakeToolchain()
			files[c.file] = c.content
			if changed := key(t, files) != original; changed != c.changes {
				t.Errorf("the key changes with %s: %v, want %v", c.file, changed, c.changes)
			}
		})
	}
	t.Run("the same content elsewhere", func(t *testing.T) {
		if again := key(t, fakeToolchain()); again != original {
			t.Errorf("two clones have the keys %s and %s, want one", original, again)
		}
	})
}

func TestTheRewritingOfTheProviderIsPartOfTheKey(t *testing.T) {
	texts, err := sourcesOf(trimmer)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("provider.go")
	if err != nil || !slices.Contains(texts, string(want)) {
		t.Errorf("provider.go (%v) is not among the %d texts", err, len(texts))
	}
	if slices.ContainsFunc(texts, func(text string) bool { return strings.HasSuffix(text, "_test.go") }) {
		t.Error("a test is part of the key: editing it would build everything anew")
	}
}

func TestAFileCannotPassForTwo(t *testing.T) {
	one, two := fstest.MapFS{"a": {Data: []byte("bc")}}, fstest.MapFS{"ab": {Data: []byte("c")}}
	a, errA := sourcesOf(one)
	b, errB := sourcesOf(two)
	if errA != nil || errB != nil || hashOf(a...) == hashOf(b...) {
		t.Errorf("%v and %v have one hash (%v, %v)", a, b, errA, errB)
	}
}

func TestServicesAreReadOneALineWithoutComments(t *testing.T) {
	for _, c := range []struct {
		name, content string
		want          []string
	}{
		{"comments and empty lines are no services", "# all\n\nec2\n  s3 # buckets\n", []string{"ec2", "s3"}},
		{"a list without services is an error", "# none\n", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "services.txt")
			write(t, file, c.content)
			got, err := readServices(file)
			if !slices.Equal(got, c.want) || (err == nil) != (c.want != nil) {
				t.Errorf("got %v, %v, want %v", got, err, c.want)
			}
		})
	}
}

func TestThePinsAgreeWithTheModules(t *testing.T) {
	for file, wants := range map[string][]string{
		"../toolchain/go.mod": {
			"github.com/pulumi/pulumi/pkg/v3 " + PulumiVersion + "\n", "github.com/pulumi/pulumi/sdk/v3 " + PulumiVersion + "\n",
			"go " + MinimumGo + "\n",
		},
		"../go.mod": {"go " + MinimumGo + "\n", "github.com/pulumi/pulumi/sdk/v3 " + PulumiVersion + "\n"},
		"../cmd/local/testdata/grpc/package.json": {`"@pulumi/pulumi": "` + PulumiVersion[1:] + `"`},
	} {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(string(content), want) {
				t.Errorf("%s has no %q: the pins have moved apart", file, want)
			}
		}
	}
}
