package main

import "warmstandby/shared/policy"

// observer is what make smoke, notices, live and timeline need beside what an operator has. It reads logs, alarms, dashboards and health
// checks. The one thing that it makes is the queue of make smoke, with the rule that fills it, both of a name of their own.
func (e environment) observer() policy.Document {
	smoke := "smoke-*-" + e.suffix
	return policy.Document{
		allow("ReadLogs", e.named("logs", "log-group:/aws/lambda/lambda-failover-*-"+e.suffix+":*",
			"log-group:/aws/lambda/lambda-app-*-"+e.suffix+":*"), []string{"logs:FilterLogEvents"}, nil),
		allow("ReadAlarms", anything, []string{"cloudwatch:DescribeAlarmHistory", "cloudwatch:DescribeAlarms"}, nil),
		allow("ReadDashboards", []string{"arn:aws:cloudwatch::" + e.account + ":dashboard/dashboard-*-" + e.suffix},
			[]string{"cloudwatch:GetDashboard"}, nil),
		// Route 53 has no condition for health checks, nor names in their ARNs.
		allow("ReadHealthChecks", anything, []string{
			"route53:GetHealthCheckStatus", "route53:ListHealthChecks", "route53:ListTagsForResource",
		}, nil),
		allow("SmokeQueue", e.named("sqs", smoke), []string{
			"sqs:CreateQueue", "sqs:DeleteMessage", "sqs:DeleteQueue", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:SetQueueAttributes",
		}, nil),
		allow("SmokeRule", e.named("events", "rule/bus-*-"+e.suffix+"/"+smoke), []string{
			"events:DeleteRule", "events:PutRule", "events:PutTargets", "events:RemoveTargets",
		}, nil),
	}
}
