package tools

import (
	"archive/zip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A toolchain in small: the same commands, each of a few lines, and a provider module that must come from a module proxy.
const (
	fakeProviderVersion = "v1.0.0"
	fakeMarker          = "package marker\n\nconst Services = \"all\"\n"
	fakeMod             = `module warmstandby/test/local/toolchain

go 1.26

tool github.com/pulumi/pulumi/pkg/v3/cmd/pulumi

require (
	github.com/hashicorp/terraform-provider-aws v1.0.0
	github.com/pulumi/pulumi/pkg/v3 v3.228.0
	github.com/pulumi/pulumi/sdk/v3 v3.228.0
)

replace (
	github.com/pulumi/pulumi/pkg/v3 => ./fake/pkg
	github.com/pulumi/pulumi/sdk/v3 => ./fake/sdk
)
`
)

func fakeToolchain() map[string]string {
	const hello = "package main\n\nfunc main() {}\n"
	return map[string]string{
		"go.mod":                                fakeMod,
		"services.txt":                          "# what is kept\nec2\ns3 # buckets\n",
		"fake/sdk/go.mod":                       "module github.com/pulumi/pulumi/sdk/v3\n\ngo 1.26\n",
		"fake/pkg/go.mod":                       "module github.com/pulumi/pulumi/pkg/v3\n\ngo 1.26\n",
		"fake/sdk/go/common/version/version.go": "package version\n\nvar Version string\n",
		"fake/pkg/cmd/pulumi/main.go": "package main\n\nimport \"github.com/pulumi/pulumi/sdk/v3/go/common/version\"\n\n" +
			"import \"os\"\n\nfunc main() { os.Stdout.WriteString(version.Version + \"\\n\") }\n",
		"cmd/pulumi-language-go/main.go":   hello,
		"cmd/pulumi-resource-awsx/main.go": hello,
		"cmd/pulumi-resource-aws/main.go": "package main\n\nimport \"github.com/hashicorp/terraform-provider-aws/marker\"\n\n" +
			"import \"os\"\n\nfunc main() { os.Stdout.WriteString(marker.Services) }\n",
	}
}

// toolchainOf writes the toolchain's module into a repository of its own and returns that.
func toolchainOf(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		write(t, filepath.Join(root, "test/local/toolchain", name), content)
	}
	return root
}

// fakeRepository is a repository with the toolchain in small, complete with go.sum, and a module proxy of files only.
func fakeRepository(t *testing.T) string {
	t.Helper()
	proxy, cache := t.TempDir(), t.TempDir()
	versions := filepath.Join(proxy, providerModule, "@v")
	mod := "module " + providerModule + "\n\ngo 1.26\n"
	write(t, filepath.Join(versions, fakeProviderVersion+".info"), `{"Version":"`+fakeProviderVersion+`"}`)
	write(t, filepath.Join(versions, fakeProviderVersion+".mod"), mod)
	archive, err := os.Create(filepath.Join(versions, fakeProviderVersion+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	packed := zip.NewWriter(archive)
	for name, content := range map[string]string{"go.mod": mod, "marker/marker.go": fakeMarker} {
		member, err := packed.Create(providerModule + "@" + fakeProviderVersion + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(member, content)
	}
	if err := errors.Join(packed.Close(), archive.Close()); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"GOPROXY": "file://" + proxy, "GOMODCACHE": cache, "GOSUMDB": "off", "GOFLAGS": "-mod=mod", "GOWORK": "off",
	} {
		t.Setenv(name, value)
	}
	root := toolchainOf(t, fakeToolchain())
	t.Cleanup(func() { goIn(t, root, "clean", "-modcache") })
	goIn(t, root, "mod", "tidy")
	goIn(t, root, "clean", "-modcache")
	return root
}

func goIn(t *testing.T, root string, arguments ...string) {
	t.Helper()
	command := exec.Command("go", arguments...)
	command.Dir = filepath.Join(root, "test/local/toolchain")
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(arguments, " "), err, output)
	}
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(content), 0o644)); err != nil {
		t.Fatal(err)
	}
}

// fakePrepare stands for the rewriting: it copies the module and writes the services into it.
func fakePrepare(src, dst string, services []string) error {
	if _, err := os.Stat(filepath.Join(src, "marker/marker.go")); err != nil {
		return err
	}
	return errors.Join(os.MkdirAll(filepath.Join(dst, "marker"), 0o755), copyFile(filepath.Join(src, "go.mod"), filepath.Join(dst, "go.mod")),
		os.WriteFile(filepath.Join(dst, "marker/marker.go"), []byte(strings.Replace(fakeMarker, "all", strings.Join(services, "+"), 1)), 0o644))
}

