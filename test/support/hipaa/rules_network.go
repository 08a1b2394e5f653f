package hipaa

import (
	"fmt"

	"warmstandby/test/support/invariant"
)

const (
	vpcToken          = "aws:ec2/vpc:Vpc"
	subnetToken       = "aws:ec2/subnet:Subnet"
	routeToken        = "aws:ec2/route:Route"
	gatewayToken      = "aws:ec2/internetGateway:InternetGateway"
	defaultGroupToken = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
	ingressToken      = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
)

var networkRules = []Rule{
	{Name: "internet-gateway-authorized-vpc-only", check: &check{
		requirement: "internet gateways are of the stack's own VPCs", tokens: []string{gatewayToken}, stack: networkStack,
		fault: func(r invariant.Resource, all stack) string {
			if all.other(vpcToken, func(vpc invariant.Resource) bool { return vpc.ID != "" && vpc.ID == r.Outputs.Text("vpcId") }) {
				return ""
			}
			return fmt.Sprintf("is of %q, which is no VPC of the stack", r.Outputs.Text("vpcId"))
		},
	}},
	{
		Name: "no-unrestricted-route-to-igw",
		check: &check{
			requirement: "no route leads from everywhere to an internet gateway", tokens: []string{routeToken}, stack: networkStack,
			fault: func(r invariant.Resource, _ stack) string {
				if r.Outputs.Text("gatewayId") != "" && r.Outputs.Text("destinationCidrBlock") == "0.0.0.0/0" {
					return "leads to the internet"
				}
				return ""
			},
		},
		excuses: []excuse{{
			routeToken, "vpc-*-public-*", networkStack,
			"the public subnets hold the load balancers, which users reach, and nothing else; functions and databases have no such route",
		}},
	},
	{Name: "restricted-common-ports", check: &check{
		requirement: "the ports 20, 21, 3306, 3389 and 4333 are not open to the internet", tokens: []string{ingressToken}, stack: networkStack,
		fault: openPorts(20, 21, 3306, 3389, 4333),
	}},
	{Name: "restricted-ssh", check: &check{
		requirement: "port 22 is not open to the internet", tokens: []string{ingressToken}, stack: networkStack, fault: openPorts(22),
	}},
	{
		Name: "subnet-auto-assign-public-ip-disabled",
		check: &check{
			requirement: "no subnet hands out public addresses", tokens: []string{subnetToken}, stack: networkStack,
			fault: wants("mapPublicIpOnLaunch", false),
		},
	},
	{Name: "vpc-default-security-group-closed", check: &check{
		requirement: "default security groups have no rule", tokens: []string{vpcToken}, stack: networkStack,
		fault: func(r invariant.Resource, all stack) string {
			group := all.of(defaultGroupToken, "vpcId", r.ID)
			if group == nil {
				return "has a default security group that the stack does not manage"
			}
			for _, direction := range [...]string{"ingress", "egress"} {
				if rules, _ := group.Get(direction).([]any); len(rules) > 0 {
					return fmt.Sprintf("has %d %s rules in its default group", len(rules), direction)
				}
			}
			return ""
		},
	}},
	{Name: "vpc-flow-logs-enabled", check: &check{
		requirement: "each VPC has a flow log of all traffic", tokens: []string{vpcToken}, stack: networkStack,
		fault: func(r invariant.Resource, all stack) string {
			if log := all.of("aws:ec2/flowLog:FlowLog", "vpcId", r.ID); log.Text("trafficType") != "ALL" {
				return "has no flow log of all traffic"
			}
			return ""
		},
	}},
	{
		Name: "vpc-sg-open-only-to-authorized-ports",
		check: &check{
			requirement: "no port is open to the internet; the pack authorises none by default",
			tokens:      []string{ingressToken}, stack: networkStack,
			fault: func(r invariant.Resource, _ stack) string {
				if isOpen(r) {
					return fmt.Sprintf("opens %v to %v to the internet", r.Outputs.Get("fromPort"), r.Outputs.Get("toPort"))
				}
				return ""
			},
		},
		excuses: []excuse{
			{ingressToken, "loadbalancer-from-world-*", networkStack, "users come from any address, by HTTPS"},
			{ingressToken, "loadbalancer-redirect-from-world-*", networkStack, "port 80 redirects to HTTPS and does nothing else"},
		},
	},
}

// openPorts is a fault of a rule that opens one of the ports to the internet. A rule of all protocols has no ports.
func openPorts(ports ...float64) func(invariant.Resource, stack) string {
	return func(r invariant.Resource, _ stack) string {
		from, _ := r.Outputs.Get("fromPort").(float64)
		to, _ := r.Outputs.Get("toPort").(float64)
		for _, port := range ports {
			if isOpen(r) && (r.Outputs.Text("ipProtocol") == "-1" || from <= port && port <= to) {
				return fmt.Sprintf("opens port %v to the internet", port)
			}
		}
		return ""
	}
}
