package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestBuildOrder(t *testing.T) {
	everything := []answer{{contains: "$ "}}
	for _, test := range []struct {
		name      string
		variables map[string]string
		wanted    []string
		runs      []string // what calls contain, in order
		never     string
	}{
		{
			name: "the tools come before the local AWS emulator, which comes before what the stacks are made of", wanted: []string{artifactStacks},
			runs: []string{
				"go build -C test/local", "local tools --root . --env local", "local up --state", "go build ./shared/components/... ",
			},
		},
		{
			name: "on AWS no local AWS emulator is started", variables: map[string]string{"ENV": "prod"}, wanted: []string{artifactAWS},
			runs: []string{"local tools --root . --env prod"}, never: "local up",
		},
		{
			name: "what operators need on AWS needs no local command", variables: map[string]string{"ENV": "prod", "RELEASES": "none"},
			wanted: []string{artifactOperator, artifactObserver, artifactSmoke, artifactDrill, artifactDoctor, artifactSweep, artifactController},
			runs:   []string{"go build -o .state/make/observer"}, never: "test/local",
		},
		{
			name: "the function is installed before it is bundled", wanted: []string{artifactApp},
			runs: []string{"npm --prefix lambda/app ci", "npm --prefix lambda/app run --silent build"}, never: "local tools",
		},
		{
			name: "the controller on AWS is Lambda's", variables: map[string]string{"ENV": "prod"}, wanted: []string{artifactController},
			runs: []string{"CGO_ENABLED=0 GOOS=linux GOARCH=arm64 go build", "build-lambda-zip -o .state/make/failover/linux-arm64/bootstrap.zip"},
		},
		{
			name: "another architecture is spelled as Lambda spells it", variables: map[string]string{"ENV": "prod", "ARCHITECTURE": "x86_64"},
			wanted: []string{artifactController},
			runs:   []string{"GOOS=linux GOARCH=amd64", "-o .state/make/failover/linux-x86_64/bootstrap.zip"},
		},
		{
			name: "the linters are installed by their hashes into an emptied environment", wanted: []string{artifactLinters, artifactLinters},
			runs: []string{"-m venv --clear .state/make/pytools", "--require-hashes --only-binary :all: --no-deps -r test/tools/requirements.txt"},
		},
		{
			name: "auditors' tools are installed by their hashes, each set into an environment of its own", wanted: []string{artifactAuditors},
			runs: []string{
				"-m venv --clear .state/make/auditors/checkov",
				"--require-hashes --only-binary :all: --no-deps --no-build-isolation -r test/audit/policies/requirements.txt",
				"python -m pip install --quiet --no-input --disable-pip-version-check --require-hashes " +
					"--only-binary :all: --no-deps --no-build-isolation -r test/audit/prowler/build.txt",
			},
		},
		{
			name: "moto is installed by its hashes into an environment of its own", wanted: []string{artifactMoto},
			runs: []string{
				"-m venv --clear .state/make/moto",
				"python -m pip install --quiet --no-input --disable-pip-version-check --require-hashes " +
					"--only-binary :all: --no-deps -r test/secondopinion/requirements.txt",
			},
		},
		{
			name: "Schemathesis is installed by its hashes into an environment of its own", wanted: []string{artifactFuzzer},
			runs: []string{
				"-m venv --clear .state/make/schemathesis",
				"python -m pip install --quiet --no-input --disable-pip-version-check --require-hashes " +
					"--only-binary :all: --no-deps -r test/api/requirements.txt",
			},
		},
		{
			name: "what two artifacts wait for is made once", wanted: []string{artifactTools, artifactLocal, artifactTools},
			runs: []string{"go build -C test/local"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			variables := map[string]string{}
			for name, value := range test.variables {
				variables[name] = value
			}
			c, m, _ := newTestController(t, variables, everything...)
			inEmptyRepository(t, c, m)
			if err := c.build(t.Context(), test.wanted...); err != nil {
				t.Fatal(err)
			}
			next := 0
			for _, call := range m.calls {
				if next < len(test.runs) && strings.Contains(call, test.runs[next]) {
					next++
				}
			}
			if next < len(test.runs) {
				t.Errorf("%q does not come in its turn in\n%s", test.runs[next], strings.Join(m.calls, "\n"))
			}
			if test.never != "" && len(m.called(test.never)) > 0 {
				t.Errorf("%q is called", test.never)
			}
			if compiled := m.called("go build -C test/local"); len(compiled) > 1 {
				t.Errorf("the local command is compiled %d times", len(compiled))
			}
		})
	}
}

