package staterepair

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	names "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"warmstandby/shared/naming"
)

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
				return "", c.foreignError(others...) // Zones are sorted: no other of this name follows.
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
			return "", c.foreignError(others...)
		}
		request.DNSName, request.HostedZoneId = found.NextDNSName, found.NextHostedZoneId
	}
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
