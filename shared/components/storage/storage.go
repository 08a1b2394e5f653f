// Package storage builds pairs of buckets, one in each region, that hold the same objects. What is put into either is
// replicated to the other, so that neither a failover nor a failback loses objects.
package storage

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/region"
)

const bucketPairType = "warmstandby:storage:Replicated"

// RegionArgs are the inputs of one region's bucket.
type RegionArgs struct {
	Region region.Region
	// KeyARN is the region's KMS key, which encrypts the objects.
	KeyARN pulumi.StringInput
}

// Lifecycle is when versions of objects are moved and removed. Both regions have the same, because S3 replicates no action of a
// lifecycle (Amazon S3 User Guide, "What isn't replicated with replication configurations?").
type Lifecycle struct {
	// TransitionDays is the age at which a version moves to STANDARD_IA, whether current or noncurrent.
	TransitionDays int
	// NoncurrentExpiryDays is how long a version is kept after it was replaced or deleted. It is longer than TransitionDays.
	NoncurrentExpiryDays int
	// AbortUploadDays is the age at which the parts of an unfinished multipart upload are removed.
	AbortUploadDays int
}

// Args are the inputs of a pair of buckets.
type Args struct {
	// Purpose names what the buckets hold, such as documents.
	Purpose          string
	Primary, Standby RegionArgs
	Lifecycle        Lifecycle
	// Protection keeps a bucket that holds objects from being destroyed.
	Protection bool
}

// BucketPair is two buckets that replicate to each other.
type BucketPair struct {
	pulumi.ResourceState

	Primary, Standby *Bucket
}

// NewBucketPair builds both buckets and the replication in both directions. S3 does not replicate replicas, so that the two
// rules make no loop (Amazon S3 User Guide, "What isn't replicated with replication configurations?").
func NewBucketPair(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*BucketPair, error) {
	pair := &BucketPair{}
	if err := ctx.RegisterComponentResource(bucketPairType, name, pair, opts...); err != nil {
		return nil, fmt.Errorf("registering buckets %s: %w", name, err)
	}
	for _, row := range [...]struct {
		bucket **Bucket
		args   RegionArgs
	}{{&pair.Primary, args.Primary}, {&pair.Standby, args.Standby}} {
		var err error
		*row.bucket, err = NewBucket(ctx, name+"-"+string(row.args.Region.Role), BucketArgs{
			RegionArgs: row.args, Purpose: args.Purpose, Lifecycle: args.Lifecycle, Protection: args.Protection,
		}, pulumi.Parent(pair))
		if err != nil {
			return nil, fmt.Errorf("building buckets %s: %w", name, err)
		}
	}
	for _, replication := range [...]replication{
		{replicatedBucket{args.Primary, pair.Primary}, replicatedBucket{args.Standby, pair.Standby}},
		{replicatedBucket{args.Standby, pair.Standby}, replicatedBucket{args.Primary, pair.Primary}},
	} {
		if err := pair.replicate(ctx, args.Purpose, replication); err != nil {
			return nil, fmt.Errorf("building buckets %s: %w", name, err)
		}
	}
	return pair, ctx.RegisterResourceOutputs(pair, pulumi.Map{
		"primary": pair.Primary.Name, "standby": pair.Standby.Name,
	})
}
