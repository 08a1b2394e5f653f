package permissions

const (
	wafActions = "Service Authorization Reference, Actions, resources, and condition keys for AWS WAF V2"
	wafLogs    = "AWS WAF Developer Guide, Sending protection pack (web ACL) traffic logs to a CloudWatch Logs log group, Permissions"
)

// firewall are a deployer's calls where the setting waf is on.
func firewall() []call {
	acl := dev("wafv2", "regional/webacl/webacl-app-primary-dev/1")
	balancer := dev("elasticloadbalancing", "loadbalancer/app/alb-primary-dev/1")
	group := dev("logs", "log-group:aws-waf-logs-app-primary-dev")
	rows := []call{
		{action: "wafv2:CreateWebACL", resource: acl, page: wafActions},
		{action: "wafv2:CreateWebACL", resource: dev("wafv2", "regional/managedruleset/AWSManagedRulesCommonRuleSet/1"), page: wafActions},
		{action: "wafv2:UpdateWebACL", resource: acl, page: "another wafRateLimit: " + wafActions},
		{action: "wafv2:DeleteWebACL", resource: acl, page: wafActions},
		{action: "wafv2:TagResource", resource: acl, page: wafActions},
		{action: "wafv2:AssociateWebACL", resource: acl, page: wafActions},
		{action: "wafv2:AssociateWebACL", resource: balancer, page: wafActions},
		{action: "wafv2:DisassociateWebACL", resource: balancer, page: wafActions},
		{action: "elasticloadbalancing:SetWebAcl", resource: "*", page: wafActions},
		{action: "wafv2:GetWebACL", resource: "*", page: wafActions},
		{action: "wafv2:GetWebACLForResource", resource: "*", page: wafActions},
		{action: "wafv2:GetLoggingConfiguration", resource: "*", page: wafActions},
		{action: "wafv2:ListWebACLs", resource: "*", page: "shared/staterepair and test/sweep: web ACLs"},
		{action: "wafv2:ListTagsForResource", resource: "*", page: "shared/staterepair and test/sweep: whose a web ACL is"},
		{action: "wafv2:PutLoggingConfiguration", resource: acl, page: wafLogs},
		{action: "wafv2:DeleteLoggingConfiguration", resource: acl, page: wafLogs},
		{action: "logs:CreateLogDelivery", resource: "*", page: wafLogs},
		{action: "logs:DeleteLogDelivery", resource: "*", page: wafLogs},
		{action: "logs:PutResourcePolicy", resource: "*", page: wafLogs},
		{action: "logs:DescribeResourcePolicies", resource: "*", page: wafLogs},
		{action: "logs:CreateLogGroup", resource: group, page: wafLogs},
		{action: "logs:DeleteLogGroup", resource: group, page: wafLogs},
		{action: "logs:PutRetentionPolicy", resource: group, page: wafLogs},
		{action: "logs:TagResource", resource: group, page: wafLogs},
		{
			action: "wafv2:DeleteWebACL", resource: dev("wafv2", "regional/webacl/webacl-app-primary-prod/1"), page: wafActions,
			refused: "it is not the environment's",
		},
		{
			action: "wafv2:DisassociateWebACL", resource: dev("elasticloadbalancing", "loadbalancer/app/alb-primary-prod/1"), page: wafActions,
			refused: "it is not the environment's",
		},
	}
	for i := range rows {
		rows[i].principal = "deployer"
	}
	return rows
}
