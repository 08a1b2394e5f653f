// Package fault injects a scenario's fault: on the local AWS emulator by its own faults, on AWS by network ACLs, in an
// environment that is tagged for it.
package fault

import (
	"context"
	"fmt"
	"os/exec"
	"strings"

	"warmstandby/test/drill/scenario"
)

// Injector begins faults and ends them.
type Injector interface {
	// Begin begins a fault of a region, which is in effect when Begin returns.
	Begin(ctx context.Context, kind scenario.Kind, region string) error
	// Heal ends every fault of the regions, also those of an earlier drill that was killed.
	Heal(ctx context.Context, regions ...string) error
	// Limits lists what the injected fault leaves working, although a real one would not.
	Limits(kind scenario.Kind) []string
}

// Local injects the emulator's faults by the local command.
type Local struct {
	Command string // the local command's file
	State   string // the emulator's folder
	// Run runs a program and returns what it printed.
	Run func(ctx context.Context, name string, args ...string) (string, error)
}

// NewLocal returns the injector of the emulator in a folder.
func NewLocal(command, state string) Local { return Local{command, state, execute} }

// Begin implements Injector.
func (l Local) Begin(ctx context.Context, kind scenario.Kind, region string) error {
	_, err := l.Run(ctx, l.Command, "fault", "--state", l.State, "--region", region, "--kind", string(kind))
	return err
}

// Heal implements Injector.
func (l Local) Heal(ctx context.Context, regions ...string) error {
	for _, region := range regions {
		if _, err := l.Run(ctx, l.Command, "heal", "--state", l.State, "--region", region); err != nil {
			return err
		}
	}
	return nil
}

// Limits implements Injector.
func (Local) Limits(kind scenario.Kind) []string {
	if kind != scenario.Split && kind != scenario.Isolated {
		return nil
	}
	return []string{
		"The application in each region still reaches the writer in the other: " +
			"the emulator has one address for the writer and does not know from which region a connection comes.",
		"S3 goes on replicating.",
	}
}

// execute runs a program; the error has what it printed.
func execute(ctx context.Context, name string, args ...string) (string, error) {
	output, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("running %s %s: %w: %s", name, strings.Join(args, " "), err, strings.TrimSpace(string(output)))
	}
	return string(output), nil
}
