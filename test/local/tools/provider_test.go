package tools

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The AWS provider in small, of the shape that the rewriting expects: services alpha, beta and gamma, of which alpha calls
// the client of delta by way of a helper package, and one client that nothing calls.
const (
	smallServices = `package sdkv2

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-provider-aws/internal/conns"
	"github.com/hashicorp/terraform-provider-aws/internal/service/alpha"
	"github.com/hashicorp/terraform-provider-aws/internal/service/beta"
	gammaservice "github.com/hashicorp/terraform-provider-aws/internal/service/gamma"
)

func servicePackages(ctx context.Context) []conns.ServicePackage {
	v := []conns.ServicePackage{
		alpha.ServicePackage(ctx),
		beta.ServicePackage(ctx),
		gammaservice.ServicePackage(ctx),
	}

	return slices.Clone(v)
}

var NewProvider = servicePackages
`
	smallBackoff = `package backoff

import "time"

type Delay interface{ Next(uint) time.Duration }

type fixedDelay time.Duration

func (f fixedDelay) Next(n uint) time.Duration { return time.Duration(f) }

type sdkv2HelperRetryCompatibleDelay struct{ initialDelay, pollInterval time.Duration }

func (d *sdkv2HelperRetryCompatibleDelay) Next(n uint) time.Duration {
	if n == 0 {
		return d.initialDelay
	}
	return d.pollInterval
}

func SDKv2HelperRetryCompatibleDelay(initialDelay, pollInterval, minTimeout time.Duration) Delay {
	return &sdkv2HelperRetryCompatibleDelay{initialDelay, pollInterval}
}
`
	// smallWaits tests the copied backoff package: what is scaled, and what is not.
	smallWaits = `package backoff

import (
	"testing"
	"time"
)

func TestWaits(t *testing.T) {
	d := SDKv2HelperRetryCompatibleDelay(%[1]d*time.Second, 2*%[1]d*time.Second, 0)
	if first, next := d.Next(0), d.Next(1); first != time.Second || next != 2*time.Second {
		t.Errorf("the waits are %%v and %%v, want 1s and 2s", first, next)
	}
}
`
)

func smallProvider() map[string]string {
	service := func(name, call string) string {
		return fmt.Sprintf("package %s\n\nimport (\n\t\"context\"\n\t\"%s/internal/conns\"\n\t\"%[2]s/internal/helper\"\n)\n\n"+
			"func ServicePackage(ctx context.Context) conns.ServicePackage { c := &conns.AWSClient{}; helper.Use(); return %s }\n",
			name, providerModule, call)
	}
	files := map[string]string{
		"go.sum":                                 "",
		"README.md":                              "not compiled",
		"internal/embed.go":                      "package internal\n\nimport _ \"embed\"\n\n//go:embed service/messages.hcl\nvar Messages string\n",
		"internal/service/messages.hcl":          "message {}\n",
		"internal/service/alpha/service.go":      service("alpha", "c.AlphaClient(ctx)"),
		"internal/service/alpha/service_test.go": "package alpha\n\nfunc calls(c interface{ UnusedClient() }) { c.UnusedClient() }\n",
		"internal/service/alpha/ignored.go":      "//go:build never\n\npackage alpha\n\nfunc calls(c interface{ UnusedClient() }) { c.UnusedClient() }\n",
		"internal/service/alpha/README.md":       "not compiled",
		"internal/service/beta/service.go":       service("beta", "c.BetaClient(ctx)"),
		"internal/service/gamma/service.go":      service("gammaservice", "c.GammaClient(ctx)"),
		"internal/helper/helper.go": "package helper\n\nimport (\n\t\"context\"\n\n\t\"" + providerModule + "/internal/conns\"\n)\n\n" +
			"func Use() any { return (&conns.AWSClient{}).DeltaClient(context.Background()) }\n",
		"internal/conns/awsclient.go":            "package conns\n\ntype AWSClient struct{}\n\ntype ServicePackage any\n",
		"internal/provider/sdkv2/provider.go":    "package sdkv2\n",
		"internal/provider/framework/provide.go": "package framework\n\nimport _ \"" + providerModule + "/names\"\n",
		"names/names.go":                         "package names\n",
		"version/version.go":                     "package version\n",
		waitsFile:                                smallBackoff,
		servicePackagesFile:                      smallServices,
	}
	module, clients, methods := "module "+providerModule+"\n\ngo 1.26\n", "package conns\n\nimport (\n\t\"context\"\n\n", ""
	for _, name := range []string{"alpha", "beta", "gamma", "delta", "unused"} {
		module += fmt.Sprintf("\nrequire %[1]s%[2]s v0.0.0\n\nreplace %[1]s%[2]s => ./internal/fake/%[2]s\n", sdkServicePath, name)
		clients += "\t\"" + sdkServicePath + name + "\"\n"
		methods += fmt.Sprintf("\nfunc (c *AWSClient) %sClient(ctx context.Context) *%s.Client { return nil }\n",
			strings.ToUpper(name[:1])+name[1:], name)
		files["internal/fake/"+name+"/"+name+".go"] = "package " + name + "\n\ntype Client struct{}\n"
	}
	files["go.mod"], files[clientsFile] = module, clients+")\n"+methods
	return files
}

