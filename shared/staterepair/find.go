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
	"github.com/aws/aws-sdk-go-v2/service/route53"
	names "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sns"
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

// denied says whether AWS refuses to answer whoever asks. A walk goes on without what forbids to be looked at: it is a stranger's.
func denied(err error) bool {
	return missing(err, "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "NotAuthorized")
}

// ForeignError refuses what has the name that was looked for, and not this environment's mark.
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

// owned returns the id of a resource with the environment's tag, and refuses one without.
func (c *clients) owned(id, environment string) (string, error) {
	if environment != c.environment {
		return "", &ForeignError{IDs: []string{id}, Environment: c.environment}
	}
	return id, nil
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
			key, err := client.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: one.KeyId})
			if denied(err) {
				continue
			}
			if err != nil {
				return "", err
			}
			if key.KeyMetadata.KeyState != types.KeyStateEnabled || aws.ToString(key.KeyMetadata.Description) != in.text("description") {
				continue
			}
			tags, err := client.ListResourceTags(ctx, &kms.ListResourceTagsInput{KeyId: one.KeyId})
			if denied(err) {
				continue
			}
			if err != nil {
				return "", err
			}
			aliases, err := client.ListAliases(ctx, &kms.ListAliasesInput{KeyId: one.KeyId})
			if denied(err) {
				continue
			}
			if err != nil {
				return "", err
			}
			// A key with an alias is one that the state knows.
			if len(aliases.Aliases) == 0 && slices.ContainsFunc(tags.Tags, func(tag types.Tag) bool {
				return aws.ToString(tag.TagKey) == naming.TagEnvironment && aws.ToString(tag.TagValue) == c.environment
			}) {
				return aws.ToString(one.KeyId), nil
			}
		}
	}
	return "", nil
}

func secret(ctx context.Context, c *clients, in inputs) (string, error) {
	found, err := secretsmanager.NewFromConfig(
		c.Config,
	).DescribeSecret(
		ctx,
		&secretsmanager.DescribeSecretInput{SecretId: aws.String(in.text("name"))},
	)
	if missing(err, "ResourceNotFoundException") {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	environment := ""
	for _, tag := range found.Tags {
		if aws.ToString(tag.Key) == naming.TagEnvironment {
			environment = aws.ToString(tag.Value)
		}
	}
	return c.owned(aws.ToString(found.ARN), environment)
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
	for _, description := range tags.TagDescriptions {
		for _, tag := range description.Tags {
			if aws.ToString(tag.Key) == naming.TagEnvironment {
				environment = aws.ToString(tag.Value)
			}
		}
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
	found, err := backup.NewFromConfig(
		c.Config,
	).ListBackupSelections(
		ctx,
		&backup.ListBackupSelectionsInput{BackupPlanId: aws.String(in.text("planId"))},
	)
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

// zone finds a public hosted zone by its name and the environment's tag. Any number of zones may have one name (Amazon Route 53 API,
// CreateHostedZone), so that the name is no mark.
func zone(ctx context.Context, c *clients, in inputs) (string, error) {
	client, name := route53.NewFromConfig(c.Config), in.text("name")
	request := &route53.ListHostedZonesByNameInput{DNSName: &name}
	var others []string
	for {
		found, err := client.ListHostedZonesByName(ctx, request)
		if err != nil {
			return "", err
		}
		for _, one := range found.HostedZones {
			if strings.TrimSuffix(aws.ToString(one.Name), ".") != strings.TrimSuffix(name, ".") {
				return "", foreignOrNone(c, others) // Zones are sorted: no other of this name follows.
			}
			id := strings.TrimPrefix(aws.ToString(one.Id), "/hostedzone/")
			tags, err := zoneTags(ctx, client, names.TagResourceTypeHostedzone, id)
			switch {
			case err != nil && !denied(err):
				return "", fmt.Errorf("reading the tags of hosted zone %s: %w", id, err)
			case err == nil && tags[naming.TagEnvironment] == c.environment:
				return id, nil
			}
			others = append(others, id)
		}
		if !found.IsTruncated {
			return "", foreignOrNone(c, others)
		}
		request.DNSName, request.HostedZoneId = found.NextDNSName, found.NextHostedZoneId
	}
}

func foreignOrNone(c *clients, others []string) error {
	if len(others) == 0 {
		return nil
	}
	return &ForeignError{IDs: others, Environment: c.environment}
}

// zoneTags returns the tags of a hosted zone or a health check.
func zoneTags(ctx context.Context, client *route53.Client, kind names.TagResourceType, id string) (map[string]string, error) {
	found, err := client.ListTagsForResource(ctx, &route53.ListTagsForResourceInput{ResourceId: &id, ResourceType: kind})
	if err != nil {
		return nil, err
	}
	tags := map[string]string{}
	for _, tag := range found.ResourceTagSet.Tags {
		tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return tags, nil
}

func record(_ context.Context, _ *clients, in inputs) (string, error) {
	id := in.text("zoneId") + "_" + in.text("name") + "_" + in.text("type")
	if set := in.text("setIdentifier"); set != "" {
		id += "_" + set
	}
	return id, nil
}

// healthCheck finds one by its tags Name and Environment.
func healthCheck(ctx context.Context, c *clients, in inputs) (string, error) {
	client := route53.NewFromConfig(c.Config)
	for pages := route53.NewListHealthChecksPaginator(client, &route53.ListHealthChecksInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", err
		}
		for _, one := range page.HealthChecks {
			tags, err := zoneTags(ctx, client, names.TagResourceTypeHealthcheck, aws.ToString(one.Id))
			switch {
			case err != nil && !denied(err):
				return "", fmt.Errorf("reading the tags of health check %s: %w", aws.ToString(one.Id), err)
			case err == nil && tags["Name"] == in.tag("Name") && tags[naming.TagEnvironment] == c.environment:
				return aws.ToString(one.Id), nil
			}
		}
	}
	return "", nil
}

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
			if aws.ToString(one.Protocol) == in.text("protocol") && aws.ToString(one.Endpoint) == in.text("endpoint") && strings.HasPrefix(arn, "arn:") {
				return arn, nil
			}
		}
	}
	return "", nil
}
