package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	declarations "warmstandby/shared/settings"
)

// repository is this repository's folder, from that of this package.
const stacksOfRepository = "../../../stacks"

// inClone gives a test controller a repository with the stacks' Pulumi.yaml.
func inClone(t *testing.T, c *controller, m *machine) {
	t.Helper()
	c.root = t.TempDir()
	m.root = c.root
	for _, stack := range stackNames() {
		content, err := os.ReadFile(filepath.Join(stacksOfRepository, stack, "Pulumi.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(c.root, "stacks", stack, "Pulumi.yaml"), string(content))
	}
}

func TestSetBeforeTheFirstUp(t *testing.T) {
	for _, test := range []struct {
		name      string
		variables map[string]string
		call      string // of Pulumi, after the stack was made
		want      string // in the error
	}{
		{"a value", map[string]string{"STACK": "foundation-network", "KEY": "profile", "VALUE": "dev"}, "pulumi config set profile dev", ""},
		{"the default again", map[string]string{"STACK": "foundation-network", "KEY": "profile"}, "pulumi config rm profile", ""},
		{
			"items of an array", map[string]string{"STACK": "region-app-east", "KEY": "notificationEmails", "VALUE": "a@b.c,d@e.f"},
			"pulumi config set --path --type string notificationEmails[1] d@e.f", "",
		},
		{
			"an item that looks like a number",
			map[string]string{"STACK": "foundation-network", "KEY": "allowedAccountIds", "VALUE": "123456789012"},
			"pulumi config set --path --type string allowedAccountIds[0] 123456789012", "",
		},
		{"no stack", map[string]string{"KEY": "profile"}, "", "name the stack and the key"},
		{"a key that there is not", map[string]string{"STACK": "data-global", "KEY": "profile"}, "", `data-global has no setting "profile"`},
		{"an object", map[string]string{"STACK": "data-global", "KEY": "featureSwitches", "VALUE": "x"}, "", "is an object: write it into"},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.variables["ENV"] = "dev"
			c, m, _ := newTestController(t, test.variables, answer{contains: "pulumi config"})
			inClone(t, c, m)
			err := setting(t.Context(), c, nil)
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want %q", err, test.want)
			}
			if test.call == "" {
				if calls := m.called("pulumi config"); len(calls) > 0 {
					t.Errorf("calls are %q", calls)
				}
				return
			}
			made := slices.IndexFunc(m.calls, func(call string) bool { return strings.Contains(call, "stack select --create dev") })
			set := slices.IndexFunc(m.calls, func(call string) bool { return strings.HasSuffix(call, test.call) })
			if made < 0 || set < made {
				t.Errorf("the calls are %q, want the stack made and then %q", m.calls, test.call)
			}
		})
	}
}

