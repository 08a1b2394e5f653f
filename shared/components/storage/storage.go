// Package storage builds pairs of buckets, one in each region, that hold the same objects: what is put into either is
// replicated to the other, so that neither a failover nor the way back loses any.
package storage

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/region"
)

const bucketPairType = "warmstandby:storage:Replicated"

// RegionArgs is what differs between the two regions' buckets.
type RegionArgs struct {
	Region region.Region
	// KeyARN is the region's KMS key, which encrypts the objects.
	KeyARN pulumi.StringInput
}

// Lifecycle says when the versions of objects move on. Both regions keep the same: what a lifecycle does in one bucket is
// never replicated to the other (Amazon S3 User Guide, "What isn't replicated with replication configurations?").
type Lifecycle struct {
	// TransitionDays is the age, of a current and of a noncurrent version alike, at which it moves to STANDARD_IA.
	TransitionDays int
	// NoncurrentExpiryDays is how long a version lives after it was replaced or deleted; longer than TransitionDays.
	NoncurrentExpiryDays int
	// AbortUploadDays is how long a multipart upload may take until its parts are removed.
	AbortUploadDays int
}

// Args says what a pair of buckets is like.
type Args struct {
	// Purpose names what the buckets hold, such as documents.
	Purpose          string
	Primary, Standby RegionArgs
	Lifecycle        Lifecycle
	// Protection keeps a bucket that holds objects from being destroyed.
	Protection bool
}

// BucketPair is a pair of buckets.
type BucketPair struct {
	pulumi.ResourceState

	Primary, Standby *Bucket
}

// NewReplicated builds a pair of buckets and the replication each way. S3 does not replicate replicas, so that two rules
// that face each other make no loop (Amazon S3 User Guide, "What isn't replicated with replication configurations?").
func NewBucketPair(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*BucketPair, error) {
	pair := &BucketPair{}
	if err := ctx.RegisterComponentResource(bucketPairType, name, pair, opts...); err != nil {
		return nil, fmt.Errorf("registering buckets %s: %w", name, err)
	}
	for _, row := range [...]struct {
		bucket **Bucket
		side   RegionArgs
	}{{&pair.Primary, args.Primary}, {&pair.Standby, args.Standby}} {
		var err error
		*row.bucket, err = NewBucket(ctx, name+"-"+string(row.side.Region.Role), BucketArgs{
			RegionArgs: row.side, Purpose: args.Purpose, Lifecycle: args.Lifecycle, Protection: args.Protection,
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
