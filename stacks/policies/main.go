// Command policies writes the IAM policies that a deployer, an operator and a CI role of an environment need, and no more:
//
//	go run ./stacks/policies -account 444455556666 -environment staging -state my-pulumi-state \
//		-repository example/warmstandby -admission staging -folder staging
//
// The documents in the folder dev are those of the environment dev in an account that AWS reserves for documentation. They are
// compared with this source by a test, and with the calls of a recorded life of an environment by test/local/permissions.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "policies:", err)
		os.Exit(1)
	}
}

func run(args []string, stdout io.Writer) error {
	var e environment
	flags := flag.NewFlagSet("policies", flag.ContinueOnError)
	flags.StringVar(&e.account, "account", "", "the account's id, 12 digits")
	flags.StringVar(&e.name, "environment", "", "the environment, ENV of make; it may end in -* for all that begin so")
	flags.StringVar(&e.suffix, "suffix", "", "the suffix of its AWS names, where it is not the environment")
	flags.StringVar(&e.primary, "primary", "us-east-1", "the primary region")
	flags.StringVar(&e.standby, "standby", "us-west-2", "the standby region")
	flags.StringVar(&e.state, "state", "", "the bucket of PULUMI_BACKEND_URL, for CI's role")
	flags.StringVar(&e.repository, "repository", "", "the repository whose workflows are CI, owner/name at GitHub")
	flags.StringVar(&e.admission, "admission", "", "the GitHub environment that admits a run of the workflow AWS")
	folder := flags.String("folder", "", "where the documents are written")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if e.suffix == "" {
		e.suffix = e.name
	}
	if *folder == "" {
		return fmt.Errorf("-folder is missing: name the folder that the documents are written to")
	}
	if err := e.check(); err != nil {
		return err
	}
	if err := os.MkdirAll(*folder, 0o755); err != nil {
		return fmt.Errorf("making the folder of the documents: %w", err)
	}
	for _, document := range e.documents() {
		text, err := document.text()
		if err != nil {
			return err
		}
		path := filepath.Join(*folder, document.name+".json")
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return fmt.Errorf("writing %s: %w", document.name, err)
		}
		fmt.Fprintln(stdout, path)
	}
	return nil
}
