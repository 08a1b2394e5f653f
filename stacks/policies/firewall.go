package main

import "warmstandby/shared/policy"

// deployerFirewall is what makes, changes and removes AWS WAF before the load balancers, where the setting waf is on. The actions and
// resources are those of the Service Authorization Reference, "Actions, resources, and condition keys for AWS WAF V2".
func (e environment) deployerFirewall() policy.Document {
	acls := e.named("wafv2", "regional/webacl/webacl-*-"+e.suffix+"/*")
	return policy.Document{
		// A web ACL is made of groups of rules that AWS maintains.
		allow("WebACLs", append(e.named("wafv2", "regional/managedruleset/*"), acls...), []string{
			"wafv2:CreateWebACL", "wafv2:UpdateWebACL",
		}, nil),
		allow("ChangeWebACLs", acls, []string{
			"wafv2:DeleteLoggingConfiguration", "wafv2:DeleteWebACL", "wafv2:PutLoggingConfiguration", "wafv2:TagResource",
		}, nil),
		allow("PutBeforeBalancers", append(e.named("elasticloadbalancing", "loadbalancer/app/alb-*-"+e.suffix+"/*"), acls...), []string{
			"wafv2:AssociateWebACL", "wafv2:DisassociateWebACL",
		}, nil),
		allow("FirewallLogs", e.named("logs", "log-group:aws-waf-logs-*-"+e.suffix+"*"), []string{
			"logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:PutRetentionPolicy", "logs:TagResource",
		}, nil),
		// Elastic Load Balancing and CloudWatch Logs take no resource for these. The latter deliver to a log group by a policy of the
		// account's (AWS WAF Developer Guide, "Sending protection pack (web ACL) traffic logs to a CloudWatch Logs log group", Permissions).
		allow("Connect", anything, []string{
			"elasticloadbalancing:SetWebAcl", "logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeResourcePolicies",
			"logs:PutResourcePolicy",
		}, policy.Conditions{"StringEquals": {"aws:RequestedRegion": {e.primary, e.standby}}}),
		allow("ReadFirewall", anything, []string{
			"wafv2:GetLoggingConfiguration", "wafv2:GetWebACL", "wafv2:GetWebACLForResource",
		}, policy.Conditions{"StringEquals": {"aws:RequestedRegion": {e.primary, e.standby}}}),
	}
}
