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
// ReplicationTimeValue, Minutes), and the platform's promise.
const replicationMinutes = 15

// RuleID is that of the one rule by which a bucket replicates, which metrics are found by.
const RuleID = "everything"

// replicatedBucket is a bucket with what it was built from.
type replicatedBucket struct {
	RegionArgs
	bucket *Bucket
}

// replication is a direction of replication.
type replication struct{ source, destination replicatedBucket }

// replicate copies what is put into one bucket to the other, with its delete markers, its later changes of metadata, and
// encrypted by the other region's key. S3 refuses the rule until both buckets are versioned, and the suspension of
// versioning while the rule stands: so it depends on both.
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
				// Left out, S3 replicates no object that a KMS key encrypts, which here is each.
				SseKmsEncryptedObjects: s3.BucketReplicationConfigRuleSourceSelectionCriteriaSseKmsEncryptedObjectsArgs{
					Status: pulumi.String(enabled),
				},
				// Tags that are changed on a replica while its region serves come back with it.
				ReplicaModifications: s3.BucketReplicationConfigRuleSourceSelectionCriteriaReplicaModificationsArgs{
					Status: pulumi.String(enabled),
				},
			},
			Destination: s3.BucketReplicationConfigRuleDestinationArgs{
				Bucket: destination.bucket.ARN,
				// The destination's own lifecycle decides when a replica moves on.
				StorageClass: pulumi.String("STANDARD"),
				EncryptionConfiguration: s3.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs{
					ReplicaKmsKeyId: destination.KeyARN,
				},
				// S3 takes the time control and its metrics together or not at all.
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

// newRole makes the role by which S3 replicates one way, and returns it with the policy that it acts by.
//
// Its trust policy is the one that AWS gives, without a condition on the source: S3's documentation promises none of the
// condition keys in this call (Amazon S3 User Guide, "Setting up permissions for live replication").
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

// grant is what one way of replication reads and writes: ARNs of buckets and keys, and names of regions.
type grant struct {
	sourceBucket, sourceKey, sourceRegion                string
	destinationBucket, destinationKey, destinationRegion string
}

// document is the least that S3 needs to replicate (Amazon S3 User Guide, "Setting up permissions for live replication"
// and "Replicating encrypted objects"). The keys serve S3 alone, and for these buckets alone: the encryption context is
// the bucket's ARN where a bucket key is used, and the object's where an upload was made without one.
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
			// Beside the encryption itself S3 makes the destination's bucket key, and opens it again to check it (Amazon S3
			// User Guide, "Reducing the cost of SSE-KMS with Amazon S3 Bucket Keys").
			Actions:   []string{"kms:Encrypt", "kms:GenerateDataKey", "kms:Decrypt"},
			Resources: []string{g.destinationKey},
			Condition: viaS3(g.destinationRegion, g.destinationBucket),
		},
	}
}

func viaS3(regionName, bucketARN string) policy.Conditions {
	return policy.Conditions{
		"StringEquals": {"kms:ViaService": {"s3." + regionName + ".amazonaws.com"}},
		"StringLike":   {"kms:EncryptionContext:aws:s3:arn": {bucketARN, bucketARN + "/*"}},
	}
}
