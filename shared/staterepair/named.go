package staterepair

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	alarms "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	events "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	keys "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	buckets "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	parameters "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"warmstandby/shared/naming"
)

// errAbsent says that AWS has nothing of a name.
var errAbsent = errors.New("there is none")

// absent are the codes by which services say that they have nothing of a name.
var absent = []string{
	"ResourceNotFoundException", "NotFoundException", "NoSuchBucket", "InvalidResourceId", "DBClusterNotFoundFault", "DBInstanceNotFound",
	"DBInstanceNotFoundFault", "GlobalClusterNotFoundFault", "DBSubnetGroupNotFoundFault", "DBParameterGroupNotFound",
	"DBParameterGroupNotFoundFault",
}

// owner returns the environment of what AWS has under the name that inputs give, which is its tag Environment or that of what it is a
// part of. Without a mark it is "". The error is [errAbsent], or has a code of absent, when there is nothing.
type owner func(ctx context.Context, c *clients, in inputs) (environment string, err error)

// marked finds by a name that is in the id, see [by], what exists and bears this environment's mark. A name alone is no proof: what a
// stranger has made under it would be adopted, and destroyed with the stack.
func marked(pattern string, read owner) rule {
	made := by(pattern)
	return func(ctx context.Context, c *clients, in inputs) (string, error) {
		id, err := made(ctx, c, in)
		if err != nil {
			return "", err
		}
		environment, err := read(ctx, c, in)
		if errors.Is(err, errAbsent) || missing(err, absent...) {
			return "", nil
		}
		if err != nil {
			return "", fmt.Errorf("asking for %s in %s: %w", id, c.Region, err)
		}
		return c.owned(id, environment)
	}
}

// ownVault: AWS Backup denies access to a vault that is not there (AWS Backup Developer Guide, DescribeBackupVault).
func ownVault(ctx context.Context, c *clients, in inputs) (string, error) {
	client, name := backup.NewFromConfig(c.Config), in.text("name")
	found, err := client.DescribeBackupVault(ctx, &backup.DescribeBackupVaultInput{BackupVaultName: &name})
	if denied(err) {
		return "", errAbsent
	}
	if err != nil {
		return "", err
	}
	tags, err := client.ListTags(ctx, &backup.ListTagsInput{ResourceArn: found.BackupVaultArn})
	if err != nil {
		return "", err
	}
	return tags.Tags[naming.TagEnvironment], nil
}

// ownAlarm is of either kind of alarm; the name is in the input of that key.
func ownAlarm(key string) owner {
	return func(ctx context.Context, c *clients, in inputs) (string, error) {
		client := cloudwatch.NewFromConfig(c.Config)
		found, err := client.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{
			AlarmNames: []string{in.text(key)}, AlarmTypes: []alarms.AlarmType{alarms.AlarmTypeMetricAlarm, alarms.AlarmTypeCompositeAlarm},
		})
		if err != nil {
			return "", err
		}
		var arn *string
		for _, one := range found.MetricAlarms {
			arn = one.AlarmArn
		}
		for _, one := range found.CompositeAlarms {
			arn = one.AlarmArn
		}
		if arn == nil {
			return "", errAbsent
		}
		tags, err := client.ListTagsForResource(ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: arn})
		if err != nil {
			return "", err
		}
		return environmentOf(tags.Tags, func(tag alarms.Tag) (key, value *string) { return tag.Key, tag.Value }), nil
	}
}

func ownBus(ctx context.Context, c *clients, in inputs) (string, error) {
	name := in.text("name")
	client := eventbridge.NewFromConfig(c.Config)
	found, err := client.DescribeEventBus(ctx, &eventbridge.DescribeEventBusInput{Name: &name})
	if err != nil {
		return "", err
	}
	return eventTags(ctx, client, found.Arn)
}

