package main

import "warmstandby/shared/policy"

// deployerApplication is what makes, changes and removes the functions, their balancers, buses, alarms, names and roles.
func (e environment) deployerApplication() policy.Document {
	alarms := append(e.named("cloudwatch", "alarm:alarm-*-"+e.suffix), "arn:aws:cloudwatch::"+e.account+":dashboard/dashboard-*-"+e.suffix)
	events := e.named("events", "event-bus/bus-*-"+e.suffix, "archive/archive-*-"+e.suffix, "rule/bus-*-"+e.suffix+"/rule-*-"+e.suffix,
		"rule/rule-*-"+e.suffix)
	listeners := e.named("elasticloadbalancing", "listener/app/alb-*-"+e.suffix+"/*", "loadbalancer/app/alb-*-"+e.suffix+"/*",
		"targetgroup/tg-*-"+e.suffix+"/*")
	return policy.Document{
		// The memory of the failover controller.
		allow("Table", e.named("dynamodb", "table/table-*-"+e.suffix), []string{
			"dynamodb:CreateTable", "dynamodb:DeleteTable", "dynamodb:TagResource", "dynamodb:UpdateContinuousBackups", "dynamodb:UpdateTable",
		}, nil),
		// A promotion clones a restored cluster under the primary's name. The document of the data, where this belongs, has no room left: IAM
		// bounds each by 6,144 characters.
		allow("PromoteRestore", e.named("rds", "cluster:aurora-records-*-"+e.suffix, "cluster-pg:dbparams-*-"+e.suffix,
			"subgrp:dbsubnets-*-"+e.suffix), []string{"rds:RestoreDBClusterToPointInTime"}, nil),
		allow("Functions", e.named("lambda", "function:lambda-*-"+e.suffix), []string{
			"lambda:AddPermission", "lambda:CreateFunction", "lambda:DeleteFunction", "lambda:DeleteFunctionEventInvokeConfig",
			"lambda:PutFunctionEventInvokeConfig", "lambda:RemovePermission", "lambda:TagResource",
			"lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration",
		}, nil),
		allow("Balancers", listeners, []string{
			"elasticloadbalancing:AddTags", "elasticloadbalancing:CreateListener", "elasticloadbalancing:CreateLoadBalancer",
			"elasticloadbalancing:CreateTargetGroup", "elasticloadbalancing:DeleteListener", "elasticloadbalancing:DeleteLoadBalancer",
			"elasticloadbalancing:DeleteTargetGroup", "elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:ModifyListener",
			"elasticloadbalancing:ModifyLoadBalancerAttributes", "elasticloadbalancing:ModifyTargetGroup",
			"elasticloadbalancing:ModifyTargetGroupAttributes", "elasticloadbalancing:RegisterTargets",
		}, nil),
		allow("LogGroups", e.named("logs", "log-group:logs-*-"+e.suffix+"*", "log-group:/aws/lambda/lambda-*-"+e.suffix+"*",
			"log-group:/aws/rds/cluster/aurora-*-"+e.suffix+"/*"), []string{
			"logs:AssociateKmsKey", "logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:PutRetentionPolicy", "logs:TagResource",
		}, nil),
		allow("Alarms", alarms, []string{
			"cloudwatch:DeleteAlarms", "cloudwatch:DeleteDashboards", "cloudwatch:PutCompositeAlarm", "cloudwatch:PutDashboard",
			"cloudwatch:PutMetricAlarm", "cloudwatch:TagResource",
		}, nil),
		allow("Events", events, []string{
			"events:CreateArchive", "events:CreateEventBus", "events:DeleteArchive", "events:DeleteEventBus", "events:DeleteRule",
			"events:PutPermission", "events:PutRule", "events:PutTargets", "events:RemovePermission", "events:RemoveTargets",
			"events:TagResource", "events:UpdateArchive",
		}, nil),
		allow("Schedules", e.named("scheduler", "schedule/default/schedule-*-"+e.suffix), []string{
			"scheduler:CreateSchedule", "scheduler:DeleteSchedule", "scheduler:UpdateSchedule",
		}, nil),
		allow("Topics", e.named("sns", "topic-*-"+e.suffix), []string{
			"sns:CreateTopic", "sns:DeleteTopic", "sns:SetTopicAttributes", "sns:Subscribe", "sns:TagResource",
		}, nil),
		// It takes no narrower resource (Service Authorization Reference, "Actions, resources, and condition keys for Amazon SNS").
		allow("Unsubscribe", anything, []string{"sns:Unsubscribe"}, nil),
		allow("Queues", e.named("sqs", "queue-*-"+e.suffix), []string{
			"sqs:CreateQueue", "sqs:DeleteQueue", "sqs:SetQueueAttributes", "sqs:TagQueue",
		}, nil),
		allow("Parameters", e.named("ssm", "parameter/warmstandby/"+e.suffix+"/*"), []string{
			"ssm:AddTagsToResource", "ssm:DeleteParameter", "ssm:GetParameter", "ssm:PutParameter",
		}, nil),
		// Zones and health checks have ids of AWS's choice, and no condition on their tags.
		allow("Names", anything, []string{
			"route53:ChangeResourceRecordSets", "route53:ChangeTagsForResource", "route53:CreateHealthCheck", "route53:CreateHostedZone",
			"route53:DeleteHealthCheck", "route53:DeleteHostedZone", "route53:UpdateHealthCheck",
		}, nil),
		allow("Roles", []string{e.role("*")}, []string{
			"iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:PutRolePolicy", "iam:TagRole",
			"iam:UpdateAssumeRolePolicy",
		}, nil),
		allow("PassRoles", []string{e.role("*")}, []string{"iam:PassRole"}, policy.Conditions{"StringEquals": {"iam:PassedToService": {
			"backup.amazonaws.com", "events.amazonaws.com", "lambda.amazonaws.com", "s3.amazonaws.com", "scheduler.amazonaws.com",
			"vpc-flow-logs.amazonaws.com",
		}}}),
		// In an account that has not used the service yet, the first load balancer, cluster or backup makes a role of the service's own.
		allow("ServiceLinkedRoles", []string{"arn:aws:iam::" + e.account + ":role/aws-service-role/*"}, []string{"iam:CreateServiceLinkedRole"},
			policy.Conditions{"StringEquals": {"iam:AWSServiceName": {
				"backup.amazonaws.com", "elasticloadbalancing.amazonaws.com", "rds.amazonaws.com",
			}}}),
	}
}
