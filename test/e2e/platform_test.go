//go:build e2e

// Package e2e deploys the platform as a user does, with make, and asks AWS, not the stacks' own outputs, whether what
// stands there is what was meant. TestPlatform is one platform's life; the other tests are the orders in which life comes:
// two environments at once, deployments that break off, an older platform that is brought up to date, a lost region.
//
// Each platform has a name that no other run has, is destroyed when its test ends, however it ends, and goes through three
// stages. SKIP_deploy, SKIP_verify and SKIP_destroy, set to anything, leave one out: a run with SKIP_destroy keeps its platform,
// and one with SKIP_deploy takes up the one that its test kept last.
//
// On AWS: make e2e ENV=dev, with credentials as for `make up ENV=dev`. Every environment is then named dev- and six characters,
// and what needs a fault, or a server in a subnet, is left out (embedded_test.go). Expect two hours for TestPlatform: Aurora
// makes and removes clusters and moves writers in tens of minutes. It costs about 1 USD: two hours of 36 network interfaces of
// endpoints at 0.01 USD an hour each, of two Aurora instances at 0.5 ACU and 0.12 USD an ACU and hour, and of two load balancers
// (AWS PrivateLink, Amazon Aurora and Elastic Load Balancing pricing, us-east-1). Both are reckoned and not measured: nobody has
// run it there yet.
//
// Of terratest, its modules test-structure, retry, random and shell are used. Its modules aws and http-helper are not: they find
// AWS by the process's environment and know no proxy, and here platforms side by side have an AWS each.
package e2e

import (
	"context"
	"encoding/json"
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

// stacks are all that there are, in the order of their layers.
var stacks = [...]string{"foundation-network", "data-global", "region-app-east", "region-app-west", "global-edge"}

// platform is one environment on an emulator of its own: its name, its port and its state are no other's.
type platform struct {
	name  string
	state string
	port  int
	// tempDir stands for the folder of temporary files that all users of a machine have in common. Nothing may be left in it: what one
	// user leaves there another can neither use nor delete.
	tempDir string
}

// makeEnvironment keeps the make that runs the tests from handing its own flags and job slots to theirs.
func (p *platform) makeEnvironment() map[string]string {
	return map[string]string{"MAKEFLAGS": "", "MAKELEVEL": "", "MFLAGS": "", "TMPDIR": p.tempDir}
}

// removeSettings removes the files in which Pulumi keeps what it set for the environment.
func (p *platform) removeSettings(t testing.TB) {
	t.Helper()
	settings, err := filepath.Glob(filepath.Join(root, "stacks", "*", "Pulumi."+p.name+".yaml"))
	if err != nil {
		t.Errorf("finding the settings of %s: %v", p.name, err)
	}
	for _, file := range settings {
		if err := os.Remove(file); err != nil {
			t.Errorf("removing the settings of %s: %v", p.name, err)
		}
	}
}

// root is the repository, seen from this package.
const root = "../.."

// make runs make in the environment and returns what it printed; the test ends when make fails.
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
		Command: "make", Args: append(p.variables(), arguments...), WorkingDir: root, Env: p.makeEnvironment(), Logger: logger.Discard,
	})
}

// variables are make's, as arguments of it.
func (p *platform) variables() []string {
	return []string{"ENV=" + p.name, "STATE=" + p.state, "PORT=" + strconv.Itoa(p.port)}
}

// shell runs lines of bash at the repository's root with Pulumi's variables set for the environment, beside ENV, STATE and LOCAL,
// the local command; it returns what they print. The test ends when they fail.
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
		Env:        p.makeEnvironment(),
		Logger:     logger.Discard,
		Args: []string{
			"-eu", "-o", "pipefail", "-c",
			`ENV=$1 STATE=$2 LOCAL=$4; variables="$(make env ENV="$ENV" STATE="$STATE" PORT="$3")"; eval "$variables"` + "\n" + lines,
			"bash", p.name, p.state, strconv.Itoa(p.port), local,
		},
	})
}

// processes are the ids of the emulator's processes, read from what `local status` says.
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
	var status struct {
		Run processes `json:"run"`
	}
	if err := json.Unmarshal([]byte(output), &status); err != nil {
		t.Fatalf("reading the emulator's status: %v\n%s", err, output)
	}
	return status.Run
}

// aws returns the configuration of clients that ask the environment's AWS in one region.
func (p *platform) aws(t testing.TB, region string) aws.Config {
	t.Helper()
	loaded, err := config.LoadDefaultConfig(t.Context(), append(p.clients(), config.WithRegion(region))...)
	if err != nil {
		t.Fatalf("configuring clients of %s: %v", region, err)
	}
	return loaded
}

// freePort returns a port that nobody listens at.
func freePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("finding a free port: %v", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}
