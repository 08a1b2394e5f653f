// Package healthcheck asks Route 53 for the state of a platform's health checks. Its API is in us-east-1 and lost with that region; the
// checks themselves, and the name servers that follow them, are not.
package healthcheck

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// minHealthyShare is the share of Route 53's checkers that must find an endpoint healthy for it to be so: more than 18 %
// (Amazon Route 53 Developer Guide, "How Amazon Route 53 determines whether a health check is healthy").
const minHealthyShare = 0.18

// Checks are health checks by region.
type Checks struct {
	client *route53.Client
	ids    map[string]string // by region
}

// Find finds the health checks by their names, which are given by region.
func Find(ctx context.Context, settings aws.Config, names map[string]string) (Checks, error) {
	found := Checks{route53.NewFromConfig(settings), map[string]string{}}
	for pages := route53.NewListHealthChecksPaginator(found.client, &route53.ListHealthChecksInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return found, fmt.Errorf("finding the health checks: %w", err)
		}
		for _, check := range page.HealthChecks {
			tags, err := found.client.ListTagsForResource(ctx, &route53.ListTagsForResourceInput{
				ResourceId: check.Id, ResourceType: types.TagResourceTypeHealthcheck,
			})
			if err != nil {
				return found, fmt.Errorf("finding the health checks: %w", err)
			}
			for _, tag := range tags.ResourceTagSet.Tags {
				for region, name := range names {
					if aws.ToString(tag.Key) == "Name" && aws.ToString(tag.Value) == name {
						found.ids[region] = aws.ToString(check.Id)
					}
				}
			}
		}
	}
	for region, name := range names {
		if found.ids[region] == "" {
			return found, fmt.Errorf("finding the health checks: there is none called %s", name)
		}
	}
	return found, nil
}

// ID returns the id of a region's check, which is the dimension of its metrics.
func (h Checks) ID(region string) string { return h.ids[region] }

// Healthy reports whether a region's check is healthy.
func (h Checks) Healthy(ctx context.Context, region string) (bool, error) {
	status, err := h.client.GetHealthCheckStatus(ctx, &route53.GetHealthCheckStatusInput{HealthCheckId: aws.String(h.ids[region])})
	if err != nil {
		return false, fmt.Errorf("asking for the health check of %s: %w", region, err)
	}
	good := 0
	for _, seen := range status.HealthCheckObservations {
		if seen.StatusReport != nil && strings.HasPrefix(aws.ToString(seen.StatusReport.Status), "Success") {
			good++
		}
	}
	if len(status.HealthCheckObservations) == 0 {
		return false, fmt.Errorf("asking for the health check of %s: nobody has checked yet", region)
	}
	return float64(good) > minHealthyShare*float64(len(status.HealthCheckObservations)), nil
}
