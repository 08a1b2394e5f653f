package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"warmstandby/test/local/tools"
)

// localEnvironment is the environment that runs on the local AWS emulator, and the first word of further ones beside it, such as
// local-7f3a; every other one is on AWS.
const localEnvironment = "local"

func isLocal(environment string) bool {
	return environment == localEnvironment || strings.HasPrefix(environment, localEnvironment+"-")
}

// toolsFlags are the flags of the commands that need the tools.
type toolsFlags struct {
	root, environment, toolchain string
}

func (f *toolsFlags) register(flags *flag.FlagSet) {
	flags.StringVar(&f.root, "root", ".", "the repository's folder")
	flags.StringVar(&f.environment, "env", localEnvironment, "the environment; local and local-… are on the local AWS emulator")
	flags.StringVar(&f.toolchain, "toolchain", os.Getenv("TOOLCHAIN"), "auto, official or source (default TOOLCHAIN, else auto)")
}

// ensure gets the tools. AWS itself is only talked to with the official ones: the source build has a few services, and its
// waits, shortened for the local AWS emulator, would have it ask AWS far too often.
func (f *toolsFlags) ensure(ctx context.Context, log io.Writer) (tools.Tools, error) {
	toolchain, err := tools.ParseToolchain(f.toolchain)
	if err != nil {
		return tools.Tools{}, err
	}
	if !isLocal(f.environment) {
		if toolchain == tools.Source {
			return tools.Tools{}, fmt.Errorf(
				"TOOLCHAIN=source is for ENV=local only: its AWS plugin has a few services and waits made for the local AWS emulator; unset TOOLCHAIN for ENV=%s",
				f.environment,
			)
		}
		toolchain = tools.Official
	}
	releases, err := tools.ReleasesFromEnvironment()
	if err != nil {
		return tools.Tools{}, err
	}
	cache, err := tools.CacheDir()
	if err != nil {
		return tools.Tools{}, err
	}
	return tools.Ensure(ctx, tools.Options{Root: f.root, Cache: cache, Toolchain: toolchain, Releases: releases, Log: log})
}

// runTools gets the tools and prints, for the CLI and for the plugins, their origin and folder.
func runTools(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var wanted toolsFlags
	if err := parse("tools", args, stderr, wanted.register); err != nil {
		return err
	}
	t, err := wanted.ensure(ctx, stderr)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "CLI      %-8s  %s\nplugins  %-8s  %s\n", t.CLI, t.Bin, t.Plugins, t.Home)
	return err
}

// parse reads the flags of a command that takes nothing else.
func parse(name string, args []string, stderr io.Writer, register func(*flag.FlagSet)) error {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	register(flags)
	if err := flags.Parse(args); err != nil {
		return errUsage
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "local %s: %q is one argument too many\n", name, flags.Arg(0))
		return errUsage
	}
	return nil
}
