package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// clone is a repository of a test: settings are read from it, as make gives variables.
type clone struct {
	t    *testing.T
	root string
}

func newClone(t *testing.T) clone {
	t.Helper()
	folder, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return clone{t: t, root: filepath.Join(folder, "a clone")}
}

// call reads the settings and asks the guard for a goal, as make does before it.
func (c clone) call(goal string, variables map[string]string) (settings, error) {
	c.t.Helper()
	s := settings{root: c.root, lookup: func(name string) (string, bool) { value, set := variables[name]; return value, set }}
	s.variables = func() []string { return nil }
	s.environment = s.value("ENV", localEnvironment)
	if err := s.locate(); err != nil {
		return s, err
	}
	return s, guard(c.t.Context(), newController(s), []string{goal})
}

func (c clone) must(goal string, variables map[string]string) settings {
	c.t.Helper()
	s, err := c.call(goal, variables)
	if err != nil {
		c.t.Fatalf("make %s %v: %v", goal, variables, err)
	}
	return s
}

// stand has a stack of an environment have a resource.
func (c clone) stand(state, environment string) {
	c.t.Helper()
	write(c.t, filepath.Join(state, "pulumi", ".pulumi", "stacks", "data-global", environment+".json"),
		`{"checkpoint": {"latest": `+resources(false, "")+`}}`)
}

// run has a local AWS emulator run from a state folder, until the test ends.
func (c clone) run(state string) {
	c.t.Helper()
	write(c.t, filepath.Join(state, "instance.lock"), "")
	lock, err := os.Open(filepath.Join(state, "instance.lock"))
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { lock.Close() })
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		c.t.Fatal(err)
	}
}

