package services

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"warmstandby/test/sweep"
)

// monitoring are CloudWatch's kinds.
func monitoring() []row {
	return []row{
		{"cloudwatch", "alarms", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			client := cloudwatch.NewFromConfig(cfg)
			// Without its type a composite alarm is not listed (Amazon CloudWatch API, DescribeAlarms, AlarmTypes).
			return each(
				ctx,
				cloudwatch.NewDescribeAlarmsPaginator(client, ofType(types.AlarmTypeMetricAlarm)),
				func(page *cloudwatch.DescribeAlarmsOutput) {
					for _, one := range page.MetricAlarms {
						found(watched(client, one.AlarmName, one.AlarmArn))
					}
				},
			)
		}},
		{"cloudwatch", "composite alarms", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			client := cloudwatch.NewFromConfig(cfg)
			return each(
				ctx,
				cloudwatch.NewDescribeAlarmsPaginator(client, ofType(types.AlarmTypeCompositeAlarm)),
				func(page *cloudwatch.DescribeAlarmsOutput) {
					for _, one := range page.CompositeAlarms {
						found(watched(client, one.AlarmName, one.AlarmArn))
					}
				},
			)
		}},
		{"cloudwatch", "dashboards", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			return each(ctx, cloudwatch.NewListDashboardsPaginator(cloudwatch.NewFromConfig(cfg), nil), func(page *cloudwatch.ListDashboardsOutput) {
				for _, one := range page.DashboardEntries {
					found(sweep.Resource{ID: aws.ToString(one.DashboardName), Names: []string{aws.ToString(one.DashboardName)}})
				}
			})
		}},
	}
}

func ofType(wanted types.AlarmType) *cloudwatch.DescribeAlarmsInput {
	return &cloudwatch.DescribeAlarmsInput{AlarmTypes: []types.AlarmType{wanted}}
}

func watched(client *cloudwatch.Client, name, arn *string) sweep.Resource {
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