// prepared writes a provider and prepares a copy of it.
func prepared(t *testing.T, files map[string]string, services ...string) (dst string, err error) {
	t.Helper()
	src, dst := t.TempDir(), filepath.Join(t.TempDir(), "provider")
	for name, content := range files {
		write(t, filepath.Join(src, name), content)
	}
	return dst, PrepareProvider(src, dst, services)
}

// goInModule runs the Go command in a module that depends on nothing that is not there.
func goInModule(t *testing.T, dir string, arguments ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", arguments...)
	command.Dir = dir
	command.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "GOPROXY=off")
	if output, err := command.CombinedOutput(); err != nil {
		t.Errorf("go %s: %v\n%s", strings.Join(arguments, " "), err, output)
	}
}

// matches returns what the pattern's first group matches in a file, sorted.
func matches(t *testing.T, file, pattern string) []string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(content), -1) {
		found = append(found, match[1])
	}
	slices.Sort(found)
	return found
}

const (
	servicePattern = `(\w+)\.ServicePackage\(`
	clientPattern  = `(?m)^func \(c \*AWSClient\) (\w+)\(`
)

func TestOnlyTheNamedServicesAndTheirClientsAreKept(t *testing.T) {
	for _, c := range []struct {
		name                    string
		keep, services, clients []string
	}{
		{"one service, and the client of the helper that it calls", []string{"alpha"}, []string{"alpha"}, []string{"AlphaClient", "DeltaClient"}},
		{
			"two services, in whatever order", []string{"beta", "alpha"}, []string{"alpha", "beta"},
			[]string{"AlphaClient", "BetaClient", "DeltaClient"},
		},
		{"a service imported under another name", []string{"gammaservice"}, []string{"gammaservice"}, []string{"DeltaClient", "GammaClient"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dst, err := prepared(t, smallProvider(), c.keep...)
			if err != nil {
				t.Fatal(err)
			}
			if got := matches(t, filepath.Join(dst, servicePackagesFile), servicePattern); !slices.Equal(got, c.services) {
				t.Errorf("the services are %v, want %v", got, c.services)
			}
			if got := matches(t, filepath.Join(dst, clientsFile), clientPattern); !slices.Equal(got, c.clients) {
				t.Errorf("the clients are %v, want %v", got, c.clients)
			}
			write(t, filepath.Join(dst, "internal/backoff/waits_test.go"), fmt.Sprintf(smallWaits, WaitDivisor))
			for name, content := range smallModules() {
				write(t, filepath.Join(dst, name), content)
			}
			goInModule(t, dst, append([]string{"test", "./internal/backoff"}, relative(providerRoots)...)...)
		})
	}
}

// smallModules are the go.mod files of the AWS clients' modules, which no copy takes along.
func smallModules() map[string]string {
	files := map[string]string{}
	for _, name := range []string{"alpha", "beta", "gamma", "delta", "unused"} {
		files["internal/fake/"+name+"/go.mod"] = "module " + sdkServicePath + name + "\n\ngo 1.26\n"
	}
	return files
}

