package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/contract"
	"warmstandby/shared/naming"
	"warmstandby/test/support/contracttest"
	"warmstandby/test/support/pulumitest"
)

const (
	project    = contract.GlobalEdgeProject
	foundation = contract.FoundationNetworkProject
	dataGlobal = contract.DataGlobalProject
	appEast    = contract.RegionAppEastProject
	appWest    = contract.RegionAppWestProject

	alarmToken     = "aws:cloudwatch/metricAlarm:MetricAlarm"
	compositeToken = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
	dashboardToken = "aws:cloudwatch/dashboard:Dashboard"
	checkToken     = "aws:route53/healthCheck:HealthCheck"
	functionToken  = "aws:lambda/function:Function"
	grantToken     = "aws:iam/rolePolicy:RolePolicy"
	parameterToken = "aws:ssm/parameter:Parameter"
	recordToken    = "aws:route53/record:Record"
)

// regionView is one region as the upstream stacks name it: its role, the prefix of its keys, and its application's project.
type regionView struct{ role, key, region, app string }

// upstreamOutputs are the outputs of the stacks that this one reads, by project.
type upstreamOutputs map[string]resource.PropertyMap

// overrides replace outputs of the upstream stacks, by project and key.
type overrides map[string]map[string]any

// newUpstream returns the outputs of the upstream stacks, of which some are replaced.
func newUpstream(t *testing.T, replaced overrides) upstreamOutputs {
	t.Helper()
	return upstreamOutputs{
		foundation: contracttest.FoundationNetwork(t, replaced[foundation]),
		dataGlobal: contracttest.DataGlobal(t, replaced[dataGlobal]),
		appEast:    contracttest.RegionApp(t, naming.Primary, replaced[appEast]),
		appWest:    contracttest.RegionApp(t, naming.Secondary, replaced[appWest]),
	}
}

// text returns an output of an upstream stack that is a string.
func (u upstreamOutputs) text(project, key string) string {
	return u[project][resource.PropertyKey(key)].StringValue()
}

func (u upstreamOutputs) regions() []regionView {
	return []regionView{
		{role: "primary", key: "primary", region: u.text(foundation, "primaryRegion"), app: appEast},
		{role: "secondary", key: "standby", region: u.text(foundation, "standbyRegion"), app: appWest},
	}
}

// newProduction returns the outputs of upstream stacks with the profile prod: with certificates and protection.
func newProduction(t *testing.T) upstreamOutputs {
	t.Helper()
	return newUpstream(t, overrides{
		foundation: {"profile": "prod", "protection": true, "listenerPort": 443},
		appEast:    {"scheme": "https", "port": 443},
		appWest:    {"scheme": "https", "port": 443},
	})
}

// prodConfig is the configuration that the profile prod requires.
var prodConfig = map[string]string{"domainName": "app.example.org", "runbookUrl": "https://wiki.example.org/failover"}

// built is a folder with the controller for both machines of Lambda.
func built(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for _, machine := range []string{"linux-arm64", "linux-x86_64"} {
		file := filepath.Join(folder, machine, "bootstrap.zip")
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(machine), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// deployWith deploys the stack dev on the upstream stacks, with the controller of that folder.
func (u upstreamOutputs) deployWith(
	t *testing.T, binaries string, config map[string]string, opts ...pulumitest.Option,
) (*pulumitest.Recording, error) {
	t.Helper()
	opts = slices.Clone(opts)
	for name, outputs := range u {
		opts = append(opts, pulumitest.Stack(contracttest.StackName(name), outputs))
	}
	program := func(ctx *pulumi.Context) error { return deploy(ctx, binaries) }
	return pulumitest.RunErr(t, project, contracttest.Stack, config, program, opts...)
}

// up is deployWith for a stack that is in order.
func (u upstreamOutputs) up(t *testing.T, config map[string]string, opts ...pulumitest.Option) *pulumitest.Recording {
	t.Helper()
	recording, err := u.deployWith(t, built(t), config, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return recording
}

func (u upstreamOutputs) rules(suffix string, protection bool) pulumitest.Rules {
	primary, standby := u.text(foundation, "primaryRegion"), u.text(foundation, "standbyRegion")
	return pulumitest.Rules{
		Suffix: suffix, Protection: protection,
		Roles: map[string]naming.Role{primary: naming.Primary, standby: naming.Secondary},
		Home: func(name string) string {
			switch name := strings.TrimSuffix(name, "-"+suffix); {
			case strings.HasSuffix(name, "-primary"), name == "zone":
				return primary
			case strings.HasSuffix(name, "-secondary"):
				return standby
			}
			return ""
		},
	}
}
