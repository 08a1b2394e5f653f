package services

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"warmstandby/test/sweep"
)

// monitoring are the kinds of CloudWatch.
func monitoring() []row {
	return []row{
		{"cloudwatch", "alarms", false, alarms(types.AlarmTypeMetricAlarm)},
		{"cloudwatch", "composite alarms", false, alarms(types.AlarmTypeCompositeAlarm)},
		{"cloudwatch", "dashboards", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			return each(ctx, cloudwatch.NewListDashboardsPaginator(cloudwatch.NewFromConfig(cfg), nil), func(page *cloudwatch.ListDashboardsOutput) {
				for _, one := range page.DashboardEntries {
					found(sweep.Resource{ID: aws.ToString(one.DashboardName), Names: []string{aws.ToString(one.DashboardName)}})
				}
			})
		}},
	}
}

// alarms lists the alarms of one type. A list without types lacks composite alarms (Amazon CloudWatch API, DescribeAlarms,
// AlarmTypes).
func alarms(kind types.AlarmType) func(context.Context, aws.Config, func(sweep.Resource)) error {
	return func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
		client := cloudwatch.NewFromConfig(cfg)
		input := &cloudwatch.DescribeAlarmsInput{AlarmTypes: []types.AlarmType{kind}}
		return each(ctx, cloudwatch.NewDescribeAlarmsPaginator(client, input), func(page *cloudwatch.DescribeAlarmsOutput) {
			for _, one := range page.MetricAlarms {
				found(alarm(client, one.AlarmName, one.AlarmArn))
			}
			for _, one := range page.CompositeAlarms {
				found(alarm(client, one.AlarmName, one.AlarmArn))
			}
		})
	}
}

func alarm(client *cloudwatch.Client, name, arn *string) sweep.Resource {
	return sweep.Resource{
		ID: aws.ToString(name), Names: []string{aws.ToString(name)},
		TagsOf: tagsOf(func(ctx context.Context) ([]types.Tag, error) {
			answer, err := client.ListTagsForResource(ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: arn})
			if err != nil {
				return nil, err
			}
			return answer.Tags, nil
		}, func(tag types.Tag) (key, value *string) { return tag.Key, tag.Value }),
	}
}
