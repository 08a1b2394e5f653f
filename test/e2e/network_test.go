//go:build e2e

package e2e

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// noChanges makes a preview with changes fail; noDrift refreshes the state before.
const (
	noChanges = "PULUMI_FLAGS=--expect-no-changes"
	noDrift   = "PULUMI_FLAGS=--expect-no-changes --refresh"
)

// deployedRegion is a region with its defaults.
type deployedRegion struct {
	region, role   string
	cidr, peerCIDR string
}

// deployedRegions are the two regions.
var deployedRegions = []deployedRegion{
	{east, "primary", "10.0.0.0/16", "10.1.0.0/16"},
	{west, "secondary", "10.1.0.0/16", "10.0.0.0/16"},
}

// checkFoundationNetwork verifies the networks of both regions.
func checkFoundationNetwork(t *testing.T, p *platform) {
	for _, deployed := range deployedRegions {
		seen := describeNetwork(t, ec2.NewFromConfig(p.aws(t, deployed.region)), p.name)
		t.Run(deployed.region, func(t *testing.T) {
			t.Run("the peering is active and resolves names both ways", func(t *testing.T) { seen.checkPeering(t) })
			t.Run("each tier has a subnet in each of three zones, inside the VPC", func(t *testing.T) { seen.checkSubnets(t, deployed.cidr) })
			t.Run(
				"private and isolated tables route to the peer, public ones to the internet",
				func(t *testing.T) { seen.checkRoutes(t, deployed.peerCIDR, p.traits) },
			)
			t.Run("security groups admit the intended sources only", func(t *testing.T) { seen.checkGroups(t, p.traits) })
			t.Run("functions may call the endpoints and the databases of both regions, and nothing else may call", func(t *testing.T) {
				seen.checkEgress(t, p.traits)
			})
			t.Run("functions reach AWS through endpoints", func(t *testing.T) { seen.checkEndpoints(t, deployed.region) })
			t.Run("all traffic is recorded", func(t *testing.T) { seen.checkFlowLogs(t) })
			t.Run("everything is named and tagged", func(t *testing.T) { seen.checkTags(t, p.name, deployed.region, deployed.role) })
		})
	}
}

func (n *network) checkPeering(t *testing.T) {
	if len(n.peerings) != 1 {
		t.Fatalf("%d peering connections, want 1", len(n.peerings))
	}
	peering := n.peerings[0]
	if peering.Status.Code != types.VpcPeeringConnectionStateReasonCodeActive {
		t.Errorf("the peering is %s", peering.Status.Code)
	}
	for party, info := range map[string]*types.VpcPeeringConnectionVpcInfo{
		"requester": peering.RequesterVpcInfo, "accepter": peering.AccepterVpcInfo,
	} {
		if info.PeeringOptions == nil || !aws.ToBool(info.PeeringOptions.AllowDnsResolutionFromRemoteVpc) {
			t.Errorf("the %s does not let its peer resolve its names", party)
		}
	}
	if aws.ToString(peering.RequesterVpcInfo.Region) != east || aws.ToString(peering.AccepterVpcInfo.Region) != west {
		t.Errorf("requested in %s and accepted in %s", *peering.RequesterVpcInfo.Region, *peering.AccepterVpcInfo.Region)
	}
}

func (n *network) checkSubnets(t *testing.T, vpc string) {
	prefix := netip.MustParsePrefix(vpc)
	zones := map[string][]string{}
	for _, subnet := range n.subnets {
		tier := tagged(subnet.Tags, "SubnetType")
		zones[tier] = append(zones[tier], aws.ToString(subnet.AvailabilityZone))
		if cidr := netip.MustParsePrefix(aws.ToString(subnet.CidrBlock)); !prefix.Contains(cidr.Addr()) || cidr.Bits() < prefix.Bits() {
			t.Errorf("subnet %s is outside %s", cidr, prefix)
		}
		if aws.ToBool(subnet.MapPublicIpOnLaunch) {
			t.Errorf("a %s subnet gives public addresses", tier)
		}
	}
	for _, tier := range []string{"Public", "Private", "Isolated"} {
		slices.Sort(zones[tier])
		if len(zones[tier]) != 3 || len(slices.Compact(slices.Clone(zones[tier]))) != 3 {
			t.Errorf("the %s subnets are in %v, want one in each of three zones", tier, zones[tier])
		}
	}
}

