package staterepair

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
)

// subscription finds a topic's by protocol and endpoint. It has no tags: it is its topic's, which the state knows. One that waits for
// its confirmation has no ARN, and is asked for again without a second one (Amazon SNS API, Subscribe).
func subscription(ctx context.Context, c *clients, in inputs) (string, error) {
	topic := in.text("topic")
	request := &sns.ListSubscriptionsByTopicInput{TopicArn: &topic}
	for pages := sns.NewListSubscriptionsByTopicPaginator(sns.NewFromConfig(c.Config), request); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if missing(err, "NotFound", "NotFoundException") {
			return "", nil
		}
		if err != nil {
			return "", fmt.Errorf("listing the subscriptions of %s: %w", topic, err)
		}
		for _, one := range page.Subscriptions {
			arn := aws.ToString(one.SubscriptionArn)
			if aws.ToString(one.Protocol) == in.text("protocol") && aws.ToString(one.Endpoint) == in.text("endpoint") &&
				strings.HasPrefix(arn, "arn:") {
				return arn, nil
			}
		}
	}
	return "", nil
}
