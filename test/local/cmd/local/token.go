package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"time"

	"warmstandby/test/local/issuer"
)

// runToken prints an access token that the application on the local AWS emulator admits.
func runToken(_ context.Context, args []string, stdout, stderr io.Writer) error {
	var scope, tenant string
	folder, err := instanceFlags("token", args, stderr, func(flags *flag.FlagSet) {
		flags.StringVar(&scope, "scope", "records:read records:write", "what the token allows, separated by spaces")
		flags.StringVar(&tenant, "tenant", issuer.Tenant, "whose records it is good for")
	})
	if err != nil {
		return err
	}
	opened, err := issuer.Open(string(folder))
	if err != nil {
		return err
	}
	token, err := opened.Token(scope, tenant, time.Now())
	if err != nil {
		return err
	}
	fmt.Fprintln(stdout, token)
	return nil
}
