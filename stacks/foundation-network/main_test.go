package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/contract"
	"warmstandby/shared/naming"
	"warmstandby/shared/settings"
	"warmstandby/test/support/contracttest"
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
				{
					region: primary, component: "primary", provider: "aws-primary", options: "dns-requester",
					prefix: "primary-", peering: "pcx-primary-",
				},
				{
					region: standby, component: "standby", provider: "aws-secondary", options: "dns-accepter",
					prefix: "secondary-", peering: "pcx-secondary-",
				},
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

func TestRules(t *testing.T) {
	tests := []struct {
		name   string
		config map[string]string
		rules  pulumitest.Rules
		opts   []pulumitest.Option
	}{
		{name: "with defaults", rules: rules("dev", "us-east-1", "us-west-2", false)},
		{name: "in a preview", rules: rules("dev", "us-east-1", "us-west-2", false), opts: []pulumitest.Option{pulumitest.Preview()}},
		{
			name: "as the profile of production, still destroyable", config: map[string]string{"profile": "prod"},
			rules: rules("dev", "us-east-1", "us-west-2", false),
		},
		{name: "with protection", config: map[string]string{"protection": "true"}, rules: rules("dev", "us-east-1", "us-west-2", true)},
		{
			name:   "in other regions, with the longest suffix",
			config: map[string]string{"primaryRegion": "eu-west-1", "standbyRegion": "eu-central-1", "environmentSuffix": "abcdefghijklmno"},
			rules:  rules("abcdefghijklmno", "eu-west-1", "eu-central-1", false),
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			pulumitest.Check(t, up(t, test.config, test.opts...), test.rules)
		})
	}
}

func TestRegionsMirrored(t *testing.T) {
	const connection = "vpcPeeringConnectionAccepter-pcx-secondary-dev"
	view := func(region, role, block, peer, peerRole, peerBlock string) pulumitest.RegionView {
		return pulumitest.RegionView{Region: region, Words: []string{
			connection, "<connection>", region, "<own>", role, "<own>", block, "<own>", peer, "<peer>", peerRole, "<peer>", peerBlock, "<peer>",
		}}
	}
	t.Run("the regions differ in nothing but their names, their ranges and the ends of the peering", func(t *testing.T) {
		pulumitest.CheckMirrored(t, up(t, zoneIDs),
			view("us-east-1", "primary", "10.0.", "us-west-2", "secondary", "10.1."),
			view("us-west-2", "secondary", "10.1.", "us-east-1", "primary", "10.0."),
			"aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
			"aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter",
			"aws:ec2/peeringConnectionOptions:PeeringConnectionOptions",
		)
	})
}

func TestProtection(t *testing.T) {
	t.Run("with protection a destroy is refused", func(t *testing.T) {
		pulumitest.CheckDestroyRefused(t, up(t, map[string]string{"protection": "true"}),
			"aws:cloudwatch/logGroup:LogGroup", "aws:ec2/vpc:Vpc", "aws:kms/key:Key")
	})
}

func TestOutputKeys(t *testing.T) {
	for name, opts := range map[string][]pulumitest.Option{"in an update": nil, "in a preview": {pulumitest.Preview()}} {
		t.Run("the stack exports its contract "+name, func(t *testing.T) {
			t.Parallel()
			contracttest.CheckKeys(t, up(t, nil, opts...).Outputs, &contract.FoundationNetwork{})
		})
	}
}

