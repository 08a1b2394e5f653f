package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// networkStack has the settings that are of the whole environment.
const networkStack = "foundation-network"

// fixedSettings are the settings of foundation-network that an environment keeps as long as it stands: a change replaces what it is made
// of, data included. Each is also an output of the stack. Its default stands in Pulumi.yaml, too, which a test compares; that of
// environmentSuffix is the environment's name. data-global's engineVersion has a check of its own (decision 35), and zones are refused
// by the program.
var fixedSettings = []struct{ key, standard, replaces string }{
	{"environmentSuffix", "", "every resource, because it ends every name"},
	{"primaryRegion", defaultPrimary, "everything in the primary region"},
	{"standbyRegion", defaultStandby, "everything in the standby region"},
	{"primaryCidr", "10.0.0.0/16", "the primary region's VPC and all that is in it"},
	{"standbyCidr", "10.1.0.0/16", "the standby region's VPC and all that is in it"},
}

// refuseReplacement refuses settings that would replace an environment that stands, all at once, before anything is planned.
func (c *controller) refuseReplacement(ctx context.Context, flags []string) error {
	if !slices.Contains(c.chosen(), networkStack) {
		return nil
	}
	standing, err := c.networkOutputs(ctx)
	if err != nil {
		return err
	}
	configured, err := c.configured(networkStack)
	if err != nil {
		return err
	}
	var faults []error
	for _, s := range fixedSettings {
		wanted := s.standard
		if s.key == "environmentSuffix" {
			wanted = c.settings.environment
		}
		if value := configured[s.key]; value != "" {
			wanted = value
		}
		for _, flag := range flags { // --config project:key=value
			if value, is := strings.CutPrefix(strings.TrimPrefix(flag, "--config="), networkStack+":"+s.key+"="); is {
				wanted = value
			}
		}
		if stands := standing[s.key]; stands != "" && stands != wanted {
			faults = append(faults, fmt.Errorf(
				"%s of %s is %s where ENV=%s stands, and is set to %s: that would replace %s\n  to keep it: %s",
				s.key, networkStack, stands, c.settings.environment, wanted, s.replaces,
				c.setCommand(networkStack, s.key, stands),
			))
		}
	}
	if len(faults) == 0 {
		return nil
	}
	return fmt.Errorf("refused, and nothing was done, not even a preview:\n%w\n"+
		"Whoever wants the change deploys a second environment with it (make init ENV=NAME), moves the data there, and destroys this one.",
		errors.Join(faults...))
}

// networkOutputs returns those outputs of foundation-network that are strings; none where it was never deployed.
func (c *controller) networkOutputs(ctx context.Context) (map[string]string, error) {
	outputs := map[string]json.RawMessage{}
	if c.emulated() {
		states, err := c.localStates()
		if err != nil {
			return nil, err
		}
		outputs = states[networkStack].outputs
	} else {
		printed, err := c.output(ctx, stackFolder(networkStack), "pulumi", "stack", "output", "--json", "--stack", c.settings.environment)
		if err != nil && strings.Contains(err.Error(), noStack) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading the outputs of %s: %w", networkStack, err)
		}
		if err := json.Unmarshal(printed, &outputs); err != nil {
			return nil, fmt.Errorf("reading the outputs of %s: %w", networkStack, err)
		}
	}
	texts := map[string]string{}
	for name, value := range outputs {
		var text string
		if json.Unmarshal(value, &text) == nil {
			texts[name] = text
		}
	}
	return texts, nil
}