func relative(packages []string) []string {
	var paths []string
	for _, pkg := range packages {
		paths = append(paths, "./"+pkg)
	}
	return paths
}

func TestOnlyWhatCompilesIsCopied(t *testing.T) {
	files := smallProvider()
	dst, err := prepared(t, files, "alpha")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"README.md", "internal/service/alpha/README.md", "internal/service/alpha/service_test.go"} {
		delete(files, name)
	}
	var got []string
	err = fs.WalkDir(os.DirFS(dst), ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			got = append(got, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	if want := slices.Sorted(maps.Keys(files)); !slices.Equal(got, want) {
		t.Errorf("copied\n%v, want\n%v", got, want)
	}
}

func TestAProviderThatIsNotOfTheKnownShapeIsRefused(t *testing.T) {
	replace := func(file, old, with string) func(map[string]string) {
		return func(files map[string]string) { files[file] = strings.ReplaceAll(files[file], old, with) }
	}
	for _, c := range []struct {
		name     string
		edit     func(map[string]string)
		services []string
		want     []string // parts of the error
	}{
		{
			"services that are not in it", func(map[string]string) {}, []string{"alpha", "omega", "sigma"}, []string{"omega, sigma", "services.txt"},
		},
		{
			"no list of services", replace(servicePackagesFile, ".ServicePackage(ctx)", ".New(ctx)"), []string{"alpha"},
			[]string{"service_packages_gen.go", "lists its services"},
		},
		{
			"a list of services that holds something else",
			replace(servicePackagesFile, "beta.ServicePackage(ctx)", "wrap(beta.ServicePackage(ctx))"), []string{"alpha"},
			[]string{"service_packages_gen.go", "something other"},
		},
		{
			"no file of services", func(files map[string]string) { delete(files, servicePackagesFile) }, []string{"alpha"},
			[]string{"service_packages_gen.go"},
		},
		{
			"no client that is called", replace(clientsFile, "Client(ctx", "Connection(ctx"), []string{"alpha"},
			[]string{"awsclient_gen.go", "makes its AWS clients"},
		},
		{
			"a moved package of the plugin's own imports", func(files map[string]string) { delete(files, "internal/provider/framework/provide.go") },
			[]string{"alpha"}, []string{"internal/provider/framework", "no Go files"},
		},
		{
			"no method Next", replace(waitsFile, "Next(n", "After(n"), []string{"alpha"},
			[]string{"backoff.go", "no method Next", "where this version of the provider waits"},
		},
		{
			"Next on another type alone", replace(waitsFile, waitsType+")", "otherDelay)"), []string{"alpha"},
			[]string{"no method Next on *" + waitsType},
		},
		{
			"Next on the value, not the pointer", replace(waitsFile, "*"+waitsType, waitsType), []string{"alpha"},
			[]string{"no method Next on *" + waitsType},
		},
		{"no file of waits", func(files map[string]string) { delete(files, waitsFile) }, []string{"alpha"}, []string{"scaling", "backoff.go"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := smallProvider()
			c.edit(files)
			_, err := prepared(t, files, c.services...)
			if err == nil {
				t.Fatal("it was accepted")
			}
			for _, part := range c.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
		})
	}
}

func TestACopyIsNotMadeOverAnother(t *testing.T) {
	dst := t.TempDir()
	write(t, filepath.Join(dst, "kept"), "as it was")
	if err := PrepareProvider(t.TempDir(), dst, []string{"alpha"}); err == nil || !strings.Contains(err.Error(), dst+" exists already") {
		t.Errorf("got %v, want a refusal that names %s", err, dst)
	}
	if names := namesIn(t, dst); len(names) != 1 {
		t.Errorf("the folder now holds %v", names)
	}
	if err := PrepareProvider(filepath.Join(dst, "missing"), filepath.Join(dst, "new"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without sources got %v, want %v", err, fs.ErrNotExist)
	}
}
