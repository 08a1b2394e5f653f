package application

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/policy"
	"warmstandby/shared/region"
)

const alarmTopicType = "warmstandby:application:Notices"

type alarmTopicArgs struct {
	region region.Region
	keyARN pulumi.StringOutput
	emails []string
}

// alarmTopic is the topic that the region's alarms, its rule on failed backups and the failover controller notify.
type alarmTopic struct {
	pulumi.ResourceState

	arn    pulumi.StringOutput
	policy pulumi.Resource
}

// newAlarmTopic builds the topic and subscribes each address. SNS sends an address nothing before it has confirmed.
func newAlarmTopic(ctx *pulumi.Context, name string, args alarmTopicArgs, opts ...pulumi.ResourceOption) (*alarmTopic, error) {
	component := &alarmTopic{}
	if err := ctx.RegisterComponentResource(alarmTopicType, name, component, opts...); err != nil {
		return nil, fmt.Errorf("registering alarm topic %s: %w", name, err)
	}
	physical, err := args.region.Named(naming.Topic, "notices")
	if err != nil {
		return nil, err
	}
	topic, err := sns.NewTopic(ctx, physical, &sns.TopicArgs{
		Name: pulumi.String(physical), KmsMasterKeyId: args.keyARN,
	}, args.region.Child(component)...)
	if err != nil {
		return nil, fmt.Errorf("building topic %s: %w", physical, err)
	}
	document := topic.Arn.ApplyT(func(arn string) (string, error) { return topicPolicy(args.region, arn) }).(pulumi.StringOutput)
	component.policy, err = sns.NewTopicPolicy(ctx, physical, &sns.TopicPolicyArgs{
		Arn: topic.Arn, Policy: document,
	}, args.region.Child(component)...)
	if err != nil {
		return nil, fmt.Errorf("building the policy of topic %s: %w", physical, err)
	}
	for _, address := range args.emails {
		// Named by the address: a change of the list asks no other subscriber to confirm again.
		_, err = sns.NewTopicSubscription(ctx, address+"-"+string(args.region.Role), &sns.TopicSubscriptionArgs{
			Topic: topic.Arn, Protocol: pulumi.String("email"), Endpoint: pulumi.String(address),
		}, args.region.Child(component)...)
		if err != nil {
			return nil, fmt.Errorf("subscribing %s to topic %s: %w", address, physical, err)
		}
	}
	component.arn = topic.Arn
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{"arn": component.arn})
}

// topicPolicy allows the region's alarms to publish (Amazon SNS Developer Guide, "Example cases for Amazon SNS access control",
// "Allow Amazon CloudWatch to publish to a topic"), and its rule on failed backups (Amazon EventBridge User Guide, "Using
// resource-based policies for Amazon EventBridge", "Amazon SNS permissions", and "Using IAM policy conditions", aws:SourceArn, which is
// the ARN of the rule). It denies publishing without TLS. Principals of the account publish as IAM
// allows them.
func topicPolicy(in region.Region, topicARN string) (string, error) {
	rule, err := in.Named(naming.EventRule, failedBackups)
	if err != nil {
		return "", err
	}
	return policy.Document{
		{
			Sid: "AllowCloudWatchAlarms", Effect: policy.Allow,
			Principal: &policy.Principal{Service: []string{"cloudwatch.amazonaws.com"}},
			Actions:   []string{"sns:Publish"}, Resources: []string{topicARN},
			Condition: policy.Conditions{
				"StringEquals": {"aws:SourceAccount": {in.Account}},
				"ArnLike":      {"aws:SourceArn": {in.ARN("cloudwatch", "alarm:*")}},
			},
		},
		{
			Sid: "AllowEventBridgeRule", Effect: policy.Allow,
			Principal: &policy.Principal{Service: []string{"events.amazonaws.com"}},
			Actions:   []string{"sns:Publish"}, Resources: []string{topicARN},
			Condition: policy.Conditions{"ArnEquals": {"aws:SourceArn": {in.ARN("events", "rule/"+rule)}}},
		},
		policy.DenyInsecureTransport("sns:Publish", topicARN),
	}.JSON()
}
