//go:build e2e

// Package e2e deploys the platform with make, as a user does, and verifies it by asking AWS instead of the stacks' outputs.
// TestPlatform covers one platform from its deployment to its removal. The TestLifecycle tests cover interrupted deployments, two
// environments side by side and an upgrade, the TestDrill tests the drill, and TestAutomaticFailover the controller.
//
// Each platform has a unique name, is destroyed when its test ends, and goes through three stages. SKIP_deploy, SKIP_verify and
// SKIP_destroy, set to anything, leave a stage out: a run with SKIP_destroy keeps its platform, and a run with SKIP_deploy uses the
// platform that its test has kept.
//
// On AWS: make e2e ENV=dev, with credentials as for `make up ENV=dev`. Every environment is then named dev- and six characters,
// and what needs a fault, or a server in a subnet, is left out (target_test.go). Expect two hours for TestPlatform: Aurora
// creates and deletes clusters and moves writers in tens of minutes. It costs about 1 USD: two hours of 24 network interfaces of
// endpoints at 0.01 USD an hour each, of two Aurora instances at 0.5 ACU and 0.12 USD an ACU and hour, and of two load balancers
// (AWS PrivateLink, Amazon Aurora and Elastic Load Balancing pricing, us-east-1). Both are estimates, because
// the tests have not run on AWS yet.
//
// The tests use terratest's modules test-structure, retry, random and shell. They do not use its modules aws and http-helper, which
// find AWS by the process's environment and support no proxy, because each of several platforms in one run has its own emulator.
package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/gruntwork-io/terratest/modules/logger"
	"github.com/gruntwork-io/terratest/modules/shell"
)

// The regions of the platform's defaults.
const (
	east = "us-east-1"
	west = "us-west-2"
)

// stacks are all stacks in the order of their layers.
var stacks = [...]string{"foundation-network", "data-global", "region-app-east", "region-app-west", "global-edge"}

// platform is one environment on an emulator of its own, with its own name, port and state.
type platform struct {
	name  string
	state string
	port  int
	// tempDir stands for the folder of temporary files that all users of a machine share. Nothing may be left in it, because other
	// users could neither use nor delete it.
	tempDir string
	// people are who types its commands; nil: its administrator.
	people *people
	// traits are what its settings make of it.
	traits traits
	// person is the one of them who types all; empty: each types their own.
	person string
}

// makeEnvironment keeps the make that runs the tests from passing its flags and job slots on. All that Pulumi says is printed: tests
// read it, and a failure shows it.
func (p *platform) makeEnvironment() map[string]string {
	return map[string]string{"MAKEFLAGS": "", "MAKELEVEL": "", "MFLAGS": "", "TMPDIR": p.tempDir, "VERBOSE": "yes"}
}

// removeSettings removes the files with the environment's Pulumi settings, and the one that says where it is.
func (p *platform) removeSettings(t testing.TB) {
	t.Helper()
	settings, err := filepath.Glob(filepath.Join(root, "stacks", "*", "Pulumi."+p.name+".yaml"))
	if err != nil {
		t.Errorf("finding the settings of %s: %v", p.name, err)
	}
	for _, file := range append(settings, filepath.Join(root, ".state", "environments", p.name+".json")) {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("removing the settings of %s: %v", p.name, err)
		}
	}
}

// root is the repository, relative to this package.
const root = "../.."

// make runs make in the environment and returns its output. It fails the test if make fails.
func (p *platform) make(t testing.TB, arguments ...string) string {
	t.Helper()
	output, err := p.tryMake(t.Context(), t, arguments...)
	if err != nil {
		t.Fatalf("make %s: %v\n%s", strings.Join(arguments, " "), err, output)
	}
	return output
}

func (p *platform) tryMake(ctx context.Context, t testing.TB, arguments ...string) (string, error) {
	return shell.RunCommandContextAndGetOutputE(t, ctx, &shell.Command{
		Command: "make", Args: append(p.variables(), arguments...), WorkingDir: root, Env: p.environmentFor(t, arguments...),
		Logger: logger.Discard,
	})
}

// variables are the variables of make, as arguments.
func (p *platform) variables() []string {
	return []string{"ENV=" + p.name, "STATE=" + p.state, "PORT=" + strconv.Itoa(p.port)}
}

// shell runs lines of bash at the root of the repository, with the environment of Pulumi and with ENV, STATE and LOCAL, the
// local command. It returns their output, and fails the test if they fail.
func (p *platform) shell(t testing.TB, lines string) string {
	t.Helper()
	output, err := p.tryShell(t, lines)
	if err != nil {
		t.Fatalf("running %s: %v\n%s", lines, err, output)
	}
	return output
}

func (p *platform) tryShell(t testing.TB, lines string) (string, error) {
	t.Helper()
	local := require(filepath.Abs(filepath.Join(root, ".state", "make", "local")))(t)
	return shell.RunCommandContextAndGetStdOutE(t, t.Context(), &shell.Command{
		Command:    "bash",
		WorkingDir: root,
		Env:        p.environmentFor(t),
		Logger:     logger.Discard,
		Args: []string{
			"-eu", "-o", "pipefail", "-c",
			`ENV=$1 STATE=$2 LOCAL=$4; variables="$(make env ENV="$ENV" STATE="$STATE" PORT="$3")"; eval "$variables"` + "\n" + lines,
			"bash", p.name, p.state, strconv.Itoa(p.port), local,
		},
	})
}

// processes are the ids of the emulator's processes, from `local status`.
type processes struct {
	Gateway  int `json:"gatewayPid"`
	Emulator int `json:"emulatorPid"`
}

func (p *platform) processes(t testing.TB) processes {
	t.Helper()
	output, err := shell.RunCommandContextAndGetStdOutE(t, t.Context(), &shell.Command{
		Command: filepath.Join(".state", "make", "local"), Args: []string{"status", "--json", "--state", p.state},
		WorkingDir: root, Logger: logger.Discard,
	})
	if err != nil {
		t.Fatalf("asking for the emulator's status: %v", err)
	}
	return parseProcesses(t, output)
}

// parseProcesses reads what `local status --json` prints.
func parseProcesses(t testing.TB, printed string) processes {
	t.Helper()
	var status struct {
		Run processes `json:"run"`
	}
	if err := json.Unmarshal([]byte(printed), &status); err != nil {
		t.Fatalf("reading the emulator's status: %v\n%s", err, printed)
	}
	return status.Run
}

// aws returns the configuration of clients of the environment's AWS in one region.
func (p *platform) aws(t testing.TB, region string) aws.Config {
	t.Helper()
	loaded, err := config.LoadDefaultConfig(t.Context(), append(p.clients(), config.WithRegion(region))...)
	if err != nil {
		t.Fatalf("configuring clients of %s: %v", region, err)
	}
	return loaded
}

// freePort returns a port that is free.
func freePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("finding a free port: %v", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}
