package hipaa

import (
	"fmt"
	"strings"

	"warmstandby/test/support/invariant"
)

const (
	balancerToken = "aws:lb/loadBalancer:LoadBalancer"
	listenerToken = "aws:lb/listener:Listener"
	webACLToken   = "aws:wafv2/webAcl:WebAcl"
)

// listener reports whether a load balancer has a listener of a protocol that meets a condition.
func (s stack) listener(balancer invariant.Resource, protocol string, meets func(invariant.Properties) bool) bool {
	return s.other(listenerToken, func(l invariant.Resource) bool {
		return l.Outputs.Text("loadBalancerArn") == balancer.Outputs.Text("arn") && l.Outputs.Text("protocol") == protocol && meets(l.Outputs)
	})
}

var balancerRules = []Rule{
	{Name: "alb-http-to-https-redirection-check", check: &check{
		requirement: "each listener that speaks HTTP redirects to HTTPS", tokens: []string{listenerToken}, stack: appStacks,
		fault: func(r invariant.Resource, _ stack) string {
			to := r.Outputs.Text("defaultActions.0.redirect.protocol")
			if r.Outputs.Text("protocol") == "HTTP" && (r.Outputs.Text("defaultActions.0.type") != "redirect" || to != "HTTPS") {
				return "speaks HTTP and does not redirect to HTTPS"
			}
			return ""
		},
	}},
	{
		Name: "alb-waf-enabled",
		check: &check{
			requirement: "a web ACL is associated with each load balancer", tokens: []string{balancerToken}, stack: appStacks,
			fault: companion("aws:wafv2/webAclAssociation:WebAclAssociation", "resourceArn", "arn", nil),
		},
	},
	{Name: "elb-deletion-protection-enabled", check: &check{
		requirement: "load balancers are protected from deletion", tokens: []string{balancerToken}, stack: appStacks,
		fault: wants("enableDeletionProtection", true),
	}},
	{Name: "elb-logging-enabled", check: &check{
		requirement: "load balancers write access logs", tokens: []string{balancerToken}, stack: appStacks,
		fault: func(r invariant.Resource, _ stack) string {
			if r.Outputs.Get("accessLogs.enabled") != true || r.Outputs.Text("accessLogs.bucket") == "" {
				return fmt.Sprintf("has accessLogs %v", r.Outputs.Get("accessLogs"))
			}
			return ""
		},
	}},
	{Name: "elbv2-acm-certificate-required", check: &check{
		requirement: "each load balancer has a listener with a certificate of ACM", tokens: []string{balancerToken}, stack: appStacks,
		fault: func(r invariant.Resource, all stack) string {
			if all.listener(r, "HTTPS", func(l invariant.Properties) bool { return strings.Contains(l.Text("certificateArn"), ":acm:") }) {
				return ""
			}
			return "has no listener with a certificate of ACM"
		},
	}},
	{
		Name: "wafv2-logging-enabled",
		check: &check{
			requirement: "each web ACL has a log", tokens: []string{webACLToken},
			fault: companion("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration", "resourceArn", "arn", nil),
		},
	},
}
