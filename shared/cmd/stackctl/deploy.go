package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// up deploys the chosen stacks, each after those whose outputs it reads, and prints where the platform is reached.
func up(ctx context.Context, c *controller, _ []string) error {
	flags, err := c.pulumiFlags(ctx)
	if err != nil {
		return err
	}
	if err := c.refuseReplacement(ctx, flags); err != nil {
		return err
	}
	planned, there := map[string]int{}, map[string]int{}
	if c.emulated() { // On AWS everything is planned.
		if there, err = c.deployed(ctx); err != nil {
			return err
		}
		if planned, err = c.protected(ctx, there); err != nil {
			return err
		}
	}
	err = c.forEach(ctx, "up", c.chosen(), reads, func(ctx context.Context, j *job) error {
		return c.upStack(ctx, j, !c.emulated() || planned[j.stack] > 0, there[j.stack], flags)
	})
	if err != nil || c.stack != "" {
		return err
	}
	fmt.Fprintln(c.stdout)
	return summary(ctx, c, nil)
}

// upStack deploys one stack, and has Pulumi plan it first where that is asked for. expected is how many resources it has; 0 where that
// is not known.
func (c *controller) upStack(ctx context.Context, j *job, planned bool, expected int, flags []string) error {
	stack, out := j.stack, io.Writer(j)
	if err := c.enter(ctx, stack, out); err != nil {
		return err
	}
	settings, err := c.tokenSettings(ctx, stack)
	if err != nil {
		return err
	}
	if err := c.mend(ctx, stack, out); err != nil {
		return err
	}
	call := []string{"up", "--yes", "--non-interactive"}
	// Pulumi checks protected resources where it plans, before it touches any. Without a plan it would meet them one by one, after
	// it has changed what comes before them. On the local AWS emulator an unprotected stack does without, which saves a run of its program.
	if !planned {
		call = append(call, "--skip-preview")
	}
	// An update that broke off leaves resources in AWS that Pulumi has seen half made.
	succeeded, err := c.lastUpdateSucceeded(ctx, stack)
	if err != nil {
		return err
	}
	raised, err := c.upgradeEngine(ctx, stack, out)
	if err != nil {
		return err
	}
	if !succeeded || raised {
		call = append(call, "--refresh")
	}
	// What a destroy has kept is found on AWS before the first resource is made, where that is known to be the question, and
	// otherwise when AWS has refused what exists already.
	if !c.emulated() {
		if err := c.adopt(ctx, stack, settings, out); err != nil && !errors.Is(err, errNothingKept) {
			return err
		}
	}
	call = slices.Concat(call, settings, flags)
	failed := j.engine(ctx, expected, call...)
	if failed == nil {
		return nil
	}
	switch err := c.adopt(ctx, stack, settings, out, "-after-failure"); {
	case errors.Is(err, errNothingKept), ctx.Err() != nil:
		return failed
	case err != nil:
		return errors.Join(failed, err)
	}
	return j.engine(ctx, expected, call...)
}

// databaseStack has the global database.
const databaseStack = "data-global"

// upgradeEngine raises the database's engine to the configured version before the stack is updated, which by itself cannot (decision
// 35). It says whether it has, which the stack's state does not know yet.
func (c *controller) upgradeEngine(ctx context.Context, stack string, out io.Writer, flags ...string) (raised bool, err error) {
	if stack != databaseStack {
		return false, nil
	}
	call := slices.Concat([]string{c.built("staterepair"), "-env", c.settings.environment}, flags, []string{"upgrade"})
	err = c.execute(ctx, stackFolder(stack), notes(out), out, call...)
	if endedWith(err, exitNothingKept) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("raising the database's engine to engineVersion: %w", err)
	}
	return true, nil
}

// errNothingKept says that an earlier deployment has kept nothing that the next would create again.
var errNothingKept = errors.New("nothing is kept")

// exitNothingKept is the exit code by which the program that adopts, or upgrades, says that it had nothing to do.
const exitNothingKept = 3

// adopt takes up what an earlier deployment of the stack has kept and the next would create again: log groups and the secret of
// an environment that was protected.
func (c *controller) adopt(ctx context.Context, stack string, settings []string, out io.Writer, flags ...string) error {
	call := slices.Concat([]string{c.built("staterepair"), "-env", c.settings.environment}, flags, []string{"adopt"}, settings)
	err := c.execute(ctx, stackFolder(stack), notes(out), out, call...)
	if endedWith(err, exitNothingKept) {
		return errNothingKept
	}
	if err != nil {
		return fmt.Errorf("looking for what an earlier deployment has kept: %w", err)
	}
	return nil
}

// lastUpdateSucceeded says whether a stack's newest update came to its end. A stack without any has none that did.
func (c *controller) lastUpdateSucceeded(ctx context.Context, stack string) (bool, error) {
	printed, err := c.output(ctx, stackFolder(stack), "pulumi", "stack", "history", "--json", "--page-size", "1")
	if err != nil {
		return false, fmt.Errorf("reading the history: %w", err)
	}
	return parseHistory(printed)
}

func parseHistory(printed []byte) (succeeded bool, err error) {
	var updates []struct {
		Result string `json:"result"`
	}
	if err := json.Unmarshal(printed, &updates); err != nil {
		return false, fmt.Errorf("reading the history: %w", err)
	}
	return len(updates) > 0 && updates[0].Result == "succeeded", nil
}

// preview shows what up would change. A stack that reads outputs of one that was never deployed has nothing to be compared with:
// a line says so, and it is no error.
func preview(ctx context.Context, c *controller, _ []string) error {
	flags, err := c.pulumiFlags(ctx)
	if err != nil {
		return err
	}
	there, err := c.deployed(ctx)
	if err != nil {
		return err
	}
	if err := c.refuseReplacement(ctx, flags); err != nil {
		return err
	}
	none := func(string) []string { return nil } // A preview waits for no other.
	return c.forEach(ctx, "preview", c.chosen(), none, func(ctx context.Context, j *job) error {
		stack, out := j.stack, io.Writer(j)
		if absent := slices.DeleteFunc(slices.Clone(reads(stack)), func(read string) bool { return there[read] > 0 }); len(absent) > 0 {
			j.outcome = "not compared"
			return j.say("%s: no preview, because %s is not deployed in ENV=%s; to deploy it: %s",
				stack, strings.Join(absent, " and "), c.settings.environment, c.command("up"))
		}
		if err := c.enter(ctx, stack, out); err != nil {
			return err
		}
		settings, err := c.tokenSettings(ctx, stack)
		if err != nil {
			return err
		}
		if _, err := c.upgradeEngine(ctx, stack, out, "-plan"); err != nil {
			return err
		}
		return j.engine(ctx, there[stack], slices.Concat([]string{"preview", "--non-interactive"}, settings, flags)...)
	})
}

// outputs prints what the stacks export.
func outputs(ctx context.Context, c *controller, _ []string) error {
	var failed []error
	for _, stack := range c.chosen() {
		if err := c.enter(ctx, stack, c.stdout); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", stack, err))
			continue
		}
		failed = append(failed, c.execute(ctx, stackFolder(stack), c.stdout, c.stderr, "pulumi", "stack", "output"))
	}
	return errors.Join(failed...)
}
