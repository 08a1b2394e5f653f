//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"warmstandby/shared/naming"
)

// testTarget is the AWS that the tests run on. This file has all differences between the emulator and AWS.
type testTarget struct {
	emulator bool
	// prefix begins the names of environments. It selects the emulator, or the profile.
	prefix string
	// cleanupLimit bounds the clean-up after a test.
	cleanupLimit time.Duration
}

// target is the target of this run. ENV selects it, as for make: local, local-… or nothing is the emulator.
var target = targetOf(os.Getenv("ENV"))

func targetOf(environment string) testTarget {
	if environment == "" || naming.Emulated(environment) {
		return testTarget{emulator: true, prefix: "local-", cleanupLimit: 20 * time.Minute}
	}
	// A destroy waits for the interfaces of functions to go, up to 40
	// minutes (AWS Lambda Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC").
	return testTarget{prefix: environment + "-", cleanupLimit: 90 * time.Minute}
}

// clients returns the options that the AWS SDK needs for the environment, beside its region. On AWS it has the defaults of all
// AWS tools.
func (p *platform) clients() []func(*config.LoadOptions) error {
	if !target.emulator {
		return nil
	}
	return []func(*config.LoadOptions) error{
		config.WithBaseEndpoint(fmt.Sprintf("http://127.0.0.1:%d", p.port)),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("test", "test", "")),
	}
}

// proxy is the proxy to load balancers. The emulator's load balancers have no public DNS names, so it is the proxy itself.
func (p *platform) proxy() func(*http.Request) (*url.URL, error) {
	if !target.emulator {
		return http.ProxyFromEnvironment
	}
	return http.ProxyURL(&url.URL{Scheme: "http", Host: fmt.Sprintf("127.0.0.1:%d", p.port)})
}

// admit configures the application for tokens of the tests' own issuer. On the emulator make does that.
func (p *platform) admit(t testing.TB) {
	t.Helper()
	if target.emulator {
		return
	}
	p.shell(t, `cd stacks/data-global && pulumi stack select --create "$ENV" >/dev/null &&
		"$LOCAL" jwks --state "$STATE" | while IFS= read -r setting; do pulumi config set "${setting%%=*}" "${setting#*=}"; done`)
}

// requireEmulator fails a test on AWS that needs a fault of a region, a process or a call, which AWS does not offer. Make leaves such
// tests out on AWS: emulatorTests in test/checks lists them.
func requireEmulator(t *testing.T) {
	t.Helper()
	if !target.emulator {
		t.Fatalf("%s needs the faults of the local AWS emulator: run it with ENV=local", t.Name())
	}
}

// runOnEmulator runs a subtest that needs the emulator: its faults, its processes or its database servers, which on AWS are in
// subnets that the tests cannot reach.
func runOnEmulator(t *testing.T, name string, test func(*testing.T)) {
	t.Helper()
	if !target.emulator {
		t.Logf("left out on AWS: %s", name)
		return
	}
	t.Run(name, test)
}
