package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"warmstandby/shared/naming"
	"warmstandby/shared/shell"
)

// protectionOutput is foundation-network's output that says whether the environment's protection is on.
const protectionOutput = "protection"

// protectionSetting is foundation-network's configuration key that turns protection on and off.
const protectionSetting = "protection"

// snapshotSetting is data-global's configuration key with the time in the names of final snapshots. dataStack is the stack that has
// the database.
const (
	snapshotSetting = "finalSnapshot"
	dataStack       = "data-global"
)

// protected returns, by chosen stack, how many resources it has that Pulumi protects. An environment that an earlier version
// deployed with protection has none in its state, but foundation-network's output says that it is protected: then every resource
// counts.
func (c *controller) protected(ctx context.Context, there map[string]int) (map[string]int, error) {
	states, err := c.states(ctx, there)
	if err != nil {
		return nil, err
	}
	on := states[stackNames()[0]].protection
	counts := map[string]int{}
	for _, stack := range c.chosen() {
		counts[stack] = states[stack].protected
		if on && counts[stack] == 0 {
			counts[stack] = states[stack].resources
		}
	}
	return counts, nil
}

// states reads the states of the stacks that are there.
func (c *controller) states(ctx context.Context, there map[string]int) (map[string]stackState, error) {
	if c.emulated() {
		return c.localStates()
	}
	states := map[string]stackState{}
	var mu sync.Mutex
	asked := slices.DeleteFunc(stackNames(), func(stack string) bool { return there[stack] == 0 })
	err := schedule(ctx, asked, func(string) []string { return nil }, func(ctx context.Context, stack string) error {
		exported, err := c.output(ctx, stackFolder(stack), "pulumi", "stack", "export", "--stack", c.settings.environment)
		if err != nil {
			return fmt.Errorf("reading the state: %w", err)
		}
		state, err := parseState(exported)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		states[stack] = state
		return nil
	})
	return states, err
}

// stackState is what protection asks of a stack's state.
type stackState struct {
	resources  int  // all that the state has
	protected  int  // those that Pulumi protects
	protection bool // the stack's output of that name
	outputs    map[string]json.RawMessage
}

// stackType is the type of the resource that stands for a stack, and has its outputs.
const stackType = "pulumi:pulumi:Stack"

// resourceState is a resource in a state.
type resourceState struct {
	Type    string                     `json:"type"`
	Protect bool                       `json:"protect"`
	Outputs map[string]json.RawMessage `json:"outputs"`
}

// parseState reads a state as `pulumi stack export` prints it, or as the file that a backend of files keeps.
func parseState(content []byte) (stackState, error) {
	type resources struct {
		Resources []resourceState `json:"resources"`
	}
	var document struct {
		Deployment resources `json:"deployment"`
		Checkpoint struct {
			Latest resources `json:"latest"`
		} `json:"checkpoint"`
	}
	if err := json.Unmarshal(content, &document); err != nil {
		return stackState{}, fmt.Errorf("reading the state: %w", err)
	}
	var state stackState
	for _, r := range slices.Concat(document.Deployment.Resources, document.Checkpoint.Latest.Resources) {
		state.resources++
		if r.Protect {
			state.protected++
		}
		if r.Type == stackType {
			state.outputs = r.Outputs
			state.protection = string(r.Outputs[protectionOutput]) == "true"
		}
	}
	return state, nil
}

// refuseProtected refuses to destroy stacks with protected resources. Pulumi would refuse each by itself, in its preview; this
// refuses them together, before the first is touched.
func (c *controller) refuseProtected(ctx context.Context, there map[string]int) error {
	counts, err := c.protected(ctx, there)
	if err != nil {
		return err
	}
	var protected []string
	for _, stack := range c.chosen() {
		if counts[stack] > 0 {
			protected = append(protected, fmt.Sprintf("  %-18s %d resources", stack, counts[stack]))
		}
	}
	if len(protected) == 0 {
		return nil
	}
	return fmt.Errorf(
		"ENV=%s is protected, so nothing was destroyed:\n%s\nTo take protection off, which a second person sees in the stack's settings and its history: %s",
		c.settings.environment,
		strings.Join(protected, "\n"),
		c.unprotectCommand(),
	)
}

func (c *controller) unprotectCommand() string {
	return c.command("unprotect", "CONFIRM="+shell.Quote(c.settings.environment))
}

// unprotect takes protection off: the setting becomes false in foundation-network's settings file, which is committed and
// reviewed, and every deployed stack is updated with it, with a message in its history. Nothing is destroyed by it, and nothing that
// was not deployed is. Where the database is deployed, a later destroy leaves a snapshot of it.
func unprotect(ctx context.Context, c *controller, _ []string) error {
	if c.stack != "" {
		return errors.New("STACK is set, and protection is taken off the whole environment or not at all: leave STACK out")
	}
	if confirmed := c.value("CONFIRM", ""); confirmed != c.settings.environment {
		return fmt.Errorf("CONFIRM is %q, and names the environment a second time: %s", confirmed, c.unprotectCommand())
	}
	there, err := c.deployed(ctx)
	if err != nil {
		return err
	}
	standing := slices.DeleteFunc(stackNames(), func(stack string) bool { return there[stack] == 0 })
	network := stackNames()[0]
	if err := c.enter(ctx, network, c.stdout); err != nil {
		return fmt.Errorf("%s: %w", network, err)
	}
	if err := c.execute(ctx, stackFolder(network), c.stdout, c.stderr, "pulumi", "config", "set", protectionSetting, "false"); err != nil {
		return fmt.Errorf("setting protection to false: %w", err)
	}
	fmt.Fprintf(
		c.stdout,
		"%s/Pulumi.%s.yaml says protection: false now. Commit it, so that a second person sees it.\n",
		stackFolder(network),
		c.settings.environment,
	)
	if err := c.leaveSnapshot(ctx, standing); err != nil {
		return err
	}
	flags, err := c.pulumiFlags(ctx)
	if err != nil {
		return err
	}
	flags = append(flags, "--message", "make unprotect: protection is taken off")
	return c.forEach(ctx, "unprotect", standing, reads, func(ctx context.Context, j *job) error {
		return c.upStack(ctx, j, true, there[j.stack], flags)
	})
}

// leaveSnapshot has a destroy of data-global leave a final snapshot of each cluster, although protection is off by then. RDS takes a
// snapshot's name once, so each call sets another: the time.
func (c *controller) leaveSnapshot(ctx context.Context, standing []string) error {
	if !slices.Contains(standing, dataStack) {
		return nil
	}
	if err := c.enter(ctx, dataStack, c.stdout); err != nil {
		return fmt.Errorf("%s: %w", dataStack, err)
	}
	moment := time.Now().UTC().Format(naming.SnapshotTime)
	if err := c.execute(ctx, stackFolder(dataStack), c.stdout, c.stderr, "pulumi", "config", "set", snapshotSetting, moment); err != nil {
		return fmt.Errorf("setting %s: %w", snapshotSetting, err)
	}
	fmt.Fprintf(
		c.stdout,
		"%s/Pulumi.%s.yaml says %s: %s now: a destroy leaves a snapshot of each database cluster with that time in its name.\n",
		stackFolder(dataStack), c.settings.environment, snapshotSetting, moment,
	)
	return nil
}
