package storage

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/internal/role"
	"warmstandby/shared/policy"
)

// replicationMinutes is the threshold of S3 Replication Time Control, the only one that S3 takes (Amazon S3 API,
// ReplicationTimeValue, Minutes), and the platform's RPO.
const replicationMinutes = 15

// RuleID is the id of a bucket's one replication rule, which is a dimension of the metrics.
const RuleID = "everything"

// replicatedBucket is a bucket with the arguments that it was built from.
type replicatedBucket struct {
	RegionArgs
	bucket *Bucket
}

// replication is the replication in one direction.
type replication struct{ source, destination replicatedBucket }

// replicate copies the source's objects to the destination, with their delete markers and later changes of metadata, encrypted
// by the destination's key. S3 refuses the rule until both buckets are versioned, and refuses to suspend versioning while the
// rule exists: the rule depends on both.
func (r *BucketPair) replicate(ctx *pulumi.Context, purpose string, replication replication) error {
	source, destination := replication.source, replication.destination
	replicator, granted, err := r.newRole(ctx, purpose, replication)
	if err != nil {
		return err
	}
	minutes := pulumi.Int(replicationMinutes)
	logical := purpose + "-" + string(source.Region.Role) + "-to-" + string(destination.Region.Role)
	_, err = s3.NewBucketReplicationConfig(ctx, logical, &s3.BucketReplicationConfigArgs{
		Bucket: source.bucket.Name,
		Role:   replicator.Arn,
		Rules: s3.BucketReplicationConfigRuleArray{s3.BucketReplicationConfigRuleArgs{
			Id:                      pulumi.String(RuleID),
			Status:                  pulumi.String(enabled),
			Priority:                pulumi.Int(0),
			Filter:                  s3.BucketReplicationConfigRuleFilterArgs{Prefix: matchAll},
			DeleteMarkerReplication: s3.BucketReplicationConfigRuleDeleteMarkerReplicationArgs{Status: pulumi.String(enabled)},
			SourceSelectionCriteria: s3.BucketReplicationConfigRuleSourceSelectionCriteriaArgs{
				// Without it S3 replicates no object that a KMS key encrypts, and here a KMS key encrypts each.
				SseKmsEncryptedObjects: s3.BucketReplicationConfigRuleSourceSelectionCriteriaSseKmsEncryptedObjectsArgs{
					Status: pulumi.String(enabled),
				},
				// Tags that are changed on a replica while its region serves are replicated back.
				ReplicaModifications: s3.BucketReplicationConfigRuleSourceSelectionCriteriaReplicaModificationsArgs{
					Status: pulumi.String(enabled),
				},
			},
			Destination: s3.BucketReplicationConfigRuleDestinationArgs{
				Bucket: destination.bucket.ARN,
				// The destination's own lifecycle decides when a replica is moved.
				StorageClass: pulumi.String("STANDARD"),
				EncryptionConfiguration: s3.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs{
					ReplicaKmsKeyId: destination.KeyARN,
				},
				// S3 takes the time control and its metrics together or neither.
				ReplicationTime: s3.BucketReplicationConfigRuleDestinationReplicationTimeArgs{
					Status: pulumi.String(enabled),
					Time:   s3.BucketReplicationConfigRuleDestinationReplicationTimeTimeArgs{Minutes: minutes},
				},
				Metrics: s3.BucketReplicationConfigRuleDestinationMetricsArgs{
					Status:         pulumi.String(enabled),
					EventThreshold: s3.BucketReplicationConfigRuleDestinationMetricsEventThresholdArgs{Minutes: minutes},
				},
			},
		}},
	}, source.Region.Child(r, pulumi.DependsOn([]pulumi.Resource{source.bucket.versioning, destination.bucket.versioning, granted}))...)
	if err != nil {
		return fmt.Errorf("building replication %s: %w", logical, err)
	}
	return nil
}

// newRole builds the role by which S3 replicates in one direction, and returns it with its policy.
//
// Its trust policy is AWS's, without a condition on the source: S3's documentation promises none of the condition keys in this
// call (Amazon S3 User Guide, "Setting up permissions for live replication").
func (r *BucketPair) newRole(ctx *pulumi.Context, purpose string, replication replication) (*iam.Role, *iam.RolePolicy, error) {
	source, destination := replication.source, replication.destination
	document := pulumi.StringMap{
		"fromBucket": source.bucket.ARN, "fromKey": source.KeyARN, "toBucket": destination.bucket.ARN, "toKey": destination.KeyARN,
	}.ToStringMapOutput().ApplyT(func(arns map[string]string) (string, error) {
		return grant{
			sourceBucket: arns["fromBucket"], sourceKey: arns["fromKey"], sourceRegion: source.Region.Name,
			destinationBucket: arns["toBucket"], destinationKey: arns["toKey"], destinationRegion: destination.Region.Name,
		}.document().JSON()
	}).(pulumi.StringOutput)
	return role.NewGranted(ctx, r, role.Args{
		Region: source.Region, Purpose: "replicate-" + purpose,
		Description: "Replicates " + purpose + " from " + source.Region.Name + " to " + destination.Region.Name,
		Service:     "s3.amazonaws.com", Sid: "AllowS3",
	}, document)
}

// grant holds what the replication in one direction reads and writes: ARNs of buckets and keys, and names of regions.
type grant struct {
	sourceBucket, sourceKey, sourceRegion                string
	destinationBucket, destinationKey, destinationRegion string
}

// document returns the least permissions that S3 needs to replicate (Amazon S3 User Guide, "Setting up permissions for live
// replication" and "Replicating encrypted objects"). The keys may be used through S3 and for these buckets alone. The
// encryption context is the bucket's ARN where a bucket key is used, and the object's where an upload was made without one.
func (g grant) document() policy.Document {
	return policy.Document{
		{
			Sid: "ReadReplicationConfiguration", Effect: policy.Allow,
			Actions:   []string{"s3:GetReplicationConfiguration", "s3:ListBucket"},
			Resources: []string{g.sourceBucket},
		},
		{
			Sid: "ReadVersions", Effect: policy.Allow,
			Actions:   []string{"s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"},
			Resources: []string{g.sourceBucket + "/*"},
		},
		{
			Sid: "WriteReplicas", Effect: policy.Allow,
			Actions:   []string{"s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"},
			Resources: []string{g.destinationBucket + "/*"},
		},
		{
			Sid: "DecryptVersions", Effect: policy.Allow,
			Actions:   []string{"kms:Decrypt"},
			Resources: []string{g.sourceKey},
			Condition: viaS3(g.sourceRegion, g.sourceBucket),
		},
		{
			Sid: "EncryptReplicas", Effect: policy.Allow,
			// Besides encrypting, S3 creates the destination's bucket key, and decrypts it again to check it (Amazon S3 User Guide,
			// "Reducing the cost of SSE-KMS with Amazon S3 Bucket Keys").
			Actions:   []string{"kms:Encrypt", "kms:GenerateDataKey", "kms:Decrypt"},
			Resources: []string{g.destinationKey},
			Condition: viaS3(g.destinationRegion, g.destinationBucket),
		},
	}
}

// viaS3 limits the use of a key to S3, for the objects of one bucket.
func viaS3(regionName, bucketARN string) policy.Conditions {
	return policy.Conditions{
		"StringEquals": {"kms:ViaService": {"s3." + regionName + ".amazonaws.com"}},
		"StringLike":   {"kms:EncryptionContext:aws:s3:arn": {bucketARN, bucketARN + "/*"}},
	}
}
