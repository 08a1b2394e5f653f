package environments

import (
	"fmt"
	"slices"
	"strings"

	"warmstandby/test/support/invariant"
)

// peer is the kind of what a call goes to.
type peer string

const (
	ofEndpoints peer = "the group of the VPC endpoints"
	ofS3        peer = "the prefix list of S3's gateway endpoint"
	ofDatabases peer = "the ranges of isolated subnets"
	ofInternet  peer = "any address"
)

// call is a connection that something in a VPC opens, and that a security group must let out. A row without its rule is a call that
// hangs, a rule without its row an exit that nothing needs. Which of the application's files opens it is held by the test.
type call struct {
	// rule begins the logical names of its egress rules.
	rule string
	// from is the purpose in the caller's group's name.
	from string
	to   peer
	port float64
	// rules is how many it has in each region.
	rules int
	when  invariant.Setting
	// by is the file that opens the connection, from the repository's root, and text is what it does it with; none where an operator
	// brings the callee.
	by, text string
}

// calls are all of them: functions call, and load balancers, databases and endpoints answer alone.
var calls = []call{
	{
		rule: "function-to-endpoints-", from: "function", to: ofEndpoints, port: 443, rules: 1,
		by: "lambda/app/src/aws/events.js", text: "PutEventsCommand",
	},
	{
		rule: "function-to-s3-", from: "function", to: ofS3, port: 443, rules: 1,
		by: "lambda/app/src/aws/documents.js", text: "DeleteObjectCommand",
	},
	{
		rule: "function-to-own-databases-", from: "function", to: ofDatabases, port: 5432, rules: 3,
		by: "lambda/app/src/database/pools.js", text: "new pg.Pool",
	},
	{ // The standby's writes go to the primary, before and after a failover.
		rule: "function-to-peer-databases-", from: "function", to: ofDatabases, port: 5432, rules: 3,
		by: "lambda/app/src/database/targets.js", text: "bothMembers",
	},
	{rule: "function-to-world-", from: "function", to: ofInternet, port: 443, rules: 1, when: invariant.NAT},
}

const (
	egressType   = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	groupType    = "aws:ec2/securityGroup:SecurityGroup"
	endpointType = "aws:ec2/vpcEndpoint:VpcEndpoint"
	subnetPublic = "0.0.0.0/0"
)

// egressFaults holds the egress rules of the networks to the table of calls: each rule is a call's, and each call has its rules in each
// region.
func egressFaults(resources []invariant.Resource, settings []invariant.Setting) []string {
	groups, lists := map[string]string{}, map[string]bool{} // names by id; prefix lists of gateway endpoints
	made := map[[2]string]int{}                             // rules by call and region
	var regions, faults []string
	for _, r := range resources {
		switch r.Type {
		case groupType:
			groups[r.ID] = r.Name
			if !slices.Contains(regions, r.Region) {
				regions = append(regions, r.Region)
			}
		case endpointType:
			if list := r.Outputs.Text("prefixListId"); r.Outputs.Text("vpcEndpointType") == "Gateway" && list != "" {
				lists[list] = true
			}
		}
	}
	for _, r := range resources {
		if r.Type != egressType {
			continue
		}
		i := slices.IndexFunc(calls, func(c call) bool { return strings.HasPrefix(r.Name, c.rule) && c.enabled(settings) })
		if i < 0 {
			faults = append(faults, fmt.Sprintf("the egress rule %s is of no call: nothing needs it, or calls lacks a row", r.Name))
			continue
		}
		made[[2]string{calls[i].rule, r.Region}]++
		if fault := calls[i].fault(r, groups, lists); fault != "" {
			faults = append(faults, fmt.Sprintf("the egress rule %s %s", r.Name, fault))
		}
	}
	slices.Sort(regions)
	for _, c := range calls {
		for _, region := range regions {
			if got := made[[2]string{c.rule, region}]; c.enabled(settings) && got != c.rules {
				faults = append(faults, fmt.Sprintf("in %s %d egress rules are %s…, want %d: calls would hang", region, got, c.rule, c.rules))
			}
		}
	}
	if len(regions) == 0 {
		faults = append(faults, "there is no security group: nothing was checked")
	}
	return faults
}

func (c call) enabled(settings []invariant.Setting) bool {
	return c.when == "" || slices.Contains(settings, c.when)
}

// fault says in what a rule is more than the call needs, or other.
func (c call) fault(r invariant.Resource, groups map[string]string, lists map[string]bool) string {
	out := r.Outputs
	if group := groups[out.Text("securityGroupId")]; !strings.HasPrefix(group, "secgroup-"+c.from+"-") {
		return fmt.Sprintf("is of the group %q, the caller's is secgroup-%s-…", group, c.from)
	}
	if out.Text("ipProtocol") != "tcp" || out.Get("fromPort") != c.port || out.Get("toPort") != c.port {
		return fmt.Sprintf("lets out %s from %v to %v, want tcp %v", out.Text("ipProtocol"), out.Get("fromPort"), out.Get("toPort"), c.port)
	}
	kinds := map[peer]bool{
		ofEndpoints: strings.HasPrefix(groups[out.Text("referencedSecurityGroupId")], "secgroup-endpoints-"),
		ofS3:        lists[out.Text("prefixListId")],
		ofDatabases: out.Text("cidrIpv4") != "" && out.Text("cidrIpv4") != subnetPublic,
		ofInternet:  out.Text("cidrIpv4") == subnetPublic,
	}
	if !kinds[c.to] {
		return "does not go to " + string(c.to)
	}
	return ""
}
