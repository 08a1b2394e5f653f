package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The artifacts: what a command needs before it can run. They are the arguments of the command build.
const (
	artifactLocal      = "local"      // the local AWS emulator's command, test/local/cmd/local
	artifactTools      = "tools"      // the pinned Pulumi CLI and plugins, once per user
	artifactAWS        = "aws"        // the local AWS emulator, running; on AWS nothing but the tools
	artifactStacks     = "stacks"     // the packages that every stack's program is made of, in Go's build cache
	artifactApp        = "app"        // the application's function
	artifactController = "controller" // the failover controller's function
	artifactOperator   = "operator"   // the operator's command line
	artifactSummary    = "summary"
	artifactSettings   = "settings"
	artifactDoctor     = "doctor"
	artifactRepair     = "staterepair"
	artifactDrill      = "drill"
	artifactSweep      = "sweep"
	artifactSmoke      = "smoke"
	artifactObserver   = "observer"
	artifactPackages   = "packages"     // what npm installs for the application's function
	artifactLinters    = "linters"      // the linters that are Python packages
	artifactAuditors   = "auditors"     // the tools of auditors, which are Python packages
	artifactMoto       = "moto"         // another emulator of AWS, which is a Python package
	artifactFuzzer     = "schemathesis" // tries an API by its document, and is a Python package
	artifactChecks     = "checks"       // runs tests, linters and benchmarks
)

// artifact is something that is made from the repository's files.
type artifact struct {
	name     string
	waitsFor []string
	// file is the artifact's, relative to the repository's folder. It is made again when one of the sources, files or folders, is
	// newer, or is not there. An artifact without a file is asked for each time: whoever makes it knows what is stale.
	file    string
	sources []string
	label   string // says what is being done
	make    func(ctx context.Context, c *controller, a artifact) error
}

// goSources adds the files that every Go program depends on.
func goSources(folders ...string) []string { return append(folders, "go.mod", "go.sum") }

const (
	appFolder = "lambda/app"
	// installed is the file that npm writes last.
	installed = appFolder + "/node_modules/.package-lock.json"
)

// stackPackages are what the stacks' programs are made of. None is a program: Go links those that it is asked to build, each time anew,
// which takes ten times as long as to find that nothing has changed.
var stackPackages = []string{"./shared/components/...", "./shared/contract/...", "./shared/settings/...", "./stacks/internal/..."}

// artifacts returns the table of all artifacts.
func (s settings) artifacts() []artifact {
	return []artifact{
		{
			name: artifactLocal, file: ".state/make/local", sources: []string{"test/local"},
			label: "compiling the local command", make: buildLocal,
		},
		{name: artifactTools, waitsFor: []string{artifactLocal}, make: getTools},
		{name: artifactAWS, waitsFor: []string{artifactTools}, make: startAWS},
		{
			name: artifactStacks, waitsFor: []string{artifactAWS}, label: "compiling what the stacks are made of",
			make: running(append([]string{"go", "build"}, stackPackages...)...),
		},
		{
			name: artifactPackages, file: installed,
			sources: []string{appFolder + "/package.json", appFolder + "/package-lock.json"},
			label:   "installing what the function is made of", make: withNPM("--prefix", appFolder, "ci", "--loglevel", "error"),
		},
		{
			name: artifactApp, waitsFor: []string{artifactPackages}, file: appFolder + "/dist/index.mjs",
			sources: []string{installed, appFolder + "/build.js", appFolder + "/openapi.json", appFolder + "/src"},
			label:   "bundling the function", make: withNPM("--prefix", appFolder, "run", "--silent", "build"),
		},
		{
			name: artifactLinters, file: linterFolder + "/ready", sources: []string{linterPins},
			label: "installing ruff and shellcheck", make: installSet(linterFolder, linterPins),
		},
		{
			name: artifactAuditors, file: auditorFolder + "/ready", sources: auditorSources(),
			label: "installing the tools of auditors", make: installAuditors,
		},
		{
			name: artifactMoto, file: motoFolder + "/ready", sources: []string{motoPins},
			label: "installing moto", make: installSet(motoFolder, motoPins),
		},
		{
			name: artifactFuzzer, file: schemathesisFolder + "/ready", sources: []string{schemathesisPins},
			label: "installing Schemathesis", make: installSet(schemathesisFolder, schemathesisPins),
		},
		{
			name: artifactController, file: s.controllerFolder() + "/bootstrap.zip",
			sources: goSources("lambda/failover", "shared"), label: "compiling the failover controller", make: buildController,
		},
		{
			name: artifactOperator, file: ".state/make/" + operator, sources: goSources(operatorFolders...),
			label: "compiling the failover commands", make: makeOperator,
		},
		program(artifactSummary, ".state/make/summary", "compiling the summary", "./shared/cmd/summary", "shared"),
		program(artifactSettings, ".state/make/settings", "compiling what explains settings", "./shared/cmd/settings", "shared"),
		program(artifactDoctor, ".state/make/doctor", "compiling the doctor", "./shared/cmd/doctor", "shared"),
		program(artifactRepair, ".state/make/staterepair", "compiling what repairs states", "./shared/cmd/staterepair", "shared"),
		program(
			artifactDrill, ".state/make/drill", "compiling the drill", "./test/drill", "test/drill", "test/access", "lambda/failover", "shared",
		),
		program(
			artifactObserver, ".state/make/observer", "compiling what shows notices", "./lambda/failover/observer", "lambda/failover", "shared",
		),
		program(
			artifactSmoke, ".state/make/smoke", "compiling the smoke test", "./test/smoke",
			"test/smoke", "test/access", "lambda/failover", "shared",
		),
		program(
			artifactChecks, ".state/make/checks", "compiling what runs the checks", "./test/checks",
			"test/checks", "test/audit", "test/repository/toolchain", "shared/naming", "shared/shell",
		),
		program(artifactSweep, ".state/make/sweep", "compiling the sweep", "./test/sweep/command", "test/sweep", "shared"),
	}
}