func sourceOptions(t *testing.T, root string, log io.Writer) Options {
	return Options{Root: root, Cache: t.TempDir(), Toolchain: Source, Log: log,
		prepare: fakePrepare, prerequisites: func(context.Context) error { return nil }}
}

// The source build makes every binary from the rewritten provider.
func TestSourceBuild(t *testing.T) {
	root := fakeRepository(t)
	before := tree(t, root)
	got, err := Ensure(t.Context(), sourceOptions(t, root, io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	if err := complete(folderOf(got), groups()); err != nil || got.CLI != Source || got.Plugins != Source {
		t.Errorf("got %+v, complete: %v", got, err)
	}
	plugin, err := exec.Command(filepath.Join(got.Home, "plugins/resource-aws-v6.83.2/pulumi-resource-aws")).Output()
	if err != nil || string(plugin) != "ec2+s3" {
		t.Errorf("the AWS plugin has the services %q (%v), want those of services.txt", plugin, err)
	}
	if after := tree(t, root); after != before {
		t.Errorf("the build wrote to the repository:\n%s\nwas\n%s", after, before)
	}
	if left := namesIn(t, filepath.Dir(folderOf(got))); len(left) != 3 {
		t.Errorf("the cache holds %v, want the tools, their lock and the build's log", left)
	}
}

// A failed compilation shows the compiler's lines and the log.
func TestFailedCompilation(t *testing.T) {
	root := fakeRepository(t)
	write(t, filepath.Join(root, "test/local/toolchain/cmd/pulumi-language-go/main.go"), "package main\n\nfunc main() { misspelt() }\n")
	o := sourceOptions(t, root, io.Discard)
	_, err := Ensure(t.Context(), o)
	if err == nil {
		t.Fatal("no error")
	}
	_, log, found := strings.Cut(err.Error(), "the whole log is in ")
	content, readErr := os.ReadFile(log)
	for _, text := range []string{err.Error(), string(content)} {
		if !strings.Contains(text, "undefined: misspelt") {
			t.Errorf("%q does not show the compiler's complaint (log named: %v, %v)", text, found, readErr)
		}
	}
	if strings.Contains(err.Error(), "\nos\n") {
		t.Errorf("%v: names of compiled packages hide the complaint", err)
	}
	nothingInstalled(t, o.Cache)
}

func TestACancelledBuildLeavesNothing(t *testing.T) {
	root := fakeRepository(t)
	o := sourceOptions(t, root, io.Discard)
	ctx, cancel := context.WithCancel(t.Context())
	o.prepare = func(src, dst string, services []string) error {
		cancel()
		return fakePrepare(src, dst, services)
	}
	if _, err := Ensure(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	nothingInstalled(t, o.Cache)
}

func TestAProviderThatCannotBeRewrittenIsNotBuilt(t *testing.T) {
	o := sourceOptions(t, fakeRepository(t), io.Discard)
	moved := errors.New("the waits have moved")
	o.prepare = func(string, string, []string) error { return moved }
	if _, err := Ensure(t.Context(), o); !errors.Is(err, moved) {
		t.Errorf("got %v, want %v", err, moved)
	}
	nothingInstalled(t, o.Cache)
}

// Auto builds from source when the releases cannot be reached.
func TestAutoBuildsFromSource(t *testing.T) {
	root := fakeRepository(t)
	silent := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-silent }))
	t.Cleanup(hanging.Close)
	t.Cleanup(func() { close(silent) })
	for _, c := range []struct {
		name, url string
		within    time.Duration
		reason    string
	}{
		{"because nothing listens there", "http://" + closedAddress(t), time.Hour, "connection refused"},
		{"because the host never answers", hanging.URL, 100 * time.Millisecond, "within 100ms"},
		{"because the host has no such release", newHost(t).without("sdk/").URL, time.Hour, "404 Not Found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var log strings.Builder
			o := sourceOptions(t, root, &log)
			o.Toolchain = Auto
			o.Releases = Releases{URL: c.url, DecideWithin: c.within, Stall: time.Hour}
			got, err := Ensure(t.Context(), o)
			if err != nil || got.CLI != Source || got.Plugins != Source {
				t.Fatalf("got %+v, %v, want tools built from source", got, err)
			}
			first, _, _ := strings.Cut(log.String(), "\n")
			if !strings.Contains(first, "built from source") || !strings.Contains(first, c.reason) {
				t.Errorf("the decision reads %q, want one line with the reason %q", first, c.reason)
			}
		})
	}
}

// closedAddress is an address of this machine on which nothing listens.
func closedAddress(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// tree lists every file below root with its content.
func tree(t *testing.T, root string) string {
	texts, err := sourcesOf(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(texts, "\n")
}
