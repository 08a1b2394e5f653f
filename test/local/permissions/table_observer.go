package permissions

// The pages that say which resource each action of an observer names.
const (
	logsActions       = "Service Authorization Reference, Actions, resources, and condition keys for Amazon CloudWatch Logs"
	cloudWatchActions = "Service Authorization Reference, Actions, resources, and condition keys for Amazon CloudWatch"
	route53Actions    = "Service Authorization Reference, Actions, resources, and condition keys for Amazon Route 53"
	sqsActions        = "Service Authorization Reference, Actions, resources, and condition keys for Amazon SQS"
	eventsActions     = "Service Authorization Reference, Actions, resources, and condition keys for Amazon EventBridge"
)

// observing are the calls of make smoke, notices, live and timeline beside those of make status. No recording has them.
func observing() []call {
	var rows []call
	add := func(page, resource string, actions ...string) {
		for _, action := range actions {
			rows = append(rows, call{principal: "observer", action: action, resource: resource, page: page})
		}
	}
	add(logsActions, "arn:aws:logs:"+devStandby+":"+account+":log-group:/aws/lambda/lambda-failover-secondary-dev:*", "logs:FilterLogEvents")
	add(logsActions, dev("logs", "log-group:/aws/lambda/lambda-app-primary-dev:*"), "logs:FilterLogEvents")
	add(cloudWatchActions, "*", "cloudwatch:DescribeAlarmHistory", "cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData")
	add(cloudWatchActions, "arn:aws:cloudwatch::"+account+":dashboard/dashboard-primary-dev", "cloudwatch:GetDashboard")
	add(route53Actions, "*", "route53:ListHealthChecks")
	add(route53Actions, "arn:aws:route53:::healthcheck/1", "route53:GetHealthCheckStatus", "route53:ListTagsForResource")
	const smoke = "smoke-20260301-120000-dev"
	for _, region := range []string{devPrimary, devStandby} {
		add(sqsActions, "arn:aws:sqs:"+region+":"+account+":"+smoke, "sqs:CreateQueue", "sqs:DeleteMessage", "sqs:DeleteQueue",
			"sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:SetQueueAttributes")
		add(eventsActions, "arn:aws:events:"+region+":"+account+":rule/bus-records-dev/"+smoke, "events:DeleteRule", "events:PutRule",
			"events:PutTargets", "events:RemoveTargets")
	}
	return append(rows,
		call{
			principal: "observer", action: "sqs:ReceiveMessage", resource: dev("sqs", "dlq-app-primary-dev"), page: sqsActions,
			refused: "a dead-letter queue has events of the platform",
		},
		call{
			principal: "observer", action: "events:DeleteRule", resource: dev("events", "rule/bus-records-dev/rule-forward-records-primary-dev"),
			page: eventsActions, refused: "it is the platform's own rule",
		},
		call{
			principal: "observer", action: "logs:FilterLogEvents", resource: dev("logs", "log-group:logs-audit-primary-dev:*"), page: logsActions,
			refused: "the audit trail is for auditors",
		},
		call{
			principal: "observer", action: "cloudwatch:GetDashboard",
			resource: "arn:aws:cloudwatch::" + account + ":dashboard/dashboard-primary-prod",
			page:     cloudWatchActions, refused: "it is another environment's",
		},
	)
}
