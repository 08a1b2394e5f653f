package services

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"

	"warmstandby/test/sweep"
)

// events are the kinds of EventBridge and its scheduler.
func events() []row {
	return []row{
		{"events", "event buses", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			client := eventbridge.NewFromConfig(cfg)
			return eachBus(ctx, client, func(one types.EventBus) error {
				found(eventing(client, one.Name, one.Arn))
				return nil
			})
		}},
		{"events", "rules", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			client := eventbridge.NewFromConfig(cfg)
			return eachBus(ctx, client, func(bus types.EventBus) error { return rules(ctx, client, bus.Name, found) })
		}},
		{"events", "archives", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			client := eventbridge.NewFromConfig(cfg)
			return eachToken(func(token *string) (*string, error) {
				page, err := client.ListArchives(ctx, &eventbridge.ListArchivesInput{NextToken: token})
				if err != nil {
					return nil, err
				}
				for _, one := range page.Archives { // They have no tags.
					found(
						sweep.Resource{ID: aws.ToString(one.ArchiveName), Names: []string{aws.ToString(one.ArchiveName), aws.ToString(one.EventSourceArn)}},
					)
				}
				return page.NextToken, nil
			})
		}},
		{"scheduler", "schedules", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			return each(ctx, scheduler.NewListSchedulesPaginator(scheduler.NewFromConfig(cfg), nil), func(page *scheduler.ListSchedulesOutput) {
				for _, one := range page.Schedules { // They have no tags.
					found(sweep.Resource{ID: aws.ToString(one.Arn), Names: []string{aws.ToString(one.Name)}})
				}
			})
		}},
	}
}

// eachBus visits every event bus.
func eachBus(ctx context.Context, client *eventbridge.Client, visit func(types.EventBus) error) error {
	return eachToken(func(token *string) (*string, error) {
		page, err := client.ListEventBuses(ctx, &eventbridge.ListEventBusesInput{NextToken: token})
		if err != nil {
			return nil, err
		}
		for _, one := range page.EventBuses {
			if err := visit(one); err != nil {
				return nil, err
			}
		}
		return page.NextToken, nil
	})
}

// rules lists the rules of a bus, which belong to the environment by their own names or by the bus's.
func rules(ctx context.Context, client *eventbridge.Client, bus *string, found func(sweep.Resource)) error {
	err := eachToken(func(token *string) (*string, error) {
		page, err := client.ListRules(ctx, &eventbridge.ListRulesInput{EventBusName: bus, NextToken: token})
		if err != nil {
			return nil, err
		}
		for _, one := range page.Rules {
			found(eventing(client, one.Name, one.Arn, aws.ToString(bus)))
		}
		return page.NextToken, nil
	})
	if err != nil && !gone(err) { // A bus that is gone by then has no rules.
		return fmt.Errorf("bus %s: %w", aws.ToString(bus), err)
	}
	return nil
}

func eventing(client *eventbridge.Client, name, arn *string, others ...string) sweep.Resource {
	return sweep.Resource{
		ID: aws.ToString(arn), Names: append(others, aws.ToString(name)),
		TagsOf: tagsOf(func(ctx context.Context) ([]types.Tag, error) {
			answer, err := client.ListTagsForResource(ctx, &eventbridge.ListTagsForResourceInput{ResourceARN: arn})
			if err != nil {
				return nil, err
			}
			return answer.Tags, nil
		}, func(tag types.Tag) (key, value *string) { return tag.Key, tag.Value }),
	}
}
