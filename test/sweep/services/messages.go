package services

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"warmstandby/test/sweep"
)

// queuePage is the number of queues in a page: SQS returns pages only if the request has their size (Amazon SQS API,
// ListQueues, MaxResults).
const queuePage = 1000

// messages are queues and topics.
func messages() []row {
	return []row{
		{"sqs", "queues", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			client := sqs.NewFromConfig(cfg)
			wanted := &sqs.ListQueuesInput{MaxResults: aws.Int32(queuePage)}
			return each(ctx, sqs.NewListQueuesPaginator(client, wanted), func(page *sqs.ListQueuesOutput) {
				for _, url := range page.QueueUrls {
					found(sweep.Resource{ID: url, Names: []string{url}, TagsOf: tagMapOf(func(ctx context.Context) (map[string]string, error) {
						answer, err := client.ListQueueTags(ctx, &sqs.ListQueueTagsInput{QueueUrl: aws.String(url)})
						if err != nil {
							return nil, err
						}
						return answer.Tags, nil
					})})
				}
			})
		}},
		{"sns", "topics", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			client := sns.NewFromConfig(cfg)
			return each(ctx, sns.NewListTopicsPaginator(client, nil), func(page *sns.ListTopicsOutput) {
				for _, one := range page.Topics {
					found(sweep.Resource{
						ID: aws.ToString(one.TopicArn), Names: []string{aws.ToString(one.TopicArn)},
						TagsOf: tagsOf(func(ctx context.Context) ([]snstypes.Tag, error) {
							answer, err := client.ListTagsForResource(ctx, &sns.ListTagsForResourceInput{ResourceArn: one.TopicArn})
							if err != nil {
								return nil, err
							}
							return answer.Tags, nil
						}, func(tag snstypes.Tag) (key, value *string) { return tag.Key, tag.Value }),
					})
				}
			})
		}},
	}
}
