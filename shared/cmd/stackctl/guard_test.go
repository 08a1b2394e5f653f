package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestGuard holds every goal to the rule: the environment that is asked for and the shell agree, or nothing is done.
func TestGuard(t *testing.T) {
	localShell := map[string]string{
		"WARMSTANDBY_ENV":  "local",
		"AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
		"HTTP_PROXY":       "http://127.0.0.1:4566",
	}
	for _, test := range []struct {
		name      string
		goals     []string // empty for every goal that acts on an environment
		variables map[string]string
		shell     map[string]string
		want      string // in the error; empty for none
	}{
		{name: "the first command in a new shell", goals: []string{"up"}},
		{name: "the local environment in its own shell", goals: []string{"up", "status", "sweep", "drill"}, shell: localShell},
		{name: "an environment on AWS in the local environment's shell",
			variables: map[string]string{"ENV": "dev", "PULUMI_BACKEND_URL": "s3://states"}, shell: localShell, want: "set up for ENV=local"},
		{name: "an environment on AWS in a shell whose endpoint is an emulator's",
			variables: map[string]string{"ENV": "dev", "PULUMI_BACKEND_URL": "s3://states"},
			shell:     map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}, want: "AWS_ENDPOINT_URL is http://127.0.0.1:4566"},
		{name: "an environment on AWS in a shell whose endpoint is an emulator's, by name",
			variables: map[string]string{"ENV": "dev", "PULUMI_BACKEND_URL": "s3://states"},
			shell:     map[string]string{"AWS_ENDPOINT_URL": "http://localstack:4566"}, want: "AWS_ENDPOINT_URL is http://localstack:4566"},
		{name: "an environment on AWS in a shell where one service's endpoint is an emulator's",
			variables: map[string]string{"ENV": "dev", "PULUMI_BACKEND_URL": "s3://states"},
			shell:     map[string]string{"AWS_ENDPOINT_URL_RDS": "http://[::1]:4566"}, want: "AWS_ENDPOINT_URL_RDS is http://[::1]:4566"},
		{name: "a name that only looks like AWS's", goals: []string{"sweep"}, variables: map[string]string{"ENV": "dev"},
			shell: map[string]string{"AWS_ENDPOINT_URL": "http://amazonaws.com.example.test"}, want: "another endpoint"},
		{name: "a VPC endpoint is AWS's own", goals: []string{"up", "sweep"},
			variables: map[string]string{"ENV": "dev", "PULUMI_BACKEND_URL": "s3://states"},
			shell:     map[string]string{"AWS_ENDPOINT_URL_S3": "https://bucket.vpce-1.s3.us-east-1.vpce.amazonaws.com"}},
		{name: "one environment on AWS in another's shell",
			variables: map[string]string{
				"ENV": "prod", "PULUMI_BACKEND_URL": "s3://states",
			}, shell: map[string]string{"WARMSTANDBY_ENV": "dev"}, want: "ENV is prod"},
		{name: "the local environment in a shell of AWS", shell: map[string]string{"WARMSTANDBY_ENV": "dev"}, want: "ENV is local"},
		{
			name: "a second local environment in the first one's shell", variables: map[string]string{"ENV": "local-two", "PORT": "4567"},
			shell: localShell, want: "ENV is local-two",
		},
		{name: "another port of the same environment", variables: map[string]string{"PORT": "4567"}, shell: localShell, want: "PORT 4567"},
		{
			name: "another emulator's endpoint is replaced", goals: []string{"up"},
			shell: map[string]string{"AWS_ENDPOINT_URL": "http://localhost:5000"},
		},
		{
			name: "checks of the code act on no environment", goals: []string{"lint", "unit", "help", "test"},
			shell: map[string]string{"WARMSTANDBY_ENV": "dev"},
		},
		{name: "tests on AWS in the local environment's shell", goals: []string{"test", "e2e", "orders", "drills", "bench"},
			variables: map[string]string{"ENV": "dev", "PULUMI_BACKEND_URL": "s3://states"}, shell: localShell, want: "set up for ENV=local"},
		{
			name: "tests on AWS without a backend", goals: []string{"test", "e2e"}, variables: map[string]string{"ENV": "dev"},
			want: "PULUMI_BACKEND_URL",
		},
		{
			name: "tests on the local AWS emulator in any shell", goals: []string{"test", "e2e", "orders", "drills", "bench"},
			shell: map[string]string{"WARMSTANDBY_ENV": "dev"},
		},
		{name: "a name that is a path", variables: map[string]string{"ENV": "../dev"}, want: "ENV: allowed"},
		{name: "an empty suffix's words", goals: []string{"status"}, variables: map[string]string{"SUFFIX": "Not_A_Suffix"}, want: "SUFFIX"},
		{name: "a port that is none", variables: map[string]string{"PORT": "http"}, want: "PORT: allowed 1 to 65535"},
		{name: "a stack that is none", variables: map[string]string{"STACK": "data"}, want: "STACK: allowed foundation-network"},
		{name: "the local AWS emulator's faults for an environment on AWS", goals: []string{"fault", "heal", "token", "local-up", "local-down"},
			variables: map[string]string{"ENV": "dev"}, want: "acts on the local AWS emulator alone"},
	} {
		t.Run(test.name, func(t *testing.T) {
			wanted := test.goals
			if len(wanted) == 0 {
				wanted = slices.Sorted(maps.Keys(goals))
				wanted = slices.DeleteFunc(wanted, func(goal string) bool { return !goals[goal].environment })
			}
			for _, goal := range wanted {
				variables := map[string]string{"STATE": filepath.Join(t.TempDir(), "state"), "PULUMI_CONFIG_PASSPHRASE": "x"}
				maps.Copy(variables, test.variables)
				maps.Copy(variables, test.shell)
				c, m, _ := newTestController(t, variables)
				c.root = t.TempDir()
				err := guard(t.Context(), c, []string{goal})
				if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
					t.Errorf("make %s: got %v, want an error with %q", goal, err, test.want)
				}
				if len(m.calls) > 0 {
					t.Errorf("make %s: something was run: %q", goal, m.calls)
				}
				if _, statErr := os.Stat(c.state); err != nil && statErr == nil {
					t.Errorf("make %s was refused and has made the folder STATE", goal)
				}
			}
		})
	}
}

