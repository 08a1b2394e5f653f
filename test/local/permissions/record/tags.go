package main

// tagsOnCreation are the actions that AWS asks for beside one that makes something with tags (Service Authorization Reference, the
// dependent actions of each), of what is made: a cluster and not its subnets. The emulator makes no request of them.
var tagsOnCreation = map[string]struct {
	action string
	kind   string // a part of the ARN of what is made; empty: nothing else is named
}{
	"backup:CreateBackupPlan":                 {"backup:TagResource", ""},
	"backup:CreateBackupVault":                {"backup:TagResource", ""},
	"cloudwatch:PutCompositeAlarm":            {"cloudwatch:TagResource", ""},
	"cloudwatch:PutMetricAlarm":               {"cloudwatch:TagResource", ""},
	"dynamodb:CreateTable":                    {"dynamodb:TagResource", ""},
	"elasticloadbalancing:CreateListener":     {"elasticloadbalancing:AddTags", ""},
	"elasticloadbalancing:CreateLoadBalancer": {"elasticloadbalancing:AddTags", ""},
	"elasticloadbalancing:CreateTargetGroup":  {"elasticloadbalancing:AddTags", ""},
	"events:CreateEventBus":                   {"events:TagResource", ""},
	"events:PutRule":                          {"events:TagResource", ""},
	"iam:CreateRole":                          {"iam:TagRole", ""},
	"kms:CreateKey":                           {"kms:TagResource", ""},
	"lambda:CreateFunction":                   {"lambda:TagResource", ""},
	"logs:CreateLogGroup":                     {"logs:TagResource", ""},
	"rds:CreateDBCluster":                     {"rds:AddTagsToResource", ":cluster:"},
	"rds:CreateDBClusterParameterGroup":       {"rds:AddTagsToResource", ":cluster-pg:"},
	"rds:CreateDBInstance":                    {"rds:AddTagsToResource", ":db:"},
	"rds:CreateDBSubnetGroup":                 {"rds:AddTagsToResource", ":subgrp:"},
	"rds:CreateGlobalCluster":                 {"rds:AddTagsToResource", ":global-cluster:"},
	"s3:CreateBucket":                         {"s3:TagResource", ""},
	"secretsmanager:CreateSecret":             {"secretsmanager:TagResource", ""},
	"sns:CreateTopic":                         {"sns:TagResource", ""},
	"sqs:CreateQueue":                         {"sqs:TagQueue", ""},
	"ssm:PutParameter":                        {"ssm:AddTagsToResource", ""},
}
