// Package tools gets the pinned Pulumi CLI, its Go language host and the AWS and awsx plugins: the official releases where
// they can be reached, else a build from Go modules. They are kept per user, in a folder named after all that determines
// its content, so that a second clone on the same machine fetches and builds nothing.
package tools

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"warmstandby/test/local/progress"
)

// Toolchain says where the tools come from.
type Toolchain string

// The toolchains to choose from.
const (
	Auto     Toolchain = "auto"     // the official releases if they answer in time, else the source build
	Official Toolchain = "official" // Pulumi's releases
	Source   Toolchain = "source"   // built from Go modules: fewer AWS services, and waits shortened for the embedded AWS
)

// ParseToolchain reads the value of TOOLCHAIN; empty means [Auto].
func ParseToolchain(text string) (Toolchain, error) {
	switch t := Toolchain(text); t {
	case "":
		return Auto, nil
	case Auto, Official, Source:
		return t, nil
	}
	return "", fmt.Errorf("TOOLCHAIN is %q: set it to auto, official or source", text)
}

// Options are what [Ensure] needs to know.
type Options struct {
	Root      string    // the repository
	Cache     string    // the per-user cache, see CacheDir
	Toolchain Toolchain // where the tools come from
	Releases  Releases  // where official releases are found; the zero value is Pulumi's own host
	Log       io.Writer // takes progress and decisions, one line each

	prepare       func(src, dst string, services []string) error // PrepareProvider, unless a test says otherwise
	prerequisites func(context.Context) error                    // Prerequisites, unless a test says otherwise
}

// Tools is a complete set of tools.
type Tools struct {
	Dir    string    // the folder of all of them
	Bin    string    // belongs on PATH: pulumi, pulumi-language-go
	Home   string    // PULUMI_HOME, with the plugins
	Origin Toolchain // Official or Source
}

// origin is one way to get the tools.
type origin interface {
	toolchain() Toolchain
	// key names all that determines the tools' content.
	key(ctx context.Context) (string, error)
	// install puts every one of binaries() below out, using work for what is in between. Both folders exist and are empty.
	// log is a file path for what is too long to print.
	install(ctx context.Context, work, out, log string) error
}

// CacheDir returns the per-user cache folder: WARMSTANDBY_CACHE, else warmstandby in the user's own cache folder.
func CacheDir() (string, error) {
	if dir := os.Getenv("WARMSTANDBY_CACHE"); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the user's cache folder (or set WARMSTANDBY_CACHE): %w", err)
	}
	return filepath.Join(dir, "warmstandby"), nil
}

// Ensure returns the tools, getting them first if the cache does not have them. It may be called by several processes at
// once: one gets the tools, the others wait for it. A folder in the cache appears complete or not at all.
//
// With [Auto], tools that are there already are taken without asking the network; of both origins the official one.
func Ensure(ctx context.Context, o Options) (Tools, error) {
	if o.prepare == nil {
		o.prepare = PrepareProvider
	}
	if o.prerequisites == nil {
		o.prerequisites = Prerequisites
	}
	releases := &official{releases: o.Releases.orPublished(), log: o.Log}
	build := &source{dir: filepath.Join(o.Root, "test", "local", "toolchain"), prepare: o.prepare, log: o.Log}
	origins := map[Toolchain][]origin{Auto: {releases, build}, Official: {releases}, Source: {build}}[o.Toolchain]
	if origins == nil {
		return Tools{}, fmt.Errorf("no toolchain %q", o.Toolchain)
	}
	cache := filepath.Join(o.Cache, "tools")
	for _, from := range origins {
		dir, err := folder(ctx, cache, from)
		if err != nil {
			return Tools{}, err
		}
		if complete(dir) == nil {
			return toolsAt(dir, from), nil
		}
	}
	if err := o.prerequisites(ctx); err != nil {
		return Tools{}, err
	}
	from := origins[0]
	if o.Toolchain == Auto {
		if err := releases.lookup(ctx, releases.releases.DecideWithin); err != nil {
			fmt.Fprintf(o.Log, "the official Pulumi releases cannot be reached, so the tools are built from source: %v\n", err)
			from = build
		}
	}
	return get(ctx, cache, from, o.Log)
}

// folder is where the tools of an origin stand in the cache.
func folder(ctx context.Context, cache string, from origin) (string, error) {
	key, err := from.key(ctx)
	if err != nil {
		return "", fmt.Errorf("finding the key of the %s tools: %w", from.toolchain(), err)
	}
	return filepath.Join(cache, string(from.toolchain())+"-"+key), nil
}

func toolsAt(dir string, from origin) Tools {
	return Tools{Dir: dir, Bin: filepath.Join(dir, "bin"), Home: filepath.Join(dir, "home"), Origin: from.toolchain()}
}

// get installs the tools in a folder of its own and renames it when it is complete, all under a lock. What a killed run
// left is deleted, not resumed: the Go command's own cache keeps what was compiled, so little is lost.
func get(ctx context.Context, cache string, from origin, log io.Writer) (t Tools, err error) {
	dir, err := folder(ctx, cache, from)
	if err != nil {
		return Tools{}, err
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return Tools{}, fmt.Errorf("making the tools' cache: %w", err)
	}
	unlock, err := lock(ctx, dir+".lock", log)
	if err != nil {
		return Tools{}, err
	}
	defer unlock()
	if complete(dir) == nil {
		return toolsAt(dir, from), nil
	}
	partial := filepath.Join(cache, ".partial-"+filepath.Base(dir))
	work, out := filepath.Join(partial, "work"), filepath.Join(partial, "out")
	if err := errors.Join(os.RemoveAll(partial), os.RemoveAll(dir), os.MkdirAll(work, 0o755), os.MkdirAll(out, 0o755)); err != nil {
		return Tools{}, fmt.Errorf("clearing what an interrupted run left: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(partial)) }()
	start := time.Now()
	if err := from.install(ctx, work, out, dir+".log"); err != nil {
		return Tools{}, fmt.Errorf("getting the %s tools: %w", from.toolchain(), err)
	}
	if err := verify(ctx, out); err != nil {
		return Tools{}, fmt.Errorf("checking the %s tools: %w", from.toolchain(), err)
	}
	if err := seal(out); err != nil {
		return Tools{}, fmt.Errorf("writing the tools' manifest: %w", err)
	}
	if err := os.Rename(out, dir); err != nil {
		return Tools{}, fmt.Errorf("moving the tools into the cache: %w", err)
	}
	fmt.Fprintf(log, "the %s tools are ready after %s\n", from.toolchain(), progress.Elapsed(time.Since(start)))
	return toolsAt(dir, from), nil
}
