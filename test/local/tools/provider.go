package tools

import (
	"fmt"
	"go/ast"
	"io/fs"
	"os"
	"path/filepath"
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
