// Package queue makes the queues that the drill and the smoke test receive by, and lets a service send to them.
package queue

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"warmstandby/shared/policy"
)

// Create creates a queue. After an error the URL is that of a queue that has to be deleted, nil when there is none.
func Create(ctx context.Context, client *sqs.Client, name string) (url *string, arn string, err error) {
	made, err := client.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String(name)})
	if err != nil {
		return nil, "", err
	}
	named := types.QueueAttributeNameQueueArn
	attributes, err := client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: made.QueueUrl, AttributeNames: []types.QueueAttributeName{named},
	})
	if err != nil {
		return made.QueueUrl, "", err
	}
	return made.QueueUrl, attributes.Attributes[string(named)], nil
}

// Admit makes a statement the queue's whole policy.
func Admit(ctx context.Context, client *sqs.Client, url *string, statement policy.Statement) error {
	text, err := policy.Document{statement}.JSON()
	if err != nil {
		return err
	}
	_, err = client.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: url, Attributes: map[string]string{"Policy": text}})
	return err
}