func TestOutputs(t *testing.T) {
	t.Run("another stack reads the values of the configuration and the resources", func(t *testing.T) {
		outputs := up(t, map[string]string{
			"profile": "prod", "environmentSuffix": "blue", "listenerPort": "8443", "protection": "true",
			"allowedAccountIds": `["111122223333"]`, "primaryCidr": "172.16.0.0/20",
		}).Outputs
		var read contract.FoundationNetwork
		pulumitest.Run(t, contract.RegionAppEastProject, contracttest.Stack, nil, func(ctx *pulumi.Context) (err error) {
			read, err = contract.ReadFoundationNetwork(ctx)
			return err
		}, pulumitest.Stack(contracttest.StackName(project), outputs))

		want := map[string]any{
			"environmentSuffix": "blue", "profile": "prod", "protection": true, "allowedAccountIds": []string{"111122223333"},
			"listenerPort": 8443, "peeringConnectionId": "vpcPeeringConnectionAccepter-pcx-secondary-blue",
		}
		for _, row := range []struct{ prefix, role, region, cidr string }{
			{prefix: "primary", role: "primary", region: "us-east-1", cidr: "172.16.0.0/20"},
			{prefix: "standby", role: "secondary", region: "us-west-2", cidr: "10.1.0.0/16"},
		} {
			vpc := "vpc-" + row.role + "-blue"
			subnets := func(tier string) []string {
				return []string{pulumitest.SubnetID(vpc, tier, 1), pulumitest.SubnetID(vpc, tier, 2), pulumitest.SubnetID(vpc, tier, 3)}
			}
			group := func(purpose string) string { return "securityGroup-secgroup-" + purpose + "-" + row.role + "-blue" }
			for key, value := range map[string]any{
				"Region":                      row.region,
				"Cidr":                        row.cidr,
				"VpcId":                       pulumitest.VPCID(vpc),
				"PublicSubnetIds":             subnets("public"),
				"PrivateSubnetIds":            subnets("private"),
				"IsolatedSubnetIds":           subnets("isolated"),
				"LoadBalancerSecurityGroupId": group("loadbalancer"),
				"FunctionSecurityGroupId":     group("function"),
				"DatabaseSecurityGroupId":     group("database"),
				"EndpointsSecurityGroupId":    group("endpoints"),
			} {
				want[row.prefix+key] = value
			}
		}
		contracttest.CheckValues(t, contracttest.Values(t, &read), want)
	})
}

func TestInvalidConfiguration(t *testing.T) {
	t.Run("all faults are returned together, and nothing is built", func(t *testing.T) {
		recording, err := pulumitest.RunErr(t, project, "dev", map[string]string{
			"natStrategy": "two", "primaryCidr": "8.8.0.0/16", "listnerPort": "80",
		}, deploy)
		pulumitest.CheckFaults(t, recording, err, "listnerPort", "natStrategy", "primaryCidr")
	})
}

func TestInputs(t *testing.T) {
	t.Run("the configuration reaches the resources", func(t *testing.T) {
		recording := up(t, map[string]string{"listenerPort": "8443", "flowLogRetentionDays": "90", "allowedAccountIds": `["111122223333"]`})
		for _, role := range []string{"primary", "secondary"} {
			for _, test := range []struct{ token, name, property, want string }{
				{
					token: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", name: "loadbalancer-from-world-" + role,
					property: "toPort", want: "8443",
				},
				{
					token: "aws:cloudwatch/logGroup:LogGroup", name: "logs-vpc-" + role + "-dev",
					property: "retentionInDays", want: "90",
				},
				{token: "pulumi:providers:aws", name: "aws-" + role, property: "allowedAccountIds", want: "[111122223333]"},
			} {
				if got := fmt.Sprint(recording.Get(t, test.token, test.name).Input(test.property)); got != test.want {
					t.Errorf("%s has %s %s, want %s", test.name, test.property, got, test.want)
				}
			}
		}
	})
}

// zoneIDs are zones of the same letters in both regions: of their own choice us-east-1 leaves one out that us-west-2 has.
var zoneIDs = map[string]string{
	"primaryZoneIds": `["use1-az6","use1-az5","use1-az4"]`, "standbyZoneIds": `["usw2-az6","usw2-az5","usw2-az4"]`,
}

func TestZoneIDs(t *testing.T) {
	t.Run("each region's VPC has the zones that are set for it", func(t *testing.T) {
		recording := up(t, zoneIDs)
		for name, want := range map[string][]any{
			"vpc-primary-dev":   {"us-east-1a", "us-east-1b", "us-east-1c"},
			"vpc-secondary-dev": {"us-west-2a", "us-west-2b", "us-west-2c"},
		} {
			if got := recording.Get(t, "awsx:ec2:Vpc", name).Input("availabilityZoneNames"); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s has the zones %v, want %v", name, got, want)
			}
		}
	})
	t.Run("a zone that the account lacks is refused by its id", func(t *testing.T) {
		_, err := pulumitest.RunErr(t, project, "dev", map[string]string{"primaryZoneIds": `["use1-az1","use1-az2","use1-az4"]`}, deploy)
		const want = "availability zone use1-az2 of us-east-1: the account has use1-az1, use1-az3"
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want one with %q", err, want)
		}
	})
}

func TestNATStrategies(t *testing.T) {
	t.Run("each strategy is passed to awsx by the name that it has there", func(t *testing.T) {
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
	})
}

func TestProjectName(t *testing.T) {
	t.Run("the project has the name by which other stacks reference it", func(t *testing.T) {
		t.Parallel()
		declared, err := settings.ReadProject(pulumiYAML)
		if err != nil || declared.Name != project {
			t.Errorf("Pulumi.yaml names the project %q, %v; other stacks refer to %q", declared.Name, err, project)
		}
	})
}
