// Command drill takes a platform through a loss on a real clock and reports what that cost.
//
//	drill [flags] <scenario>… | all | heal | table | timeline
//
// Its exit code is that of the worst verdict: 0 PASS, 1 FAIL, 3 INCONCLUSIVE. It is 2 after a usage error, and while another drill
// of the platform runs.
package main

import (
	"context"
	"flag"
	"os"
	"os/signal"
	"syscall"
	"time"

	"warmstandby/test/drill/run"
	"warmstandby/test/drill/scenario"
)

func main() {
	var o run.Options
	var drills string
	flags := flag.NewFlagSet("drill", flag.ContinueOnError)
	flags.StringVar(&o.Environment, "env", "", "the environment's suffix (required)")
	flags.StringVar(&o.Region, "region", "us-west-2", "the standby region")
	flags.StringVar(&o.Confirmed, "confirm", "", "the environment's name again, needed unless it is a development environment")
	flags.StringVar(&o.Operator, "operator", "", "the operator's command line (required)")
	flags.StringVar(&o.Preview, "preview", "", "a command that fails if a stack does not preview without changes")
	flags.StringVar(&o.Tree, "tree", ".", "the folder of the repository, whose commit the report names")
	flags.StringVar(&o.Sign, "sign", "", "a command that signs the file which is appended to it (default: nothing is signed)")
	flags.DurationVar(&o.Since, "since", 24*time.Hour, "how far back a timeline looks")
	flags.DurationVar(&o.Wait, "wait", 0, "the longest that a step waits (default as in the scenario)")
	flags.StringVar(&o.Local, "local", "", "on the local AWS emulator: the local command")
	flags.StringVar(&o.State, "state", "", "on the local AWS emulator: its folder")
	flags.StringVar(&o.Resolver, "resolver", "", "on AWS: a resolver, host:port (default this machine's)")
	flags.StringVar(&o.ZoneServer, "zone-server", "", "on AWS: one of the zone's name servers, host:port (default the resolver)")
	flags.StringVar(&o.Token, "token", os.Getenv("DRILL_TOKEN"), "on AWS: an access token that may read and write (default $DRILL_TOKEN)")
	flags.StringVar(&drills, "reports", "", "the folder of all drills' reports (required)")
	flags.Usage = func() {
		flags.Output().Write([]byte("usage: drill [flags] <scenario>… | all | heal | table | timeline; scenarios: " + scenario.Names() + "\n"))
		flags.PrintDefaults()
	}
	if flags.Parse(os.Args[1:]) != nil {
		os.Exit(run.Usage)
	}
	if o.Environment == "" || o.Operator == "" || drills == "" || flags.NArg() == 0 {
		flags.Usage()
		os.Exit(run.Usage)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run.Main(ctx, o, drills, flags.Args(), os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
