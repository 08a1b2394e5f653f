//go:build e2e

// Package e2e deploys the platform as a user does, with make, and asks AWS, not the stacks' own outputs, whether what
// stands there is what was meant.
package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/gruntwork-io/terratest/modules/logger"
	"github.com/gruntwork-io/terratest/modules/random"
	"github.com/gruntwork-io/terratest/modules/shell"
)

// The regions of the platform's defaults.
const (
	east = "us-east-1"
	west = "us-west-2"
)

// stacks are all that there are, in the order of their layers.
var stacks = [...]string{"foundation-network", "data-global", "region-app-east", "region-app-west", "global-edge"}

// cleanupTime bounds what a test does after its own context has ended.
const cleanupTime = 5 * time.Minute

// platform is one environment on an embedded AWS of its own: its name, its port and its state are no other's.
type platform struct {
	name  string
	state string
	port  int
}

// newPlatform prepares an environment whose remains are removed when the test ends, however it ends.
func newPlatform(t testing.TB) *platform {
	t.Helper()
	p := &platform{
		name:  "local-" + strings.ToLower(random.UniqueID()),
		state: t.TempDir(),
		port:  freePort(t),
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), cleanupTime)
		defer cancel()
		if _, err := p.tryMake(ctx, t, "destroy"); err != nil {
			t.Errorf("destroying %s: %v", p.name, err)
		}
		if _, err := p.tryMake(ctx, t, "local-down"); err != nil {
			t.Errorf("stopping the embedded AWS of %s: %v", p.name, err)
		}
		p.removeSettings(t)
	})
	return p
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
		Command: "make",
		Args: append([]string{
			"ENV=" + p.name, "STATE=" + p.state, "PORT=" + strconv.Itoa(p.port),
		}, arguments...),
		WorkingDir: root,
		// The make that runs the tests must not hand its own flags and job slots to this one.
		Env:    map[string]string{"MAKEFLAGS": "", "MAKELEVEL": "", "MFLAGS": ""},
		Logger: logger.Discard,
	})
}

// processes are the ids of the embedded AWS's processes, read from what `local status` says.
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
		t.Fatalf("asking for the embedded AWS's status: %v", err)
	}
	var status struct {
		Run processes `json:"run"`
	}
	if err := json.Unmarshal([]byte(output), &status); err != nil {
		t.Fatalf("reading the embedded AWS's status: %v\n%s", err, output)
	}
	return status.Run
}

// aws returns the configuration of clients that ask the environment's AWS in one region.
func (p *platform) aws(t testing.TB, region string) aws.Config {
	t.Helper()
	loaded, err := config.LoadDefaultConfig(t.Context(),
		config.WithRegion(region),
		config.WithBaseEndpoint(fmt.Sprintf("http://127.0.0.1:%d", p.port)),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("test", "test", "")))
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
