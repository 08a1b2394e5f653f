package services

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"warmstandby/test/sweep"
)

// storage are the kinds that hold data, except the database.
func storage() []row {
	return []row{
		{"s3", "buckets", false, buckets},
		{"dynamodb", "tables", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			client := dynamodb.NewFromConfig(cfg)
			return each(ctx, dynamodb.NewListTablesPaginator(client, nil), func(page *dynamodb.ListTablesOutput) {
				for _, name := range page.TableNames {
					found(sweep.Resource{ID: name, Names: []string{name}, TagsOf: tagsOf(func(ctx context.Context) ([]dynamodbtypes.Tag, error) {
						return tableTags(ctx, client, name)
					}, func(tag dynamodbtypes.Tag) (key, value *string) { return tag.Key, tag.Value })})
				}
			})
		}},
		{"ssm", "parameters", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			client := ssm.NewFromConfig(cfg)
			return each(ctx, ssm.NewDescribeParametersPaginator(client, nil), func(page *ssm.DescribeParametersOutput) {
				for _, one := range page.Parameters {
					found(sweep.Resource{
						ID: aws.ToString(one.Name), Names: []string{aws.ToString(one.Name)},
						TagsOf: tagsOf(func(ctx context.Context) ([]ssmtypes.Tag, error) {
							answer, err := client.ListTagsForResource(ctx, &ssm.ListTagsForResourceInput{
								ResourceId: one.Name, ResourceType: ssmtypes.ResourceTypeForTaggingParameter,
							})
							if err != nil {
								return nil, err
							}
							return answer.TagList, nil
						}, func(tag ssmtypes.Tag) (key, value *string) { return tag.Key, tag.Value }),
					})
				}
			})
		}},
	}
}

// bucketPage is the number of buckets in a page. Only a paged list has their regions (Amazon S3 API, ListBuckets, MaxBuckets).
const bucketPage = 1000

// buckets lists the buckets of the client's region: a request for the tags of another region's is refused.
func buckets(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
	client := s3.NewFromConfig(cfg, func(options *s3.Options) {
		// A given endpoint's host is not followed by one name a bucket.
		options.UsePathStyle = cfg.BaseEndpoint != nil
	})
	wanted := &s3.ListBucketsInput{MaxBuckets: aws.Int32(bucketPage), BucketRegion: aws.String(cfg.Region)}
	return each(ctx, s3.NewListBucketsPaginator(client, wanted), func(page *s3.ListBucketsOutput) {
		for _, one := range page.Buckets {
			if one.BucketRegion != nil && *one.BucketRegion != cfg.Region {
				continue
			}
			found(sweep.Resource{
				ID: aws.ToString(one.Name), Names: []string{aws.ToString(one.Name)},
				TagsOf: tagsOf(func(ctx context.Context) ([]s3types.Tag, error) {
					answer, err := client.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: one.Name})
					if err != nil {
						return nil, err
					}
					return answer.TagSet, nil
				}, func(tag s3types.Tag) (key, value *string) { return tag.Key, tag.Value }),
			})
		}
	})
}

// tableTags requests a table's ARN first, by which its tags are requested.
func tableTags(ctx context.Context, client *dynamodb.Client, name string) ([]dynamodbtypes.Tag, error) {
	table, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(name)})
	if err != nil {
		return nil, err
	}
	var all []dynamodbtypes.Tag
	err = eachToken(func(token *string) (*string, error) {
		answer, err := client.ListTagsOfResource(ctx, &dynamodb.ListTagsOfResourceInput{ResourceArn: table.Table.TableArn, NextToken: token})
		if err != nil {
			return nil, err
		}
		all = append(all, answer.Tags...)
		return answer.NextToken, nil
	})
	return all, err
}
