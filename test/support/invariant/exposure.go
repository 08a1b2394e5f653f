package invariant

import (
	"fmt"
	"net/netip"
	"strings"
)

// forbidden are the types that open something by being there, with what they open.
var forbidden = map[string]string{
	"aws:iam/accessKey:AccessKey":                                      "a standing key works from anywhere",
	"aws:lambda/functionUrl:FunctionUrl":                               "a function's URL answers the internet past the load balancer",
	"aws:s3/bucketAclV2:BucketAclV2":                                   "an access control list grants past the bucket's policy",
	"aws:s3/bucketWebsiteConfigurationV2:BucketWebsiteConfigurationV2": "a website endpoint serves plain HTTP to everybody",
}

// exposures are how the types that can be open to the internet say so; each returns what is wrong, or nothing.
var exposures = map[string]func(Resource) []string{
	"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": func(r Resource) []string {
		return append(openRange(r, "cidrIpv4"), append(openRange(r, "cidrIpv6"), prefixList(r)...)...)
	},
	"aws:ec2/securityGroup:SecurityGroup":               inlineRules,
	"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": inlineRules,
	"aws:ec2/subnet:Subnet":                             wants("mapPublicIpOnLaunch", false),
	"aws:lb/loadBalancer:LoadBalancer":                  wants("internal", true),
	"aws:rds/clusterInstance:ClusterInstance":           wants("publiclyAccessible", false),
	"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": func(r Resource) []string {
		var found []string
		for _, property := range [...]string{"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"} {
			found = append(found, wants(property, true)(r)...)
		}
		return found
	},
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls": wants("rule.objectOwnership", "BucketOwnerEnforced"),
	"aws:lambda/permission:Permission":                       invocation,
}

func exposureFaults(r Resource) []string {
	if open := exposures[r.Type]; open != nil {
		return open(r)
	}
	return nil
}

// wants returns a check of one property of what AWS answered.
func wants(path string, want any) func(Resource) []string {
	return func(r Resource) []string {
		if got := r.Outputs.At(path); got != want {
			return []string{fmt.Sprintf("has %s %v, want %v", path, got, want)}
		}
		return nil
	}
}

// openRange refuses a range that holds any address of the internet.
func openRange(r Resource, property string) []string {
	text := r.Outputs.Text(property)
	if text == "" {
		return nil
	}
	admitted, err := netip.ParsePrefix(text)
	if err != nil {
		return []string{fmt.Sprintf("has the %s %q, which is no range: %v", property, text, err)}
	}
	for _, private := range privateRanges {
		if private.Bits() <= admitted.Bits() && private.Contains(admitted.Addr()) {
			return nil
		}
	}
	return []string{fmt.Sprintf("admits %s, where the internet is", admitted)}
}

// privateRanges are what the internet does not route (RFC 1918, section 3; RFC 4193, section 3).
var privateRanges = [...]netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("fc00::/7"),
}

// prefixList refuses a list of ranges, which somebody else keeps.
func prefixList(r Resource) []string {
	if list := r.Outputs.Text("prefixListId"); list != "" {
		return []string{fmt.Sprintf("admits the prefix list %s, whose ranges are not looked at", list)}
	}
	return nil
}

// inlineRules refuses rules inside a group: they are resources, each looked at by itself. What AWS answers has those too
// after a refresh, so it is the program's own that are asked for; a default group is to be without any.
func inlineRules(r Resource) []string {
	from := map[string]Properties{"gives": r.Inputs}
	if strings.HasSuffix(r.Type, "DefaultSecurityGroup") {
		from["has"] = r.Outputs
	}
	var found []string
	for verb, properties := range from {
		if rules, _ := properties.At("ingress").([]any); len(rules) > 0 {
			found = append(found, fmt.Sprintf("%s %d rules of its own that admit, want none", verb, len(rules)))
		}
	}
	return found
}

// invocation holds a permission on a function to a service of AWS that acts for one resource: without the source, the
// service would invoke it for anybody's (AWS Lambda Developer Guide, "Working with resource-based IAM policies").
func invocation(r Resource) []string {
	var found []string
	if principal := r.Outputs.Text("principal"); !strings.HasSuffix(principal, ".amazonaws.com") {
		found = append(found, fmt.Sprintf("admits the principal %q, want a service of AWS", principal))
	}
	if r.Outputs.Text("sourceArn") == "" {
		found = append(found, "names no sourceArn")
	}
	return found
}
