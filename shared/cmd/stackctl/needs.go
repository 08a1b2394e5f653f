package main

import (
	"context"
	"errors"
	"strings"
)

// always returns the needs of a command that are the same in every environment.
func always(artifacts ...string) func(settings, []string) []string {
	return func(settings, []string) []string { return artifacts }
}

// deploymentNeeds are those of a command that runs the chosen stacks' programs: each function's code with the stacks that deploy it.
func deploymentNeeds(s settings, _ []string) []string {
	needs := []string{artifactAWS, artifactStacks, artifactRepair, artifactSummary}
	switch s.stack {
	case "":
		return append(needs, artifactApp, artifactController)
	case "region-app-east", "region-app-west":
		return append(needs, artifactApp)
	case "global-edge":
		return append(needs, artifactController)
	}
	return needs
}

// sweepNeeds are those of the sweep, which asks AWS and not Pulumi. A local AWS emulator that is down has an answer only when it is up.
func sweepNeeds(s settings, _ []string) []string {
	if s.emulated() {
		return []string{artifactAWS, artifactSweep}
	}
	return []string{artifactSweep}
}

// sweep asks every service of the regions whether destroy has left something.
func sweep(ctx context.Context, c *controller, _ []string) error {
	return c.run(ctx, c.built("sweep"), "--env", c.settings.environment, "--suffix", c.suffix,
		"--regions", strings.Join(c.regions(), " "))
}

// nothingMore is the run of a command that has done its work when what it needs is there.
func nothingMore(context.Context, *controller, []string) error { return nil }

// checkNeeds are those of a goal of the checks. The platforms that tests deploy are made of what up is made of.
func checkNeeds(_ settings, arguments []string) []string {
	needs := []string{artifactChecks}
	for _, goal := range arguments {
		switch goal {
		case "simulate":
			needs = append(needs, artifactLocal)
		case "lint":
			needs = append(needs, artifactPackages, artifactLinters)
		case "unit":
			needs = append(needs, artifactTools)
		case "function":
			needs = append(needs, artifactTools, artifactApp)
		default:
			needs = append(needs, artifactTools, artifactApp, artifactController, artifactOperator, artifactDrill)
		}
	}
	return needs
}

// check runs tests, linters or benchmarks.
func check(ctx context.Context, c *controller, arguments []string) error {
	if len(arguments) != 1 {
		return errors.Join(errors.New("check wants one goal"), errUsage)
	}
	return c.process(ctx, process{
		directory:   c.root,
		arguments:   append([]string{c.built("checks")}, arguments...),
		environment: c.environ(),
		stdout:      c.stdout,
		stderr:      c.stderr,
	})
}
