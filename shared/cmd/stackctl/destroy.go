package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
)

// destroy removes the chosen stacks, each after those that read its outputs, and stops a local AWS emulator that is left empty. What
// speaks against it is found before anything is touched.
func destroy(ctx context.Context, c *controller, _ []string) error {
	flags, err := c.pulumiFlags(ctx)
	if err != nil {
		return err
	}
	there, err := c.deployed(ctx)
	if err != nil {
		return err
	}
	if err := c.refuseNeeded(there); err != nil {
		return err
	}
	if err := c.refuseProtected(ctx, there); err != nil {
		return err
	}
	err = c.forEach(ctx, "destroy", c.chosen(), dependents, func(ctx context.Context, j *job) error {
		stack, out := j.stack, io.Writer(j)
		if _, known := there[stack]; !known {
			j.outcome = "nothing is deployed"
			_, err := fmt.Fprintf(out, "%s: nothing is deployed in ENV=%s\n", stack, c.settings.environment)
			return err
		}
		if err := c.enter(ctx, stack, out); err != nil {
			return err
		}
		if err := c.mend(ctx, stack, out); err != nil {
			return err
		}
		if stack == databaseStack {
			if err := c.moveWriterToPrimary(ctx, stack, out); err != nil {
				return err
			}
		}
		// The preview stays: in it Pulumi refuses what is protected, and nothing has gone then.
		return j.engine(ctx, there[stack], append([]string{"destroy", "--yes", "--non-interactive"}, flags...)...)
	})
	if err != nil || !c.emulated() {
		return err
	}
	return c.stopWhenEmpty(ctx)
}

// refuseNeeded refuses to destroy one stack while another stands that reads its outputs, or reads one that does: that one could
// neither be updated nor destroyed afterwards.
func (c *controller) refuseNeeded(there map[string]int) error {
	if c.stack == "" || c.yes("FORCE") {
		return nil
	}
	needing := slices.DeleteFunc(dependents(c.stack), func(stack string) bool { return there[stack] == 0 })
	if len(needing) == 0 {
		return nil
	}
	return fmt.Errorf(
		"%s, ENV=%s, is read by deployed stacks: %s\nTo destroy all: %s\nTo destroy %s alone, which leaves them without what they read: %s",
		c.stack,
		c.settings.environment,
		strings.Join(needing, " "),
		c.command("destroy"),
		c.stack,
		c.command("destroy", "STACK="+c.stack, "FORCE=yes"),
	)
}

// moveWriterToPrimary moves the database's writer to the primary region. RDS removes a global database with the writer last, and the
// engine removes what it made last first.
func (c *controller) moveWriterToPrimary(ctx context.Context, stack string, out io.Writer) error {
	cluster, err := c.exported(ctx, stack, "globalClusterIdentifier")
	if err != nil || cluster == "" {
		return err
	}
	primary, err := c.exported(ctx, "foundation-network", "primaryRegion")
	if err != nil {
		return err
	}
	return c.operateOn(ctx, out, out, c.built(operator), "prepare-destroy", "--env", c.suffix, "--region", c.standby,
		"--global-cluster", cluster, "--primary-region", primary)
}

// noOutput is what Pulumi says of a stack that has no output of a name. A deployment that broke off early leaves such a stack.
const noOutput = "does not have output property"

// exported returns an output of a stack, and nothing for one that the stack does not have.
func (c *controller) exported(ctx context.Context, stack, output string) (string, error) {
	printed, err := c.output(ctx, stackFolder(stack), "pulumi", "stack", "output", output, "--stack", c.settings.environment)
	if err != nil && strings.Contains(err.Error(), noOutput) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading output %s of %s: %w", output, stack, err)
	}
	return strings.TrimSpace(string(printed)), nil
}

// stopWhenEmpty stops the local AWS emulator when no environment on it has a resource.
func (c *controller) stopWhenEmpty(ctx context.Context) error {
	for _, kept := range stacksIn(c.state) {
		state, err := kept.read()
		if err != nil {
			return err
		}
		if state.resources > 0 {
			return nil
		}
	}
	return c.execute(ctx, "", c.stdout, c.stderr, c.built("local"), "down", "--state", c.state)
}
