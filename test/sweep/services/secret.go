package services

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	secretstypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"warmstandby/test/sweep"
)

// secret are secrets and keys.
func secret() []row {
	return []row{
		// A secret in its window of recovery holds its name: the next deployment would fail.
		{"secretsmanager", "secrets", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			wanted := &secretsmanager.ListSecretsInput{IncludePlannedDeletion: aws.Bool(true)}
			return each(
				ctx,
				secretsmanager.NewListSecretsPaginator(secretsmanager.NewFromConfig(cfg), wanted),
				func(page *secretsmanager.ListSecretsOutput) {
					for _, one := range page.SecretList {
						found(sweep.Resource{
							ID: aws.ToString(one.ARN), Names: []string{aws.ToString(one.Name)},
							Tags: tags(one.Tags, func(tag secretstypes.Tag) (key, value *string) { return tag.Key, tag.Value }),
						})
					}
				},
			)
		}},
		{"kms", "aliases", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			return each(ctx, kms.NewListAliasesPaginator(kms.NewFromConfig(cfg), nil), func(page *kms.ListAliasesOutput) {
				for _, one := range page.Aliases {
					found(sweep.Resource{ID: aws.ToString(one.AliasName), Names: []string{aws.ToString(one.AliasName)}})
				}
			})
		}},
		{"kms", "keys that are not pending deletion", false, keys},
	}
}

// keys lists the customer's keys that are not pending deletion. AWS's own keys have no tags.
func keys(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
	client := kms.NewFromConfig(cfg)
	var ids []string
	err := each(ctx, kms.NewListKeysPaginator(client, nil), func(page *kms.ListKeysOutput) {
		for _, one := range page.Keys {
			ids = append(ids, aws.ToString(one.KeyId))
		}
	})
	if err != nil {
		return err
	}
	for _, id := range ids {
		key, err := client.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String(id)})
		if gone(err) {
			continue
		}
		if err != nil {
			return fmt.Errorf("key %s: %w", id, err)
		}
		ends := key.KeyMetadata.KeyState == kmstypes.KeyStatePendingDeletion ||
			key.KeyMetadata.KeyState == kmstypes.KeyStatePendingReplicaDeletion
		if ends || key.KeyMetadata.KeyManager == kmstypes.KeyManagerTypeAws {
			continue
		}
		found(sweep.Resource{ID: id, TagsOf: tagsOf(func(ctx context.Context) ([]kmstypes.Tag, error) {
			var all []kmstypes.Tag
			pages := kms.NewListResourceTagsPaginator(client, &kms.ListResourceTagsInput{KeyId: aws.String(id)})
			err := each(ctx, pages, func(page *kms.ListResourceTagsOutput) { all = append(all, page.Tags...) })
			return all, err
		}, func(tag kmstypes.Tag) (key, value *string) { return tag.TagKey, tag.TagValue })})
	}
	return nil
}
