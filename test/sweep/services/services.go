// Package services has a row for every kind of resource that the stacks make, or that AWS makes of what they make: how to
// list all that there are of it, by AWS's SDK. What goes with another resource, as a listener with its load balancer or a
// role's inline policy with the role, has no row.
//
// Two kinds are left on purpose and are no leftovers: KMS keys that are pending deletion, which AWS keeps for seven days at
// the least (AWS KMS API, ScheduleKeyDeletion), and what EC2 still shows of a deleted peering, NAT gateway or endpoint for
// about an hour.
package services

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"

	"warmstandby/test/sweep"
)

// row lists a kind with a client of one region.
type row struct {
	service, kind string
	global        bool
	list          func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error
}

// Rows returns all, to be asked with the SDK's settings for a region. The errors of a row are those of AWS's SDK.
func Rows(settings func(region string) aws.Config) []sweep.Row {
	var rows []sweep.Row
	for _, r := range slices.Concat(networks(), networkParts(), applications(), logs(), databases(), databaseParts(),
		storage(), secret(), events(), messages(), backups(), identities(), monitoring(), names()) {
		rows = append(rows, sweep.Row{
			Service: r.service, Kind: r.kind, Global: r.global,
			List: func(ctx context.Context, region string, found func(sweep.Resource)) error {
				return r.list(ctx, settings(region), found)
			},
		})
	}
	return rows
}

// pager is a paginator of the SDK.
type pager[Page, Options any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*Options)) (Page, error)
}

// each reads all pages.
func each[Page, Options any](ctx context.Context, pages pager[Page, Options], read func(Page)) error {
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		read(page)
	}
	return nil
}

// eachToken reads all pages of a service for which the SDK has no paginator.
func eachToken(next func(token *string) (*string, error)) error {
	var token *string
	for {
		following, err := next(token)
		if err != nil || aws.ToString(following) == "" {
			return err
		}
		token = following
	}
}

// tagsOf is how a resource's tags are asked for. A resource that is gone by then has none, and neither is left.
func tagsOf[Tag any](
	ask func(context.Context) ([]Tag, error),
	read func(Tag) (key, value *string),
) func(context.Context) (map[string]string, error) {
	return func(ctx context.Context) (map[string]string, error) {
		listed, err := ask(ctx)
		if gone(err) {
			return nil, nil
		}
		return tags(listed, read), err
	}
}

// tagMapOf is [tagsOf] of a service that answers with a map.
func tagMapOf(ask func(context.Context) (map[string]string, error)) func(context.Context) (map[string]string, error) {
	return func(ctx context.Context) (map[string]string, error) {
		listed, err := ask(ctx)
		if gone(err) {
			return nil, nil
		}
		return listed, err
	}
}

// tags are a list of tags as a map.
func tags[Tag any](listed []Tag, read func(Tag) (key, value *string)) map[string]string {
	byKey := make(map[string]string, len(listed))
	for _, tag := range listed {
		key, value := read(tag)
		byKey[aws.ToString(key)] = aws.ToString(value)
	}
	return byKey
}

// gone says that AWS refused because there is no such resource, or, of a bucket, no tags. Each service has its own word.
func gone(err error) bool {
	var refused smithy.APIError
	if !errors.As(err, &refused) {
		return false
	}
	return slices.ContainsFunc([]string{"NotFound", "NoSuch", "NonExistent", "DoesNotExist"}, func(word string) bool {
		return strings.Contains(refused.ErrorCode(), word)
	})
}
