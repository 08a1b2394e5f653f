package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"time"

	"warmstandby/test/local/emulator"
	"warmstandby/test/local/emulator/instance"
	"warmstandby/test/local/progress"
	"warmstandby/test/local/tools"
)

const (
	// defaultState is relative to the folder in which the command is called, the repository's root.
	defaultState = ".state"
	// lastPort is the largest port number.
	lastPort = 65535
)

// instanceFlags parses the flags of a command about one instance; more may add some.
func instanceFlags(name string, args []string, stderr io.Writer, more func(*flag.FlagSet)) (instance.Folder, error) {
	var state string
	err := parse(name, args, stderr, func(flags *flag.FlagSet) {
		flags.StringVar(&state, "state", defaultState, "the folder of all state")
		if more != nil {
			more(flags)
		}
	})
	if err != nil {
		return "", err
	}
	return instance.NewFolder(state)
}

// runUp starts the local AWS emulator unless it runs, and prints its endpoint as the last line.
func runUp(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var port int
	var propagation time.Duration
	folder, err := instanceFlags("up", args, stderr, func(flags *flag.FlagSet) {
		flags.DurationVar(&propagation, "iam-propagation", 0, "how long a change of a role or of its policies takes to have an effect")
		flags.IntVar(&port, "port", defaultPort, "the port on 127.0.0.1; 0 takes a free one")
	})
	if err != nil {
		return err
	}
	if port < 0 || port > lastPort {
		return fmt.Errorf("port %d is none: allowed are 1 to %d, and 0 for a free one", port, lastPort)
	}
	shown := progressOn(stderr)
	record, err := folder.Up(ctx, instance.UpOptions{
		Port: port,
		Install: func(ctx context.Context) (emulator.Installation, error) {
			cache, err := tools.CacheDir()
			if err != nil {
				return emulator.Installation{}, err
			}
			return emulator.Install(ctx, cache, shown)
		},
		Command: func(installed emulator.Installation) []string {
			return []string{"serve", "--state", string(folder), "--python", installed.Python, "--launcher", installed.Launcher,
				"--iam-propagation", propagation.String()}
		},
		Progress: shown,
		Notice:   stderr,
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(stdout, record.Endpoint)
	return nil
}

// runServe is the background process.
func runServe(ctx context.Context, args []string, _, stderr io.Writer) error {
	var installed emulator.Installation
	var propagation time.Duration
	folder, err := instanceFlags("serve", args, stderr, func(flags *flag.FlagSet) {
		flags.StringVar(&installed.Python, "python", "", "the emulator's interpreter")
		flags.StringVar(&installed.Launcher, "launcher", "", "the program that runs the emulator")
		flags.DurationVar(&propagation, "iam-propagation", 0, "as of up")
	})
	if err != nil {
		return err
	}
	return folder.Serve(ctx, installed, propagation)
}

func progressOn(w io.Writer) emulator.Progress {
	return func(label string) func() { return progress.Start(w, label) }
}
