package staterepair

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"warmstandby/shared/naming"
)

// keptRule finds what AWS has under the name that a resource's inputs give it.
type keptRule func(ctx context.Context, at *clients, in inputs) (Kept, error)

// keepers are the types that a destroy keeps in an environment with protection: log groups by skipDestroy, a secret by its
// recovery window. Whatever else protection guards makes a destroy fail, and stays in the state.
var keepers = map[string]keptRule{
	"aws:cloudwatch/logGroup:LogGroup": keptLogGroup,
	"aws:secretsmanager/secret:Secret": keptSecret,
}

// Keeps implements [Keeper].
func (a *AWS) Keeps(kind string) bool {
	return keepers[kind] != nil || a.AfterFailure && lost[kind] != nil
}

// Kept implements [Keeper].
func (a *AWS) Kept(ctx context.Context, region, kind string, in map[string]any) (Kept, error) {
	if a.AfterFailure && lost[kind] != nil {
		return a.lost(ctx, region, kind, knownOf(in))
	}
	find, has := keepers[kind]
	if !has {
		return Kept{}, fmt.Errorf("no rule says how a kept resource of type %s is found: add one in shared/staterepair/kept.go", kind)
	}
	if inputs(in).text("name") == "" {
		return Kept{}, fmt.Errorf("it has no name to look for in %s", region)
	}
	at, err := a.at(ctx, region)
	if err != nil {
		return Kept{}, err
	}
	return find(ctx, at, in)
}

func keptLogGroup(ctx context.Context, c *clients, in inputs) (Kept, error) {
	client, name := cloudwatchlogs.NewFromConfig(c.Config), in.text("name")
	for pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(
		client, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &name},
	); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return Kept{}, fmt.Errorf("listing log groups %s in %s: %w", name, c.Region, err)
		}
		for _, group := range page.LogGroups {
			if aws.ToString(group.LogGroupName) != name {
				continue
			}
			// The ARN by which it is tagged ends with the name (CloudWatch Logs API, LogGroup, arn and logGroupArn).
			arn := strings.TrimSuffix(aws.ToString(group.Arn), ":*")
			tags, err := client.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: &arn})
			if err != nil {
				return Kept{}, fmt.Errorf("reading the tags of log group %s in %s: %w", name, c.Region, err)
			}
			environment := tags.Tags[naming.TagEnvironment]
			if len(tags.Tags) == 0 && madeAgain(name) {
				environment = c.environment
			}
			return Kept{
				ID: name, Environment: environment,
				Removal: fmt.Sprintf("aws logs delete-log-group --region %s --log-group-name %s", c.Region, name),
			}, nil
		}
	}
	return Kept{}, nil
}

// madeAgain says whether a service makes a log group of this name by itself, without tags, when it has lines for it and there is none.
// RDS and Lambda still have some when a destroy has just removed the cluster, or the function, and its group (Amazon Aurora User Guide,
// "Publishing Aurora PostgreSQL logs to Amazon CloudWatch Logs"; AWS Lambda Developer Guide, "Sending Lambda function logs to CloudWatch
// Logs"). The name is that of this environment's own cluster or function, of which an account has one: nobody else's lines are in it.
func madeAgain(name string) bool {
	return strings.HasPrefix(name, "/aws/rds/cluster/") || strings.HasPrefix(name, "/aws/lambda/")
}

// keptSecret finds a secret whether its deletion is scheduled or not.
func keptSecret(ctx context.Context, c *clients, in inputs) (Kept, error) {
	client, name := secretsmanager.NewFromConfig(c.Config), in.text("name")
	found, err := client.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &name})
	if missing(err, "ResourceNotFoundException") {
		return Kept{}, nil
	}
	if err != nil {
		return Kept{}, fmt.Errorf("asking for secret %s in %s: %w", name, c.Region, err)
	}
	secret := Kept{
		ID:          aws.ToString(found.ARN),
		Environment: environmentOf(found.Tags, secretTag),
		Removal:     fmt.Sprintf("aws secretsmanager delete-secret --region %s --secret-id %s --force-delete-without-recovery", c.Region, name),
	}
	if found.DeletedDate != nil {
		secret.Restore = func(ctx context.Context) error {
			if _, err := client.RestoreSecret(ctx, &secretsmanager.RestoreSecretInput{SecretId: found.ARN}); err != nil {
				return fmt.Errorf("calling off the deletion of secret %s in %s: %w", name, c.Region, err)
			}
			return nil
		}
	}
	return secret, nil
}
