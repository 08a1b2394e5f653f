package invariant

import (
	"fmt"
	"net/netip"
	"strings"
)

// forbidden are the types whose existence exposes something, each with the exposure.
var forbidden = map[string]string{
	"aws:iam/accessKey:AccessKey":                                      "it is valid from anywhere, for ever",
	"aws:lambda/functionUrl:FunctionUrl":                               "it is reached from the internet without the load balancer",
	"aws:s3/bucketAclV2:BucketAclV2":                                   "it grants access that the bucket's policy does not",
	"aws:s3/bucketWebsiteConfigurationV2:BucketWebsiteConfigurationV2": "it serves plain HTTP to everybody",
}

// exposures are the checks of the types that can be open to the internet. Each returns the faults of a resource.
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

// wants returns a check of one property of AWS's answer.
func wants(path string, want any) func(Resource) []string {
	return func(r Resource) []string {
		if got := r.Outputs.Get(path); got != want {
			return []string{fmt.Sprintf("has %s %v, want %v", path, got, want)}
		}
		return nil
	}
}

// openRange refuses a range with an address of the internet.
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
	return []string{fmt.Sprintf("admits %s, which has addresses of the internet", admitted)}
}

// privateRanges are not routed on the internet (RFC 1918, section 3; RFC 4193, section 3).
var privateRanges = [...]netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("fc00::/7"),
}

// prefixList refuses a list of ranges, which somebody else maintains.
func prefixList(r Resource) []string {
	if list := r.Outputs.Text("prefixListId"); list != "" {
		return []string{fmt.Sprintf("admits the prefix list %s, whose ranges are not checked", list)}
	}
	return nil
}

// inlineRules refuses rules in the inputs of a group: a rule must be a resource of its own, which is checked. The outputs have
// those rules too after a refresh, so they are checked for a default group alone, which must have none.
func inlineRules(r Resource) []string {
	from := map[string]Properties{"sets": r.Inputs}
	if strings.HasSuffix(r.Type, "DefaultSecurityGroup") {
		from["has"] = r.Outputs
	}
	var found []string
	for verb, properties := range from {
		if rules, _ := properties.Get("ingress").([]any); len(rules) > 0 {
			found = append(found, fmt.Sprintf("%s %d ingress rules inline, want none", verb, len(rules)))
		}
	}
	return found
}

// invocation holds a permission on a function to a service of AWS and one source: without the source, the service would invoke
// the function for any account's resource (AWS Lambda Developer Guide, "Working with resource-based IAM policies").
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
