package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"warmstandby/shared/shell"
)

// operator is the operator's command line; it is on the PATH of `make env`.
const operator = "bin/warmstandby"

// operate runs one of its commands with the flags that make's variables stand for.
func operate(ctx context.Context, c *controller, arguments []string) error {
	if len(arguments) != 1 {
		return errors.Join(errors.New("operate wants one command"), errUsage)
	}
	return c.run(ctx, c.operatorCall(arguments[0])...)
}

// operatorCall is the command line of one of the operator's commands.
func (c *controller) operatorCall(command string) []string {
	call := []string{c.built(operator), command, "--env", c.suffix, "--region", c.standby}
	if c.yes("JSON") {
		call = append(call, "--json")
	}
	if command == "status" && c.yes("WATCH") {
		call = append(call, "--watch")
	}
	if command == "restore" {
		if at := c.value("AT", ""); at != "" {
			call = append(call, "--at", at)
		}
		if c.yes("PROMOTE") {
			call = append(call, "--promote")
		}
		if c.yes("PROMOTE") && c.yes("DATA_LOSS") {
			call = append(call, "--allow-data-loss")
		}
		if c.yes("DOCUMENTS") {
			call = append(call, "--documents")
		}
		if c.yes("REMOVE") {
			call = append(call, "--remove")
		}
	}
	if command == "failover" {
		if c.yes("DATA_LOSS") {
			call = append(call, "--allow-data-loss")
		}
		if c.yes("FORCE") {
			call = append(call, "--force")
		}
	}
	if command == "reconcile" {
		if snapshot := c.value("SNAPSHOT", ""); snapshot != "" {
			call = append(call, "--snapshot", snapshot)
		}
		if c.yes("KEEP") {
			call = append(call, "--keep")
		}
	}
	return call
}

// drill runs the drill, which asks AWS, moves the writer by the operator's command line, and previews every stack at its end.
func drill(ctx context.Context, c *controller, arguments []string) error {
	if len(arguments) > 1 {
		return errors.Join(fmt.Errorf("drill wants one scenario, got %q", arguments), errUsage)
	}
	return c.run(ctx, c.drillCall(arguments)...)
}

func (c *controller) drillCall(scenario []string) []string {
	// The variables for load balancers are not Pulumi's: Go would look for modules there.
	preview := fmt.Sprintf("env -u MAKEFLAGS -u MAKELEVEL -u HTTPS_PROXY -u SSL_CERT_DIR %s -C %s %s",
		shell.Quote(c.value("MAKE", "make")), shell.Quote(c.root),
		strings.Join(append([]string{"preview"}, append(c.repeat(), "PULUMI_FLAGS=--expect-no-changes")...), " "))
	call := []string{
		c.built("drill"), "--env", c.suffix, "--region", c.standby, "--confirm", c.value("CONFIRM", ""), "--wait", c.value("WAIT", "0s"),
		"--operator", c.built(operator), "--reports", filepath.Join(c.state, reportsFolder), "--preview", preview,
		"--tree", c.root, "--sign", c.value("SIGN", ""), "--since", c.value("SINCE", "24h"),
	}
	if c.emulated() {
		call = append(call, "--local", c.built("local"), "--state", c.state)
	}
	return append(call, scenario...)
}
