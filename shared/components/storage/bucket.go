package storage

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
)

const (
	bucketType = "warmstandby:storage:Bucket"

	enabled = "Enabled"
	// infrequentAccess is the storage class for objects that are seldom read and must be readable at once. An archive class takes
	// hours to restore, which a failover does not have.
	infrequentAccess = "STANDARD_IA"
)

// matchAll is the prefix of a rule for all objects. Without a filter S3 takes a rule to be of its first, deprecated form.
var matchAll = pulumi.String("")

// BucketArgs are the inputs of one region's bucket.
type BucketArgs struct {
	RegionArgs
	Purpose    string
	Lifecycle  Lifecycle
	Protection bool
}

// Bucket is one region's bucket: versioned, encrypted by the region's key, without public access, for TLS alone, and backed up.
type Bucket struct {
	pulumi.ResourceState

	// Name and ARN are the bucket's.
	Name, ARN pulumi.StringOutput

	versioning *s3.BucketVersioningV2
}

// NewBucket builds a bucket. Its name contains the account's id, because all accounts share one namespace of buckets.
func NewBucket(ctx *pulumi.Context, name string, args BucketArgs, opts ...pulumi.ResourceOption) (*Bucket, error) {
	bucket := &Bucket{}
	if err := ctx.RegisterComponentResource(bucketType, name, bucket, opts...); err != nil {
		return nil, fmt.Errorf("registering bucket %s: %w", name, err)
	}
	physical, err := args.Region.Named(naming.Bucket, args.Purpose, args.Region.Account)
	if err != nil {
		return nil, err
	}
	made, err := s3.NewBucketV2(ctx, physical, &s3.BucketV2Args{
		Bucket:       pulumi.String(physical),
		ForceDestroy: pulumi.Bool(!args.Protection),
		Tags:         pulumi.StringMap{naming.TagBackup: pulumi.String(naming.BackupWanted)},
	}, args.Region.Durable(bucket, args.Protection)...)
	if err != nil {
		return nil, fmt.Errorf("building bucket %s: %w", physical, err)
	}
	bucket.Name, bucket.ARN = made.Bucket, made.Arn
	for _, step := range [...]struct {
		doing string
		build func(*pulumi.Context, string, BucketArgs) error
	}{
		{"versioning", bucket.enableVersioning},
		{"encrypting", bucket.encrypt},
		{"restricting access to", bucket.restrictAccess},
		{"setting the lifecycle of", bucket.setLifecycle},
	} {
		if err := step.build(ctx, physical, args); err != nil {
			return nil, fmt.Errorf("%s bucket %s: %w", step.doing, physical, err)
		}
	}
	return bucket, ctx.RegisterResourceOutputs(bucket, pulumi.Map{"name": bucket.Name, "arn": bucket.ARN})
}

func (b *Bucket) enableVersioning(ctx *pulumi.Context, physical string, args BucketArgs) (err error) {
	b.versioning, err = s3.NewBucketVersioningV2(ctx, physical, &s3.BucketVersioningV2Args{
		Bucket:                  b.Name,
		VersioningConfiguration: s3.BucketVersioningV2VersioningConfigurationArgs{Status: pulumi.String(enabled)},
	}, args.Region.Child(b)...)
	return err
}

// encrypt makes the region's key the default. The bucket key saves a call to KMS for each object.
func (b *Bucket) encrypt(ctx *pulumi.Context, physical string, args BucketArgs) error {
	_, err := s3.NewBucketServerSideEncryptionConfigurationV2(ctx, physical, &s3.BucketServerSideEncryptionConfigurationV2Args{
		Bucket: b.Name,
		Rules: s3.BucketServerSideEncryptionConfigurationV2RuleArray{
			s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
				ApplyServerSideEncryptionByDefault: s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
					SseAlgorithm:   pulumi.String("aws:kms"),
					KmsMasterKeyId: args.KeyARN.ToStringOutput().ToStringPtrOutput(),
				},
				BucketKeyEnabled: pulumi.Bool(true),
			},
		},
	}, args.Region.Child(b)...)
	return err
}

// restrictAccess leaves access to the principals of this account that IAM allows, and allows no service.
func (b *Bucket) restrictAccess(ctx *pulumi.Context, physical string, args BucketArgs) error {
	_, err := RestrictAccess(ctx, b, AccessArgs{Region: args.Region, Physical: physical, Name: b.Name, ARN: b.ARN})
	return err
}

// setLifecycle moves old versions to a cheaper class, removes replaced ones, and removes delete markers without versions and
// the parts of unfinished uploads. S3 requires versioning before rules for noncurrent versions.
func (b *Bucket) setLifecycle(ctx *pulumi.Context, physical string, args BucketArgs) error {
	_, err := s3.NewBucketLifecycleConfigurationV2(ctx, physical, &s3.BucketLifecycleConfigurationV2Args{
		Bucket: b.Name,
		Rules: s3.BucketLifecycleConfigurationV2RuleArray{s3.BucketLifecycleConfigurationV2RuleArgs{
			Id:     pulumi.String("age"),
			Status: pulumi.String(enabled),
			Filter: s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: matchAll},
			Transitions: s3.BucketLifecycleConfigurationV2RuleTransitionArray{
				s3.BucketLifecycleConfigurationV2RuleTransitionArgs{
					Days: pulumi.Int(args.Lifecycle.TransitionDays), StorageClass: pulumi.String(infrequentAccess),
				},
			},
			NoncurrentVersionTransitions: s3.BucketLifecycleConfigurationV2RuleNoncurrentVersionTransitionArray{
				s3.BucketLifecycleConfigurationV2RuleNoncurrentVersionTransitionArgs{
					NoncurrentDays: pulumi.Int(args.Lifecycle.TransitionDays), StorageClass: pulumi.String(infrequentAccess),
				},
			},
			NoncurrentVersionExpiration: s3.BucketLifecycleConfigurationV2RuleNoncurrentVersionExpirationArgs{
				NoncurrentDays: pulumi.Int(args.Lifecycle.NoncurrentExpiryDays),
			},
			Expiration: s3.BucketLifecycleConfigurationV2RuleExpirationArgs{ExpiredObjectDeleteMarker: pulumi.Bool(true)},
			AbortIncompleteMultipartUpload: s3.BucketLifecycleConfigurationV2RuleAbortIncompleteMultipartUploadArgs{
				DaysAfterInitiation: pulumi.Int(args.Lifecycle.AbortUploadDays),
			},
		}},
	}, args.Region.Child(b, pulumi.DependsOn([]pulumi.Resource{b.versioning}))...)
	return err
}
