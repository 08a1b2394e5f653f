package main

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestValuesOfVariables(t *testing.T) {
	fault := map[string]string{"REGION": "us-east-1", "KIND": "unreachable"}
	for _, test := range []struct {
		name, goal string
		variables  map[string]string
		want       string // in the error; empty for none
	}{
		{"a fault of the primary region", "fault", nil, ""},
		{"a fault of the standby region", "fault", map[string]string{"REGION": "us-west-2"}, ""},
		{"a fault of another standby region", "fault", map[string]string{"REGION": "eu-west-1", "STANDBY": "eu-west-1"}, ""},
		{"a fault of a region whose name is misspelt", "fault", map[string]string{"REGION": "us-est-1"},
			`REGION: allowed us-east-1, us-west-2; got "us-est-1"`},
		{"a fault of a region that the platform is not in", "fault", map[string]string{"REGION": "eu-west-1"},
			`REGION: allowed us-east-1, us-west-2; got "eu-west-1"`},
		{"a fault of no region", "fault", map[string]string{"REGION": ""}, `REGION: allowed us-east-1, us-west-2; got ""`},
		{"a fault of a kind that is none", "fault", map[string]string{"KIND": "gone"}, `got "gone"`},
		{"a fault of no kind", "fault", map[string]string{"KIND": ""}, "KIND: allowed unreachable, slow"},
		{"an end of all faults", "heal", map[string]string{"REGION": ""}, ""},
		{"an end of the faults of a region whose name is misspelt", "heal", map[string]string{"REGION": "us-west2"}, `got "us-west2"`},
		{"a drill", "drill", map[string]string{"SCENARIO": "region-lost"}, ""},
		{"a drill of a scenario that is none", "drill", map[string]string{"SCENARIO": "region-last"}, `got "region-last"`},
		{"a switch that is on", "failover", map[string]string{"DATA_LOSS": "yes", "FORCE": "1"}, ""},
		{"a switch that is off", "failover", map[string]string{"DATA_LOSS": "no", "FORCE": "0"}, ""},
		{"a switch that is neither", "failover", map[string]string{"DATA_LOSS": "true"}, `DATA_LOSS: allowed yes, 1, no, 0; got "true"`},
		{"another goal's variables", "status", map[string]string{"REGION": "us-est-1", "SCENARIO": "x", "FORCE": "true"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			variables := maps.Clone(fault)
			variables["STATE"] = filepath.Join(t.TempDir(), "state")
			maps.Copy(variables, test.variables)
			c, m, _ := newTestController(t, variables)
			c.root = t.TempDir()
			err := guard(t.Context(), c, []string{test.goal})
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
			if len(m.calls) > 0 {
				t.Errorf("something was run: %q", m.calls)
			}
		})
	}
}

// TestListsOfValues compares the lists, and what make's help says, with the sources that they repeat.
func TestListsOfValues(t *testing.T) {
	makefile := read(t, "Makefile")
	for _, test := range []struct {
		name    string
		files   []string
		pattern string // its first group is one value
		got     []string
	}{
		{"the kinds of faults", []string{"test/local/fault/fault.go"}, `(?m)^\t\w+ Kind = "([a-z-]+)"$`, faultKinds},
		{
			"the drill's scenarios", []string{"test/drill/scenario/table.go", "test/drill/scenario/flood.go"}, `(?m)^\s+Name: +"([a-z-]+)",`,
			scenarios,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var want []string
			for _, file := range test.files {
				for _, match := range regexp.MustCompile(test.pattern).FindAllStringSubmatch(read(t, file), -1) {
					want = append(want, match[1])
				}
			}
			if !slices.Equal(slices.Sorted(slices.Values(test.got)), slices.Sorted(slices.Values(want))) {
				t.Errorf("the guard allows %q, %q have %q", test.got, test.files, want)
			}
			for _, value := range want {
				if !strings.Contains(makefile, value) {
					t.Errorf("the Makefile does not name %s", value)
				}
			}
		})
	}
}

func TestMissingNPMIsOneClearLine(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	c, m, _ := newTestController(t, map[string]string{})
	for _, a := range c.artifacts() {
		if a.name != artifactPackages && a.name != artifactApp {
			continue
		}
		if err := a.make(t.Context(), c, a); err == nil || !strings.Contains(err.Error(), "install Node.js") {
			t.Errorf("%s: got %v, want what to install", a.name, err)
		}
	}
	if len(m.calls) > 0 {
		t.Errorf("something was run: %q", m.calls)
	}
}

// read returns a file of the repository.
func read(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "..", file))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
