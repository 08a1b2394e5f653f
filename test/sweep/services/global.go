package services

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"warmstandby/test/sweep"
)

func iamTag(tag iamtypes.Tag) (key, value *string) { return tag.Key, tag.Value }

// identities are the kinds of IAM. A role's inline policies are deleted with it.
func identities() []row {
	return []row{
		{"iam", "roles", true, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			client := iam.NewFromConfig(cfg)
			return each(ctx, iam.NewListRolesPaginator(client, nil), func(page *iam.ListRolesOutput) {
				for _, one := range page.Roles {
					found(sweep.Resource{
						ID: aws.ToString(one.RoleName), Names: []string{aws.ToString(one.RoleName)},
						TagsOf: tagsOf(func(ctx context.Context) (all []iamtypes.Tag, err error) {
							err = each(ctx, iam.NewListRoleTagsPaginator(client, &iam.ListRoleTagsInput{RoleName: one.RoleName}),
								func(page *iam.ListRoleTagsOutput) { all = append(all, page.Tags...) })
							return all, err
						}, iamTag),
					})
				}
			})
		}},
		{"iam", "policies", true, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			client := iam.NewFromConfig(cfg)
			own := &iam.ListPoliciesInput{Scope: iamtypes.PolicyScopeTypeLocal} // and not the thousand that AWS manages
			return each(ctx, iam.NewListPoliciesPaginator(client, own), func(page *iam.ListPoliciesOutput) {
				for _, one := range page.Policies {
					found(sweep.Resource{
						ID: aws.ToString(one.Arn), Names: []string{aws.ToString(one.PolicyName)},
						TagsOf: tagsOf(func(ctx context.Context) (all []iamtypes.Tag, err error) {
							err = each(ctx, iam.NewListPolicyTagsPaginator(client, &iam.ListPolicyTagsInput{PolicyArn: one.Arn}),
								func(page *iam.ListPolicyTagsOutput) { all = append(all, page.Tags...) })
							return all, err
						}, iamTag),
					})
				}
			})
		}},
	}
}

// names are the kinds of Route 53. A zone's records are deleted with it.
func names() []row {
	return []row{
		{"route53", "hosted zones", true, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			client := route53.NewFromConfig(cfg)
			return each(ctx, route53.NewListHostedZonesPaginator(client, nil), func(page *route53.ListHostedZonesOutput) {
				for _, one := range page.HostedZones {
					id := strings.TrimPrefix(aws.ToString(one.Id), "/hostedzone/")
					found(
						sweep.Resource{ID: id, Names: []string{aws.ToString(one.Name)}, TagsOf: route53Tags(client, id, types.TagResourceTypeHostedzone)},
					)
				}
			})
		}},
		{"route53", "health checks", true, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			client := route53.NewFromConfig(cfg)
			return each(ctx, route53.NewListHealthChecksPaginator(client, nil), func(page *route53.ListHealthChecksOutput) {
				for _, one := range page.HealthChecks {
					found(sweep.Resource{ID: aws.ToString(one.Id), TagsOf: route53Tags(client, aws.ToString(one.Id), types.TagResourceTypeHealthcheck)})
				}
			})
		}},
	}
}

func route53Tags(client *route53.Client, id string, kind types.TagResourceType) func(context.Context) (map[string]string, error) {
	return tagsOf(func(ctx context.Context) ([]types.Tag, error) {
		answer, err := client.ListTagsForResource(ctx, &route53.ListTagsForResourceInput{ResourceId: aws.String(id), ResourceType: kind})
		if err != nil || answer.ResourceTagSet == nil {
			return nil, err
		}
		return answer.ResourceTagSet.Tags, nil
	}, func(tag types.Tag) (key, value *string) { return tag.Key, tag.Value })
}
