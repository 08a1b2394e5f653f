package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"gopkg.in/yaml.v3"

	"warmstandby/shared/contract"
	"warmstandby/shared/naming"
	"warmstandby/shared/settings"
	"warmstandby/test/support/pulumitest"
)

const project = contract.FoundationNetworkProject

// up deploys the stack dev.
func up(t *testing.T, config map[string]string, opts ...pulumitest.Option) *pulumitest.Recording {
	t.Helper()
	return pulumitest.Run(t, project, "dev", config, deploy, opts...)
}

// rules are the shared ones for a primary and a standby region.
func rules(suffix, primary, standby string, protection bool) pulumitest.Rules {
	return pulumitest.Rules{
		Suffix: suffix, Protection: protection,
		Roles: map[string]naming.Role{primary: naming.Primary, standby: naming.Secondary},
		Home: func(name string) string {
			for _, row := range []struct{ region, component, provider, options, prefix, peering string }{
				{primary, "primary", "aws-primary", "dns-requester", "primary-", "pcx-primary-"},
				{standby, "standby", "aws-secondary", "dns-accepter", "secondary-", "pcx-secondary-"},
			} {
				if name == row.component || name == row.provider || name == row.options ||
					strings.HasPrefix(name, row.prefix) || strings.HasPrefix(name, row.peering) {
					return row.region
				}
			}
			return ""
		},
	}
}

func TestEveryResourceKeepsTheRules(t *testing.T) {
	tests := []struct {
		name   string
		config map[string]string
		rules  pulumitest.Rules
		opts   []pulumitest.Option
	}{
		{"as it ships", nil, rules("dev", "us-east-1", "us-west-2", false), nil},
		{"in a preview", nil, rules("dev", "us-east-1", "us-west-2", false), []pulumitest.Option{pulumitest.Preview()}},
		{"as the profile of production, still destroyable", map[string]string{"profile": "prod"}, rules("dev", "us-east-1", "us-west-2", false), nil},
		{"with protection", map[string]string{"protection": "true"}, rules("dev", "us-east-1", "us-west-2", true), nil},
		{
			"in other regions, with the longest suffix",
			map[string]string{"primaryRegion": "eu-west-1", "standbyRegion": "eu-central-1", "environmentSuffix": "abcdefghijklmno"},
			rules("abcdefghijklmno", "eu-west-1", "eu-central-1", false), nil,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			pulumitest.Check(t, up(t, test.config, test.opts...), test.rules)
		})
	}
}

func TestTheRegionsDifferInNothingButTheirPlace(t *testing.T) {
	const connection = "vpcPeeringConnectionAccepter-pcx-secondary-dev"
	side := func(region, role, block, peer, peerRole, peerBlock string) pulumitest.Side {
		return pulumitest.Side{Region: region, Words: []string{
			connection, "<connection>", region, "<own>", role, "<own>", block, "<own>", peer, "<peer>", peerRole, "<peer>", peerBlock, "<peer>",
		}}
	}
	// A peering is asked for on one side and agreed to on the other.
	pulumitest.CheckMirrored(t, up(t, nil),
		side("us-east-1", "primary", "10.0.", "us-west-2", "secondary", "10.1."),
		side("us-west-2", "secondary", "10.1.", "us-east-1", "primary", "10.0."),
		"aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
		"aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter",
		"aws:ec2/peeringConnectionOptions:PeeringConnectionOptions",
	)
}

func TestWithProtectionADestroyIsRefused(t *testing.T) {
	pulumitest.CheckDestroyRefused(t, up(t, map[string]string{"protection": "true"}),
		"aws:cloudwatch/logGroup:LogGroup", "aws:ec2/vpc:Vpc", "aws:kms/key:Key")
}

func TestTheOutputsAreTheContracts(t *testing.T) {
	listed, err := os.ReadFile("../../shared/contract/testdata/foundation-network.keys")
	if err != nil {
		t.Fatal(err)
	}
	for _, opts := range [][]pulumitest.Option{nil, {pulumitest.Preview()}} {
		var keys []string
		for key := range up(t, nil, opts...).Outputs {
			keys = append(keys, string(key))
		}
		slices.Sort(keys)
		if want := strings.Fields(string(listed)); !slices.Equal(keys, want) {
			t.Errorf("the outputs are %q, want %q", keys, want)
		}
	}
}

