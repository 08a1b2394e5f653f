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

// doctorNeeds are those of the doctor, which asks AWS, or the local AWS emulator, which is started.
func doctorNeeds(s settings, _ []string) []string {
	if s.emulated() {
		return []string{artifactAWS, artifactDoctor}
	}
	return []string{artifactDoctor}
}

// doctor says what the account and this clone lack for the environment. It needs no Pulumi, so that what is wrong with its backend is one
// of its findings.
func doctor(ctx context.Context, c *controller, arguments []string) error {
	call := []string{c.built("doctor"), "-env", c.settings.environment, "-root", c.root}
	if c.emulated() {
		call = append(call, "-emulated")
	} else {
		call = append(call, "-backend", c.value("PULUMI_BACKEND_URL", ""), "-secrets", c.value("SECRETS", ""))
	}
	return c.run(ctx, append(call, arguments...)...)
}

// initNeeds are those of init, which asks AWS about the backend.
func initNeeds(s settings, _ []string) []string {
	if s.emulated() {
		return []string{artifactTools, artifactRepair}
	}
	return []string{artifactTools, artifactRepair, artifactDoctor}
}

// nothingMore is the run of a command that has done its work when what it needs is there.
func nothingMore(context.Context, *controller, []string) error { return nil }

// checkNeeds are those of a goal of the checks. The platforms that tests deploy are made of what up is made of.
func checkNeeds(_ settings, arguments []string) []string {
	needs := []string{artifactChecks, artifactLocal} // It shows how long a check has been silent.
	for _, goal := range arguments {
		switch goal {
		case "simulate", "first-use": // Whose clone builds what it needs.
		case "lint":
			needs = append(needs, artifactPackages, artifactLinters)
		case "audit":
			needs = append(needs, artifactTools, artifactAuditors)
		case "unit":
			needs = append(needs, artifactTools)
		case "function":
			needs = append(needs, artifactTools, artifactApp)
		case "second-opinion":
			needs = append(needs, artifactTools, artifactApp, artifactController, artifactOperator, artifactMoto)
		case "api":
			needs = append(needs, artifactTools, artifactApp, artifactController, artifactOperator, artifactFuzzer)
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
