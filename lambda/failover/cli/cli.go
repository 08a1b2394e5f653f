// Package cli is the operator's command line. It observes and acts through the same packages as the failover controller. It
// needs the standby region only; what it reads from the primary region is optional.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"warmstandby/lambda/failover/invocation"
	"warmstandby/shared/contract/controller"
	"warmstandby/shared/naming"
	"warmstandby/shared/shell"
)

// Exit codes.
const (
	OK         = 0 // done, or nothing to do
	Failed     = 1 // tried, and it went wrong
	Usage      = 2 // usage error
	Refused    = 3 // not done: what was found speaks against it
	Unknown    = 4 // not done: what must be known could not be found out
	Unfinished = 5 // begun, and RDS is still at work: the controller goes on, status shows it
)

// exitCodes explains the codes in the help text.
const exitCodes = "exit codes: 0 done or nothing to do, 1 went wrong, 2 usage error, 3 refused by what was found, " +
	"4 not known or unreachable, 5 begun and not finished"

// Command is a command of the operator.
type Command struct {
	Name    string
	Summary string
	// defaultTimeout is the default of --timeout.
	defaultTimeout time.Duration
	run            func(ctx context.Context, s *session) Result
}

// Commands returns all commands, in the order of the runbook.
func Commands() []Command {
	const readTimeout, moveTimeout = 30 * time.Second, 15 * time.Minute
	// RDS restores a cluster in minutes, whatever its size, and in more when it is encrypted anew.
	const restoreTimeout = time.Hour
	return []Command{
		{invocation.Status, "show on one screen where the writer is, what is seen, and what was decided and why", readTimeout, status},
		{invocation.Preflight, "say whether a switchover would work now, or a failback while the writer is in the standby region", readTimeout, preflight},
		{invocation.Switchover, "move the writer to the standby region without loss", moveTimeout, switchover},
		{
			Name:           invocation.Failover,
			Summary:        "move the writer to the standby region with the data that is there (needs --allow-data-loss)",
			defaultTimeout: moveTimeout,
			run:            failover,
		},
		{invocation.Failback, "move the writer back to the primary region without loss, when it is healthy", moveTimeout, failback},
		{
			Name:           invocation.Reconcile,
			Summary:        "bring back what a failover has given up, from the snapshot of the old volume",
			defaultTimeout: restoreTimeout,
			run:            reconcile,
		},
		{
			Name:           invocation.Restore,
			Summary:        "make a cluster with the data of an earlier time beside the writer's (--at), or remove it (--remove)",
			defaultTimeout: restoreTimeout,
			run:            restoreCluster,
		},
		{
			Name:           invocation.PrepareDestroy,
			Summary:        "make the primary region the writer, or detach it, so that the stacks can be destroyed",
			defaultTimeout: moveTimeout,
			run:            prepareDestroy,
		},
		{invocation.Pause, "have the controller advise and not act", readTimeout, pause},
		{invocation.Resume, "have the controller act by itself again", readTimeout, resume},
	}
}

// session is one call of a command.
type session struct {
	options
	connector Connector
	owner     string
	form      invocation.Form                    // in which commands are typed
	progress  func(format string, values ...any) // progress, for whoever watches
}

// options are the parsed flags.
type options struct {
	environment   string
	region        string
	json          bool
	timeout       time.Duration
	allowDataLoss bool
	force         bool
	globalCluster string
	primaryRegion string
	snapshot      string
	keep          bool
	at            string
	remove        bool
	watch         bool
	documents     bool
	promote       bool
}

// parameter returns the path of the environment's configuration in Parameter Store.
func (o options) parameter() (string, error) {
	namer, err := naming.New(o.environment)
	if err != nil {
		return "", err
	}
	return namer.Path(controller.ConfigParameterPath()...)
}

// Main runs one call and returns its exit code. owner is the call's name in the journal.
func Main(ctx context.Context, args []string, owner string, connector Connector, stdout, stderr io.Writer) int {
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		usage(stderr)
		return Usage
	}
	if args[0] == invocation.CheckLog {
		return checkLog(args[1:], os.Stdin, stdout, stderr)
	}
	commands := Commands()
	at := slices.IndexFunc(commands, func(c Command) bool { return c.Name == args[0] })
	if at < 0 {
		fmt.Fprintf(stderr, invocation.Program+": there is no command %q\n", args[0])
		usage(stderr)
		return Usage
	}
	chosen := commands[at]
	o, err := parse(chosen, args[1:], stderr)
	if err != nil {
		return Usage
	}
	arguments, byMake := os.LookupEnv(shell.MakeVariable)
	s := &session{
		options: o, connector: connector, owner: owner, progress: func(string, ...any) {},
		form: invocation.By(arguments, byMake, o.environment, o.region),
	}
	if !o.json {
		s.progress = func(format string, values ...any) { fmt.Fprintf(stderr, format+"\n", values...) }
	}
	if o.watch {
		return s.watch(ctx, chosen, stdout, stderr)
	}
	return s.runOnce(ctx, chosen, stdout, stderr)
}

