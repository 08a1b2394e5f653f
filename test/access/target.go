// Package access reaches a deployed platform as its users do: by its names, past every proxy and cache but its own, with a token. It
// knows neither the drill nor the tests that use it.
package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/miekg/dns"

	"warmstandby/lambda/failover/awsclient"
	"warmstandby/lambda/failover/invocation"
	"warmstandby/shared/contract/controller"
	"warmstandby/shared/naming"
	"warmstandby/shared/shell"
)

// Target is a platform and the means to reach it.
type Target struct {
	Environment string // the suffix of its names
	Region      string // the standby region

	// Local and State are the local command and the folder of the emulator, both empty on AWS.
	Local, State string
	// Resolver, ZoneServer and Token are for AWS: the resolver as host:port, by default this machine's; a name server of the zone,
	// by default the resolver; and an access token that permits reads and writes.
	Resolver, ZoneServer, Token string
}

// Embedded reports whether the platform is on the emulator.
func (t Target) Embedded() bool { return t.Local != "" }

// Configuration reads the failover controller's configuration, which names the resources that a test of the platform needs.
func (t Target) Configuration(ctx context.Context) (awsclient.Account, controller.Config, error) {
	namer, err := naming.New(t.Environment)
	if err != nil {
		return awsclient.Account{}, controller.Config{}, err
	}
	path, err := namer.Path(controller.ConfigParameterPath()...)
	if err != nil {
		return awsclient.Account{}, controller.Config{}, err
	}
	account, err := awsclient.Open(ctx, t.Region)
	if err != nil {
		return awsclient.Account{}, controller.Config{}, err
	}
	deployed, err := account.Configuration(ctx, path)
	if err != nil {
		return account, deployed, fmt.Errorf("reading the configuration of %s: %w", t.Environment, err)
	}
	return account, deployed, nil
}

// AWSConfigs loads the AWS configuration of each region.
func AWSConfigs(ctx context.Context, regions ...string) (map[string]aws.Config, error) {
	all := map[string]aws.Config{}
	for _, region := range regions {
		loaded, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(region))
		if err != nil {
			return nil, fmt.Errorf("loading AWS settings for %s: %w", region, err)
		}
		all[region] = loaded
	}
	return all, nil
}

// WithServers fills in the name servers. It returns the port to connect to, empty for that of the URL: the emulator serves every load
// balancer's address at its own port.
func (t Target) WithServers() (filled Target, port string, err error) {
	if t.Embedded() {
		var record struct{ Endpoint, DNS string }
		content, err := os.ReadFile(filepath.Join(t.State, "instance.json"))
		if err == nil {
			err = json.Unmarshal(content, &record)
		}
		endpoint, failed := url.Parse(record.Endpoint)
		switch err = errors.Join(err, failed); {
		case err != nil:
			return t, "", fmt.Errorf("finding the emulator in %s: %w", t.State, err)
		case record.DNS == "":
			return t, "", fmt.Errorf("the emulator in %s answers no DNS; to start one that does: %s",
				t.State, invocation.Make(os.Getenv(shell.MakeVariable)).MakeTarget("local-up"))
		}
		t.Resolver, t.ZoneServer, port = record.DNS, record.DNS, endpoint.Port()
	}
	if t.Resolver == "" {
		found, err := dns.ClientConfigFromFile("/etc/resolv.conf")
		if err != nil || len(found.Servers) == 0 {
			return t, "", fmt.Errorf("finding this machine's resolver (name one): %w", err)
		}
		t.Resolver = found.Servers[0] + ":" + found.Port
	}
	if t.ZoneServer == "" {
		t.ZoneServer = t.Resolver
	}
	return t, port, nil
}

// errNoToken says that nobody gave a token for a platform on AWS, whose issuer is the owner's.
var errNoToken = errors.New("there is none: give one by TOKEN or --token")

// TokenSource returns a source of access tokens: the given token, or one of the emulator's issuer, which lasts longer than a drill.
func (t Target) TokenSource() func(context.Context) (string, error) {
	kept := t.Token
	if t.Embedded() && kept == "" {
		output, err := exec.Command(t.Local, "token", "--state", t.State, "--scope", "records:read records:write").Output()
		if err != nil {
			return func(context.Context) (string, error) { return "", fmt.Errorf("running local token: %w", err) }
		}
		kept = strings.TrimSpace(string(output))
	}
	return func(context.Context) (string, error) {
		if kept == "" {
			return "", errNoToken
		}
		return kept, nil
	}
}