func TestSecretsProvider(t *testing.T) {
	const key = "awskms://alias/states?region=us-west-2"
	for _, test := range []struct {
		environment, provider string
		want                  string
	}{
		{"prod", key, ""},
		{"prod", "passphrase", ""},
		{"prod", "awskms://alias/states", "needs the key's region, as awskms://alias/warmstandby?region=us-west-2"},
		{"prod", "kms://x", "SECRETS: allowed passphrase, awskms://"},
		{"local", "passphrase", ""},
		{"local", key, "SECRETS: allowed passphrase on the local AWS emulator"},
	} {
		c, _, _ := newTestController(t, map[string]string{
			"ENV": test.environment, "SECRETS": test.provider, "PULUMI_BACKEND_URL": "s3://states",
		})
		c.root = t.TempDir()
		err := guard(t.Context(), c, []string{"init"})
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("SECRETS=%s ENV=%s: got %v, want %q", test.provider, test.environment, err, test.want)
		}
	}
	t.Run("stacks are made with it", func(t *testing.T) {
		c, m, _ := newTestController(t, map[string]string{"ENV": "prod", "SECRETS": key})
		inClone(t, c, m)
		if err := initialize(t.Context(), c, nil); err != nil {
			t.Fatal(err)
		}
		if calls := m.called("stack select --create prod --secrets-provider " + key); len(calls) != len(stackNames()) {
			t.Errorf("the calls are %q", m.calls)
		}
	})
	t.Run("a stack that has another is refused", func(t *testing.T) {
		c, m, _ := newTestController(t, map[string]string{"ENV": "prod", "SECRETS": key, "PULUMI_CONFIG_PASSPHRASE": "x"})
		inClone(t, c, m)
		write(t, c.settingsFile("data-global"), "encryptionsalt: v1:x\n")
		err := initialize(t.Context(), c, nil)
		if err == nil ||
			!strings.Contains(err.Error(), "has passphrase; to change it, in stacks/data-global: pulumi stack change-secrets-provider") {
			t.Errorf("got %v", err)
		}
	})
	for name, variables := range map[string]map[string]string{
		"none is refused":                        {},
		"a passphrase that is not there, too":    {"SECRETS": "passphrase"},
		"a key in the primary region is refused": {"SECRETS": "awskms://alias/states?region=us-east-1"},
	} {
		t.Run(name, func(t *testing.T) {
			variables["ENV"] = "prod"
			c, m, _ := newTestController(t, variables)
			if err := initialize(t.Context(), c, nil); err == nil || len(m.calls) > 0 {
				t.Errorf("got %v after %q", err, m.calls)
			}
		})
	}
}