func TestBackendOfAnEnvironmentOnAWS(t *testing.T) {
	for _, test := range []struct {
		name      string
		variables map[string]string
		kept      bool // the clone has the environment's state, as an earlier version kept it
		want      string
	}{
		{"no backend is named", map[string]string{"PULUMI_CONFIG_PASSPHRASE": "x"}, false, "set PULUMI_BACKEND_URL"},
		{"no backend is named, and the clone has the state", map[string]string{"PULUMI_CONFIG_PASSPHRASE": "x"}, true, "or to file://"},
		{"a bucket is named", map[string]string{"PULUMI_BACKEND_URL": "s3://states"}, false, ""},
		{
			"files are named on purpose, without a passphrase", map[string]string{"PULUMI_BACKEND_URL": "file:///srv/state"}, false,
			"no passphrase for the secrets in file:///srv/state",
		},
		{
			"files are named on purpose, with a passphrase",
			map[string]string{"PULUMI_BACKEND_URL": "file:///srv/state", "PULUMI_CONFIG_PASSPHRASE": ""}, false, "",
		},
		{
			"files are named on purpose, with a passphrase in a file",
			map[string]string{"PULUMI_BACKEND_URL": "file:///srv/state", "PULUMI_CONFIG_PASSPHRASE_FILE": "/phrase"}, false, "",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.variables["ENV"] = "dev"
			c, _, _ := newTestController(t, test.variables)
			c.root = t.TempDir()
			if test.kept {
				write(t, filepath.Join(c.state, "pulumi", ".pulumi", "stacks", "data-global", "dev.json"), "{}")
			}
			for _, goal := range []string{"up", "preview", "destroy", "outputs", "summary", "unprotect", "env", "drill", "e2e"} {
				err := guard(t.Context(), c, []string{goal})
				if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
					t.Errorf("make %s: got %v, want an error with %q", goal, err, test.want)
				}
			}
			if err := guard(t.Context(), c, []string{"status"}); err != nil {
				t.Errorf("make status needs no state and is refused: %v", err)
			}
		})
	}
}

func TestFaultsAreReportedTogether(t *testing.T) {
	c, _, _ := newTestController(t, map[string]string{"ENV": "a/b", "STACK": "x"})
	err := guard(t.Context(), c, []string{"up"})
	if err == nil || !strings.Contains(err.Error(), "ENV: allowed") || !strings.Contains(err.Error(), "STACK: allowed") ||
		!strings.Contains(err.Error(), "PULUMI_BACKEND_URL") {
		t.Errorf("got %v, want all three faults", err)
	}
}

func TestClaim(t *testing.T) {
	for _, test := range []struct {
		name    string
		content []string // files in the folder before
		want    string
	}{
		{"a new folder", nil, ""},
		{"what an earlier version has put there", []string{"pulumi/x", "aurora/y", "instance.json", "drills/index.html", "make/local"}, ""},
		{"a second environment's folder inside", []string{"make/local", "two/pulumi/x"}, ""},
		{"a second environment's folder inside, marked", []string{"make/local", "two/.warmstandby"}, ""},
		{"a folder of somebody's", []string{"thesis.txt"}, "thesis.txt"},
		{"a folder of somebody's, with folders", []string{"photos/a.jpg", "pulumi/x"}, "photos"},
		{"an empty folder of somebody's inside", []string{"pulumi/x", "empty/"}, "empty"},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "state")
			for _, file := range test.content {
				if strings.HasSuffix(file, "/") {
					if err := os.MkdirAll(filepath.Join(folder, file), 0o755); err != nil {
						t.Fatal(err)
					}
					continue
				}
				write(t, filepath.Join(folder, file), "")
			}
			err := claim(folder)
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
			if marked(folder) != (test.want == "") {
				t.Errorf("marked is %t", marked(folder))
			}
		})
	}
}
