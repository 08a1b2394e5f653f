package storage

import (
	"reflect"
	"testing"

	"warmstandby/test/support/pulumitest"
)

func TestRules(t *testing.T) {
	pulumitest.CheckEveryMode(t, func(t *testing.T, protection bool, opts ...pulumitest.Option) *pulumitest.Recording {
		return build(t, func(args *Args) { args.Protection = protection }, opts...)
	}, rules)
}

// The regions differ in name, role and key alone: what only one of them has would be missing after a failover.
func TestRegionsAreEqual(t *testing.T) {
	pulumitest.CheckMirrored(t, build(t, unchanged), testRegions[0].mirrored(), testRegions[1].mirrored())
}

// A bucket is versioned, encrypted, closed to the public and backed up.
func TestBucket(t *testing.T) {
	recording := build(t, unchanged)
	for _, r := range testRegions {
		for token, want := range map[string]map[string]any{
			"bucketV2:BucketV2": {
				"bucket": r.name, "forceDestroy": true, "tags": map[string]any{"Backup": "true"},
			},
			"bucketVersioningV2:BucketVersioningV2": {
				"bucket": r.name, "versioningConfiguration": map[string]any{"status": "Enabled"},
			},
			"bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": {
				"bucket": r.name,
				"rules": []any{map[string]any{
					"applyServerSideEncryptionByDefault": map[string]any{"sseAlgorithm": "aws:kms", "kmsMasterKeyId": r.key},
					"bucketKeyEnabled":                   true,
				}},
			},
			"bucketPublicAccessBlock:BucketPublicAccessBlock": {
				"bucket": r.name, "blockPublicAcls": true, "blockPublicPolicy": true,
				"ignorePublicAcls": true, "restrictPublicBuckets": true,
			},
			"bucketOwnershipControls:BucketOwnershipControls": {
				"bucket": r.name, "rule": map[string]any{"objectOwnership": "BucketOwnerEnforced"},
			},
			"bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2": {
				"bucket": r.name,
				"rules": []any{map[string]any{
					"id": "age", "status": "Enabled", "filter": map[string]any{"prefix": ""},
					"transitions":                    []any{map[string]any{"days": 31.0, "storageClass": "STANDARD_IA"}},
					"noncurrentVersionTransitions":   []any{map[string]any{"noncurrentDays": 31.0, "storageClass": "STANDARD_IA"}},
					"noncurrentVersionExpiration":    map[string]any{"noncurrentDays": 92.0},
					"expiration":                     map[string]any{"expiredObjectDeleteMarker": true},
					"abortIncompleteMultipartUpload": map[string]any{"daysAfterInitiation": 3.0},
				}},
			},
		} {
			made := recording.Get(t, "aws:s3/"+token, r.name)
			if got := made.Inputs.Mappable(); !reflect.DeepEqual(got, want) {
				t.Errorf("%s of %s is\n%v, want\n%v", token, r.region, got, want)
			}
		}
	}
}

// The bucket and its objects are accessible by TLS alone.
func TestBucketPolicy(t *testing.T) {
	recording := build(t, unchanged)
	for _, r := range testRegions {
		bucket := recording.Get(t, "aws:s3/bucketV2:BucketV2", r.name).ARN()
		attached := recording.Get(t, "aws:s3/bucketPolicy:BucketPolicy", r.name)
		want := []pulumitest.Statement{{
			Sid: "DenyInsecureTransport", Effect: "Deny", Principal: map[string][]string{"AWS": {"*"}},
			Action: []string{"s3:*"}, Resource: []string{bucket, bucket + "/*"},
			Condition: map[string]map[string][]string{"Bool": {"aws:SecureTransport": {"false"}}},
		}}
		if got := pulumitest.Statements(t, attached.Text("policy")); !reflect.DeepEqual(got, want) || attached.Text("bucket") != r.name {
			t.Errorf("the policy of %s is %+v of %q, want %+v", r.name, got, attached.Text("bucket"), want)
		}
		// S3 refuses two concurrent changes of a bucket's access.
		pulumitest.AssertDependsOn(t, attached, recording.Get(t, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", r.name))
	}
}

// S3 takes rules for noncurrent versions of a versioned bucket alone.
func TestLifecycleOrder(t *testing.T) {
	recording := build(t, unchanged)
	for _, r := range testRegions {
		pulumitest.AssertDependsOn(t,
			recording.Get(t, "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2", r.name),
			recording.Get(t, "aws:s3/bucketVersioningV2:BucketVersioningV2", r.name))
	}
}
