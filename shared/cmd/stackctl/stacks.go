package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// chosen returns the stacks that make is asked for.
func (c *controller) chosen() []string {
	if c.stack != "" {
		return []string{c.stack}
	}
	return stackNames()
}

func stackFolder(stack string) string { return filepath.Join("stacks", stack) }

// deployed returns, by stack, how many resources each stack of the environment has. A stack that was never deployed is missing.
func (c *controller) deployed(ctx context.Context) (map[string]int, error) {
	if c.emulated() {
		states, err := c.localStates()
		counts := map[string]int{}
		for stack, state := range states {
			counts[stack] = state.resources
		}
		return counts, err
	}
	anyStack := stackNames()[0]
	listed, err := c.output(ctx, stackFolder(anyStack), "pulumi", "stack", "ls", "--all", "--json")
	if err != nil {
		return nil, fmt.Errorf("listing the stacks of ENV=%s: %w", c.settings.environment, err)
	}
	return parseStacks(listed, anyStack, c.settings.environment)
}

// localStates reads the states of an environment on the local AWS emulator from the files that they are kept in, which takes no run of
// Pulumi. A stack that was never deployed is missing.
func (c *controller) localStates() (map[string]stackState, error) {
	states := map[string]stackState{}
	for _, kept := range stacksIn(c.state) {
		if kept.name != c.settings.environment || !slices.Contains(stackNames(), kept.project) {
			continue
		}
		state, err := kept.read()
		if err != nil {
			return nil, err
		}
		states[kept.project] = state
	}
	return states, nil
}

// parseStacks reads the list of `pulumi stack ls --all --json`. A name ends with project/stack, but is the stack's alone where it
// is of the project in whose folder the list was made.
func parseStacks(listed []byte, project, environment string) (map[string]int, error) {
	var rows []struct {
		Name          string `json:"name"`
		ResourceCount *int   `json:"resourceCount"`
	}
	if err := json.Unmarshal(listed, &rows); err != nil {
		return nil, fmt.Errorf("reading the list of stacks: %w", err)
	}
	found := map[string]int{}
	for _, row := range rows {
		of, name := path.Split(row.Name)
		if name != environment {
			continue
		}
		stack := project
		if of != "" {
			stack = path.Base(of)
		}
		if !slices.Contains(stackNames(), stack) {
			continue
		}
		count := 0
		if row.ResourceCount != nil {
			count = *row.ResourceCount
		}
		found[stack] = count
	}
	return found, nil
}

// enter makes a stack's folder ready for Pulumi: what an engine that was killed has left in the way goes first, because Pulumi
// could not even select the stack; then the stack is selected, or created.
func (c *controller) enter(ctx context.Context, stack string, out io.Writer) error {
	repair := []string{c.built("staterepair"), "-env", c.settings.environment, "unblock"}
	if err := c.execute(ctx, stackFolder(stack), notes(out), out, repair...); err != nil {
		return err
	}
	flags, err := c.secretsFlags(stack)
	if err != nil {
		return err
	}
	call := append([]string{"pulumi", "stack", "select", "--create", c.settings.environment}, flags...)
	_, err = c.output(ctx, stackFolder(stack), call...)
	return err
}

// mend looks up in AWS what an engine that was killed was about to create.
func (c *controller) mend(ctx context.Context, stack string, out io.Writer) error {
	return c.execute(ctx, stackFolder(stack), notes(out), out, c.built("staterepair"), "-env", c.settings.environment, "mend")
}

// pulumiFlags are the user's further flags of pulumi up, preview and destroy. They are split as a shell splits them.
func (c *controller) pulumiFlags(ctx context.Context) ([]string, error) {
	flags := c.value("PULUMI_FLAGS", "")
	if flags == "" {
		return nil, nil
	}
	split, err := c.output(ctx, "", "bash", "-c", `printf '%s\0' `+flags)
	if err != nil {
		return nil, fmt.Errorf("splitting PULUMI_FLAGS=%s: %w", flags, err)
	}
	return strings.Split(strings.TrimSuffix(string(split), "\x00"), "\x00"), nil
}

// tokenSettings are the settings of data-global by which the application admits the tokens of `make token`: none on AWS, and
// none where another issuer was configured.
func (c *controller) tokenSettings(ctx context.Context, stack string) ([]string, error) {
	if stack != databaseStack || !c.emulated() {
		return nil, nil
	}
	file := filepath.Join(c.root, stackFolder(stack), "Pulumi."+c.settings.environment+".yaml")
	printed, err := c.output(ctx, "", c.built("local"), "jwks", "--state", c.state, "--settings", file)
	if err != nil {
		return nil, fmt.Errorf("asking for the keys of the local AWS emulator's tokens: %w", err)
	}
	var flags []string
	for line := range strings.Lines(string(printed)) {
		if setting := strings.TrimSuffix(line, "\n"); setting != "" {
			flags = append(flags, "--config", setting)
		}
	}
	return flags, nil
}
