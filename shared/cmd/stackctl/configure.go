package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"warmstandby/shared/shell"
)

// setting sets one setting of one stack, before its first deployment or after it; an empty VALUE restores the default. What is set
// is checked when the stack is previewed or deployed.
func setting(ctx context.Context, c *controller, _ []string) error {
	key, value := c.value("KEY", ""), c.value("VALUE", "")
	if c.stack == "" || key == "" {
		return fmt.Errorf("name the stack and the key: %s; to see all: %s",
			c.command("set", "STACK="+networkStack, "KEY=profile", "VALUE=dev"), c.command("settings"))
	}
	declared, err := c.declared(c.stack)
	if err != nil {
		return err
	}
	if declared[key] == "" {
		return fmt.Errorf("%s has no setting %q; to see all that it has: %s", c.stack, key, c.command("settings", "STACK="+c.stack))
	}
	if err := c.enter(ctx, c.stack, c.stdout); err != nil {
		return fmt.Errorf("%s: %w", c.stack, err)
	}
	calls := [][]string{{"pulumi", "config", "set", key, value}}
	switch {
	case declared[key] == "object":
		return fmt.Errorf("%s of %s is an object: write it into %s", key, c.stack, c.short(c.settingsFile(c.stack)))
	case value == "":
		calls = [][]string{{"pulumi", "config", "rm", key}}
	case declared[key] == "array":
		// Items that an earlier value has beyond this one's would stay.
		if _, err := c.output(ctx, stackFolder(c.stack), "pulumi", "config", "rm", key); err != nil {
			return fmt.Errorf("removing %s: %w", key, err)
		}
		calls = nil
		for i, item := range strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' }) {
			// Items are strings. Without the type Pulumi would write an account's id as a number, which the stack refuses.
			calls = append(calls, []string{"pulumi", "config", "set", "--path", "--type", "string", fmt.Sprintf("%s[%d]", key, i), item})
		}
	}
	for _, call := range calls {
		if err := c.execute(ctx, stackFolder(c.stack), c.stdout, c.stderr, call...); err != nil {
			return fmt.Errorf("setting %s of %s: %w", key, c.stack, err)
		}
	}
	// Where the environment is may follow from what was set.
	if err := c.locate(); err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "%s has it; to see what it changes: %s\n", c.short(c.settingsFile(c.stack)), c.command("preview", "STACK="+c.stack))
	return nil
}

// setCommand is the command that sets a setting. It leaves out the variables that follow from settings, one of which it may change.
func (c *controller) setCommand(stack, key, value string) string {
	repeated := slices.DeleteFunc(c.repeat(), func(v string) bool {
		return strings.HasPrefix(v, "SUFFIX=") || strings.HasPrefix(v, "STANDBY=")
	})
	named := []string{"STACK=" + stack, "KEY=" + key, "VALUE=" + shell.Quote(value)}
	return strings.Join(slices.Concat([]string{"make", "set"}, repeated, named), " ")
}

// settingsCommand prints every setting of the chosen stacks: its value, where that comes from, and what it means.
func settingsCommand(ctx context.Context, c *controller, _ []string) error {
	return c.plainly(ctx, append([]string{c.built("settings"), "-env", c.settings.environment}, c.chosen()...))
}

// declaredKey begins the declaration of a key in Pulumi.yaml, and declaredType is its type.
var (
	declaredKey  = regexp.MustCompile(`^  (\w+):$`)
	declaredType = regexp.MustCompile(`^    type: (\w+)$`)
)

// declared returns the types of the keys that a stack's Pulumi.yaml declares.
func (s settings) declared(stack string) (map[string]string, error) {
	content, err := os.ReadFile(filepath.Join(s.root, stackFolder(stack), "Pulumi.yaml"))
	if err != nil {
		return nil, fmt.Errorf("reading which settings there are: %w", err)
	}
	types, key := map[string]string{}, ""
	for line := range strings.Lines(string(content)) {
		line = strings.TrimRight(line, "\n")
		if found := declaredKey.FindStringSubmatch(line); found != nil {
			key = found[1]
		} else if found := declaredType.FindStringSubmatch(line); found != nil {
			types[key] = found[1]
		}
	}
	return types, nil
}

// secretsSchemes begin the names of Pulumi's secrets providers, beside passphrase and default (Pulumi, "Secrets").
var secretsSchemes = []string{"awskms", "azurekeyvault", "gcpkms", "hashivault"}

// checkSecrets refuses a SECRETS that is no secrets provider, or one whose stacks could not be read without the primary region's name.
func (s settings) checkSecrets() error {
	provider := s.value("SECRETS", "")
	if provider == "" || provider == "passphrase" {
		return nil
	}
	if s.emulated() {
		return fmt.Errorf("SECRETS: allowed passphrase on the local AWS emulator, whose states have one of their own; got %q", provider)
	}
	address, err := url.Parse(provider)
	if err != nil || !slices.Contains(secretsSchemes, address.Scheme) {
		return fmt.Errorf("SECRETS: allowed passphrase, %s://…; got %q", strings.Join(secretsSchemes, "://…, "), provider)
	}
	if address.Scheme == "awskms" && address.Query().Get("region") == "" {
		return fmt.Errorf("SECRETS: awskms://… needs the key's region, as awskms://alias/warmstandby?region=%s; got %q", s.standby, provider)
	}
	return nil
}

// secretsFlags are those by which a stack is made with the chosen secrets provider. One that has another is refused: Pulumi would keep
// that in silence.
func (c *controller) secretsFlags(stack string) ([]string, error) {
	provider := c.value("SECRETS", "")
	if provider == "" {
		return nil, nil
	}
	content, err := os.ReadFile(c.settingsFile(stack))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("reading settings: %w", err)
	}
	if has := secretsProvider(string(content)); has != "" && has != provider {
		return nil, fmt.Errorf("SECRETS is %s, but %s of ENV=%s has %s; to change it, in %s: pulumi stack change-secrets-provider %s",
			provider, stack, c.settings.environment, has, stackFolder(stack), shell.Quote(provider))
	}
	return []string{"--secrets-provider", provider}, nil
}

// secretsProvider returns that of a settings file; empty for none.
func secretsProvider(content string) string {
	for line := range strings.Lines(content) {
		if provider, is := strings.CutPrefix(line, "secretsprovider: "); is {
			return strings.TrimSpace(provider)
		}
		if strings.HasPrefix(line, "encryptionsalt: ") {
			return "passphrase"
		}
	}
	return ""
}
