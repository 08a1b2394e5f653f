package main

import (
	"context"
	"slices"
	"strings"
)

// smoke proves that the platform works. The token reaches it as the variable TOKEN, which no list of processes shows.
func smoke(ctx context.Context, c *controller, _ []string) error {
	return c.run(ctx, c.observerCall("smoke")...)
}

// noticesCommand prints notices and the alarms' transitions, newest last.
func noticesCommand(ctx context.Context, c *controller, _ []string) error {
	call := []string{c.built("observer"), "notices", "--env", c.suffix, "--region", c.standby, "--since", c.value("SINCE", "24h")}
	if c.yes("JSON") {
		call = append(call, "--json")
	}
	return c.run(ctx, call...)
}

// pageKinds are the kinds of fault that the page offers: those that need nothing but a region.
func pageKinds() []string {
	return slices.DeleteFunc(slices.Clone(faultKinds), func(kind string) bool { return kind == "denied" })
}

// live serves the page until it is interrupted.
func live(ctx context.Context, c *controller, _ []string) error {
	call := append([]string{c.built("observer"), "live"}, c.observerCall("observer")[1:]...)
	call = append(call, "--operator", c.built(operator), "--port", c.value("LIVE_PORT", "0"))
	if c.emulated() {
		call = append(call, "--kinds", strings.Join(pageKinds(), ","))
	}
	return c.run(ctx, call...)
}

// observerCall is the command line of a program that looks at the platform from outside.
func (c *controller) observerCall(program string) []string {
	call := []string{c.built(program), "--env", c.suffix, "--region", c.standby}
	if c.emulated() {
		call = append(call, "--local", c.built("local"), "--state", c.state)
	}
	return call
}
