// Command sweep finds the leftovers of an environment in AWS after its stacks were destroyed.
//
// Credentials, profile and endpoint come from the shell, as for any AWS tool. The exit code is 0 if nothing is left, 1 if something
// is, 2 after a usage error, and 3 if nothing was found but not everything could be listed.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"warmstandby/test/sweep"
	"warmstandby/test/sweep/services"
)

// Exit codes.
const (
	nothingLeft    = 0
	leftoversFound = 1
	usage          = 2
	incomplete     = 3
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("sweep", flag.ContinueOnError)
	flags.SetOutput(stderr)
	name := flags.String("env", "", "the stacks' name (required)")
	suffix := flags.String("suffix", "", "the environment's suffix (default the stacks' name)")
	regions := flags.String("regions", "us-east-1 us-west-2", "the regions that are asked")
	if err := flags.Parse(args); err != nil {
		return usage
	}
	if *suffix == "" {
		*suffix = *name
	}
	environment, err := sweep.NewEnvironment(*name, *suffix)
	regionNames := strings.Fields(*regions)
	if err != nil {
		fmt.Fprintln(stderr, "sweep:", err)
	}
	if err != nil || len(regionNames) == 0 || flags.NArg() > 0 {
		fmt.Fprintln(stderr, "usage: sweep --env NAME [--suffix NAME] [--regions \"us-east-1 us-west-2\"]")
		return usage
	}
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		fmt.Fprintln(stderr, "sweep: loading AWS settings:", err)
		return incomplete
	}
	report := sweep.Run(ctx, environment, regionNames, services.Rows(func(region string) aws.Config {
		cfg := settings.Copy()
		cfg.Region = region
		return cfg
	}))
	if err := report.Print(stdout); err != nil {
		fmt.Fprintln(stderr, "sweep:", err)
		return incomplete
	}
	switch {
	case len(report.Left) > 0:
		return leftoversFound
	case len(report.Faults) > 0:
		return incomplete
	default:
		return nothingLeft
	}
}
