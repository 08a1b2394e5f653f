package staterepair

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	balancing "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	secrets "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/smithy-go"

	"warmstandby/shared/naming"
)

// AWS is the Finder that asks AWS, with the credentials and at the endpoint that every AWS tool finds.
type AWS struct {
	// Environment is the value of the tag Environment: of what has no name, only what carries it is taken.
	Environment string
	// AfterFailure has Keeps and Kept look for all that a creation whose answer was lost may have left, not only what a destroy keeps.
	AfterFailure bool
	// Skipped are, in one line each, what AfterFailure has found and not taken: it is another's, or AWS refuses to be asked.
	Skipped []string

	mu      sync.Mutex
	regions map[string]*clients
}

// clients ask one region.
type clients struct {
	aws.Config
	environment string
}

// Find implements [Finder] for every kind of resource that the stacks have.
func (a *AWS) Find(ctx context.Context, region, kind string, in map[string]any) (string, error) {
	rule, has := rules[kind]
	if !has {
		return "", fmt.Errorf("no rule says how a resource of type %s is found: add one in shared/staterepair/kinds.go", kind)
	}
	at, err := a.at(ctx, region)
	if err != nil {
		return "", err
	}
	return rule(ctx, at, in)
}

func (a *AWS) at(ctx context.Context, region string) (*clients, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if at, has := a.regions[region]; has {
		return at, nil
	}
	loaded, err := config.LoadDefaultConfig(ctx, config.WithRegion(region))
	if err != nil {
		return nil, fmt.Errorf("configuring clients of %s: %w", region, err)
	}
	if a.regions == nil {
		a.regions = map[string]*clients{}
	}
	a.regions[region] = &clients{loaded, a.Environment}
	return a.regions[region], nil
}

// missing says whether an error of AWS is one of these, which say that what was asked for is not there.
func missing(err error, codes ...string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && slices.Contains(codes, api.ErrorCode())
}

// denied says whether AWS denies access. A search goes on without a resource whose policy denies it: that is another owner's.
func denied(err error) bool {
	return missing(err, "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "NotAuthorized")
}

// ForeignError refuses resources that have the wanted name and not this environment's mark.
type ForeignError struct {
	// IDs are the resources', Environment is the one whose mark they lack.
	IDs         []string
	Environment string
}

// Error implements error.
func (e *ForeignError) Error() string {
	return fmt.Sprintf("AWS has %s of this name without the tag %s=%s: if it is this environment's, set the tag and repeat",
		strings.Join(e.IDs, " and "), naming.TagEnvironment, e.Environment)
}

// foreignError refuses resources that lack this environment's tag; nil where there are none.
func (c *clients) foreignError(ids ...string) error {
	if len(ids) == 0 {
		return nil
	}
	return &ForeignError{IDs: ids, Environment: c.environment}
}

// owned returns the id of a resource with the environment's tag, and refuses one without.
func (c *clients) owned(id, environment string) (string, error) {
	if environment != c.environment {
		return "", c.foreignError(id)
	}
	return id, nil
}

// environmentOf returns the value of the tag Environment, and none without one. Every service has a type of its own for tags: parts
// returns the key and the value of one.
func environmentOf[T any](tags []T, parts func(tag T) (key, value *string)) string {
	for _, tag := range tags {
		if key, value := parts(tag); aws.ToString(key) == naming.TagEnvironment {
			return aws.ToString(value)
		}
	}
	return ""
}

// key finds a key that is in use by its description, which is one key's in an environment: it has no name before its alias.
func key(ctx context.Context, c *clients, in inputs) (string, error) {
	client := kms.NewFromConfig(c.Config)
	for pages := kms.NewListKeysPaginator(client, &kms.ListKeysInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", err
		}
		for _, one := range page.Keys {
			wanted, err := c.isNewKey(ctx, client, one.KeyId, in.text("description"))
			switch {
			case err != nil && !denied(err):
				return "", err
			case wanted:
				return aws.ToString(one.KeyId), nil
			}
		}
	}
	return "", nil
}

// isNewKey says whether a key is in use, has the description and the environment's tag, and has no alias: one with an alias is one that
// the state knows.
func (c *clients) isNewKey(ctx context.Context, client *kms.Client, id *string, description string) (bool, error) {
	key, err := client.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: id})
	if err != nil || key.KeyMetadata.KeyState != types.KeyStateEnabled || aws.ToString(key.KeyMetadata.Description) != description {
		return false, err
	}
	tags, err := client.ListResourceTags(ctx, &kms.ListResourceTagsInput{KeyId: id})
	if err != nil {
		return false, err
	}
	aliases, err := client.ListAliases(ctx, &kms.ListAliasesInput{KeyId: id})
	if err != nil {
		return false, err
	}
	environment := environmentOf(tags.Tags, func(tag types.Tag) (key, value *string) { return tag.TagKey, tag.TagValue })
	return len(aliases.Aliases) == 0 && environment == c.environment, nil
}

func secretTag(tag secrets.Tag) (key, value *string) { return tag.Key, tag.Value }

