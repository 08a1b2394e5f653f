package main

import "context"

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

// observerCall is the command line of a program that looks at the platform from outside.
func (c *controller) observerCall(program string) []string {
	call := []string{c.built(program), "--env", c.suffix, "--region", c.standby}
	if c.emulated() {
		call = append(call, "--local", c.built("local"), "--state", c.state)
	}
	return call
}
