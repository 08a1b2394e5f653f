package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"warmstandby/test/local/progress"
)

// versionVariable is set when the CLI is linked, or the Automation API takes it for a development build and refuses it.
const versionVariable = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"

// buildFlags returns the flags of the one build: no paths of this machine and no debug tables in the binaries, which are
// half as large without.
func buildFlags() []string {
	return []string{"-trimpath", "-buildvcs=false", "-ldflags=-s -w -X " + versionVariable + "=" + PulumiVersion}
}

// buildEnvironment returns what overrides the user's environment for the Go command: the tools run on this machine, need
// no C, and depend on nothing that the key does not name.
func buildEnvironment() []string {
	return []string{"GOOS=" + runtime.GOOS, "GOARCH=" + runtime.GOARCH, "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off"}
}

// source builds the tools from Go modules.
type source struct {
	dir     string // the toolchain's module
	prepare func(src, dst string, services []string) error
	log     io.Writer
	known   string // the key, once it was found
}

func (s *source) toolchain() Toolchain { return Source }

func (s *source) announcement() string { return "building from source" }

// key covers the toolchain's module, the code that rewrites the provider, the versions, the flags, the platform and the
// Go command's own version. It is one for all groups: which file belongs to which group only the Go command could tell, and
// what is built for nothing is linked in a minute, as it was compiled before.
func (s *source) key(ctx context.Context, _ []group) (string, error) {
	if s.known != "" {
		return s.known, nil
	}
	compiler, err := goCommand{dir: s.dir}.output(ctx, "env", "GOVERSION", "GOAMD64", "GOARM64")
	if err != nil {
		return "", err
	}
	texts := append([]string{compiler, AWSVersion, AWSXVersion}, append(buildFlags(), buildEnvironment()...)...)
	module, err := sourcesOf(os.DirFS(s.dir))
	if err != nil {
		return "", fmt.Errorf("reading the toolchain's sources: %w", err)
	}
	rewriting, err := sourcesOf(trimmer)
	if err != nil {
		return "", fmt.Errorf("reading the rewriting's sources: %w", err)
	}
	s.known = hashOf(append(append(texts, module...), rewriting...)...)
	return s.known, nil
}

// install builds the binaries of the groups in one go, so that they share what they have in common. The toolchain's module is built
// where it is, with a go.mod of the build's own that also replaces the AWS provider by the rewritten copy; nothing in the
// repository is written to.
func (s *source) install(ctx context.Context, of []group, work, out, log string) (err error) {
	logFile, err := os.Create(log)
	if err != nil {
		return fmt.Errorf("creating the build's log: %w", err)
	}
	defer func() {
		if closeErr := logFile.Close(); err == nil {
			err = closeErr
		}
	}()
	// The Go command takes go.sum from beside the go.mod it is given, and relative replacements from the module's folder.
	modfile := filepath.Join(work, "go.mod")
	for _, name := range []string{"go.mod", "go.sum"} {
		if err := copyFile(filepath.Join(s.dir, name), filepath.Join(work, name)); err != nil {
			return fmt.Errorf("copying the toolchain's %s: %w", name, err)
		}
	}
	command := goCommand{dir: s.dir, log: logFile, progress: s.log}
	if slices.Contains(of, plugins) {
		if err := s.replaceProvider(ctx, command, modfile, filepath.Join(work, "provider")); err != nil {
			return err
		}
	}
	packages := packagesOf(of)
	total, err := s.countPackages(ctx, command, modfile, packages)
	if err != nil {
		return fmt.Errorf("listing what the tools are built from: %w", err)
	}
	bin := filepath.Join(work, "bin") + string(filepath.Separator)
	arguments := append([]string{"build", "-v", "-modfile=" + modfile, "-o", bin}, append(buildFlags(), packages...)...)
	var seen tally
	// Packages that the Go command's cache has are not compiled again and not named, so the total is an upper bound.
	detail := func() string { return fmt.Sprintf("%d of at most %d packages", seen.packages.Load(), total) }
	if err := command.run(ctx, "building the tools from source", detail, seen.line, arguments...); err != nil {
		return fmt.Errorf("%w\nthe whole log is in %s", err, log)
	}
	for _, b := range binariesOf(of) {
		if err := place(filepath.Join(bin, b.name), out, b); err != nil {
			return fmt.Errorf("placing %s: %w", b.name, err)
		}
	}
	return nil
}

// replaceProvider downloads the AWS provider's module in the version that the toolchain selects, rewrites a copy of it, and
// has modfile replace the one by the other.
func (s *source) replaceProvider(ctx context.Context, command goCommand, modfile, dst string) error {
	services, err := readServices(filepath.Join(s.dir, "services.txt"))
	if err != nil {
		return err
	}
	stop := progress.Start(s.log, "downloading the AWS provider's sources")
	answer, err := command.output(ctx, "mod", "download", "-json", "-modfile="+modfile, providerModule)
	stop()
	var module struct{ Dir, Error string }
	if jsonErr := json.Unmarshal([]byte(answer), &module); err == nil {
		err = jsonErr
	}
	if module.Error != "" {
		err = errors.New(module.Error)
	}
	if err != nil {
		return fmt.Errorf("downloading the AWS provider's module: %w", err)
	}
	stop = progress.Start(s.log, "rewriting the AWS provider")
	err = s.prepare(module.Dir, dst, services)
	stop()
	if err != nil {
		return err
	}
	if _, err := command.output(ctx, "mod", "edit", "-replace="+providerModule+"="+dst, modfile); err != nil {
		return fmt.Errorf("replacing the AWS provider by its copy: %w", err)
	}
	return nil
}

// countPackages loads the packages of the build, downloading their modules, and returns how many there are.
func (s *source) countPackages(ctx context.Context, command goCommand, modfile string, packages []string) (int64, error) {
	var seen tally
	detail := func() string { return fmt.Sprintf("%d modules downloaded", seen.modules.Load()) }
	arguments := append([]string{"list", "-deps", "-modfile=" + modfile}, packages...)
	err := command.run(ctx, "downloading Go modules", detail, seen.line, arguments...)
	return seen.packages.Load(), err
}

func packagesOf(of []group) []string {
	var all []string
	for _, b := range binariesOf(of) {
		all = append(all, b.pkg)
	}
	return all
}