// inEmptyRepository gives the controller an empty repository, in which each program that it runs makes the file of the artifact
// whose path it is given, and npm and venv their own.
func inEmptyRepository(t *testing.T, c *controller, m *machine) {
	c.settings.root = t.TempDir()
	m.root = c.settings.root
	for _, source := range goSources(operatorFolders...) {
		if file := filepath.Join(c.root, source); strings.HasPrefix(source, "go.") {
			write(t, file, "")
		} else if err := os.MkdirAll(file, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	c.process = func(ctx context.Context, p process) error {
		if err := m.run(ctx, p); err != nil {
			return err
		}
		call := strings.Join(p.arguments, " ")
		files := map[string]string{
			"npm --prefix lambda/app ci": installed, "run --silent build": appFolder + "/dist/index.mjs",
			"-m venv --clear " + linterFolder:       linterFolder + "/bin/python",
			"-m venv --clear " + auditorFolder:      auditorFolder + "/checkov/bin/python",
			"-m venv --clear " + motoFolder:         motoFolder + "/bin/python",
			"-m venv --clear " + schemathesisFolder: schemathesisFolder + "/bin/python",
		}
		for _, a := range c.artifacts() {
			if a.file != "" {
				files[a.file] = a.file
			}
		}
		for named, file := range files {
			if strings.Contains(call, named) {
				write(t, filepath.Join(c.root, file), "made")
			}
		}
		return nil
	}
}

func TestStackPackages(t *testing.T) {
	list := func(arguments ...string) []string {
		t.Helper()
		call := exec.CommandContext(t.Context(), "go", append([]string{"list"}, arguments...)...)
		call.Dir = "../../.."
		listed, err := call.Output()
		if err != nil {
			t.Fatalf("go list %q: %v", arguments, err)
		}
		return strings.Fields(string(listed))
	}
	if programs := list(append([]string{"-f", `{{if eq .Name "main"}}{{.ImportPath}}{{end}}`}, stackPackages...)...); len(programs) > 0 {
		t.Errorf("%q are programs, which are linked for nothing each time", programs)
	}
	built := list(append([]string{"-deps"}, stackPackages...)...)
	for _, stack := range stackNames() {
		for _, imported := range list("-f", `{{join .Imports " "}}`, "./stacks/"+stack) {
			if !slices.Contains(built, imported) && imported != "embed" {
				t.Errorf("%s imports %s, which is compiled when the stack is deployed and not before", stack, imported)
			}
		}
	}
}

// A program that says that it is done and has made nothing is not believed.
func TestAMissingArtifact(t *testing.T) {
	c, m, _ := newTestController(t, map[string]string{}, answer{contains: "$ go build -C"})
	c.settings.root = t.TempDir()
	m.root = c.settings.root
	if err := c.build(t.Context(), artifactLocal); err == nil || !strings.Contains(err.Error(), "it was not made") {
		t.Errorf("got %v", err)
	}
}

func TestBuildRefusesWhatItDoesNotKnow(t *testing.T) {
	c, m, _ := newTestController(t, map[string]string{})
	if err := c.build(t.Context(), "controler"); err == nil || !strings.Contains(err.Error(), `"controler"`) || len(m.calls) > 0 {
		t.Errorf("got %v after the calls %q", err, m.calls)
	}
}

func TestNothingIsBuiltAfterAFailure(t *testing.T) {
	c, m, _ := newTestController(t, map[string]string{}, answer{contains: "$ go build -C", fails: true})
	inEmptyRepository(t, c, m)
	if err := c.build(
		t.Context(),
		artifactStacks,
		artifactTools,
	); err == nil || !strings.Contains(err.Error(), "local") ||
		len(m.calls) != 1 {
		t.Errorf("got %v after the calls %q", err, m.calls)
	}
}

// What is made again, and what is not, by the times of the files.
func TestStale(t *testing.T) {
	for _, test := range []struct {
		name string
		file string // that is written after the artifact was made
		want bool
	}{
		{"nothing has changed", "", false},
		{"a source", "src/main.go", true},
		{"a source in a folder below", "src/a/b/c.go", true},
		{"a file that is not Go's", "src/a/schema.sql", true},
		{"a file that is named as a source", "go.mod", true},
		{"a test", "src/main_test.go", false},
		{"what a test reads", "src/testdata/x.json", false},
		{"what npm has installed", "src/node_modules/x/index.js", false},
		{"a neighbour", "other/main.go", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, _, _ := newTestController(t, map[string]string{})
			c.settings.root = t.TempDir()
			old := time.Now().Add(-time.Hour)
			for _, file := range []string{"src/main.go", "src/a/b/c.go", "go.mod", "out/program"} {
				write(t, filepath.Join(c.root, file), "x")
				if err := os.Chtimes(filepath.Join(c.root, file), old, old); err != nil {
					t.Fatal(err)
				}
			}
			if test.file != "" {
				write(t, filepath.Join(c.root, test.file), "y")
			}
			got, err := c.stale(artifact{file: "out/program", sources: []string{"src", "go.mod"}})
			if err != nil || got != test.want {
				t.Errorf("stale: %t, %v; want %t", got, err, test.want)
			}
		})
	}
	t.Run("a missing source and a missing file make it stale", func(t *testing.T) {
		c, _, _ := newTestController(t, map[string]string{})
		c.settings.root = t.TempDir()
		write(t, filepath.Join(c.root, "out/program"), "x")
		missing, err := c.stale(artifact{file: "out/program", sources: []string{"src"}})
		absent, absentErr := c.stale(artifact{file: "out/none", sources: nil})
		if !missing || !absent || err != nil || absentErr != nil {
			t.Errorf("got %t %v, %t %v", missing, err, absent, absentErr)
		}
	})
}

// Every source in the table exists, so that none is stale for ever by a folder that was renamed.
func TestSourcesExist(t *testing.T) {
	c, _, _ := newTestController(t, map[string]string{})
	for _, a := range c.artifacts() {
		for _, source := range a.sources {
			if _, err := os.Stat(filepath.Join(repository, source)); err != nil && source != installed {
				t.Errorf("%s is made of %s: %v", a.name, source, err)
			}
		}
	}
}

func TestNeeds(t *testing.T) {
	for _, test := range []struct {
		name, command string
		variables     map[string]string
		has, hasNot   []string
		arguments     []string
	}{
		{
			name: "up of all needs both functions", command: "up",
			has: []string{artifactAWS, artifactRepair, artifactApp, artifactController, artifactSummary},
		},
		{
			name: "up of the network needs no function", command: "up", variables: map[string]string{"STACK": "foundation-network"},
			has: []string{artifactAWS}, hasNot: []string{artifactApp, artifactController},
		},
		{
			name: "up of a region needs the application", command: "up", variables: map[string]string{"STACK": "region-app-west"},
			has: []string{artifactApp}, hasNot: []string{artifactController},
		},
		{
			name: "up of the edge needs the controller", command: "up", variables: map[string]string{"STACK": "global-edge"},
			has: []string{artifactController}, hasNot: []string{artifactApp},
		},
		{
			name: "destroy moves the writer to the primary region", command: "destroy",
			has: []string{artifactOperator, artifactRepair}, hasNot: []string{artifactApp},
		},
		{
			name: "status needs no Pulumi", command: "operate", variables: map[string]string{"ENV": "prod"},
			has: []string{artifactOperator}, hasNot: []string{artifactTools, artifactAWS, artifactLocal},
		},
		{name: "status on the emulator is reached by its own command", command: "operate", has: []string{artifactOperator, artifactLocal}},
		{
			name: "linters show how long they have been silent on AWS, too", command: "check", arguments: []string{"lint"},
			variables: map[string]string{"ENV": "prod"}, has: []string{artifactLocal},
		},
		{
			name: "sweep of a local AWS emulator needs it running", command: "sweep",
			has: []string{artifactAWS, artifactSweep},
		},
		{
			name: "sweep on AWS needs no Pulumi", command: "sweep", variables: map[string]string{"ENV": "prod"},
			has: []string{artifactSweep}, hasNot: []string{artifactTools, artifactAWS},
		},
		{
			name: "linters need no Pulumi", command: "check", arguments: []string{"lint"},
			has: []string{artifactChecks, artifactLinters, artifactPackages}, hasNot: []string{artifactTools},
		},
		{
			name: "an audit needs the auditors' tools", command: "check", arguments: []string{"audit"},
			has: []string{artifactChecks, artifactAuditors, artifactTools}, hasNot: []string{artifactLinters, artifactAWS},
		},
		{
			name: "a second opinion needs moto and all that deploys", command: "check", arguments: []string{"second-opinion"},
			has:    []string{artifactChecks, artifactTools, artifactApp, artifactController, artifactOperator, artifactMoto},
			hasNot: []string{artifactDrill, artifactAWS},
		},
		{
			name: "a first use needs little, because its clone builds the rest", command: "check", arguments: []string{"first-use"},
			has: []string{artifactChecks, artifactLocal}, hasNot: []string{artifactTools, artifactApp, artifactOperator, artifactAWS},
		},
		{
			name: "tests of the API need Schemathesis and all that deploys", command: "check", arguments: []string{"api"},
			has:    []string{artifactChecks, artifactTools, artifactApp, artifactFuzzer},
			hasNot: []string{artifactDrill, artifactAWS, artifactMoto},
		},
		{
			name: "unit tests need no function", command: "check", arguments: []string{"unit"}, has: []string{artifactTools},
			hasNot: []string{artifactApp, artifactController},
		},
		{
			name: "tests of everything need everything", command: "check", arguments: []string{"test"},
			has: []string{artifactTools, artifactApp, artifactController, artifactOperator}, hasNot: []string{artifactAWS},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			variables := map[string]string{"STATE": t.TempDir()}
			for name, value := range test.variables {
				variables[name] = value
			}
			s := settingsOf(t, variables)
			i := slices.IndexFunc(subcommands(), func(one subcommand) bool { return one.name == test.command })
			got := s.needed(subcommands()[i], test.arguments)
			for _, name := range test.has {
				if !slices.Contains(got, name) {
					t.Errorf("%q is missing in %q", name, got)
				}
			}
			for _, name := range test.hasNot {
				if slices.Contains(got, name) {
					t.Errorf("%q is among %q", name, got)
				}
			}
		})
	}
}

