package tools

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// toolchain is the module that selects the provider's version, seen from this package.
const toolchain = "../toolchain"

// keptClientsShare: of the provider's over 250 clients, one for each service, at most one in this many may be left. What the
// kept services need is one each and a few of helpers; if the rewriting missed its aim, it would be all.
const keptClientsShare = 4

// pinnedProvider returns where the Go command keeps the provider's sources, in the version that the toolchain selects.
func pinnedProvider(t *testing.T) string {
	t.Helper()
	output, err := goCommand{dir: toolchain}.output(t.Context(), "mod", "download", "-json", providerModule)
	if err != nil {
		t.Fatal(err)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal([]byte(output), &module); err != nil {
		t.Fatal(err)
	}
	return module.Dir
}

func TestThePinnedProviderIsRewritten(t *testing.T) {
	services, err := readServices(filepath.Join(toolchain, "services.txt"))
	if err != nil {
		t.Fatal(err)
	}
	src, dst := pinnedProvider(t), filepath.Join(t.TempDir(), "provider")
	if err := PrepareProvider(src, dst, services); err != nil {
		t.Fatal(err)
	}
	t.Run("its services are the listed ones", func(t *testing.T) {
		want := slices.Sorted(slices.Values(services))
		if got := matches(t, filepath.Join(dst, servicePackagesFile), servicePattern); !slices.Equal(got, want) {
			t.Errorf("kept %v, want %v", got, want)
		}
	})
	t.Run("its clients are few", func(t *testing.T) {
		all, kept := matches(t, filepath.Join(src, clientsFile), clientPattern), matches(t, filepath.Join(dst, clientsFile), clientPattern)
		if len(kept) == 0 || len(kept) > len(all)/keptClientsShare {
			t.Errorf("kept %d of %d clients, want at most one in %d: %v", len(kept), len(all), keptClientsShare, kept)
		}
	})
	t.Run("its waits are divided", func(t *testing.T) { testPinnedWaits(t, dst) })
	t.Run("all waits of the kept services go through the divided ones", func(t *testing.T) { testWaitsGoThroughBackoff(t, dst, services) })
}

// testPinnedWaits compiles the rewritten file and asks it for waits. Its package imports one type of the provider's; the
// file of that is taken along, the rest of its package, and with it most of the provider's dependencies, is not.
func testPinnedWaits(t *testing.T, dst string) {
	module := t.TempDir()
	write(t, filepath.Join(module, "go.mod"), "module "+providerModule+"\n\ngo 1.26\n")
	for _, file := range []string{waitsFile, "internal/types/deadline.go"} {
		content, err := os.ReadFile(filepath.Join(dst, file))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(module, file), string(content))
	}
	write(t, filepath.Join(module, filepath.Dir(waitsFile), "waits_test.go"), fmt.Sprintf(smallWaits, WaitDivisor))
	goInModule(t, module, "test", "./internal/backoff")
}

// testWaitsGoThroughBackoff looks for what would wait without being divided: helpers of the provider that no longer ask
// the backoff package, and services that wait by Terraform's plugin SDK itself.
func testWaitsGoThroughBackoff(t *testing.T, dst string, services []string) {
	for _, file := range []string{"internal/retry/state.go", "internal/tfresource/retry.go"} {
		content, err := os.ReadFile(filepath.Join(dst, file))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(content), "backoff.SDKv2HelperRetryCompatibleDelay(") {
			t.Errorf("%s no longer takes its delays from %s: find where this version of the provider waits", file, waitsFile)
		}
	}
	for _, service := range services {
		files, err := filepath.Glob(filepath.Join(dst, "internal/service", service, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("service %s has %d files: %v", service, len(files), err)
		}
		for _, file := range files {
			if found := matches(t, file, `"(github\.com/hashicorp/terraform-plugin-sdk/v2/helper/retry)"`); len(found) > 0 {
				t.Errorf("%s of service %s waits by %s, which is not divided", filepath.Base(file), service, found[0])
			}
		}
	}
}
