package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/storage"
	"warmstandby/shared/settings"
)

// The purposes in the names of the buckets.
const (
	documentsPurpose = "documents"
	assetsPurpose    = "assets"
)

// buckets are the pairs of buckets, by purpose: the documents of records, and assets.
type buckets struct {
	documents, assets *storage.BucketPair
}

// newBuckets makes both pairs.
func newBuckets(ctx *pulumi.Context, in *inputs, lifecycle settings.Lifecycle) (buckets, error) {
	documents, err := storage.NewBucketPair(ctx, documentsPurpose, in.storageArgs(documentsPurpose, lifecycle))
	if err != nil {
		return buckets{}, err
	}
	assets, err := storage.NewBucketPair(ctx, assetsPurpose, in.storageArgs(assetsPurpose, lifecycle))
	return buckets{documents: documents, assets: assets}, err
}