func (n *network) checkRoutes(t *testing.T, peer string, of traits) {
	checked := 0
	for _, table := range n.tables {
		tier := n.tierOf(table)
		if tier == "" {
			continue // The VPC's main table, which no subnet uses.
		}
		checked++
		overPeering, toInternet := false, false
		for _, route := range table.Routes {
			if route.VpcPeeringConnectionId != nil {
				overPeering = true
				if aws.ToString(route.DestinationCidrBlock) != peer {
					t.Errorf("a %s table routes %s over the peering, want %s", tier, aws.ToString(route.DestinationCidrBlock), peer)
				}
			}
			if aws.ToString(route.DestinationCidrBlock) != "0.0.0.0/0" {
				continue
			}
			toInternet = true
			if byNAT := route.NatGatewayId != nil; byNAT != (tier == "Private") {
				t.Errorf("a %s table routes to the internet by a NAT gateway: %t", tier, byNAT)
			}
		}
		if want := tier != "Public"; overPeering != want {
			t.Errorf("a %s table routes to the peer: %t, want %t", tier, overPeering, want)
		}
		// The first leads to the internet gateway, the second to a NAT gateway.
		if want := tier == "Public" || tier == "Private" && of.nat; toInternet != want {
			t.Errorf("a %s table routes to the internet: %t, want %t", tier, toInternet, want)
		}
	}
	if checked != 9 {
		t.Errorf("%d route tables of subnets, want 9: one a subnet", checked)
	}
}

func (n *network) checkGroups(t *testing.T, of traits) {
	var fromWorld []int32
	databaseSources := map[string]bool{}
	for _, rule := range n.rules {
		group := n.groupName(aws.ToString(rule.GroupId))
		ingress := !aws.ToBool(rule.IsEgress)
		if strings.HasPrefix(group, "secgroup-default-") || group == "default" {
			t.Errorf("the default group has a rule: %s", aws.ToString(rule.SecurityGroupRuleId))
		}
		if ingress && aws.ToString(rule.CidrIpv4) == "0.0.0.0/0" {
			fromWorld = append(fromWorld, aws.ToInt32(rule.FromPort))
			if !strings.HasPrefix(group, "secgroup-loadbalancer-") || aws.ToInt32(rule.FromPort) != aws.ToInt32(rule.ToPort) {
				t.Errorf("%s is open to the world at ports %d to %d", group, aws.ToInt32(rule.FromPort), aws.ToInt32(rule.ToPort))
			}
		}
		if ingress && strings.HasPrefix(group, "secgroup-database-") {
			databaseSources[aws.ToString(rule.CidrIpv4)] = true
			if aws.ToInt32(rule.FromPort) != 5432 || aws.ToInt32(rule.ToPort) != 5432 {
				t.Errorf("the database admits ports %d to %d", aws.ToInt32(rule.FromPort), aws.ToInt32(rule.ToPort))
			}
		}
	}
	if slices.Sort(fromWorld); !slices.Equal(fromWorld, of.ports()) {
		t.Errorf("the load balancer is open to the world at %v, want %v", fromWorld, of.ports())
	}
	for _, vpc := range []string{"10.0", "10.1"} {
		for _, private := range []string{".0.0/19", ".64.0/19", ".128.0/19"} {
			if !databaseSources[vpc+private] {
				t.Errorf("the database does not admit the functions of %s%s", vpc, private)
			}
			delete(databaseSources, vpc+private)
		}
	}
	for source := range databaseSources {
		t.Errorf("the database admits %q, where no functions are", source)
	}
}

