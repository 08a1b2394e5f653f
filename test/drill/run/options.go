package run

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
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/miekg/dns"

	"warmstandby/lambda/failover/awsclient"
	"warmstandby/lambda/failover/invocation"
	"warmstandby/shared/contract/controller"
	"warmstandby/shared/naming"
	"warmstandby/shared/shell"
	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/fault"
	"warmstandby/test/drill/fault/vpc"
)

// Options are the platform to drill and the means to do it.
type Options struct {
	Environment string // the suffix of its names
	Region      string // the standby region
	Confirmed   string // the environment named a second time
	Operator    string // the operator's command line
	Preview     string // a shell command that fails if a stack does not preview without changes; empty skips it
	Tree        string // the folder of the repository, whose commit the report names
	Sign        string // a shell command that signs the file which is appended to it; empty signs nothing
	// Wait is the longest wait of a step, 0 for the scenario's own.
	Wait time.Duration

	// Local and State are the local command and the folder of the emulator, both empty on AWS.
	Local, State string
	// Resolver, ZoneServer and Token are for AWS: the resolver as host:port, by default this machine's; a name server of the zone,
	// by default the resolver; and an access token that permits reads and writes.
	Resolver, ZoneServer, Token string
}

// Embedded reports whether the platform is on the emulator.
func (o Options) Embedded() bool { return o.Local != "" }

// controllerConfig reads the failover controller's configuration, which names the resources that a drill needs.
func (o Options) controllerConfig(ctx context.Context) (awsclient.Account, controller.Config, error) {
	namer, err := naming.New(o.Environment)
	if err != nil {
		return awsclient.Account{}, controller.Config{}, err
	}
	path, err := namer.Path(controller.ConfigParameterPath()...)
	if err != nil {
		return awsclient.Account{}, controller.Config{}, err
	}
	account, err := awsclient.Open(ctx, o.Region)
	if err != nil {
		return awsclient.Account{}, controller.Config{}, err
	}
	deployed, err := account.Configuration(ctx, path)
	if err != nil {
		return account, deployed, fmt.Errorf("reading the configuration of %s: %w", o.Environment, err)
	}
	return account, deployed, nil
}

// loadAWSConfigs loads the AWS configuration of each region.
func loadAWSConfigs(ctx context.Context, regions ...string) (map[string]aws.Config, error) {
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

// openInjector returns the injector and the regions of the platform.
func (o Options) openInjector(ctx context.Context) (fault.Injector, []string, error) {
	_, deployed, err := o.controllerConfig(ctx)
	if err != nil {
		return nil, nil, err
	}
	regions := []string{deployed.PrimaryRegion, deployed.StandbyRegion}
	settings, err := loadAWSConfigs(ctx, regions...)
	return o.injector(settings), regions, err
}

// resolveServers fills in the name servers. It returns the port to connect to, empty for that of the URL: the emulator serves
// every load balancer's address at its own port.
func (o Options) resolveServers() (filled Options, port string, err error) {
	if o.Embedded() {
		var record struct{ Endpoint, DNS string }
		content, err := os.ReadFile(filepath.Join(o.State, "instance.json"))
		if err == nil {
			err = json.Unmarshal(content, &record)
		}
		endpoint, failed := url.Parse(record.Endpoint)
		switch err = errors.Join(err, failed); {
		case err != nil:
			return o, "", fmt.Errorf("finding the emulator in %s: %w", o.State, err)
		case record.DNS == "":
			return o, "", fmt.Errorf("the emulator in %s answers no DNS; to start one that does: %s",
				o.State, invocation.Make(os.Getenv(shell.MakeVariable)).MakeTarget("local-up"))
		}
		o.Resolver, o.ZoneServer, port = record.DNS, record.DNS, endpoint.Port()
	}
	if o.Resolver == "" {
		found, err := dns.ClientConfigFromFile("/etc/resolv.conf")
		if err != nil || len(found.Servers) == 0 {
			return o, "", fmt.Errorf("finding this machine's resolver (name one): %w", err)
		}
		o.Resolver = found.Servers[0] + ":" + found.Port
	}
	if o.ZoneServer == "" {
		o.ZoneServer = o.Resolver
	}
	return o, port, nil
}

func (o Options) injector(settings map[string]aws.Config) fault.Injector {
	if o.Embedded() {
		return fault.NewLocal(o.Local, o.State)
	}
	networks := map[string]fault.Network{}
	for region, awsConfig := range settings {
		networks[region] = vpc.New(awsConfig)
	}
	return fault.AWS{Environment: o.Environment, Confirmed: o.Confirmed, Networks: networks}
}

// token returns a source of access tokens: the given token, or one of the emulator's issuer, which lasts longer than a drill.
func (o Options) token() func(context.Context) (string, error) {
	kept := o.Token
	if o.Embedded() {
		output, err := exec.Command(o.Local, "token", "--state", o.State, "--scope", "records:read records:write").Output()
		if err != nil {
			return func(context.Context) (string, error) { return "", fmt.Errorf("running local token: %w", err) }
		}
		kept = strings.TrimSpace(string(output))
	}
	return func(context.Context) (string, error) {
		if kept == "" {
			return "", errors.New("there is none: give one by --token or DRILL_TOKEN")
		}
		return kept, nil
	}
}

// operator prepares a command of the operator's command line for the environment.
func (o Options) operator(ctx context.Context, command string, arguments ...string) *exec.Cmd {
	return exec.CommandContext(ctx, o.Operator, append([]string{command, "--env", o.Environment, "--region", o.Region}, arguments...)...)
}

// operate runs a command of the operator's command line.
func (o Options) operate(ctx context.Context, command []string) error {
	output, err := o.operator(ctx, command[0], command[1:]...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(string(output)))
	}
	return nil
}

// preview runs the preview command.
func (o Options) preview(ctx context.Context) evidence.Preview {
	const maxOutput = 8 << 10 // of what it printed, its end
	output, err := exec.CommandContext(ctx, "sh", "-c", o.Preview).CombinedOutput()
	return evidence.Preview{Clean: err == nil, Output: string(output[max(0, len(output)-maxOutput):])}
}
