package services

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
	waftypes "github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"warmstandby/test/sweep"
)

// applications are the kinds that answer requests.
func applications() []row {
	return []row{
		{"elbv2", "load balancers", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			client := elasticloadbalancingv2.NewFromConfig(cfg)
			return each(
				ctx,
				elasticloadbalancingv2.NewDescribeLoadBalancersPaginator(client, nil),
				func(page *elasticloadbalancingv2.DescribeLoadBalancersOutput) {
					for _, one := range page.LoadBalancers {
						found(balancing(client, one.LoadBalancerArn, one.LoadBalancerName))
					}
				},
			)
		}},
		{"elbv2", "target groups", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			client := elasticloadbalancingv2.NewFromConfig(cfg)
			return each(
				ctx,
				elasticloadbalancingv2.NewDescribeTargetGroupsPaginator(client, nil),
				func(page *elasticloadbalancingv2.DescribeTargetGroupsOutput) {
					for _, one := range page.TargetGroups {
						found(balancing(client, one.TargetGroupArn, one.TargetGroupName))
					}
				},
			)
		}},
		{"lambda", "functions", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			client := lambda.NewFromConfig(cfg)
			return each(ctx, lambda.NewListFunctionsPaginator(client, nil), func(page *lambda.ListFunctionsOutput) {
				for _, one := range page.Functions {
					found(sweep.Resource{
						ID: aws.ToString(one.FunctionArn), Names: []string{aws.ToString(one.FunctionName)},
						TagsOf: tagMapOf(func(ctx context.Context) (map[string]string, error) {
							answer, err := client.ListTags(ctx, &lambda.ListTagsInput{Resource: one.FunctionArn})
							if err != nil {
								return nil, err
							}
							return answer.Tags, nil
						}),
					})
				}
			})
		}},
	}
}

// firewalls are the web ACLs of AWS WAF.
func firewalls() []row {
	return []row{
		{"wafv2", "web ACLs", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			client := wafv2.NewFromConfig(cfg)
			return eachToken(func(marker *string) (*string, error) {
				page, err := client.ListWebACLs(ctx, &wafv2.ListWebACLsInput{Scope: waftypes.ScopeRegional, NextMarker: marker})
				if err != nil {
					return nil, err
				}
				for _, one := range page.WebACLs {
					found(sweep.Resource{
						ID: aws.ToString(one.ARN), Names: []string{aws.ToString(one.Name)},
						TagsOf: tagsOf(func(ctx context.Context) ([]waftypes.Tag, error) {
							answer, err := client.ListTagsForResource(ctx, &wafv2.ListTagsForResourceInput{ResourceARN: one.ARN})
							if err != nil || answer.TagInfoForResource == nil {
								return nil, err
							}
							return answer.TagInfoForResource.TagList, nil
						}, func(tag waftypes.Tag) (key, value *string) { return tag.Key, tag.Value }),
					})
				}
				if len(page.WebACLs) == 0 { // AWS WAF gives the last marker again with an empty page.
					return nil, nil
				}
				return page.NextMarker, nil
			})
		}},
	}
}

func balancing(client *elasticloadbalancingv2.Client, arn, name *string) sweep.Resource {
	return sweep.Resource{
		ID: aws.ToString(arn), Names: []string{aws.ToString(name)},
		TagsOf: tagsOf(func(ctx context.Context) ([]types.Tag, error) {
			answer, err := client.DescribeTags(ctx, &elasticloadbalancingv2.DescribeTagsInput{ResourceArns: []string{aws.ToString(arn)}})
			if err != nil || len(answer.TagDescriptions) == 0 {
				return nil, err
			}
			return answer.TagDescriptions[0].Tags, nil
		}, func(tag types.Tag) (key, value *string) { return tag.Key, tag.Value }),
	}
}

// logs are log groups, also those that AWS creates by itself, which are named after a function or a cluster.
func logs() []row {
	return []row{
		{"logs", "log groups", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			client := cloudwatchlogs.NewFromConfig(cfg)
			return each(ctx, cloudwatchlogs.NewDescribeLogGroupsPaginator(client, nil), func(page *cloudwatchlogs.DescribeLogGroupsOutput) {
				for _, one := range page.LogGroups {
					found(sweep.Resource{
						ID: aws.ToString(one.LogGroupName), Names: []string{aws.ToString(one.LogGroupName)},
						TagsOf: tagMapOf(func(ctx context.Context) (map[string]string, error) {
							answer, err := client.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: one.LogGroupArn})
							if err != nil {
								return nil, err
							}
							return answer.Tags, nil
						}),
					})
				}
			})
		}},
	}
}
