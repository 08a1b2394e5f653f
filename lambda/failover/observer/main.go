// Command observer shows what happens and has happened on a platform, on AWS and on the local AWS emulator alike. It changes nothing
// by itself.
//
//	observer notices --env NAME [--region us-west-2] [--since 24h] [--json]
//
//	observer live --env NAME --operator FILE [--region us-west-2] [--port 0] [--local FILE --state FOLDER --kinds …]
//
// notices prints the failover controller's notices and the alarms' transitions, newest last.
//
// live serves a page on the loopback address that shows all of it while it happens. On the local AWS emulator the page can bring faults
// about and move the writer; on AWS it only reads.
//
// Its exit codes are those of the operator's command line.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"warmstandby/lambda/failover/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// commands are what the program does, by their names.
var commands = map[string]func(ctx context.Context, arguments []string, stdout, stderr io.Writer) error{
	"notices": notices, "live": live,
}

// errUsage marks a call that is not understood; the usage has been printed.
var errUsage = errors.New("usage error")

// errUnknown marks an answer that could not be got.
var errUnknown = errors.New("not known")

func run(ctx context.Context, arguments []string, stdout, stderr io.Writer) int {
	if len(arguments) == 0 || commands[arguments[0]] == nil {
		fmt.Fprintln(stderr, "usage: observer notices|live --env NAME [flags]")
		return cli.Usage
	}
	err := commands[arguments[0]](ctx, arguments[1:], stdout, stderr)
	switch {
	case err == nil:
		return cli.OK
	case errors.Is(err, errUsage):
		return cli.Usage
	case errors.Is(err, errUnknown):
		fmt.Fprintln(stderr, "observer:", err)
		return cli.Unknown
	}
	fmt.Fprintln(stderr, "observer:", err)
	return cli.Failed
}
