package network

import (
	"encoding/json"
	"net/netip"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/region"
	"warmstandby/test/support/pulumitest"
	"warmstandby/test/support/regiontest"
)

// testRegion is one region as the tests expect it.
type testRegion struct {
	role, region, vpc, cidr, peerCIDR string
	zones                             []any // the first by id of the mocked account; of us-east-1 without use1-az3, which is us-east-1d
}

var testRegions = [...]testRegion{
	{"primary", "us-east-1", "vpc-primary-blue", "10.0.0.0/16", "10.1.0.0/16", []any{"us-east-1f", "us-east-1c", "us-east-1b"}},
	{"secondary", "us-west-2", "vpc-secondary-blue", "10.1.0.0/16", "10.0.0.0/16", []any{"us-west-2f", "us-west-2d", "us-west-2c"}},
}

// connectionID is the peering's, as the mocks return it.
const connectionID = "vpcPeeringConnectionAccepter-pcx-secondary-blue"

// groupID returns the id of a security group.
func (r testRegion) groupID(purpose string) string {
	return "securityGroup-secgroup-" + purpose + "-" + r.role + "-blue"
}

// resources returns the recorded resources of a type in the region.
func (r testRegion) resources(recording *pulumitest.Recording, token string) []pulumitest.Resource {
	var found []pulumitest.Resource
	for _, registered := range recording.OfType(token) {
		if recording.Region(registered) == r.region {
			found = append(found, registered)
		}
	}
	return found
}

// build builds both networks and their peering; change sets what is the same in both.
func build(t *testing.T, change func(*Args), opts ...pulumitest.Option) *pulumitest.Recording {
	t.Helper()
	return pulumitest.Run(t, "project", "dev", nil, func(ctx *pulumi.Context) error {
		pair, err := regiontest.Pair(ctx)
		if err != nil {
			return err
		}
		built := map[string]*Network{}
		for name, row := range map[string]struct {
			in        region.Region
			own, peer string
		}{
			"primary": {pair.Primary, testRegions[0].cidr, testRegions[0].peerCIDR},
			"standby": {pair.Standby, testRegions[1].cidr, testRegions[1].peerCIDR},
		} {
			args := Args{
				Region: row.in, CIDR: netip.MustParsePrefix(row.own), PeerCIDR: netip.MustParsePrefix(row.peer),
				NAT: ec2.NatGatewayStrategyNone, ListenerPort: 8443, FlowLogRetentionDays: 30,
			}
			change(&args)
			if built[name], err = New(ctx, name, args); err != nil {
				return err
			}
		}
		_, err = NewPeering(ctx, "peering", PeeringArgs{
			Requester: PeerArgs{pair.Primary, built["primary"].VPC, netip.MustParsePrefix(testRegions[0].cidr)},
			Accepter:  PeerArgs{pair.Standby, built["standby"].VPC, netip.MustParsePrefix(testRegions[1].cidr)},
		})
		return err
	}, opts...)
}

// unchanged changes no argument.
func unchanged(*Args) {}

// rules are those of the environment under test.
func rules(protection bool) pulumitest.Rules {
	return pulumitest.Rules{
		Suffix:     "blue",
		Roles:      map[string]naming.Role{testRegions[0].region: naming.Primary, testRegions[1].region: naming.Secondary},
		Protection: protection,
		Home: func(name string) string {
			switch {
			case name == "primary", name == "aws-primary", name == "dns-requester",
				strings.HasPrefix(name, "primary-"), strings.HasPrefix(name, "pcx-primary-"):
				return testRegions[0].region
			case name == "standby", name == "aws-secondary", name == "dns-accepter",
				strings.HasPrefix(name, "secondary-"), strings.HasPrefix(name, "pcx-secondary-"):
				return testRegions[1].region
			}
			return ""
		},
	}
}

// document is a policy as IAM reads it.
type document struct {
	Version   string
	Statement []struct {
		Sid, Effect string
		Principal   map[string][]string
		Action      []string
		Resource    []string
		Condition   map[string]map[string][]string
	}
}

func parsePolicy(t *testing.T, text string) document {
	t.Helper()
	var parsed document
	if err := json.Unmarshal([]byte(text), &parsed); err != nil {
		t.Fatalf("the policy %q is no JSON: %v", text, err)
	}
	return parsed
}
