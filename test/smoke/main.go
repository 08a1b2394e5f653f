// Command smoke proves that a deployed platform works, as a user would: it creates a record at the global name, reads it in both regions,
// puts a document and gets it back, sees the events on both buses, and removes all of it.
//
//	smoke --env NAME [flags]
//
// It prints a line a check. Its exit code is 0 when every check is ok, 1 when one is not, 2 after a usage error, and 4 when all is ok but
// what was asked of a region that nothing reaches.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"warmstandby/test/access"
)

// The exit codes, which are those of the operator's command line.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitUnreachable = 4
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, arguments []string, stdout, stderr io.Writer) int {
	var target access.Target
	var wait time.Duration
	flags := flag.NewFlagSet("smoke", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&target.Environment, "env", "", "the environment's suffix (required)")
	flags.StringVar(&target.Region, "region", "us-west-2", "the standby region")
	flags.StringVar(&target.Local, "local", "", "on the local AWS emulator: the local command")
	flags.StringVar(&target.State, "state", "", "on the local AWS emulator: its folder")
	flags.StringVar(&target.Resolver, "resolver", "", "on AWS: a resolver, host:port (default this machine's)")
	flags.StringVar(&target.Token, "token", os.Getenv("TOKEN"),
		"an access token that may read and write (default $TOKEN, or the emulator's issuer's)")
	flags.DurationVar(&wait, "wait", 2*time.Minute, "how long replication and events may take")
	if flags.Parse(arguments) != nil {
		return exitUsage
	}
	if target.Environment == "" || flags.NArg() > 0 || wait <= 0 {
		fmt.Fprintln(stderr, "smoke: want --env NAME, no other argument, and more than nothing to wait")
		flags.Usage()
		return exitUsage
	}
	if target.Token == "" && !target.Embedded() {
		fmt.Fprintln(stderr, "smoke: want an access token of your issuer that allows records:read and records:write, in the variable TOKEN")
		return exitUsage
	}
	p, err := open(ctx, target)
	if err != nil {
		fmt.Fprintln(stderr, "smoke:", err)
		return exitFailed
	}
	s := smoke{platform: p, out: stdout, wait: wait, pause: time.Second}
	return s.run(ctx)
}
