package staterepair

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"
)

// webACL finds a web ACL by its name. Its id has all three parts by which AWS WAF knows it (Pulumi Registry, AWS, wafv2.WebAcl, "Import").
func webACL(ctx context.Context, c *clients, in inputs) (string, error) {
	client, scope := wafv2.NewFromConfig(c.Config), types.Scope(in.text("scope"))
	for marker := (*string)(nil); ; {
		page, err := client.ListWebACLs(ctx, &wafv2.ListWebACLsInput{Scope: scope, NextMarker: marker})
		if err != nil {
			return "", fmt.Errorf("listing web ACLs in %s: %w", c.Region, err)
		}
		for _, one := range page.WebACLs {
			if aws.ToString(one.Name) != in.text("name") {
				continue
			}
			tags, err := client.ListTagsForResource(ctx, &wafv2.ListTagsForResourceInput{ResourceARN: one.ARN})
			if err != nil {
				return "", fmt.Errorf("reading the tags of %s: %w", aws.ToString(one.ARN), err)
			}
			environment := ""
			if tags.TagInfoForResource != nil {
				environment = environmentOf(tags.TagInfoForResource.TagList, func(tag types.Tag) (key, value *string) { return tag.Key, tag.Value })
			}
			return c.owned(aws.ToString(one.Id)+"/"+aws.ToString(one.Name)+"/"+string(scope), environment)
		}
		// AWS WAF ends a list by a page without a marker, or by an empty one with the last marker again.
		if marker = page.NextMarker; aws.ToString(marker) == "" || len(page.WebACLs) == 0 {
			return "", nil
		}
	}
}
