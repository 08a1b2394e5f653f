package main

import "context"

// localCommand runs a command of the local AWS emulator on the folder STATE.
func localCommand(ctx context.Context, c *controller, command string, flags ...string) error {
	return c.plainly(ctx, append([]string{c.built("local"), command, "--state", c.state}, flags...))
}

func localDown(ctx context.Context, c *controller, _ []string) error {
	return localCommand(ctx, c, "down", "--port", c.port)
}

// exitDown is the exit code by which the local command says that the local AWS emulator is down.
const exitDown = 3

// localStatus says what runs. That nothing does is an answer, and no error.
func localStatus(ctx context.Context, c *controller, _ []string) error {
	err := localCommand(ctx, c, "status")
	if endedWith(err, exitDown) {
		return nil
	}
	return err
}

func localFault(ctx context.Context, c *controller, _ []string) error {
	return localCommand(ctx, c, "fault", "--region", c.value("REGION", ""), "--kind", c.value("KIND", ""),
		"--delay", c.value("DELAY", "0s"), "--action", c.value("ACTION", ""))
}

func localHeal(ctx context.Context, c *controller, _ []string) error {
	return localCommand(ctx, c, "heal", "--region", c.value("REGION", ""))
}

func localToken(ctx context.Context, c *controller, _ []string) error {
	flags := []string{"--scope", c.value("SCOPE", "")}
	if tenant := c.value("TENANT", ""); tenant != "" {
		flags = append(flags, "--tenant", tenant)
	}
	return localCommand(ctx, c, "token", flags...)
}
