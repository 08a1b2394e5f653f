package services

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	schedulertypes "github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func eventsExpected() []expectation {
	bus := func(name string) types.EventBus { return types.EventBus{Name: aws.String(name), Arn: aws.String(name)} }
	queue := "https://sqs.us-east-1.amazonaws.com/111122223333/queue-failed-app-primary-"
	topic := "arn:aws:sns:us-east-1:111122223333:topic-notices-primary-"
	return []expectation{
		{"events", "event buses", answers{
			"ListEventBuses": {
				&eventbridge.ListEventBusesOutput{NextToken: next, EventBuses: []types.EventBus{bus("default")}},
				&eventbridge.ListEventBusesOutput{EventBuses: []types.EventBus{bus("bus-records-blue")}},
			},
			"ListTagsForResource": {&eventbridge.ListTagsForResourceOutput{}},
		}, "bus-records-blue"},
		{"events", "rules", answers{
			"ListEventBuses": {
				&eventbridge.ListEventBusesOutput{NextToken: next, EventBuses: []types.EventBus{bus("gone")}},
				&eventbridge.ListEventBusesOutput{EventBuses: []types.EventBus{bus("default")}},
			},
			"ListRules": {
				noSuch("ResourceNotFoundException"),
				&eventbridge.ListRulesOutput{NextToken: next, Rules: []types.Rule{{Name: aws.String("other"), Arn: next}}},
				&eventbridge.ListRulesOutput{Rules: []types.Rule{{Name: aws.String("rule-heartbeat-secondary-blue"), Arn: aws.String("mine")}}},
			},
			"ListTagsForResource": {&eventbridge.ListTagsForResourceOutput{}},
		}, "mine"},
		{"events", "archives", answers{"ListArchives": {
			&eventbridge.ListArchivesOutput{NextToken: next, Archives: []types.Archive{{ArchiveName: aws.String("other")}}},
			&eventbridge.ListArchivesOutput{
				Archives: []types.Archive{
					{ArchiveName: aws.String("by-hand"), EventSourceArn: aws.String("arn:aws:events:us-east-1:111122223333:event-bus/bus-records-blue")},
				},
			},
		}}, "by-hand"},
		{"scheduler", "schedules", answers{"ListSchedules": {
			&scheduler.ListSchedulesOutput{
				NextToken: next,
				Schedules: []schedulertypes.ScheduleSummary{{Name: aws.String("schedule-maintain-primary-dark-blue")}},
			},
			&scheduler.ListSchedulesOutput{
				Schedules: []schedulertypes.ScheduleSummary{{Name: aws.String("schedule-maintain-primary-blue"), Arn: aws.String("mine")}},
			},
		}}, "mine"},
		{"sqs", "queues", answers{
			"ListQueues": {
				&sqs.ListQueuesOutput{NextToken: next, QueueUrls: []string{queue + "dark-blue"}},
				&sqs.ListQueuesOutput{QueueUrls: []string{queue + "blue"}},
			},
			"ListQueueTags": {noSuch("AWS.SimpleQueueService.NonExistentQueue")},
		}, queue + "blue"},
		{"sns", "topics", answers{
			"ListTopics": {
				&sns.ListTopicsOutput{NextToken: next, Topics: []snstypes.Topic{{TopicArn: aws.String(topic + "dark-blue")}}},
				&sns.ListTopicsOutput{Topics: []snstypes.Topic{{TopicArn: aws.String(topic + "blue")}}},
			},
			"ListTagsForResource": {&sns.ListTagsForResourceOutput{}},
		}, topic + "blue"},
	}
}
