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

// end is a bucket with what it was built from.
type end struct {
	Side
	bucket *Bucket
}

// way is a direction of replication.
type way struct{ from, to end }

// replicate copies what is put into one bucket to the other, with its delete markers, its later changes of metadata, and
// encrypted by the other region's key. S3 refuses the rule until both buckets are versioned, and the suspension of
// versioning while the rule stands: so it depends on both.
func (r *Replicated) replicate(ctx *pulumi.Context, purpose string, way way) error {
	from, to := way.from, way.to
	replicator, granted, err := r.newRole(ctx, purpose, way)
	if err != nil {
		return err
	}
	minutes := pulumi.Int(replicationMinutes)
	logical := purpose + "-" + string(from.Region.Role) + "-to-" + string(to.Region.Role)
	_, err = s3.NewBucketReplicationConfig(ctx, logical, &s3.BucketReplicationConfigArgs{
		Bucket: from.bucket.Name,
		Role:   replicator.Arn,
		Rules: s3.BucketReplicationConfigRuleArray{s3.BucketReplicationConfigRuleArgs{
			Id:                      pulumi.String(RuleID),
			Status:                  pulumi.String(enabled),
			Priority:                pulumi.Int(0),
			Filter:                  s3.BucketReplicationConfigRuleFilterArgs{Prefix: everything},
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
				Bucket: to.bucket.ARN,
				// The destination's own lifecycle decides when a replica moves on.
				StorageClass: pulumi.String("STANDARD"),
				EncryptionConfiguration: s3.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs{
					ReplicaKmsKeyId: to.KeyARN,
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
	}, from.Region.Child(r, pulumi.DependsOn([]pulumi.Resource{from.bucket.versioning, to.bucket.versioning, granted}))...)
	if err != nil {
		return fmt.Errorf("building replication %s: %w", logical, err)
	}
	return nil
}

// newRole makes the role by which S3 replicates one way, and returns it with the policy that it acts by.
//
// Its trust policy is the one that AWS gives, without a condition on the source: S3's documentation promises none of the
// condition keys in this call (Amazon S3 User Guide, "Setting up permissions for live replication").
func (r *Replicated) newRole(ctx *pulumi.Context, purpose string, way way) (*iam.Role, *iam.RolePolicy, error) {
	from, to := way.from, way.to
	document := pulumi.StringMap{
		"fromBucket": from.bucket.ARN, "fromKey": from.KeyARN, "toBucket": to.bucket.ARN, "toKey": to.KeyARN,
	}.ToStringMapOutput().ApplyT(func(arns map[string]string) (string, error) {
		return grant{
			fromBucket: arns["fromBucket"], fromKey: arns["fromKey"], fromRegion: from.Region.Name,
			toBucket: arns["toBucket"], toKey: arns["toKey"], toRegion: to.Region.Name,
		}.document().JSON()
	}).(pulumi.StringOutput)
	return role.NewGranted(ctx, r, role.Args{
		Region: from.Region, Purpose: "replicate-" + purpose,
		Description: "Replicates " + purpose + " from " + from.Region.Name + " to " + to.Region.Name,
		Service:     "s3.amazonaws.com", Sid: "S3Replicates",
	}, document)
}

// grant is what one way of replication reads and writes: ARNs of buckets and keys, and names of regions.
type grant struct {
	fromBucket, fromKey, fromRegion string
	toBucket, toKey, toRegion       string
}

// document is the least that S3 needs to replicate (Amazon S3 User Guide, "Setting up permissions for live replication"
// and "Replicating encrypted objects"). The keys serve S3 alone, and for these buckets alone: the encryption context is
// the bucket's ARN where a bucket key is used, and the object's where an upload was made without one.
func (g grant) document() policy.Document {
	return policy.Document{
		{
			Sid: "ReadTheRule", Effect: policy.Allow,
			Actions:   []string{"s3:GetReplicationConfiguration", "s3:ListBucket"},
			Resources: []string{g.fromBucket},
		},
		{
			Sid: "ReadVersions", Effect: policy.Allow,
			Actions:   []string{"s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"},
			Resources: []string{g.fromBucket + "/*"},
		},
		{
			Sid: "WriteReplicas", Effect: policy.Allow,
			Actions:   []string{"s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"},
			Resources: []string{g.toBucket + "/*"},
		},
		{
			Sid: "DecryptVersions", Effect: policy.Allow,
			Actions:   []string{"kms:Decrypt"},
			Resources: []string{g.fromKey},
			Condition: throughS3(g.fromRegion, g.fromBucket),
		},
		{
			Sid: "EncryptReplicas", Effect: policy.Allow,
			// Beside the encryption itself S3 makes the destination's bucket key, and opens it again to check it (Amazon S3
			// User Guide, "Reducing the cost of SSE-KMS with Amazon S3 Bucket Keys").
			Actions:   []string{"kms:Encrypt", "kms:GenerateDataKey", "kms:Decrypt"},
			Resources: []string{g.toKey},
			Condition: throughS3(g.toRegion, g.toBucket),
		},
	}
}

func throughS3(regionName, bucketARN string) policy.Conditions {
	return policy.Conditions{
		"StringEquals": {"kms:ViaService": {"s3." + regionName + ".amazonaws.com"}},
		"StringLike":   {"kms:EncryptionContext:aws:s3:arn": {bucketARN, bucketARN + "/*"}},
	}
}
