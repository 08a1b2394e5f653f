// Package services lists, with the AWS SDK, every kind of resource that the stacks create, and that AWS creates for them. A resource
// that is deleted with another one, such as a listener with its load balancer, has no row.
//
// Two kinds are not leftovers: KMS keys that are pending deletion, for seven days at least (AWS KMS API, ScheduleKeyDeletion), and
// deleted peerings, NAT gateways and endpoints, which EC2 lists for about an hour.
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

// Rows returns all rows, with the SDK's configuration for a region. Their errors are the SDK's.
func Rows(settings func(region string) aws.Config) []sweep.Row {
	var rows []sweep.Row
	for _, r := range slices.Concat(networks(), networkParts(), applications(), firewalls(), logs(), databases(), databaseParts(),
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

// tagsOf adapts a request for a resource's tags. A resource that was deleted meanwhile has none.
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

// tagMapOf is [tagsOf] for a service that returns a map.
func tagMapOf(ask func(context.Context) (map[string]string, error)) func(context.Context) (map[string]string, error) {
	return func(ctx context.Context) (map[string]string, error) {
		listed, err := ask(ctx)
		if gone(err) {
			return nil, nil
		}
		return listed, err
	}
}

// tags converts a list of tags to a map.
func tags[Tag any](listed []Tag, read func(Tag) (key, value *string)) map[string]string {
	byKey := make(map[string]string, len(listed))
	for _, tag := range listed {
		key, value := read(tag)
		byKey[aws.ToString(key)] = aws.ToString(value)
	}
	return byKey
}

// gone reports whether an error is that a resource, or the tags of a bucket, do not exist. Each service has an error code of
// its own.
func gone(err error) bool {
	var refused smithy.APIError
	if !errors.As(err, &refused) {
		return false
	}
	return slices.ContainsFunc([]string{"NotFound", "NoSuch", "NonExistent", "Nonexistent", "DoesNotExist"}, func(word string) bool {
		return strings.Contains(refused.ErrorCode(), word)
	})
}
