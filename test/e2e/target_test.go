//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// testTarget is what the tests know of where AWS is. Everything that differs between the emulator and AWS stands in this file.
type testTarget struct {
	emulator bool
	// prefix begins the environments' names: it makes them the emulator's, or says which profile they have.
	prefix string
	// cleanupLimit bounds what a test removes after its own context has ended.
	cleanupLimit time.Duration
}

// target is the site of this run. ENV chooses it, as for make: local and what begins with local-, or nothing, is the emulator.
var target = targetOf(os.Getenv("ENV"))

func targetOf(environment string) testTarget {
	if environment == "" || environment == "local" || strings.HasPrefix(environment, "local-") {
		return testTarget{emulator: true, prefix: "local-", cleanupLimit: 20 * time.Minute}
	}
	// A destroy waits for the interfaces of functions to go, up to 40
	// minutes (AWS Lambda Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC").
	return testTarget{prefix: environment + "-", cleanupLimit: 90 * time.Minute}
}

// clients returns what AWS's SDK needs to reach the environment, beside its region. On AWS that is what every AWS tool finds.
func (p *platform) clients() []func(*config.LoadOptions) error {
	if !target.emulator {
		return nil
	}
	return []func(*config.LoadOptions) error{
		config.WithBaseEndpoint(fmt.Sprintf("http://127.0.0.1:%d", p.port)),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("test", "test", "")),
	}
}

// proxy leads to load balancers. Their names are in no DNS of the emulator, which is its clients' proxy instead.
func (p *platform) proxy() func(*http.Request) (*url.URL, error) {
	if !target.emulator {
		return http.ProxyFromEnvironment
	}
	return http.ProxyURL(&url.URL{Scheme: "http", Host: fmt.Sprintf("127.0.0.1:%d", p.port)})
}

// admit makes the application admit the tokens of the tests' own issuer. On the emulator make does.
func (p *platform) admit(t testing.TB) {
	t.Helper()
	if target.emulator {
		return
	}
	p.shell(t, `cd stacks/data-global && pulumi stack select --create "$ENV" >/dev/null &&
		"$LOCAL" jwks --state "$STATE" | while IFS= read -r setting; do pulumi config set "${setting%%=*}" "${setting#*=}"; done`)
}

// needsFaults ends a test on AWS whose subject is a region, a process or a call that fails on request.
func needsFaults(t *testing.T) {
	t.Helper()
	if !target.emulator {
		t.Skip("AWS has no faults on request")
	}
}

// runEmbedded runs a subtest of what can be asked of the emulator alone: its faults, its processes, and its database
// servers, which on AWS are in subnets that nothing here reaches.
func runEmbedded(t *testing.T, name string, test func(*testing.T)) {
	t.Helper()
	if !target.emulator {
		t.Logf("left out on AWS: %s", name)
		return
	}
	t.Run(name, test)
}