func TestEnvironmentsAreRemembered(t *testing.T) {
	c := newClone(t)
	two := filepath.Join(c.root, "a state", "two")
	c.must("up", map[string]string{"ENV": "local-two", "STATE": two, "PORT": "4567"})
	for _, goal := range []string{"status", "destroy", "token", "up", "local-status", "drill"} {
		s := c.must(goal, map[string]string{"ENV": "local-two"})
		if s.state != two || s.port != "4567" {
			t.Errorf("make %s ENV=local-two is at %s, port %s", goal, s.state, s.port)
		}
	}
	if s := c.must("status", map[string]string{}); s.state != s.defaultState() || s.port != defaultPort {
		t.Errorf("ENV=local is at %s, port %s", s.state, s.port)
	}
	if s := c.must("status", map[string]string{"ENV": "local-three"}); s.port != defaultPort {
		t.Errorf("an environment that was never deployed is at port %s", s.port)
	}
	t.Run("a goal that deploys nothing changes nothing", func(t *testing.T) {
		c.must("status", map[string]string{"ENV": "local-four", "PORT": "4999"})
		if _, err := os.Stat(filepath.Join(c.root, ".state", "environments", "local-four.json")); err == nil {
			t.Error("make status has remembered where ENV=local-four is")
		}
	})
	t.Run("what is printed reaches it from everywhere", func(t *testing.T) {
		s := c.must("status", map[string]string{"ENV": "local-two"})
		if got, want := s.command("status"), "make status ENV=local-two STATE='"+two+"' PORT=4567"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
	t.Run("a file that is none is named", func(t *testing.T) {
		write(t, filepath.Join(c.root, ".state", "environments", "local-five.json"), "{")
		if _, err := c.call("status", map[string]string{"ENV": "local-five"}); err == nil || !strings.Contains(err.Error(), "local-five.json") {
			t.Errorf("got %v", err)
		}
	})
}

func TestVariablesThatContradictWhatIsKnown(t *testing.T) {
	for _, test := range []struct {
		name      string
		stands    bool
		runs      bool
		settings  string
		variables map[string]string
		want      string // in one line; empty for no refusal
	}{
		{
			"another port of an emulator that runs", true, true, "", map[string]string{"PORT": "4570"},
			"PORT=4570 is given, but ENV=local-two is at PORT=4567",
		},
		{"another port of one that is down", true, false, "", map[string]string{"PORT": "4570"}, ""},
		{"another folder of an environment that stands", true, false, "", map[string]string{"STATE": "/elsewhere"}, "STATE=/elsewhere is given"},
		{"another folder of an emulator that runs", false, true, "", map[string]string{"STATE": "/elsewhere"}, "STATE=/elsewhere is given"},
		{"another folder when nothing stands", false, false, "", map[string]string{"STATE": "/elsewhere"}, ""},
		{"the same, given", true, true, "", map[string]string{"PORT": "4567"}, ""},
		{
			"another standby region than the settings'", false, false, "config:\n  foundation-network:standbyRegion: eu-west-1\n",
			map[string]string{"STANDBY": "us-west-2"},
			"at STANDBY=eu-west-1 (standbyRegion of stacks/foundation-network/Pulumi.local-two.yaml)",
		},
		{"another suffix than the settings'", false, false, "config:\n  foundation-network:environmentSuffix: \"two\" # short\n",
			map[string]string{"SUFFIX": "three"}, "SUFFIX=three is given, but ENV=local-two is at SUFFIX=two"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newClone(t)
			state := filepath.Join(c.root, "two")
			c.must("up", map[string]string{"ENV": "local-two", "STATE": state, "PORT": "4567"})
			if test.stands {
				c.stand(state, "local-two")
			}
			if test.runs {
				c.run(state)
			}
			if test.settings != "" {
				write(t, filepath.Join(c.root, "stacks", "foundation-network", "Pulumi.local-two.yaml"), test.settings)
			}
			test.variables["ENV"] = "local-two"
			for _, goal := range []string{"status", "destroy", "fault"} {
				variables := map[string]string{"REGION": "us-east-1", "KIND": "unreachable"}
				for name, value := range test.variables {
					variables[name] = value
				}
				_, err := c.call(goal, variables)
				if (err == nil) != (test.want == "") {
					t.Errorf("make %s: got %v, want %q", goal, err, test.want)
				}
				if err != nil && test.want != "" && strings.Count(err.Error(), "\n") != 1 {
					t.Errorf("the refusal has more than its line:\n%v", err)
				}
				if test.want != "" && err != nil && !strings.Contains(err.Error(), test.want) {
					t.Errorf("got %v, want %q", err, test.want)
				}
			}
		})
	}
}

func TestSettingsSayWhereAnEnvironmentIs(t *testing.T) {
	c := newClone(t)
	write(
		t,
		filepath.Join(c.root, "stacks", "foundation-network", "Pulumi.prod.yaml"),
		"secretsprovider: awskms://x\nconfig:\n  # the regions\n  foundation-network:primaryRegion: us-east-2\n"+
			"  foundation-network:standbyRegion: 'eu-west-1'\n"+
			"  foundation-network:environmentSuffix: p1 # short\n  foundation-network:primaryZoneIds:\n    - use1-az1\n",
	)
	s := c.must("status", map[string]string{"ENV": "prod"})
	if s.suffix != "p1" || s.standby != "eu-west-1" || s.primary != "us-east-2" || strings.Join(s.regions(), " ") != "us-east-2 eu-west-1" {
		t.Errorf("got suffix %s, regions %s and %s", s.suffix, s.primary, s.standby)
	}
}

// What the settings said once is not remembered beside them.
func TestSettingsAreNotRememberedTwice(t *testing.T) {
	c := newClone(t)
	file := filepath.Join(c.root, "stacks", "foundation-network", "Pulumi.local.yaml")
	write(t, file, "config:\n  foundation-network:standbyRegion: eu-west-1\n  foundation-network:environmentSuffix: one\n")
	if s := c.must("set", map[string]string{}); s.standby != "eu-west-1" || s.suffix != "one" {
		t.Errorf("got %s and %s", s.standby, s.suffix)
	}
	write(t, file, "config:\n")
	if s := c.must("up", map[string]string{}); s.standby != defaultStandby || s.suffix != "local" {
		t.Errorf("the settings are gone, and the environment is at %s and %s", s.standby, s.suffix)
	}
	c.must("up", map[string]string{"SUFFIX": "two"})
	if s := c.must("up", map[string]string{}); s.suffix != "two" {
		t.Errorf("what was given is forgotten: %s", s.suffix)
	}
}

func TestPortOfAnotherEnvironment(t *testing.T) {
	c := newClone(t)
	two := filepath.Join(c.root, "two")
	c.must("up", map[string]string{"ENV": "local-two", "STATE": two, "PORT": "4567"})
	three := map[string]string{"ENV": "local-three", "STATE": filepath.Join(c.root, "three"), "PORT": "4567"}
	c.must("up", three)
	c.run(two)
	if _, err := c.call("up", three); err == nil || !strings.Contains(err.Error(), "PORT=4567 is that of ENV=local-two") {
		t.Errorf("got %v", err)
	}
	if s := c.must("up", map[string]string{"ENV": "local-beside", "STATE": two, "PORT": "4567"}); s.state != two {
		t.Error("two environments of one emulator are not let be")
	}
}

func TestCleanForgetsItsOwnEnvironmentAlone(t *testing.T) {
	c := newClone(t)
	two := filepath.Join(c.root, "two")
	c.must("up", map[string]string{"ENV": "local-two", "STATE": two, "PORT": "4567"})
	s := c.must("up", map[string]string{})
	controller := newController(s)
	controller.stdout = &strings.Builder{}
	if err := clean(t.Context(), controller, nil); err != nil {
		t.Fatal(err)
	}
	if p, err := s.recall("local-two"); err != nil || p.State != two {
		t.Errorf("local-two is at %q: %v", p.State, err)
	}
	if p, err := s.recall("local"); err != nil || p != (location{}) {
		t.Errorf("local is at %q: %v", p.State, err)
	}
}

func FuzzPlainSettings(f *testing.F) {
	f.Add("config:\n  a:b: c\n  a:d: 'e'\n  a:s:\n    secure: x\n", "a")
	f.Add("config:\n  a:b: \"", "a")
	f.Fuzz(func(t *testing.T, content, project string) {
		for key, value := range plainSettings(content, project) {
			if value == "" || strings.Contains(key, ":") {
				t.Errorf("%q is %q", key, value)
			}
		}
	})
}
