// Command stackctl runs Pulumi, the operator's command line and the drill for make: on one stack or on all, in the order of
// their layers, in an environment that was checked first. It also deletes the local state, and only that.
//
// It reads make's variables (ENV, STACK, STATE, PORT, …) from the process's environment and imports nothing but Go's standard
// library, the namer and what quotes words for a shell, so that it is compiled before anything is downloaded and can refuse before
// anything is done.
//
// It exits 0 when it did what was asked, 2 after a usage error, with the exit code of the command that it ran, and 1 otherwise;
// an error says what was being done and what to do.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

// Exit codes, beside those of the commands that stackctl runs.
const (
	exitFailed = 1
	exitUsage  = 2
)

// errUsage marks a call that stackctl does not understand; the usage has been printed.
var errUsage = errors.New("usage error")

// subcommand is one thing that make asks for.
type subcommand struct {
	name, arguments, summary string
	// needs are the artifacts that are built before it runs; nil for none.
	needs func(s settings, arguments []string) []string
	run   func(ctx context.Context, c *controller, arguments []string) error
}

// subcommands returns all that make asks for, in the order in which the usage lists it.
func subcommands() []subcommand {
	return []subcommand{
		{"guard", "GOAL…", "refuse make's goals when ENV, STACK, PORT, STATE or the shell do not fit them", nil, guard},
		{"build", "ARTIFACT…", "build what other commands need", nil, buildCommand},
		{"tools", "", "get the pinned Pulumi CLI and plugins", always(artifactLocal), toolsCommand},

		{"init", "", "make the stacks of an environment, with a secrets provider and commented settings", initNeeds, initialize},
		{"set", "", "set one setting of one stack", always(artifactTools, artifactRepair), setting},
		{"settings", "", "explain every setting and print its value", always(artifactSettings), settingsCommand},

		{"doctor", "", "say what the account and this clone lack for the environment", doctorNeeds, doctor},

		{"up", "", "deploy the stacks in the order of their layers", deploymentNeeds, up},
		{"preview", "", "show what up would change", deploymentNeeds, preview},
		{"destroy", "", "remove the stacks, the last layer first", always(artifactAWS, artifactRepair, artifactOperator), destroy},
		{"outputs", "", "print the stacks' outputs", always(artifactAWS, artifactRepair), outputs},
		{"summary", "", "print the platform's endpoints", always(artifactTools, artifactSummary), summary},
		{
			"unprotect", "", "set protection to false and deploy that",
			always(artifactAWS, artifactStacks, artifactRepair, artifactApp, artifactController), unprotect,
		},
		{"env", "", "print the variables of the environment for a shell", always(artifactLocal, artifactOperator), environmentScript},
		{"sweep", "", "ask every service what destroy has left", sweepNeeds, sweep},

		{"operate", "COMMAND", "run a command of the operator's command line", always(artifactOperator), operate},
		{"drill", "SCENARIO", "run the drill", always(artifactDrill, artifactOperator), drill},
		{"notices", "", "print notices and the alarms' transitions", always(artifactObserver), noticesCommand},
		{"live", "", "serve a page that shows the platform while it runs", always(artifactObserver, artifactOperator), live},
		{"smoke", "", "prove that the platform works, as a user would", always(artifactSmoke), smoke},

		{"binaries", "", "make what a release consists of", nil, binaries},
		{"check", "GOAL", "run tests, linters or benchmarks", checkNeeds, check},

		{"local-up", "", "start the local AWS emulator", always(artifactAWS), nothingMore},
		{"local-down", "", "stop the local AWS emulator", always(artifactLocal), localDown},
		{"local-status", "", "say what runs of the local AWS emulator", always(artifactLocal), localStatus},
		{"fault", "", "make something be wrong with a region of the local AWS emulator", always(artifactLocal), localFault},
		{"heal", "", "end the faults of the local AWS emulator", always(artifactLocal), localHeal},
		{"token", "", "print an access token of the local AWS emulator", always(artifactLocal), localToken},

		{"clean", "", "delete the local state, but for the drills' reports", nil, clean},
		{"clean-drills", "", "delete the drills' reports", nil, cleanDrills},
	}
}

func main() {
	// A terminal sends Ctrl-C to every process of the group, Pulumi included: a second signal would make it stop in the middle of
	// a resource. So SIGINT only keeps further stacks from being started, while SIGTERM, which reaches this process alone, is
	// passed on.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(exitCode(call(ctx, os.Args[1:]), os.Stderr))
}

// needed are the artifacts that a subcommand needs. How an environment on the local AWS emulator is reached, its own command says; on
// AWS that is of no use, and it takes minutes to compile.
func (s settings) needed(chosen subcommand, arguments []string) []string {
	needs := chosen.needs(s, arguments)
	if s.emulated() {
		needs = append([]string{artifactLocal}, needs...)
	}
	return needs
}

// call builds what a subcommand needs and runs it.
func call(ctx context.Context, arguments []string) error {
	all := subcommands()
	i := slices.IndexFunc(all, func(s subcommand) bool { return len(arguments) > 0 && s.name == arguments[0] })
	if i < 0 {
		fmt.Fprintln(os.Stderr, "usage: stackctl <command>, which make calls")
		for _, s := range all {
			fmt.Fprintf(os.Stderr, "  %-24s %s\n", strings.TrimSpace(s.name+" "+s.arguments), s.summary)
		}
		return errUsage
	}
	settings, err := readSettings(os.LookupEnv)
	if err != nil {
		return err
	}
	c, chosen := newController(settings), all[i]
	if chosen.needs != nil {
		if err := c.prepare(ctx, chosen.name, settings.needed(chosen, arguments[1:])); err != nil {
			return err
		}
	}
	return chosen.run(ctx, c, arguments[1:])
}

// exitCode prints an error, unless the command that failed has printed its own, and returns the process's exit code.
func exitCode(err error, stderr io.Writer) int {
	var ended *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errUsage):
		return exitUsage
	case errors.As(err, &ended) && ended.ExitCode() > 0:
		fmt.Fprintln(stderr, "make:", err)
		return ended.ExitCode()
	}
	fmt.Fprintln(stderr, "make:", err)
	return exitFailed
}
