package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"warmstandby/lambda/failover/invocation"
)

// action is what the page asks for: a fault of a region, the end of all its faults, or a move of the writer.
type action struct {
	Do     string `json:"do"`
	Region string `json:"region,omitempty"`
	Kind   string `json:"kind,omitempty"`
}

// The actions beside the operator's commands.
const (
	doFault = "fault"
	doHeal  = "heal"
)

// outcome is an action as the page shows it.
type outcome struct {
	Command string `json:"command"`
	Running bool   `json:"running"`
	Output  string `json:"output,omitempty"`
	Failed  bool   `json:"failed"`
}

// actor does what the page asks on the local AWS emulator, one thing at a time.
type actor struct {
	operator, local, state string
	environment, region    string
	regions, kinds         []string
	publish                func(outcome)
	// run runs a program and returns what it prints.
	run func(ctx context.Context, arguments []string) (string, error)

	mu      sync.Mutex
	running bool
}

// actionTimeout bounds an action: a move and its wait for RDS.
const actionTimeout = 15 * time.Minute

var (
	errBusy = errors.New("something is under way: wait until it has ended")
)

// arguments are the command of an action, without a shell. What is not one of the lists is refused.
func (a *actor) arguments(wanted action) ([]string, error) {
	inRegion := slices.Contains(a.regions, wanted.Region)
	switch {
	case wanted.Do == doFault && inRegion && slices.Contains(a.kinds, wanted.Kind):
		return []string{a.local, "fault", "--state", a.state, "--region", wanted.Region, "--kind", wanted.Kind}, nil
	case wanted.Do == doHeal && (inRegion || wanted.Region == ""):
		return []string{a.local, "heal", "--state", a.state, "--region", wanted.Region}, nil
	case wanted.Do == invocation.Switchover || wanted.Do == invocation.Failback:
		return []string{a.operator, wanted.Do, "--env", a.environment, "--region", a.region}, nil
	}
	return nil, fmt.Errorf("there is no %q of kind %q in %q: allowed are %s in %s", wanted.Do, wanted.Kind, wanted.Region,
		strings.Join(a.kinds, ", "), strings.Join(a.regions, ", "))
}

// act begins an action. Its outcome is published.
func (a *actor) act(ctx context.Context, wanted action) error {
	arguments, err := a.arguments(wanted)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.running {
		return errBusy
	}
	a.running = true
	command := strings.TrimSpace(strings.Join([]string{wanted.Do, wanted.Region, wanted.Kind}, " "))
	a.publish(outcome{Command: command, Running: true})
	go func() {
		ctx, cancel := context.WithTimeout(ctx, actionTimeout)
		defer cancel()
		output, err := a.run(ctx, arguments)
		if err != nil {
			output = strings.TrimSpace(output + "\n" + err.Error())
		}
		a.mu.Lock()
		a.running = false
		a.mu.Unlock()
		a.publish(outcome{Command: command, Output: strings.TrimSpace(output), Failed: err != nil})
	}()
	return nil
}

// runProgram runs a program and returns what it prints.
func runProgram(ctx context.Context, arguments []string) (string, error) {
	command := exec.CommandContext(ctx, arguments[0], arguments[1:]...)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	command.WaitDelay = time.Second
	err := command.Run()
	return output.String(), err
}
