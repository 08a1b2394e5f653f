package main

import (
	"fmt"
	"slices"
	"strings"

	"warmstandby/shared/shell"
)

// failure is a stack that failed.
type failure struct {
	job *job
	err error
}

// describe says what failed, in which log all of it is, and what to do.
func (f failure) describe() string {
	faults := f.job.tally.faults()
	if len(faults) == 0 {
		faults = f.job.tail.said()
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s: %v\n", f.job.stack, f.err)
	for _, fault := range faults {
		for line := range strings.Lines(fault) {
			if line = strings.TrimRight(line, "\n "); line != "" {
				text.WriteString("  " + line + "\n")
			}
		}
	}
	fmt.Fprintf(&text, "  log: %s\n", shell.Quote(f.job.c.short(f.job.logFile)))
	return text.String()
}

// failedGoal is a goal of make that failed in one stack or in several. Its text ends with what to do.
type failedGoal struct {
	text string
	err  error
}

func (f failedGoal) Error() string { return f.text }
func (f failedGoal) Unwrap() error { return f.err }

// failed joins the failures of a goal into what is printed last.
func (c *controller) failed(goal string, failures []failure, notBegun []string, err error) error {
	if len(failures) == 0 {
		return err
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s of ENV=%s failed", goal, c.settings.environment)
	if len(notBegun) > 0 {
		fmt.Fprintf(&text, "; not begun: %s", strings.Join(notBegun, " "))
	}
	text.WriteString("\n\n")
	var said strings.Builder
	for _, f := range failures {
		said.WriteString(f.describe() + "\n")
	}
	text.WriteString(said.String())
	for _, advice := range c.advice(goal, said.String()) {
		text.WriteString(advice + "\n")
	}
	message := strings.TrimRight(text.String(), "\n")
	if c.showsASCII() {
		message = asciiOnly(message)
	}
	return failedGoal{text: message, err: err}
}

// advice says what to do about errors that have one remedy, and how to go on.
func (c *controller) advice(goal, said string) []string {
	var lines []string
	for _, known := range []struct {
		signs  []string
		advice string
	}{
		{[]string{"AccessDenied", "UnauthorizedOperation", "not authorized to perform"},
			"A permission is missing: stacks/policies/README.md has what a deployer's role must be allowed."},
		{[]string{"ExpiredToken", "RequestExpired", "no EC2 IMDS role found", "InvalidClientTokenId"},
			"The credentials are missing or have expired: log in anew, with AWS_PROFILE or the variables of your login."},
		{[]string{"LimitExceeded", "QuotaExceeded", "ServiceQuota", "QuotaReached"},
			"A quota is too low: have it raised in the region that is named, and the standby's no lower than the primary's."},
		{[]string{"currently locked"},
			"Another run may be at work. If none is, see \"Troubleshooting\" in stacks/README.md."},
	} {
		if slices.ContainsFunc(known.signs, func(sign string) bool { return strings.Contains(said, sign) }) {
			lines = append(lines, known.advice)
		}
	}
	var more []string
	if c.stack != "" {
		more = []string{"STACK=" + c.stack}
	}
	again := "When that is mended, this goes on where it stopped: "
	if goal == "preview" {
		again = "When that is mended: "
	}
	return append(lines, again+c.command(goal, more...))
}