// checkEgress compares the rules by which something may call with those that are needed: one that is missing is a call that hangs.
func (n *network) checkEgress(t *testing.T, of traits) {
	want := []string{"function to endpoints, tcp 443 to 443", "function to a prefix list, tcp 443 to 443"}
	for _, vpc := range []string{"10.0", "10.1"} {
		for _, isolated := range []string{".48.0/20", ".112.0/20", ".176.0/20"} {
			want = append(want, "function to "+vpc+isolated+", tcp 5432 to 5432")
		}
	}
	if of.nat {
		want = append(want, "function to 0.0.0.0/0, tcp 443 to 443")
	}
	// purpose returns the purpose in a group's name.
	purpose := func(id *string) string { return strings.Split(n.groupName(aws.ToString(id))+"-", "-")[1] }
	var got []string
	for _, rule := range n.rules {
		if !aws.ToBool(rule.IsEgress) {
			continue
		}
		peer := aws.ToString(rule.CidrIpv4) + aws.ToString(rule.CidrIpv6)
		switch {
		case rule.PrefixListId != nil:
			peer = "a prefix list"
		case rule.ReferencedGroupInfo != nil:
			peer = purpose(rule.ReferencedGroupInfo.GroupId)
		}
		got = append(got, fmt.Sprintf("%s to %s, %s %d to %d",
			purpose(rule.GroupId), peer, aws.ToString(rule.IpProtocol), aws.ToInt32(rule.FromPort), aws.ToInt32(rule.ToPort)))
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the rules are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func (n *network) checkEndpoints(t *testing.T, region string) {
	interfaces := []string{"events", "logs", "secretsmanager", "ssm"}
	found := map[string]bool{}
	for _, endpoint := range n.endpoints {
		service := strings.TrimPrefix(aws.ToString(endpoint.ServiceName), "com.amazonaws."+region+".")
		found[service] = true
		if document := aws.ToString(endpoint.PolicyDocument); !strings.Contains(document, "aws:ResourceAccount") {
			t.Errorf("the endpoint of %s has the policy %s, which is not limited to the account's resources", service, document)
		}
		switch {
		case service == "s3":
			if endpoint.VpcEndpointType != types.VpcEndpointTypeGateway || len(endpoint.RouteTableIds) != 6 {
				t.Errorf("the S3 endpoint is of type %s in %d tables, want Gateway in 6", endpoint.VpcEndpointType, len(endpoint.RouteTableIds))
			}
		case slices.Contains(interfaces, service):
			if !aws.ToBool(endpoint.PrivateDnsEnabled) || len(endpoint.SubnetIds) != 3 {
				t.Errorf("%s: private name %t in %d subnets, want true in 3", service, aws.ToBool(endpoint.PrivateDnsEnabled), len(endpoint.SubnetIds))
			}
		default:
			t.Errorf("an unexpected endpoint of %q", service)
		}
	}
	for _, service := range append(interfaces, "s3") {
		if !found[service] {
			t.Errorf("no endpoint of %s", service)
		}
	}
}

func (n *network) checkFlowLogs(t *testing.T) {
	if len(n.flowLogs) != 1 {
		t.Fatalf("%d flow logs, want 1", len(n.flowLogs))
	}
	log := n.flowLogs[0]
	if log.TrafficType != types.TrafficTypeAll || aws.ToString(log.ResourceId) != n.vpc {
		t.Errorf("it records %s of %s, want ALL of %s", log.TrafficType, aws.ToString(log.ResourceId), n.vpc)
	}
}

// resourceName is the pattern of names: {type}-{purpose}-{environmentSuffix}.
var resourceName = regexp.MustCompile(`^[a-z]+(-[a-z0-9]+)+$`)

func (n *network) checkTags(t *testing.T, environment, region, role string) {
	for _, resource := range n.tagged {
		for key, want := range map[string]string{"Environment": environment, "Region": region, "DR-Role": role} {
			if got := tagged(resource.tags, key); got != want {
				t.Errorf("%s has %s %q, want %q", resource.id, key, got, want)
			}
		}
		if name := tagged(resource.tags, "Name"); !resourceName.MatchString(name) || !strings.HasSuffix(name, "-"+environment) {
			t.Errorf("%s is named %q", resource.id, name)
		}
	}
	// A VPC, a peering, a flow log, five groups, five endpoints, and nine subnets with their route tables.
	if want := 1 + 1 + 1 + 5 + 5 + 9 + 9; len(n.tagged) != want {
		t.Errorf("%d tagged resources were found, want %d", len(n.tagged), want)
	}
}
