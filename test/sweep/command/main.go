// Command sweep finds the leftovers of an environment in AWS after its stacks were destroyed.
//
// Credentials, profile and endpoint come from the shell, as for any AWS tool. The exit code is 0 if nothing is left, 1 if something
// is, 2 after a usage error, and 3 if nothing was found but not everything could be listed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"

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

// patience is how long credentials are looked for: outside of AWS nothing answers where a machine of AWS finds its role.
const patience = 5 * time.Second

// refusals are the codes by which AWS refuses credentials, whatever is asked (AWS Security Token Service API, "Common Errors").
var refusals = []string{"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException", "RequestExpired",
	"SignatureDoesNotMatch"}

// checkCredentials returns in one line that there are no credentials or that AWS refuses them, which every service would say otherwise.
// Whatever else STS answers is no reason not to ask the services.
func checkCredentials(ctx context.Context, settings aws.Config, region string) error {
	const remedy = "log in (aws sso login), or set AWS_PROFILE"
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if settings.Credentials == nil {
		return errors.New("there are no credentials of AWS: " + remedy)
	}
	if _, err := settings.Credentials.Retrieve(ctx); err != nil {
		return errors.New("there are no credentials of AWS: " + remedy)
	}
	settings = settings.Copy()
	settings.Region = region
	_, err := sts.NewFromConfig(settings).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	var refused smithy.APIError
	if errors.As(err, &refused) && slices.Contains(refusals, refused.ErrorCode()) {
		return fmt.Errorf("AWS refuses the credentials (%s): %s", refused.ErrorCode(), remedy)
	}
	return nil
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
	settings, err := config.LoadDefaultConfig(ctx, config.WithLogger(logging.Nop{})) // Its lines of looking for credentials are for nobody.
	if err != nil {
		fmt.Fprintln(stderr, "sweep: loading AWS settings:", err)
		return incomplete
	}
	if err := checkCredentials(ctx, settings, regionNames[len(regionNames)-1]); err != nil {
		fmt.Fprintln(stderr, "sweep: nothing was looked at:", err)
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
