package network

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"

	"warmstandby/test/support/pulumitest"
)

const (
	ingressToken = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	egressToken  = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
)

// readRules returns the rules of a region in the form "ingress group tcp from-to peer", sorted. A peer that is a group is its
// purpose.
func readRules(recording *pulumitest.Recording, r testRegion) []string {
	purpose := func(id string) string {
		return strings.TrimSuffix(strings.TrimPrefix(id, "securityGroup-secgroup-"), "-"+r.role+"-blue")
	}
	var found []string
	for token, direction := range map[string]string{
		ingressToken: "ingress", egressToken: "egress",
	} {
		for _, rule := range r.resources(recording, token) {
			var peers []string
			for _, property := range []string{"cidrIpv4", "cidrIpv6", "prefixListId"} {
				if peer := rule.Text(property); peer != "" {
					peers = append(peers, peer)
				}
			}
			if group := rule.Text("referencedSecurityGroupId"); group != "" {
				peers = append(peers, purpose(group))
			}
			found = append(found, fmt.Sprintf("%s %s %s %v-%v %s", direction, purpose(rule.Text("securityGroupId")),
				rule.Text("ipProtocol"), rule.Input("fromPort"), rule.Input("toPort"), strings.Join(peers, "+")))
		}
	}
	slices.Sort(found)
	return found
}

// privateRanges and isolatedRanges are the ranges of both regions' tiers.
var (
	privateRanges  = []string{"10.0.0.0/19", "10.0.64.0/19", "10.0.128.0/19", "10.1.0.0/19", "10.1.64.0/19", "10.1.128.0/19"}
	isolatedRanges = []string{"10.0.48.0/20", "10.0.112.0/20", "10.0.176.0/20", "10.1.48.0/20", "10.1.112.0/20", "10.1.176.0/20"}
)

// The groups have these rules and no others.
func TestSecurityGroupRules(t *testing.T) {
	recording := build(t, unchanged)
	for _, r := range testRegions {
		want := []string{
			"ingress loadbalancer tcp 8443-8443 0.0.0.0/0",
			"ingress endpoints tcp 443-443 function",
			"egress function tcp 443-443 endpoints",
			"egress function tcp 443-443 prefixListId-vpce-s3-" + r.role + "-blue",
		}
		for _, cidr := range privateRanges {
			want = append(want, "ingress database tcp 5432-5432 "+cidr)
		}
		for _, cidr := range isolatedRanges {
			want = append(want, "egress function tcp 5432-5432 "+cidr)
		}
		slices.Sort(want)
		if got := readRules(recording, r); !slices.Equal(got, want) {
			t.Errorf("in %s the rules are\n%s\nwant\n%s", r.region, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// The listener's ports alone are open to the internet.
func TestOpenPorts(t *testing.T) {
	for _, test := range []struct {
		name string
		port int
		nat  ec2.NatGatewayStrategy
		want []string // the ports, as text
	}{
		{"a port of its own", 8443, ec2.NatGatewayStrategyNone, []string{"8443"}},
		{"a port of its own, with NAT", 8443, ec2.NatGatewayStrategyOnePerAz, []string{"8443"}},
		{"plain HTTP", 80, ec2.NatGatewayStrategyNone, []string{"80"}},
		{"HTTPS, and HTTP for the redirect", 443, ec2.NatGatewayStrategyNone, []string{"443", "80"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			recording := build(t, func(args *Args) { args.NAT, args.ListenerPort = test.nat, test.port })
			for _, r := range testRegions {
				var open, want []string
				for _, found := range readRules(recording, r) {
					if strings.HasPrefix(found, "ingress") && strings.Contains(found, "/0") {
						open = append(open, found)
					}
				}
				for _, port := range test.want {
					want = append(want, "ingress loadbalancer tcp "+port+"-"+port+" 0.0.0.0/0")
				}
				if !slices.Equal(open, want) {
					t.Errorf("open to the internet in %s is %q, want %q", r.region, open, want)
				}
			}
		})
	}
}

// EC2 refuses the twin of a rule that stands. A rule whose port changes is deleted, and then created: changed in place it could
// become a twin.
func TestRulesOfAChangedPortAreReplaced(t *testing.T) {
	recording := build(t, func(args *Args) { args.ListenerPort = 443 })
	rules := slices.Concat(recording.OfType(ingressToken), recording.OfType(egressToken))
	if len(rules) == 0 {
		t.Fatal("there is no rule")
	}
	for _, rule := range rules {
		got := rule.Request.GetReplaceOnChanges()
		if slices.Sort(got); !slices.Equal(got, []string{"fromPort", "toPort"}) || !rule.Request.GetDeleteBeforeReplace() {
			t.Errorf("rule %s is replaced when %q change, deleted first %t; want both ports, and deleted first",
				rule.Name, got, rule.Request.GetDeleteBeforeReplace())
		}
	}
}

// Between the ports 80 and 443 one of the load balancer's rules takes the port that the other had. The redirect's rule has its
// group from the listener's rule: it is deleted before that rule, and created after it.
func TestRedirectRuleFollowsTheListenersRule(t *testing.T) {
	recording := build(t, func(args *Args) { args.ListenerPort = 443 })
	for _, r := range testRegions {
		listener := recording.Get(t, ingressToken, "loadbalancer-from-world-"+r.role)
		redirect := recording.Get(t, ingressToken, "loadbalancer-redirect-from-world-"+r.role)
		if listener.Input("fromPort") != 443.0 || redirect.Input("fromPort") != 80.0 {
			t.Errorf("in %s the listener's rule is of port %v and the redirect's of %v", r.region,
				listener.Input("fromPort"), redirect.Input("fromPort"))
		}
		if urns := redirect.Request.GetPropertyDependencies()["securityGroupId"].GetUrns(); !slices.Contains(urns, listener.URN) {
			t.Errorf("in %s the group of the redirect's rule is from %q, want from the listener's rule", r.region, urns)
		}
		if got, want := redirect.Text("securityGroupId"), listener.Text("securityGroupId"); got != want {
			t.Errorf("in %s the redirect's rule is of group %q, the listener's of %q", r.region, got, want)
		}
	}
}

// Inline rules and rules of their own revert each other (AWS provider, aws_vpc_security_group_ingress_rule).
func TestNoInlineRules(t *testing.T) {
	recording := build(t, unchanged)
	for _, r := range testRegions {
		groups := r.resources(recording, "aws:ec2/securityGroup:SecurityGroup")
		if len(groups) != 4 {
			t.Errorf("%s has %d security groups, want four", r.region, len(groups))
		}
		for _, group := range groups {
			if group.Input("ingress") != nil || group.Input("egress") != nil {
				t.Errorf("group %s has rules in line", group.Name)
			}
			if got, want := group.Text("vpcId"), pulumitest.VPCID(r.vpc); got != want {
				t.Errorf("group %s is in %q, want %q", group.Name, got, want)
			}
		}
	}
}