func secret(ctx context.Context, c *clients, in inputs) (string, error) {
	found, err := secretsmanager.NewFromConfig(c.Config).DescribeSecret(ctx,
		&secretsmanager.DescribeSecretInput{SecretId: aws.String(in.text("name"))})
	if missing(err, "ResourceNotFoundException") {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return c.owned(aws.ToString(found.ARN), environmentOf(found.Tags, secretTag))
}

func loadBalancer(ctx context.Context, c *clients, in inputs) (string, error) {
	found, err := elasticloadbalancingv2.NewFromConfig(c.Config).DescribeLoadBalancers(ctx,
		&elasticloadbalancingv2.DescribeLoadBalancersInput{Names: []string{in.text("name")}})
	if missing(err, "LoadBalancerNotFound") {
		return "", nil
	}
	if err != nil || len(found.LoadBalancers) == 0 {
		return "", err
	}
	return c.ownedBalancing(ctx, aws.ToString(found.LoadBalancers[0].LoadBalancerArn))
}

func targetGroup(ctx context.Context, c *clients, in inputs) (string, error) {
	found, err := elasticloadbalancingv2.NewFromConfig(c.Config).DescribeTargetGroups(ctx,
		&elasticloadbalancingv2.DescribeTargetGroupsInput{Names: []string{in.text("name")}})
	if missing(err, "TargetGroupNotFound") {
		return "", nil
	}
	if err != nil || len(found.TargetGroups) == 0 {
		return "", err
	}
	return c.ownedBalancing(ctx, aws.ToString(found.TargetGroups[0].TargetGroupArn))
}

// ownedBalancing returns the ARN of a load balancer or a target group with the environment's tag, and refuses one without.
func (c *clients) ownedBalancing(ctx context.Context, arn string) (string, error) {
	tags, err := elasticloadbalancingv2.NewFromConfig(c.Config).DescribeTags(ctx,
		&elasticloadbalancingv2.DescribeTagsInput{ResourceArns: []string{arn}})
	if err != nil {
		return "", fmt.Errorf("reading the tags of %s: %w", arn, err)
	}
	environment := ""
	for _, description := range tags.TagDescriptions { // one, of the ARN that was asked for
		environment = environmentOf(description.Tags, func(tag balancing.Tag) (key, value *string) { return tag.Key, tag.Value })
	}
	return c.owned(arn, environment)
}

// listener finds the load balancer's at its port.
func listener(ctx context.Context, c *clients, in inputs) (string, error) {
	found, err := elasticloadbalancingv2.NewFromConfig(c.Config).DescribeListeners(ctx,
		&elasticloadbalancingv2.DescribeListenersInput{LoadBalancerArn: aws.String(in.text("loadBalancerArn"))})
	if missing(err, "ListenerNotFound") {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if i := slices.IndexFunc(found.Listeners, func(one balancing.Listener) bool {
		return fmt.Sprint(aws.ToInt32(one.Port)) == fmt.Sprint(in["port"])
	}); i >= 0 {
		return aws.ToString(found.Listeners[i].ListenerArn), nil
	}
	return "", nil
}

// permission finds a statement of a function's policy.
func permission(ctx context.Context, c *clients, in inputs) (string, error) {
	name := in.text("function")
	found, err := lambda.NewFromConfig(c.Config).GetPolicy(ctx, &lambda.GetPolicyInput{FunctionName: &name})
	if missing(err, "ResourceNotFoundException") {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	var policy struct{ Statement []struct{ Sid string } }
	if err := json.Unmarshal([]byte(aws.ToString(found.Policy)), &policy); err != nil {
		return "", fmt.Errorf("reading the policy of %s: %w", name, err)
	}
	for _, statement := range policy.Statement {
		if statement.Sid == in.text("statementId") {
			return name + "/" + statement.Sid, nil
		}
	}
	return "", nil
}

func plan(ctx context.Context, c *clients, in inputs) (string, error) {
	for pages := backup.NewListBackupPlansPaginator(backup.NewFromConfig(c.Config), &backup.ListBackupPlansInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", err
		}
		for _, one := range page.BackupPlansList {
			if aws.ToString(one.BackupPlanName) == in.text("name") {
				tags, err := backup.NewFromConfig(c.Config).ListTags(ctx, &backup.ListTagsInput{ResourceArn: one.BackupPlanArn})
				if err != nil {
					return "", fmt.Errorf("reading the tags of %s: %w", aws.ToString(one.BackupPlanArn), err)
				}
				return c.owned(aws.ToString(one.BackupPlanId), tags.Tags[naming.TagEnvironment])
			}
		}
	}
	return "", nil
}

func selection(ctx context.Context, c *clients, in inputs) (string, error) {
	found, err := backup.NewFromConfig(c.Config).ListBackupSelections(ctx,
		&backup.ListBackupSelectionsInput{BackupPlanId: aws.String(in.text("planId"))})
	if err != nil {
		return "", err
	}
	for _, one := range found.BackupSelectionsList {
		if aws.ToString(one.SelectionName) == in.text("name") {
			return in.text("planId") + "|" + aws.ToString(one.SelectionId), nil
		}
	}
	return "", nil
}
