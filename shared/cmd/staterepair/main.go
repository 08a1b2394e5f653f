// Command staterepair prepares a stack, in whose folder it runs, for an update after one that was killed. It changes and prints nothing
// where the stack is healthy.
//
//	staterepair -env ENV unblock
//	staterepair -env ENV mend
//	staterepair -env ENV [-after-failure] adopt [flags of pulumi preview]
//	staterepair -env ENV [-plan] upgrade
//
// unblock removes files that a killed engine has left in the backend and without whose removal Pulumi does not select the stack.
//
// mend adopts resources that the killed engine had begun to create, and removes its other pending operations from the state.
//
// adopt imports resources that an earlier destroy of the environment has kept. It does so for a stack with a history and no resources;
// with -after-failure for any stack, and also for resources of a creation whose answer was lost, so that a refused update can be tried
// once more. Its exit code is 0 when something was adopted, 3 when there was nothing to adopt, and 1 when a resource must not be adopted,
// which the error names with what to do.
//
// upgrade raises the minor version of the database's engine to the configured one, which an update cannot (decision 35). With -plan it
// prints what it would do. Its exit code is 0 after an upgrade, after which the update has to refresh the state, and 3 when there is
// nothing to do.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"warmstandby/shared/engineupgrade"
	"warmstandby/shared/staterepair"
)

// nothingKept is the exit code of adopt and upgrade when they have nothing to do.
const nothingKept = 3