func TestLocalCalls(t *testing.T) {
	for _, test := range []struct {
		name, command string
		variables     map[string]string
		want          string
	}{
		{
			"a fault", "fault", map[string]string{"REGION": "us-east-1", "KIND": "slow", "DELAY": "1s"},
			"local fault --state /srv/s --region us-east-1 --kind slow --delay 1s --action ",
		},
		{"heal of all", "heal", nil, "local heal --state /srv/s --region "},
		{"a token", "token", map[string]string{"SCOPE": "records:read"}, "local token --state /srv/s --scope records:read"},
		{
			"a tenant's token", "token", map[string]string{"SCOPE": "records:read", "TENANT": "clinic-a"},
			"local token --state /srv/s --scope records:read --tenant clinic-a",
		},
		{"down", "local-down", nil, "local down --state /srv/s --port 4566"},
		{"status of one that is down is an answer", "local-status", nil, "local status --state /srv/s"},
	} {
		t.Run(test.name, func(t *testing.T) {
			variables := map[string]string{"STATE": "/srv/s"}
			for name, value := range test.variables {
				variables[name] = value
			}
			c, m, _ := newTestController(t, variables, answer{contains: "local status", exitCode: exitDown}, answer{contains: "local "})
			i := slices.IndexFunc(subcommands(), func(one subcommand) bool { return one.name == test.command })
			if err := subcommands()[i].run(t.Context(), c, nil); err != nil {
				t.Fatal(err)
			}
			if want := []string{".$ " + test.want}; !slices.Equal(m.calls, want) {
				t.Errorf("calls are %q, want %q", m.calls, want)
			}
		})
	}
}