// program is an artifact that is one Go program of the repository's own module.
func program(name, file, label, main string, sources ...string) artifact {
	return artifact{
		name: name, file: file, sources: goSources(sources...), label: label,
		make: running("go", "build", "-o", file, main),
	}
}

// running makes an artifact by one command, under the artifact's label.
func running(arguments ...string) func(context.Context, *controller, artifact) error {
	return func(ctx context.Context, c *controller, a artifact) error {
		return c.labeled(ctx, a.label, arguments...)
	}
}

// withNPM makes an artifact by one command of npm, and says what to install where there is none.
func withNPM(arguments ...string) func(context.Context, *controller, artifact) error {
	return func(ctx context.Context, c *controller, a artifact) error {
		if _, err := exec.LookPath("npm"); err != nil {
			return errors.New("npm is missing: install Node.js 20 or later, which has it, from https://nodejs.org/ and make sure that it is on PATH")
		}
		return running(append([]string{"npm"}, arguments...)...)(ctx, c, a)
	}
}

// build makes artifacts and those that they wait for, two at once, each unless it is newer than its sources.
func (c *controller) build(ctx context.Context, wanted ...string) error {
	table := map[string]artifact{}
	for _, a := range c.artifacts() {
		table[a.name] = a
	}
	var names []string
	var add func(name string) error
	add = func(name string) error {
		a, known := table[name]
		if !known {
			return fmt.Errorf("building %q: there is no such artifact", name)
		}
		if slices.Contains(names, name) {
			return nil
		}
		for _, other := range a.waitsFor {
			if err := add(other); err != nil {
				return err
			}
		}
		names = append(names, name)
		return nil
	}
	for _, name := range wanted {
		if err := add(name); err != nil {
			return err
		}
	}
	waitsFor := func(name string) []string { return table[name].waitsFor }
	return schedule(ctx, names, waitsFor, func(ctx context.Context, name string) error {
		a := table[name]
		if a.file != "" {
			stale, err := c.stale(a)
			if err != nil || !stale {
				return err
			}
		}
		begun := time.Now()
		if err := a.make(ctx, c, a); err != nil || a.file == "" {
			return err
		}
		c.mu.Lock()
		c.made = append(c.made, name)
		c.mu.Unlock()
		return c.date(a, begun)
	})
}

// date gives an artifact's file the time at which its making began: a source that was changed since then makes it stale, and a
// compiler that found nothing to do is not asked again.
func (s settings) date(a artifact, begun time.Time) error {
	if err := os.Chtimes(filepath.Join(s.root, a.file), begun, begun); err != nil {
		return fmt.Errorf("building %s: it was not made: %w", a.name, err)
	}
	return nil
}

// stale says whether an artifact's file is missing, or older than one of its sources.
func (s settings) stale(a artifact) (bool, error) {
	built, err := os.Stat(filepath.Join(s.root, a.file))
	if errors.Is(err, os.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	newer := errors.New("newer")
	for _, source := range a.sources {
		err := filepath.WalkDir(filepath.Join(s.root, source), func(path string, entry os.DirEntry, err error) error {
			switch {
			case errors.Is(err, os.ErrNotExist):
				return newer
			case err != nil:
				return err
			case entry.IsDir() && slices.Contains(notSources, entry.Name()):
				return filepath.SkipDir
			case entry.IsDir() || strings.HasSuffix(path, "_test.go"):
				return nil
			}
			file, err := entry.Info()
			if err == nil && file.ModTime().After(built.ModTime()) {
				return newer
			}
			return err
		})
		if errors.Is(err, newer) {
			return true, nil
		}
		if err != nil {
			return false, fmt.Errorf("comparing %s with its sources: %w", a.file, err)
		}
	}
	return false, nil
}

// notSources are folders below a program's that it is not made of: what tests read, what npm installs, and the toolchain, which
// is a module and a cache of its own.
var notSources = []string{"testdata", "node_modules", "toolchain"}

// buildCommand makes the artifacts that are named.
func buildCommand(ctx context.Context, c *controller, arguments []string) error {
	if len(arguments) == 0 {
		return errors.Join(errors.New("build wants the names of artifacts"), errUsage)
	}
	return c.build(ctx, arguments...)
}
