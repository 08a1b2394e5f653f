package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	config "warmstandby/shared/settings"
)

// repository is the repository's folder, seen from this package.
const repository = "../../.."

func TestCommandsAreWhole(t *testing.T) {
	for _, test := range []struct {
		name      string
		variables map[string]string
		want      string
	}{
		{"the default environment needs nothing", map[string]string{"STATE": ".state"}, "make status"},
		{"another environment is named", map[string]string{"STATE": ".state", "ENV": "dev"}, "make status ENV=dev"},
		{
			"a second local AWS emulator is named", map[string]string{"STATE": "/srv/two", "ENV": "local-two", "PORT": "4567"},
			"make status ENV=local-two STATE=/srv/two PORT=4567",
		},
		{"a path with a space is quoted", map[string]string{"STATE": "/srv/my state/it's"}, `make status STATE='/srv/my state/it'\''s'`},
		{
			"another suffix and another standby are named",
			map[string]string{"STATE": ".state", "ENV": "dev", "SUFFIX": "d1", "STANDBY": "eu-west-1"},
			"make status ENV=dev SUFFIX=d1 STANDBY=eu-west-1",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := settingsOf(t, test.variables).command("status"); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestHints(t *testing.T) {
	c, _, printed := newTestController(t, map[string]string{"ENV": "local-two", "PORT": "4567", "STATE": "/srv/two"},
		answer{contains: "global-edge$ pulumi stack output --json", prints: `{"globalUrl": "http://local-two.warmstandby.test"}`})
	if err := summary(t.Context(), c, nil); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`curl -fsS --retry 20 --retry-delay 5 --proxy http://127.0.0.1:4567 -H "Authorization: Bearer $(make -s token ENV=local-two STATE=/srv/two PORT=4567)" -H "Content-Type: application/json" -d '{"patient":"p-1"}' http://local-two.warmstandby.test/records/search`,
		"make status ENV=local-two STATE=/srv/two PORT=4567", "make destroy ENV=local-two STATE=/srv/two PORT=4567",
	} {
		if !strings.Contains(printed.String(), want) {
			t.Errorf("%s is not printed:\n%s", want, printed)
		}
	}
	t.Run("the authority of load balancers that speak TLS is named", func(t *testing.T) {
		c, _, printed := newTestController(t, map[string]string{"ENV": "local-prod", "STATE": "/srv/its state"},
			answer{contains: "global-edge$ pulumi stack output --json", prints: `{"globalUrl": "https://records.example.com"}`})
		if err := summary(t.Context(), c, nil); err != nil {
			t.Fatal(err)
		}
		const want = "--proxy http://127.0.0.1:4566 --cacert '/srv/its state/certificates/ca.pem' -H"
		if !strings.Contains(printed.String(), want) {
			t.Errorf("%s is not printed:\n%s", want, printed)
		}
	})
	t.Run("an error of the backend is not taken for a stack that is not deployed", func(t *testing.T) {
		c, m, _ := newTestController(
			t,
			map[string]string{},
			answer{contains: "stack output --json", prints: "error: incorrect passphrase", fails: true},
		)
		if err := summary(
			t.Context(),
			c,
			nil,
		); err == nil || !strings.Contains(err.Error(), "incorrect passphrase") ||
			len(m.called("$ summary")) > 0 {
			t.Errorf("got %v and the calls %q", err, m.calls)
		}
	})
	t.Run("a stack that was never made is the summary's to name", func(t *testing.T) {
		c, m, _ := newTestController(
			t,
			map[string]string{},
			answer{contains: "stack output --json", prints: "error: no stack named 'local' found", fails: true},
		)
		if err := summary(t.Context(), c, nil); err != nil || len(m.called("$ summary")) != 1 {
			t.Errorf("got %v and the calls %q", err, m.calls)
		}
	})
	t.Run("programs get no hints", func(t *testing.T) {
		c, _, printed := newTestController(t, map[string]string{"JSON": "yes"})
		if err := summary(t.Context(), c, nil); err != nil || printed.Len() > 0 {
			t.Errorf("got %q, %v", printed, err)
		}
	})
}

func TestOperatorCalls(t *testing.T) {
	for _, test := range []struct {
		name      string
		command   string
		variables map[string]string
		want      string
	}{
		{"a failover gives up nothing unless it is said", "failover", map[string]string{"ENV": "prod"}, "failover --env prod --region us-west-2"},
		{
			"a forced failover", "failover", map[string]string{"ENV": "prod", "DATA_LOSS": "yes", "FORCE": "yes"},
			"failover --env prod --region us-west-2 --allow-data-loss --force",
		},
		{
			"both spellings of a switch", "failover", map[string]string{"ENV": "prod", "DATA_LOSS": "1", "FORCE": "1"},
			"failover --env prod --region us-west-2 --allow-data-loss --force",
		},
		{
			"a reconciliation of one snapshot", "reconcile", map[string]string{"SNAPSHOT": "rds:one", "KEEP": "yes"},
			"reconcile --env local --region us-west-2 --snapshot rds:one --keep",
		},
		{
			"a restore", "restore", map[string]string{"ENV": "prod", "AT": "2026-03-01 12:02:00"},
			"restore --env prod --region us-west-2 --at 2026-03-01 12:02:00",
		},
		{
			"a promotion", "restore", map[string]string{"PROMOTE": "yes", "DATA_LOSS": "yes"},
			"restore --env local --region us-west-2 --promote --allow-data-loss",
		},
		{"documents are brought back", "restore", map[string]string{"DOCUMENTS": "yes"}, "restore --env local --region us-west-2 --documents"},
		{"a restored cluster is removed", "restore", map[string]string{"REMOVE": "yes"}, "restore --env local --region us-west-2 --remove"},
		{
			"nothing else is forced", "switchover", map[string]string{"DATA_LOSS": "yes", "FORCE": "yes"},
			"switchover --env local --region us-west-2",
		},
		{"a status that is watched", "status", map[string]string{"WATCH": "yes"}, "status --env local --region us-west-2 --watch"},
		{
			"the suffix names the platform", "status", map[string]string{"ENV": "dev", "SUFFIX": "d1", "STANDBY": "eu-west-1", "JSON": "yes"},
			"status --env d1 --region eu-west-1 --json",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, _, _ := newTestController(t, test.variables)
			if got := strings.Join(c.operatorCall(test.command)[1:], " "); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestOnAWSTheOperatorNeedsNoPulumi(t *testing.T) {
	c, m, _ := newTestController(t, map[string]string{"ENV": "prod"}, answer{contains: "warmstandby status"})
	if err := operate(t.Context(), c, []string{"status"}); err != nil {
		t.Fatal(err)
	}
	if len(m.calls) != 1 {
		t.Errorf("calls were %q", m.calls)
	}
}

func TestThePreviewOfADrillReachesTheSameEnvironment(t *testing.T) {
	c, _, _ := newTestController(t, map[string]string{"ENV": "local-two", "PORT": "4567", "STATE": "/srv/my state"})
	call := c.drillCall([]string{"flap"})
	at := slices.Index(call, "--preview")
	if want := "preview ENV=local-two STATE='/srv/my state' PORT=4567 PULUMI_FLAGS=--expect-no-changes"; at < 0 ||
		!strings.HasSuffix(call[at+1], want) {
		t.Errorf("got %q, want %q", call, want)
	}
	if call[len(call)-1] != "flap" || !slices.Contains(call, "--local") {
		t.Errorf("got %q", call)
	}
}

func TestTheReportOfADrillIsSignedAsAsked(t *testing.T) {
	c, _, _ := newTestController(t, map[string]string{"ENV": "local", "SIGN": "minisign -Sm"})
	call := c.drillCall([]string{"flap"})
	if at := slices.Index(call, "--sign"); at < 0 || call[at+1] != "minisign -Sm" {
		t.Errorf("got %q", call)
	}
}

// TestTheGuardKnowsEveryGoal compares the goals that the Makefile guards with those that the guard knows.
func TestTheGuardKnowsEveryGoal(t *testing.T) {
	content, err := os.ReadFile(filepath.Join(repository, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(content), "\\\n", " ")
	if operations := regexp.MustCompile(`(?m)^OPERATIONS := (.*)$`).FindStringSubmatch(text); operations != nil {
		text = strings.ReplaceAll(text, "$(OPERATIONS):", operations[1]+":")
	}
	guarded := map[string]bool{}
	guarded["orders"] = true // It comes to the guard by lifecycle, which it is another name of.
	for _, rule := range regexp.MustCompile(`(?m)^([a-z0-9 -]+): guard\b`).FindAllStringSubmatch(text, -1) {
		for _, goal := range strings.Fields(rule[1]) {
			guarded[goal] = true
		}
	}
	if len(guarded) < 20 {
		t.Fatalf("the Makefile was not understood: only %d goals are guarded", len(guarded))
	}
	for goal := range guarded {
		if _, known := goals[goal]; !known {
			t.Errorf("make %s has no row in goals, so its environment is not checked", goal)
		}
	}
	for goal := range goals {
		if !guarded[goal] {
			t.Errorf("make %s has a row in goals, and the Makefile does not guard it", goal)
		}
	}
}

func TestSettingsOfUnprotectAreDeclared(t *testing.T) {
	for _, test := range []struct {
		stack, name string
		of          config.Type
	}{{stackNames()[0], protectionSetting, config.Boolean}, {dataStack, snapshotSetting, config.String}} {
		content, err := os.ReadFile(filepath.Join(repository, "stacks", test.stack, "Pulumi.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		project, err := config.ReadProject(content)
		if err != nil {
			t.Fatal(err)
		}
		declared := slices.ContainsFunc(project.Keys, func(key config.Key) bool { return key.Name == test.name && key.Type == test.of })
		if !declared {
			t.Errorf("Pulumi.yaml of %s does not declare %s as a %v, which make unprotect sets", project.Name, test.name, test.of)
		}
	}
}

func TestLayers(t *testing.T) {
	folders, err := filepath.Glob(filepath.Join(repository, "stacks", "*", "Pulumi.yaml"))
	if err != nil || len(folders) != len(layers) {
		t.Fatalf("%d stacks have a Pulumi.yaml, and %d have a layer (%v)", len(folders), len(layers), err)
	}
	for i, l := range layers {
		if _, err := os.Stat(filepath.Join(repository, "stacks", l.stack, "Pulumi.yaml")); err != nil {
			t.Errorf("%s: %v", l.stack, err)
		}
		for _, read := range l.reads {
			if at := slices.Index(stackNames(), read); at < 0 || at >= i {
				t.Errorf("%s reads %s, which does not come before it", l.stack, read)
			}
		}
	}
	if got, want := dependents("data-global"), []string{"region-app-east", "region-app-west", "global-edge"}; !slices.Equal(got, want) {
		t.Errorf("dependents are %q, want %q", got, want)
	}
}

func TestLocalCommandsKnowWhatTheirMessagesRepeat(t *testing.T) {
	c, m, _ := newTestController(
		t,
		map[string]string{"ENV": "local-two", "PORT": "4567", "STATE": "/srv/two"},
		answer{contains: "local fault"},
	)
	var variables []string
	c.process = func(ctx context.Context, p process) error {
		variables = p.environment
		return m.run(ctx, p)
	}
	if err := localCommand(t.Context(), c, "fault", "--region", "us-east-1"); err != nil {
		t.Fatal(err)
	}
	if want := []string{".$ local fault --state /srv/two --region us-east-1"}; !slices.Equal(m.calls, want) {
		t.Errorf("calls were %q, want %q", m.calls, want)
	}
	if want := "WARMSTANDBY_MAKE=ENV=local-two STATE=/srv/two PORT=4567"; !slices.Contains(variables, want) {
		t.Errorf("%s is not among %q", want, variables)
	}
}
