// Command local prepares and runs the local AWS emulator: the pinned tools, the emulator and its gateway, and the environment
// in which plain pulumi commands reach them.
//
// It exits 0 when it did what was asked, 1 when it could not (one line on standard error says why and what to do),
// and 2 when it was called wrongly. status exits 3 when nothing runs, and exec with the exit code of the command that it ran.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// command is one subcommand: what it is called, what it does in one line, and the function that does it.
type command struct {
	name    string
	summary string
	run     func(ctx context.Context, args []string, stdout, stderr io.Writer) error
}

// commands in the order in which a first run needs them.
func commands() []command {
	return []command{
		{"tools", "get the pinned Pulumi CLI and plugins, print where they are", runTools},
		{"up", "start the local AWS emulator unless it is up", runUp},
		{"down", "stop the local AWS emulator and keep its state", runDown},
		{"status", "say what runs, where, and where the logs are", runStatus},
		{"fault", "make something be wrong with a region", runFault},
		{"heal", "end the faults of a region, or all", runHeal},
		{"backup-calendar", "move AWS Backup's calendar on, and run the plans that are due meanwhile", runBackupCalendar},
		{"env", "print the variables that point plain pulumi commands at the tools and the endpoint", runEnv},
		{"serve", "run as the background process that up starts (not for use by hand)", runServe},
		{"jwks", "print the settings by which the application admits the tokens of token", runJWKS},
		{"token", "print an access token for the application on the local AWS emulator", runToken},
		{"exec", "run a command and show the elapsed time while it is silent", runExec},
	}
}

// errUsage marks a call that does not fit; the message has been printed already.
var errUsage = errors.New("usage")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := dispatch(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	var status exitStatus
	switch {
	case err == nil:
	case errors.Is(err, errUsage):
		os.Exit(2)
	case errors.As(err, &status):
		os.Exit(int(status))
	default:
		fmt.Fprintln(os.Stderr, "local:", err)
		os.Exit(1)
	}
}

func dispatch(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) > 0 {
		for _, c := range commands() {
			if c.name == args[0] {
				return c.run(ctx, args[1:], stdout, stderr)
			}
		}
		fmt.Fprintf(stderr, "local: no command %q\n", args[0])
	}
	fmt.Fprintln(stderr, "usage: local <command> [flags]")
	for _, c := range commands() {
		fmt.Fprintf(stderr, "  %-8s %s\n", c.name, c.summary)
	}
	return errUsage
}