func ownEventRule(ctx context.Context, c *clients, in inputs) (string, error) {
	name, bus := in.text("name"), in.text("eventBusName")
	client := eventbridge.NewFromConfig(c.Config)
	found, err := client.DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: &name, EventBusName: &bus})
	if err != nil {
		return "", err
	}
	return eventTags(ctx, client, found.Arn)
}

func eventTags(ctx context.Context, client *eventbridge.Client, arn *string) (string, error) {
	tags, err := client.ListTagsForResource(ctx, &eventbridge.ListTagsForResourceInput{ResourceARN: arn})
	if err != nil {
		return "", err
	}
	return environmentOf(tags.Tags, func(tag events.Tag) (key, value *string) { return tag.Key, tag.Value }), nil
}

// ownArchive: an archive has no tags, and is the environment's when it is of the environment's bus.
func ownArchive(ctx context.Context, c *clients, in inputs) (string, error) {
	name := in.text("name")
	found, err := eventbridge.NewFromConfig(c.Config).DescribeArchive(ctx, &eventbridge.DescribeArchiveInput{ArchiveName: &name})
	if err != nil || in.text("eventSourceArn") == "" || aws.ToString(found.EventSourceArn) != in.text("eventSourceArn") {
		return "", err
	}
	return c.environment, nil
}

// ownSchedule: a schedule has no tags, and is the environment's when it works by the environment's role.
func ownSchedule(ctx context.Context, c *clients, in inputs) (string, error) {
	name, group := in.text("name"), "default"
	found, err := scheduler.NewFromConfig(c.Config).GetSchedule(ctx, &scheduler.GetScheduleInput{Name: &name, GroupName: &group})
	target, _ := in["target"].(map[string]any)
	role := inputs(target).text("roleArn")
	if err != nil || found.Target == nil || role == "" || aws.ToString(found.Target.RoleArn) != role {
		return "", err
	}
	return c.environment, nil
}

// ownLogGroup is also one that a service has made again, see [keptLogGroup].
func ownLogGroup(ctx context.Context, c *clients, in inputs) (string, error) {
	found, err := keptLogGroup(ctx, c, in)
	if err == nil && found.ID == "" {
		err = errAbsent
	}
	return found.Environment, err
}

// ownAlias: an alias has no tags, and is the environment's when its key is.
func ownAlias(ctx context.Context, c *clients, in inputs) (string, error) {
	name := in.text("name")
	client := kms.NewFromConfig(c.Config)
	found, err := client.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &name})
	if err != nil {
		return "", err
	}
	tags, err := client.ListResourceTags(ctx, &kms.ListResourceTagsInput{KeyId: found.KeyMetadata.KeyId})
	if err != nil {
		return "", err
	}
	return environmentOf(tags.Tags, func(tag keys.Tag) (key, value *string) { return tag.TagKey, tag.TagValue }), nil
}

// ownBucket: names of buckets are all accounts'. A stranger's does not let its tags be read. One without tags is the account's own, and
// gets them a moment after its creation; the account's number and the environment's suffix are in its name.
func ownBucket(ctx context.Context, c *clients, in inputs) (string, error) {
	name := in.text("bucket")
	client := s3.NewFromConfig(c.Config, func(options *s3.Options) { options.UsePathStyle = true })
	found, err := client.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: &name})
	if missing(err, "NoSuchTagSet") {
		return c.environment, nil
	}
	if err != nil {
		return "", err
	}
	return environmentOf(found.TagSet, func(tag buckets.Tag) (key, value *string) { return tag.Key, tag.Value }), nil
}

func ownParameter(ctx context.Context, c *clients, in inputs) (string, error) {
	name := in.text("name")
	tags, err := ssm.NewFromConfig(c.Config).ListTagsForResource(ctx, &ssm.ListTagsForResourceInput{
		ResourceId: &name, ResourceType: parameters.ResourceTypeForTaggingParameter,
	})
	if err != nil {
		return "", err
	}
	return environmentOf(tags.TagList, func(tag parameters.Tag) (key, value *string) { return tag.Key, tag.Value }), nil
}