func TestInitWritesWhatAnEnvironmentWants(t *testing.T) {
	c, m, printed := newTestController(t, map[string]string{"ENV": "prod", "PULUMI_CONFIG_PASSPHRASE": "x"})
	inClone(t, c, m)
	write(t, c.settingsFile("global-edge"), "encryptionsalt: v1:x\nconfig:\n  global-edge:domainName: mine.example.com\n")
	write(t, c.settingsFile("data-global"), "encryptionsalt: v1:x\n")
	for range 2 { // It can be repeated.
		if err := initialize(t.Context(), c, nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, stack := range stackNames() {
		content, err := os.ReadFile(c.settingsFile(stack))
		if err != nil {
			t.Fatal(err)
		}
		text := string(content)
		if stack == "global-edge" {
			if strings.Contains(text, "#") || !strings.Contains(text, "mine.example.com") {
				t.Errorf("settings that somebody has written were changed:\n%s", text)
			}
			continue
		}
		if strings.Count(text, "config:\n") != 1 || len(plainSettings(text, stack)) > 0 {
			t.Errorf("%s is configured by what is a comment:\n%s", stack, text)
		}
		if stack == "data-global" && !strings.HasPrefix(text, "encryptionsalt: v1:x\n") {
			t.Errorf("the stack's salt is gone:\n%s", text)
		}
	}
	if calls := m.called("doctor -env prod"); len(calls) != 2 || !strings.HasSuffix(calls[0], " -only backend") {
		t.Errorf("the backend is looked at by %q", calls)
	}
	if !strings.Contains(printed.String(), "stacks/foundation-network/Pulumi.prod.yaml") ||
		strings.Contains(printed.String(), "global-edge/Pulumi") {
		t.Errorf("printed is\n%s", printed)
	}
}

// Each setting that init wants is declared, and is a value of its type.
func TestWishesAreSettings(t *testing.T) {
	for _, w := range wishes {
		c, m, _ := newTestController(t, map[string]string{})
		inClone(t, c, m)
		declared, err := c.declared(w.stack)
		if err != nil {
			t.Fatal(err)
		}
		if key, _, _ := strings.Cut(w.line, ":"); declared[key] == "" {
			t.Errorf("%s has no setting %s", w.stack, key)
		}
	}
}

func TestDeclaredSettings(t *testing.T) {
	c, m, _ := newTestController(t, map[string]string{})
	inClone(t, c, m)
	for _, stack := range stackNames() {
		content, err := os.ReadFile(filepath.Join(stacksOfRepository, stack, "Pulumi.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		project, err := declarations.ReadProject(content)
		if err != nil {
			t.Fatal(err)
		}
		declared, err := c.declared(stack)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range project.Keys {
			if declared[key.Name] != string(key.Type) {
				t.Errorf("%s of %s is %q, want %q", key.Name, stack, declared[key.Name], key.Type)
			}
			delete(declared, key.Name)
			for _, s := range fixedSettings {
				if stack == networkStack && s.key == key.Name && s.standard != key.Default {
					t.Errorf("the default of %s is %q, and Pulumi.yaml says %q", s.key, s.standard, key.Default)
				}
			}
		}
		if len(declared) > 0 {
			t.Errorf("%s declares no %v", stack, declared)
		}
	}
}

func TestSettingsThatWouldReplaceWhatStands(t *testing.T) {
	standing := `{"environmentSuffix": "prod", "primaryRegion": "us-east-1", "standbyRegion": "us-west-2", "primaryCidr": "10.0.0.0/16",
		"standbyCidr": "10.1.0.0/16", "listenerPort": 443}`
	for _, test := range []struct {
		name     string
		settings string
		flags    string
		stack    string
		standing string
		want     []string
	}{
		{name: "what stands is what is set", standing: standing},
		{name: "nothing stands", settings: "standbyRegion: eu-west-1", standing: "{}"},
		{name: "another standby region", settings: "standbyRegion: eu-west-1", standing: standing, want: []string{
			"standbyRegion of foundation-network is us-west-2 where ENV=prod stands, and is set to eu-west-1: that would replace",
			"to keep it: make set ENV=prod", "KEY=standbyRegion VALUE=us-west-2",
		}},
		{name: "another suffix and another range, at once", settings: "environmentSuffix: p2\n  foundation-network:primaryCidr: 10.8.0.0/16",
			standing: standing, want: []string{"environmentSuffix of", "primaryCidr of", "second environment"}},
		{name: "a flag", flags: "--config foundation-network:standbyRegion=eu-west-1", standing: standing, want: []string{"set to eu-west-1"}},
		{name: "another stack's deployment", settings: "standbyRegion: eu-west-1", stack: "data-global", standing: standing},
	} {
		for goal, run := range map[string]func(c *controller) error{
			"up":      func(c *controller) error { return up(t.Context(), c, nil) },
			"preview": func(c *controller) error { return preview(t.Context(), c, nil) },
		} {
			t.Run(goal+", "+test.name, func(t *testing.T) {
				c, m, _ := newTestController(t, map[string]string{"ENV": "prod", "STACK": test.stack, "PULUMI_FLAGS": test.flags},
					answer{contains: "foundation-network$ pulumi stack output --json", prints: test.standing},
					answer{contains: "bash -c", prints: strings.ReplaceAll(test.flags, " ", "\x00") + "\x00"})
				inClone(t, c, m)
				if test.settings != "" {
					write(t, c.settingsFile(networkStack), "config:\n  foundation-network:"+test.settings+"\n")
				}
				deployment{stacks: stackNames()}.plan(t, c, m)
				err := run(c)
				if (err == nil) != (len(test.want) == 0) {
					t.Fatalf("got %v", err)
				}
				for _, text := range test.want {
					if !strings.Contains(err.Error(), text) {
						t.Errorf("got %v, want %q", err, text)
					}
				}
				if calls := append(m.called("$ pulumi up"), m.called("$ pulumi preview")...); err != nil && len(calls) > 0 {
					t.Errorf("Pulumi was called: %q", calls)
				}
			})
		}
	}
	t.Run("on the local AWS emulator, by its state", func(t *testing.T) {
		c, m, _ := newTestController(t, map[string]string{})
		inClone(t, c, m)
		write(t, filepath.Join(c.state, "pulumi", ".pulumi", "stacks", networkStack, "local.json"),
			`{"checkpoint": {"latest": {"resources": [{"type": "pulumi:pulumi:Stack", "outputs": {"standbyRegion": "eu-west-1"}}]}}}`)
		if err := up(t.Context(), c, nil); err == nil || !strings.Contains(err.Error(), "standbyRegion of foundation-network is eu-west-1") {
			t.Errorf("got %v", err)
		}
	})
}
