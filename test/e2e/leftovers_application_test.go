//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// assertNoApplicationLeft asks for all kinds of resource that region-app-east and region-app-west make. Of the kinds that other
// layers have, too, it knows the application's by their names.
func assertNoApplicationLeft(t *testing.T, p *platform, region string) {
	t.Helper()
	ctx, configured := t.Context(), p.aws(t, region)
	balancers, logs := elasticloadbalancingv2.NewFromConfig(configured), cloudwatchlogs.NewFromConfig(configured)
	left := map[string][]string{}
	find := func(kind string, name *string) {
		if text := aws.ToString(name); strings.HasSuffix(text, "-"+p.name) {
			left[kind] = append(left[kind], text)
		}
	}
	findOwn := func(kind, purpose string, name *string) {
		if strings.Contains(aws.ToString(name), purpose) {
			find(kind, name)
		}
	}
	for _, one := range must(balancers.DescribeLoadBalancers(ctx, &elasticloadbalancingv2.DescribeLoadBalancersInput{}))(t).LoadBalancers {
		find("load balancers", one.LoadBalancerName)
	}
	for _, one := range must(balancers.DescribeTargetGroups(ctx, &elasticloadbalancingv2.DescribeTargetGroupsInput{}))(t).TargetGroups {
		find("target groups", one.TargetGroupName)
	}
	for _, one := range must(lambda.NewFromConfig(configured).ListFunctions(ctx, &lambda.ListFunctionsInput{}))(t).Functions {
		find("functions", one.FunctionName)
	}
	for _, one := range must(scheduler.NewFromConfig(configured).ListSchedules(ctx, &scheduler.ListSchedulesInput{}))(t).Schedules {
		find("schedules", one.Name)
	}
	for _, one := range must(sns.NewFromConfig(configured).ListTopics(ctx, &sns.ListTopicsInput{}))(t).Topics {
		find("topics", one.TopicArn)
	}
	for _, one := range must(cloudwatch.NewFromConfig(configured).DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{}))(t).MetricAlarms {
		find("alarms", one.AlarmName)
	}
	for _, one := range must(logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{}))(t).LogGroups {
		findOwn("log groups", "-app-", one.LogGroupName)
	}
	for _, url := range must(sqs.NewFromConfig(configured).ListQueues(ctx, &sqs.ListQueuesInput{}))(t).QueueUrls {
		findOwn("queues", "-app-", &url)
	}
	for _, one := range must(p.s3(t, region).ListBuckets(ctx, &s3.ListBucketsInput{}))(t).Buckets {
		findOwn("buckets", "bucket-accesslogs-"+map[string]string{east: "primary", west: "secondary"}[region], one.Name) // All regions' are listed.
	}
	for kind, names := range left {
		t.Errorf("%s: of the application's %s there are left %v", region, kind, names)
	}
}
