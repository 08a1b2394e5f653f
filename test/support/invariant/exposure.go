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
		return append(openRange(r, "admits", "cidrIpv4"), append(openRange(r, "admits", "cidrIpv6"), prefixList(r)...)...)
	},
	"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": func(r Resource) []string {
		return append(openRange(r, "lets out to", "cidrIpv4"), openRange(r, "lets out to", "cidrIpv6")...)
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

// openRange refuses a range with an address of the internet. The verb says what the rule does with it.
func openRange(r Resource, verb, property string) []string {
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
	return []string{fmt.Sprintf("%s %s, which has addresses of the internet", verb, admitted)}
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
// those rules too after a refresh. A default group's must have none, and no group's the rule of all egress that EC2 gives to each new
// group: the provider revokes it (Amazon VPC User Guide, "Security group rules").
func inlineRules(r Resource) []string {
	isDefault := strings.HasSuffix(r.Type, "DefaultSecurityGroup")
	var found []string
	for _, direction := range [...]string{"ingress", "egress"} {
		if rules, _ := r.Inputs.Get(direction).([]any); len(rules) > 0 {
			found = append(found, fmt.Sprintf("sets %d %s rules inline, want none", len(rules), direction))
		}
		rules, _ := r.Outputs.Get(direction).([]any)
		if isDefault && len(rules) > 0 {
			found = append(found, fmt.Sprintf("has %d %s rules inline, want none", len(rules), direction))
		}
		for i := range rules {
			rule := fmt.Sprintf("%s.%d.", direction, i)
			if protocol := r.Outputs.Text(rule + "protocol"); protocol == "-1" {
				found = append(found, fmt.Sprintf("has a rule of all %s", direction))
			}
		}
	}
	return found
}

// listenerFaults holds the listeners of a platform with HTTPS to it: each has a certificate and a policy without TLS 1.1, or redirects
// to HTTPS (Elastic Load Balancing, "Security policies for your Application Load Balancer").
func listenerFaults(r Resource, platform Platform) []string {
	if r.Type != "aws:lb/listener:Listener" || !platform.has(HTTPS) {
		return nil
	}
	switch protocol, action := r.Outputs.Text("protocol"), r.Outputs.Text("defaultActions.0.type"); {
	case protocol == "HTTP" && action == "redirect":
		if to := r.Outputs.Text("defaultActions.0.redirect.protocol"); to != "HTTPS" {
			return []string{fmt.Sprintf("redirects to %q, want HTTPS", to)}
		}
	case protocol != "HTTPS" || r.Outputs.Text("certificateArn") == "":
		return []string{fmt.Sprintf("serves users by %q with the certificate %q, want HTTPS", protocol, r.Outputs.Text("certificateArn"))}
	case !strings.HasPrefix(r.Outputs.Text("sslPolicy"), "ELBSecurityPolicy-TLS13-1-2-"):
		return []string{fmt.Sprintf("has the policy %q, which admits TLS before 1.2 or is not known to", r.Outputs.Text("sslPolicy"))}
	}
	return nil
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
