// Command doctor says what an account and a clone lack for an environment, before anything is deployed: credentials, the backend and
// what encrypts its secrets, settings, quotas of both regions, service-linked roles, AWS Backup, zones, the engine's version,
// certificates, the domain's delegation, address ranges and the clock. It changes nothing. It prints one line for each check, all at
// once, and what to do under each that fails.
//
//	doctor -env ENV [-root FOLDER] [-backend URL] [-secrets PROVIDER] [-emulated] [-only backend]
//
// What the endpoint does not implement, or the caller may not ask, is printed as not known and never as well. The exit code is 0 when all
// is well, 1 when something is to be mended, 2 after a usage error, and 3 when nothing is known to be wrong and something is not known.
// With -emulated the last is 0: the local AWS emulator has no quotas.
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
)

// Exit codes.
const (
	exitWell     = 0
	exitMend     = 1
	exitUsage    = 2
	exitNotKnown = 3
)

// longest bounds all checks together: an endpoint that hangs is one that is not known.
const longest = 2 * time.Minute

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, arguments []string, stdout, stderr io.Writer) int {
	var r request
	flags := flag.NewFlagSet("doctor", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&r.environment, "env", "", "the environment (required)")
	flags.StringVar(&r.root, "root", ".", "the repository's folder")
	flags.StringVar(&r.backend, "backend", "", "the URL of Pulumi's backend")
	flags.StringVar(&r.secrets, "secrets", "", "the secrets provider, where the stacks have none yet")
	flags.BoolVar(&r.emulated, "emulated", false, "the environment is on the local AWS emulator")
	flags.StringVar(&r.only, "only", "", "backend: the credentials, the backend and what encrypts its secrets alone")
	if err := flags.Parse(arguments); err != nil {
		return exitUsage
	}
	if r.environment == "" || flags.NArg() > 0 || r.only != "" && r.only != "backend" {
		flags.Usage()
		return exitUsage
	}
	r.passphrase = hasPassphrase(os.LookupEnv)
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	cloud, err := newAWS(ctx)
	if err != nil {
		fmt.Fprintln(stderr, "doctor: reading the settings of AWS's tools:", err)
		return exitMend
	}
	return examine(ctx, r, cloud).print(stdout, r.emulated)
}

// hasPassphrase says whether the shell has Pulumi's passphrase, be it an empty one.
func hasPassphrase(lookup func(string) (string, bool)) bool {
	_, phrase := lookup("PULUMI_CONFIG_PASSPHRASE")
	_, file := lookup("PULUMI_CONFIG_PASSPHRASE_FILE")
	return phrase || file
}
