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
	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/fault"
	"warmstandby/test/drill/fault/vpc"
)

// Options say which platform is drilled and by what.
type Options struct {
	Environment string // the suffix of its names
	Region      string // the standby region
	Confirmed   string // the environment named a second time
	Operator    string // the operator's command line
	Preview     string // a shell's command that fails when a stack does not preview without changes; empty does not ask
	// Wait is the longest that a step waits, 0 for as long as the scenario says.
	Wait time.Duration

	// Of the embedded AWS: its local command and its folder, both empty on AWS.
	Local, State string
	// Of AWS: the resolver, host:port, this machine's when it is empty; a server of the zone, by which it is asked past every
	// cache, the resolver when it is empty; and an access token that may read and write.
	Resolver, ZoneServer, Token string
}

// Embedded says whether the platform is on the embedded AWS.
func (o Options) Embedded() bool { return o.Local != "" }

// configuration reads what the failover controller is told, which names all that a drill asks.
func (o Options) configuration(ctx context.Context) (awsclient.Account, controller.Config, error) {
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
	told, err := account.Configuration(ctx, path)
	if err != nil {
		return account, told, fmt.Errorf("reading the configuration of %s: %w", o.Environment, err)
	}
	return account, told, nil
}

// settingsOf loads AWS's settings for regions.
func settingsOf(ctx context.Context, regions ...string) (map[string]aws.Config, error) {
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

// injectorAlone returns what heals, and the regions.
func (o Options) injectorAlone(ctx context.Context) (fault.Injector, []string, error) {
	_, told, err := o.configuration(ctx)
	if err != nil {
		return nil, nil, err
	}
	regions := []string{told.PrimaryRegion, told.StandbyRegion}
	settings, err := settingsOf(ctx, regions...)
	return o.injector(settings), regions, err
}

// servers fills in whom to ask for names, and returns the port at which addresses are connected to when it is not the URL's.
// The embedded AWS serves every load balancer's address at its own port.
func (o Options) servers() (filled Options, port string, err error) {
	if o.Embedded() {
		var record struct{ Endpoint, DNS string }
		content, err := os.ReadFile(filepath.Join(o.State, "instance.json"))
		if err == nil {
			err = json.Unmarshal(content, &record)
		}
		endpoint, failed := url.Parse(record.Endpoint)
		switch err = errors.Join(err, failed); {
		case err != nil:
			return o, "", fmt.Errorf("finding the embedded AWS in %s: %w", o.State, err)
		case record.DNS == "":
			return o, "", fmt.Errorf("the embedded AWS in %s answers no DNS; to start one that does: %s",
				o.State, invocation.Make(os.Getenv(invocation.MakeVariable)).MakeTarget("local-up"))
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
	for region, of := range settings {
		networks[region] = vpc.New(of)
	}
	return fault.AWS{Environment: o.Environment, Confirmed: o.Confirmed, Networks: networks}
}

// token returns what gets an access token: the one that was given, or one of the embedded AWS's issuer, which lasts longer than
// a drill.
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

// operate runs the operator's command line.
func (o Options) operate(ctx context.Context, command []string) error {
	arguments := append(command[:1:1], "--env", o.Environment, "--region", o.Region)
	output, err := exec.CommandContext(ctx, o.Operator, append(arguments, command[1:]...)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(string(output)))
	}
	return nil
}

// preview runs the preview's command.
func (o Options) preview(ctx context.Context) evidence.Preview {
	const most = 8 << 10 // of what it printed, its end
	output, err := exec.CommandContext(ctx, "sh", "-c", o.Preview).CombinedOutput()
	return evidence.Preview{Clean: err == nil, Says: string(output[max(0, len(output)-most):])}
}