// runOnce runs a command within its timeout, prints the result and returns the exit code.
func (s *session) runOnce(ctx context.Context, c Command, stdout, stderr io.Writer) int {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	result := c.run(ctx, s)
	result.Command, result.Environment = c.Name, s.environment
	if err := result.print(stdout, s.json); err != nil {
		fmt.Fprintln(stderr, invocation.Program+":", err)
		return Failed
	}
	return result.ExitCode
}

func parse(c Command, args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet(invocation.Program+" "+c.Name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.environment, "env", "", "the environment's name (required)")
	flags.StringVar(&o.region, "region", invocation.DefaultRegion, "the standby region")
	flags.BoolVar(&o.json, "json", false, "print one JSON object")
	flags.DurationVar(&o.timeout, "timeout", c.defaultTimeout, "how long it may take")
	switch c.Name {
	case invocation.Status:
		flags.BoolVar(&o.watch, "watch", false, "show it again every "+watchInterval.String()+" until it is interrupted")
	case invocation.Failover:
		flags.BoolVar(&o.allowDataLoss, "allow-data-loss", false, "give up what the standby has not received")
		flags.BoolVar(&o.force, "force", false, "although what was found speaks against it")
	case invocation.Reconcile:
		flags.StringVar(&o.snapshot, "snapshot", "", "the snapshot, where it is not the newest of an old volume")
		flags.BoolVar(&o.keep, "keep", false, "leave the restored cluster there")
	case invocation.Restore:
		flags.StringVar(&o.at, "at", "", "the time whose data is wanted, as 2026-03-01T12:02:00Z, or latest")
		flags.BoolVar(&o.remove, "remove", false, "remove the restored cluster")
		flags.BoolVar(&o.promote, "promote", false, "make the restored cluster the primary of the global database")
		flags.BoolVar(&o.allowDataLoss, "allow-data-loss", false, "of --promote: give up what was written since the restored cluster's time")
		flags.BoolVar(&o.documents, "documents", false, "bring the documents back that were removed since the restored cluster's time")
	case invocation.PrepareDestroy:
		flags.StringVar(&o.globalCluster, "global-cluster", "", "the global database, where the controller's configuration is gone already")
		flags.StringVar(&o.primaryRegion, "primary-region", "us-east-1", "the primary region, with --global-cluster")
	}
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	var faults []error
	if flags.NArg() > 0 {
		faults = append(faults, fmt.Errorf("unexpected argument %q", flags.Arg(0)))
	}
	if _, err := o.parameter(); err != nil {
		faults = append(faults, fmt.Errorf("--env: %w", err))
	}
	if err := checkShell(o.environment, os.LookupEnv); err != nil {
		faults = append(faults, err)
	}
	if o.timeout <= 0 {
		faults = append(faults, fmt.Errorf("--timeout: want more than nothing, got %s", o.timeout))
	}
	if err := errors.Join(faults...); err != nil {
		fmt.Fprintf(stderr, "%s %s: %v\n", invocation.Program, c.Name, err)
		flags.Usage()
		return o, err
	}
	return o, nil
}

func usage(to io.Writer) {
	var text strings.Builder
	text.WriteString(
		"usage: " + invocation.Program + " <command> --env NAME [--region " + invocation.DefaultRegion + "] [--json] [--timeout 15m]\n\n",
	)
	for _, c := range Commands() {
		fmt.Fprintf(&text, "  %-16s %s\n", c.Name, c.Summary)
	}
	fmt.Fprintf(&text, "  %-16s %s\n", checkLogUsage, "check a log of the controller against its specification")
	text.WriteString("\n" + exitCodes + "\n")
	io.WriteString(to, text.String()) // what cannot be printed cannot be reported either
}

// print writes the result as text or as JSON.
func (r Result) print(to io.Writer, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(to)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(r); err != nil {
			return fmt.Errorf("printing the answer: %w", err)
		}
		return nil
	}
	if _, err := io.WriteString(to, r.text()); err != nil {
		return fmt.Errorf("printing the answer: %w", err)
	}
	return nil
}
