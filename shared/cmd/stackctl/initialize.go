package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
)

// wish is a setting that an environment that is kept wants and that has no default which fits it.
type wish struct{ stack, why, line string }

// wishes are those of the profile prod, in the order of the stacks. Lines are comments of a settings file until somebody fills them in.
var wishes = []wish{
	{networkStack, "local, dev or prod: needed where the environment's name begins with none of them.", "profile: prod"},
	{
		networkStack,
		"The only accounts that may be deployed to, so that wrong credentials deploy nowhere.",
		`allowedAccountIds: ["123456789012"]`,
	},
	{networkStack, "Refuses every destroy, and every update that would delete or replace what cannot be restored.", "protection: true"},
	{
		networkStack,
		"Ranges that no other network has that will ever be connected. They are kept as long as the environment.",
		"primaryCidr: 10.0.0.0/16",
	},
	{networkStack, "", "standbyCidr: 10.1.0.0/16"},
	{
		dataStack,
		"Whose access tokens the application admits, by public keys only. Nobody is admitted without all three.",
		"jwtIssuer: https://issuer.example.com/",
	},
	{dataStack, "", "jwtAudience: warmstandby"},
	{dataStack, "", `jwtKeys: '{"keys":[…]}'`},
	{"region-app-east", "A certificate of ACM in the primary region, for domainName and REGION.domainName; prod refuses to do without.",
		"certificateArn: arn:aws:acm:us-east-1:123456789012:certificate/…"},
	{"region-app-east", "Who is notified of alarms. SNS asks each to confirm first.", "notificationEmails: [operations@example.com]"},
	{"region-app-west", "A certificate of ACM in the standby region, for domainName and REGION.domainName; prod refuses to do without.",
		"certificateArn: arn:aws:acm:us-west-2:123456789012:certificate/…"},
	{"region-app-west", "Who is notified of alarms. SNS asks each to confirm first.", "notificationEmails: [operations@example.com]"},
	{"global-edge", "The platform's domain name, which fails over. prod refuses to do without.", "domainName: records.example.com"},
	{
		"global-edge",
		"A public hosted zone of it or of a parent that there is already. Without it a zone is made, to which the parent delegates.",
		"hostedZoneId: Z0123456789ABCDEFGHIJ",
	},
	{
		"global-edge",
		"Where notices and dashboards send whoever is on call. prod refuses to do without.",
		"runbookUrl: https://wiki.example.com/runbook",
	},
}

// initialize makes the stacks of an environment, each with the chosen secrets provider and with a settings file whose comments say what an
// environment that is kept wants. What is there already stays as it is.
func initialize(ctx context.Context, c *controller, _ []string) error {
	if err := c.checkProvider(); err != nil {
		return err
	}
	var mu sync.Mutex
	var written []string
	err := schedule(ctx, c.chosen(), func(string) []string { return nil }, func(ctx context.Context, stack string) error {
		if err := c.enter(ctx, stack, c.stderr); err != nil {
			return err
		}
		added, err := c.writeWishes(stack)
		mu.Lock()
		defer mu.Unlock()
		if added {
			written = append(written, c.short(c.settingsFile(stack)))
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("making the stacks of ENV=%s: %w", c.settings.environment, err)
	}
	fmt.Fprintf(c.stdout, "The stacks of ENV=%s are there, and nothing is deployed by it.\n", c.settings.environment)
	for _, file := range written {
		fmt.Fprintln(c.stdout, "  to fill in, and to commit:", file)
	}
	if !c.emulated() {
		fmt.Fprintln(c.stdout)
		if err := doctor(ctx, c, []string{"-only", "backend"}); err != nil {
			return fmt.Errorf("what is to be mended stands above; the stacks of ENV=%s are made: %w", c.settings.environment, err)
		}
		fmt.Fprintln(c.stdout)
	}
	fmt.Fprintf(c.stdout, "to see every setting:  %s\nto see what is missing in the account:  %s\nto deploy:  %s\n",
		c.command("settings"), c.command("doctor"), c.command("up"))
	return nil
}

// checkProvider wants the secrets provider of an environment on AWS chosen before its stacks are made, and says which one is wise.
func (c *controller) checkProvider() error {
	if c.emulated() {
		return nil
	}
	_, phrase := c.lookup("PULUMI_CONFIG_PASSPHRASE")
	_, file := c.lookup("PULUMI_CONFIG_PASSPHRASE_FILE")
	provider := c.value("SECRETS", "")
	if provider == "" && !phrase && !file || provider == "passphrase" && !phrase && !file {
		return fmt.Errorf("nothing says with what the secrets in ENV=%s's state are encrypted: set SECRETS=awskms://ALIAS-OR-ARN?region=%s, "+
			"a key outside the primary region, so that a lost region does not take it; or a passphrase in PULUMI_CONFIG_PASSPHRASE_FILE",
			c.settings.environment, c.standby)
	}
	if strings.HasPrefix(provider, "awskms:") && strings.Contains(provider, "region="+c.primary) {
		return fmt.Errorf("SECRETS=%s is a key in the primary region, %s: while that is lost no stack could be deployed. Use a key in %s",
			provider, c.primary, c.standby)
	}
	return nil
}

// writeWishes adds a stack's wishes to its settings file as comments, unless somebody has written settings into it or the environment is
// on the local AWS emulator, which wants nothing.
func (c *controller) writeWishes(stack string) (bool, error) {
	if c.emulated() {
		return false, nil
	}
	file := c.settingsFile(stack)
	content, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("reading settings: %w", err)
	}
	if strings.Contains(string(content), "config:") {
		return false, nil
	}
	text := string(content) + wishesOf(stack, c.settings.environment)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return false, fmt.Errorf("writing settings: %w", err)
	}
	return true, nil
}

// wishesOf is the part of a settings file that says what the stack wants. It configures nothing.
func wishesOf(stack, environment string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "# What %s wants in an environment that is kept: take the # off and fill in what is yours.\n", stack)
	fmt.Fprintf(&text, "# Every key is explained by `make settings ENV=%s STACK=%s`.\nconfig:\n", environment, stack)
	for _, w := range wishes {
		if w.stack != stack {
			continue
		}
		if w.why != "" {
			fmt.Fprintf(&text, "  # %s\n", w.why)
		}
		fmt.Fprintf(&text, "  # %s:%s\n", stack, w.line)
	}
	return text.String()
}
