package services

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	watchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
	waftypes "github.com/aws/aws-sdk-go-v2/service/wafv2/types"
)

// own are the tags of the environment.
var own = map[string]string{"Environment": "stacks", "DR-Role": "primary"}

func applicationExpected() []expectation {
	tag := func(key, value string) types.Tag { return types.Tag{Key: aws.String(key), Value: aws.String(value)} }
	return []expectation{
		{"elbv2", "load balancers", answers{
			"DescribeLoadBalancers": {
				&elasticloadbalancingv2.DescribeLoadBalancersOutput{
					NextMarker:    next,
					LoadBalancers: []types.LoadBalancer{{LoadBalancerArn: aws.String("other")}},
				},
				&elasticloadbalancingv2.DescribeLoadBalancersOutput{
					LoadBalancers: []types.LoadBalancer{{LoadBalancerArn: aws.String("mine"), LoadBalancerName: aws.String("alb-primary-blue")}},
				},
			},
			"DescribeTags": {&elasticloadbalancingv2.DescribeTagsOutput{}},
		}, "mine"},
		{"elbv2", "target groups", answers{
			"DescribeTargetGroups": {
				&elasticloadbalancingv2.DescribeTargetGroupsOutput{
					NextMarker:   next,
					TargetGroups: []types.TargetGroup{{TargetGroupArn: aws.String("other")}},
				},
				&elasticloadbalancingv2.DescribeTargetGroupsOutput{TargetGroups: []types.TargetGroup{{TargetGroupArn: aws.String("mine")}}},
			},
			"DescribeTags": {
				noSuch("TargetGroupNotFound"),
				&elasticloadbalancingv2.DescribeTagsOutput{
					TagDescriptions: []types.TagDescription{{Tags: []types.Tag{tag("Environment", "stacks"), tag("DR-Role", "primary")}}},
				},
			},
		}, "mine"},
		{"lambda", "functions", answers{
			"ListFunctions": {
				&lambda.ListFunctionsOutput{NextMarker: next, Functions: []lambdatypes.FunctionConfiguration{{FunctionArn: aws.String("other")}}},
				&lambda.ListFunctionsOutput{Functions: []lambdatypes.FunctionConfiguration{{FunctionArn: aws.String("mine")}}},
			},
			"ListTags": {noSuch("ResourceNotFoundException"), &lambda.ListTagsOutput{Tags: own}},
		}, "mine"},
		{"wafv2", "web ACLs", answers{
			"ListWebACLs": {
				&wafv2.ListWebACLsOutput{NextMarker: next, WebACLs: []waftypes.WebACLSummary{{ARN: aws.String("other")}}},
				&wafv2.ListWebACLsOutput{NextMarker: next, WebACLs: []waftypes.WebACLSummary{{ARN: aws.String("mine")}}},
				&wafv2.ListWebACLsOutput{NextMarker: next},
			},
			"ListTagsForResource": {
				noSuch("WAFNonexistentItemException"),
				&wafv2.ListTagsForResourceOutput{TagInfoForResource: &waftypes.TagInfoForResource{TagList: []waftypes.Tag{
					{Key: aws.String("Environment"), Value: aws.String("stacks")}, {Key: aws.String("DR-Role"), Value: aws.String("primary")},
				}}},
			},
		}, "mine"},
		{"logs", "log groups", answers{
			"DescribeLogGroups": {
				&cloudwatchlogs.DescribeLogGroupsOutput{
					NextToken: next,
					LogGroups: []logstypes.LogGroup{{LogGroupName: aws.String("/aws/lambda/lambda-app-primary-dark-blue"), LogGroupArn: next}},
				},
				&cloudwatchlogs.DescribeLogGroupsOutput{
					LogGroups: []logstypes.LogGroup{{LogGroupName: aws.String("/aws/lambda/lambda-app-primary-blue")}},
				},
			},
			"ListTagsForResource": {&cloudwatchlogs.ListTagsForResourceOutput{}},
		}, "/aws/lambda/lambda-app-primary-blue"},
		{"cloudwatch", "alarms", answers{
			"DescribeAlarms": {
				&cloudwatch.DescribeAlarmsOutput{
					NextToken:    next,
					MetricAlarms: []watchtypes.MetricAlarm{{AlarmName: aws.String("other"), AlarmArn: next}},
				},
				&cloudwatch.DescribeAlarmsOutput{MetricAlarms: []watchtypes.MetricAlarm{{AlarmName: aws.String("alarm-no-traffic-primary-blue")}}},
			},
			"ListTagsForResource": {&cloudwatch.ListTagsForResourceOutput{}},
		}, "alarm-no-traffic-primary-blue"},
		{"cloudwatch", "composite alarms", answers{
			"DescribeAlarms": {
				&cloudwatch.DescribeAlarmsOutput{NextToken: next},
				&cloudwatch.DescribeAlarmsOutput{CompositeAlarms: []watchtypes.CompositeAlarm{{AlarmName: aws.String("renamed"), AlarmArn: next}}},
			},
			"ListTagsForResource": {&cloudwatch.ListTagsForResourceOutput{Tags: []watchtypes.Tag{
				{Key: aws.String("Environment"), Value: aws.String("stacks")}, {Key: aws.String("DR-Role"), Value: aws.String("primary")},
			}}},
		}, "renamed"},
		{"cloudwatch", "dashboards", answers{"ListDashboards": {
			&cloudwatch.ListDashboardsOutput{
				NextToken:        next,
				DashboardEntries: []watchtypes.DashboardEntry{{DashboardName: aws.String("dashboard-primary-dark-blue")}},
			},
			&cloudwatch.ListDashboardsOutput{DashboardEntries: []watchtypes.DashboardEntry{{DashboardName: aws.String("dashboard-primary-blue")}}},
		}}, "dashboard-primary-blue"},
	}
}
