// Package tools gets the pinned Pulumi CLI, its Go language host and the AWS and awsx plugins: official releases, or a build
// from Go modules, or the CLI from one and the plugins from the other. They are kept per user, in folders named after all
// that determines their content, so that a second clone on the same machine fetches and builds nothing.
package tools

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Toolchain says where the tools come from.
type Toolchain string

// The toolchains to choose from.
const (
	// Auto is for the local AWS emulator: plugins built from Go modules, which are the ones that were tested there, and the official
	// CLI if its release answers in time, else one that is built as well.
	Auto Toolchain = "auto"
	// Official is Pulumi's releases alone.
	Official Toolchain = "official"
	// Source is a build from Go modules alone: fewer AWS services, and waits shortened for the local AWS emulator.
	Source Toolchain = "source"
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

// Tools is all the tools, each group of them in a folder of the cache.
type Tools struct {
	Bin     string    // belongs on PATH: pulumi, pulumi-language-go
	Home    string    // PULUMI_HOME, with the plugins
	CLI     Toolchain // the origin of what is in Bin, Official or Source
	Plugins Toolchain // the origin of the plugins, Official or Source
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

// Ensure returns the tools, getting first what the cache does not have. It may be called by several processes at once: one
// gets the tools, the others wait for it. A folder in the cache appears complete or not at all.
//
// With [Auto], tools that are there already are taken without asking the network, with the official CLI if there is one. An
// official release that answered and then cannot be downloaded is an error: what was announced is not exchanged for another.
func Ensure(ctx context.Context, o Options) (Tools, error) {
	if o.prepare == nil {
		o.prepare = PrepareProvider
	}
	if o.prerequisites == nil {
		o.prerequisites = Prerequisites
	}
	releases := &official{releases: o.Releases.orPublished(), log: o.Log}
	build := &source{dir: filepath.Join(o.Root, "test", "local", "toolchain"), prepare: o.prepare, log: o.Log}
	mixes := map[Toolchain][]mix{
		Auto:     {{cli: releases, plugins: build}, {cli: build, plugins: build}},
		Official: {{cli: releases, plugins: releases}},
		Source:   {{cli: build, plugins: build}},
	}[o.Toolchain]
	if mixes == nil {
		return Tools{}, fmt.Errorf("no toolchain %q", o.Toolchain)
	}
	c := cache{dir: filepath.Join(o.Cache, "tools"), log: o.Log}
	for _, m := range mixes {
		found, err := c.find(ctx, m)
		if err != nil {
			return Tools{}, err
		}
		if len(found) == len(m) {
			return m.tools(found), nil
		}
	}
	if err := o.prerequisites(ctx); err != nil {
		return Tools{}, err
	}
	chosen := mixes[0]
	if o.Toolchain == Auto {
		found, err := c.find(ctx, mixes[0])
		if err != nil {
			return Tools{}, err
		}
		if found[cli] == "" {
			if err := releases.lookup(ctx, []group{cli}, releases.releases.DecideWithin); err != nil {
				if ctx.Err() != nil {
					return Tools{}, fmt.Errorf("looking for %s: %w", cli.title(), ctx.Err())
				}
				fmt.Fprintf(o.Log, "%s are built from source, for their release cannot be reached: %v\n", cli.title(), err)
				chosen = mixes[1]
			}
		}
	}
	return c.get(ctx, chosen)
}