// errNothingKept ends adopt with that code.
var errNothingKept = errors.New("nothing is kept")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	environment := flag.String("env", "", "the stack's name, which is the environment's")
	afterFailure := flag.Bool("after-failure", false, "adopt also for a stack that has resources")
	plan := flag.Bool("plan", false, "upgrade says what it would do, and does nothing")
	flag.Parse()
	switch err := run(ctx, *environment, *afterFailure, *plan, flag.Args()); {
	case errors.Is(err, errNothingKept), errors.Is(err, engineupgrade.ErrNothingToDo):
		os.Exit(nothingKept)
	case err != nil:
		fmt.Fprintln(os.Stderr, "mending the stack:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, environment string, afterFailure, plan bool, arguments []string) error {
	if environment == "" {
		return fmt.Errorf("-env is missing")
	}
	if len(arguments) > 0 && arguments[0] == "adopt" {
		return adopt(ctx, environment, afterFailure, arguments[1:])
	}
	switch strings.Join(arguments, " ") {
	case "unblock":
		return unblock(environment)
	case "mend":
		return mend(ctx, environment)
	case "upgrade":
		return upgrade(ctx, environment, plan)
	}
	return fmt.Errorf("unexpected argument %q: allowed unblock, mend, adopt, upgrade", arguments)
}

// upgrade raises the engine of the stack's global database to the configured version.
func upgrade(ctx context.Context, environment string, plan bool) error {
	exported, err := pulumi(ctx, "stack", "export", "--stack", environment)
	if err != nil {
		return err
	}
	deployed, has, err := engineupgrade.Read(exported)
	if err != nil {
		return err
	}
	if !has {
		return engineupgrade.ErrNothingToDo
	}
	configured, err := pulumi(ctx, "config", "get", "engineVersion", "--stack", environment)
	if err != nil {
		return err
	}
	version := strings.TrimSpace(string(configured))
	if err := engineupgrade.Check(deployed, version); err != nil {
		return err
	}
	if plan {
		fmt.Printf("make up raises the engine of %s from %s to %s by its members, the standby first, and then refreshes the stack; "+
			"what follows shows it as a change of the global cluster\n", deployed.ID, deployed.Version, version)
		return nil
	}
	return engineupgrade.Upgrade{
		RDS: engineupgrade.AWS{}, Progress: func(line string) { fmt.Println(line) }, Wait: wait, Now: time.Now,
	}.Run(ctx, deployed, version)
}

// wait returns after a time, or when the context ends.
func wait(ctx context.Context, interval time.Duration) error {
	timer := time.NewTimer(interval)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// mend adopts resources that a killed engine had begun to create, and removes its other pending operations from the state.
func mend(ctx context.Context, environment string) error {
	exported, err := pulumi(ctx, "stack", "export", "--stack", environment)
	if err != nil {
		return err
	}
	state, mended, err := staterepair.Mend(ctx, exported, &staterepair.AWS{Environment: environment})
	if err != nil || state == nil {
		return err
	}
	for _, urn := range mended.Adopted {
		fmt.Println("taking up what was being created:", urn)
	}
	for _, urn := range mended.Dropped {
		fmt.Println("forgetting what was being done:", urn)
	}
	printSkipped(mended.Skipped)
	return replace(ctx, environment, state)
}

// adopt imports resources that an earlier destroy has kept and that the next update would create again.
func adopt(ctx context.Context, environment string, afterFailure bool, flags []string) error {
	exported, err := pulumi(ctx, "stack", "export", "--stack", environment)
	if err != nil {
		return err
	}
	if !afterFailure {
		history, err := pulumi(ctx, "stack", "history", "--json", "--page-size", "1", "--stack", environment)
		if err != nil {
			return err
		}
		if destroyed, err := staterepair.Destroyed(exported, history); err != nil {
			return err
		} else if !destroyed {
			return errNothingKept
		}
	}
	plan, err := pulumi(ctx, append([]string{"preview", "--json", "--non-interactive", "--stack", environment}, flags...)...)
	if err != nil {
		return staterepair.PlanFault(plan, err)
	}
	keeper := &staterepair.AWS{Environment: environment, AfterFailure: afterFailure}
	state, adopted, err := staterepair.Adopt(ctx, exported, plan, environment, keeper)
	printSkipped(keeper.Skipped)
	switch {
	case err != nil:
		return err
	case state == nil:
		return errNothingKept
	}
	for _, urn := range adopted {
		fmt.Println("taking up what an earlier deployment has left:", urn)
	}
	return replace(ctx, environment, state)
}

func printSkipped(reasons []string) {
	for _, reason := range reasons {
		fmt.Println("not taking up what is not known to be this environment's:", reason)
	}
}

// replace replaces the stack's state, and refreshes it: adopted resources have only their ids until then.
func replace(ctx context.Context, environment string, state []byte) error {
	file, err := os.CreateTemp("", "state-*.json")
	if err != nil {
		return fmt.Errorf("making a file for the state: %w", err)
	}
	defer os.Remove(file.Name())
	if _, err := file.Write(state); err != nil {
		return fmt.Errorf("writing the state: %w", err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("writing the state: %w", err)
	}
	if _, err := pulumi(ctx, "stack", "import", "--stack", environment, "--file", file.Name()); err != nil {
		return err
	}
	_, err = pulumi(ctx, "refresh", "--yes", "--skip-preview", "--non-interactive", "--stack", environment)
	return err
}

// unblock removes files in the backend that a killed engine has left broken.
func unblock(environment string) error {
	folder, err := os.Getwd()
	if err != nil {
		return fmt.Errorf("finding the stack's folder: %w", err)
	}
	broken, err := staterepair.Backend{URL: os.Getenv("PULUMI_BACKEND_URL"), Project: filepath.Base(folder), Stack: environment}.Broken()
	if err != nil {
		return err
	}
	for _, file := range broken {
		fmt.Println("removing what an engine that was killed has left:", file)
		if err := os.Remove(file); err != nil {
			return fmt.Errorf("removing what is broken: %w", err)
		}
	}
	return nil
}

// pulumi returns what a command prints, also where it fails.
func pulumi(ctx context.Context, arguments ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, "pulumi", arguments...)
	var output, faults bytes.Buffer
	command.Stdout, command.Stderr = &output, &faults
	if err := command.Run(); err != nil {
		return output.Bytes(), fmt.Errorf("pulumi %s: %w\n%s%s", strings.Join(arguments, " "), err, output.Bytes(), faults.Bytes())
	}
	return output.Bytes(), nil
}