func TestAnotherStackReadsWhatThisOneTells(t *testing.T) {
	config := map[string]string{
		"profile": "prod", "environmentSuffix": "blue", "listenerPort": "8443", "protection": "true",
		"allowedAccountIds": `["111122223333"]`, "primaryCidr": "172.16.0.0/20",
	}
	outputs := up(t, config).Outputs
	var read contract.FoundationNetwork
	pulumitest.Run(t, "region-app-east", "dev", nil, func(ctx *pulumi.Context) (err error) {
		read, err = contract.ReadFoundationNetwork(ctx)
		return err
	}, pulumitest.Stack("organization/foundation-network/dev", outputs))

	got := map[string]any{
		"suffix": read.EnvironmentSuffix.Get(), "profile": read.Profile.Get(), "protection": read.Protection.Get(),
		"accounts": read.AllowedAccountIDs.Get(), "port": read.ListenerPort.Get(), "peering": read.PeeringConnectionID.Get(),
	}
	want := map[string]any{
		"suffix": "blue", "profile": "prod", "protection": true, "accounts": []string{"111122223333"}, "port": 8443,
		"peering": "vpcPeeringConnectionAccepter-pcx-secondary-blue",
	}
	for _, row := range []struct {
		role, region, cidr string
		network            contract.RegionNetwork
	}{
		{"primary", "us-east-1", "172.16.0.0/20", read.Primary},
		{"secondary", "us-west-2", "10.1.0.0/16", read.Standby},
	} {
		vpc := "vpc-" + row.role + "-blue"
		ids := func(tier string) []string {
			return []string{pulumitest.SubnetID(vpc, tier, 1), pulumitest.SubnetID(vpc, tier, 2), pulumitest.SubnetID(vpc, tier, 3)}
		}
		group := func(purpose string) string { return "securityGroup-secgroup-" + purpose + "-" + row.role + "-blue" }
		got[row.role] = []any{
			row.network.Region.Get(), row.network.CIDR.Get(), row.network.VPCID.Get(), row.network.PublicSubnetIDs.Get(),
			row.network.PrivateSubnetIDs.Get(), row.network.IsolatedSubnetIDs.Get(), row.network.LoadBalancerSecurityGroupID.Get(),
			row.network.FunctionSecurityGroupID.Get(), row.network.DatabaseSecurityGroupID.Get(), row.network.EndpointsSecurityGroupID.Get(),
		}
		want[row.role] = []any{
			row.region, row.cidr, pulumitest.VPCID(vpc), ids("public"), ids("private"), ids("isolated"),
			group("loadbalancer"), group("function"), group("database"), group("endpoints"),
		}
	}
	for what := range want {
		if fmt.Sprint(got[what]) != fmt.Sprint(want[what]) {
			t.Errorf("the %s read is %v, want %v", what, got[what], want[what])
		}
	}
}

func TestAConfigurationThatIsWrongIsReturnedWholeAndNothingIsBuilt(t *testing.T) {
	recording, err := pulumitest.RunErr(t, project, "dev", map[string]string{
		"natStrategy": "two", "primaryCidr": "8.8.0.0/16", "listnerPort": "80",
	}, deploy)
	pulumitest.WantFaults(t, recording, err, "listnerPort", "natStrategy", "primaryCidr")
}

func TestTheConfigurationReachesTheResources(t *testing.T) {
	recording := up(t, map[string]string{"listenerPort": "8443", "flowLogRetentionDays": "90", "allowedAccountIds": `["111122223333"]`})
	for _, role := range []string{"primary", "secondary"} {
		for _, test := range []struct{ token, name, property, want string }{
			{"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "loadbalancer-from-world-" + role, "toPort", "8443"},
			{"aws:cloudwatch/logGroup:LogGroup", "logs-vpc-" + role + "-dev", "retentionInDays", "90"},
			{"pulumi:providers:aws", "aws-" + role, "allowedAccountIds", "[111122223333]"},
		} {
			if got := fmt.Sprint(recording.Get(t, test.token, test.name).Input(test.property)); got != test.want {
				t.Errorf("%s has %s %s, want %s", test.name, test.property, got, test.want)
			}
		}
	}
}

func TestTheNATStrategiesAreThoseOfAwsx(t *testing.T) {
	for strategy, want := range map[settings.NATStrategy]string{
		settings.NATNone: "None", settings.NATSingle: "Single", settings.NATOnePerZone: "OnePerAz",
	} {
		recording := up(t, map[string]string{"natStrategy": string(strategy)})
		for _, vpc := range recording.OfType("awsx:ec2:Vpc") {
			if got := vpc.Text("natGateways.strategy"); got != want {
				t.Errorf("with natStrategy %s, %s has %q, want %q", strategy, vpc.Name, got, want)
			}
		}
	}
}

func TestTheProjectIsNamedAsOtherStacksReferToIt(t *testing.T) {
	text, err := os.ReadFile("Pulumi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var declared struct {
		Name string `yaml:"name"`
	}
	if err := yaml.Unmarshal(text, &declared); err != nil || declared.Name != project {
		t.Errorf("Pulumi.yaml names the project %q, %v; other stacks refer to %q", declared.Name, err, project)
	}
}
