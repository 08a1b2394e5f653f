package storage

import (
	"reflect"
	"testing"

	"warmstandby/test/support/pulumitest"
)

func TestEveryResourceKeepsTheRules(t *testing.T) {
	pulumitest.CheckEveryWay(t, func(t *testing.T, protection bool, opts ...pulumitest.Option) *pulumitest.Recording {
		return build(t, func(args *Args) { args.Protection = protection }, opts...)
	}, rules)
}

// What is built in one region and not in the other would be missed on the day of a failover: but for the region's name, its
// role, its key and what they make, the two sides are the same.
func TestTheTwoSidesAreTheSame(t *testing.T) {
	pulumitest.CheckMirrored(t, build(t, asItIs), sides[0].mirrored(), sides[1].mirrored())
}

func TestABucketIsVersionedEncryptedClosedAndBackedUp(t *testing.T) {
	recording := build(t, asItIs)
	for _, side := range sides {
		for token, want := range map[string]map[string]any{
			"bucketV2:BucketV2": {
				"bucket": side.name, "forceDestroy": true, "tags": map[string]any{"Backup": "true"},
			},
			"bucketVersioningV2:BucketVersioningV2": {
				"bucket": side.name, "versioningConfiguration": map[string]any{"status": "Enabled"},
			},
			"bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": {
				"bucket": side.name,
				"rules": []any{map[string]any{
					"applyServerSideEncryptionByDefault": map[string]any{"sseAlgorithm": "aws:kms", "kmsMasterKeyId": side.key},
					"bucketKeyEnabled":                   true,
				}},
			},
			"bucketPublicAccessBlock:BucketPublicAccessBlock": {
				"bucket": side.name, "blockPublicAcls": true, "blockPublicPolicy": true,
				"ignorePublicAcls": true, "restrictPublicBuckets": true,
			},
			"bucketOwnershipControls:BucketOwnershipControls": {
				"bucket": side.name, "rule": map[string]any{"objectOwnership": "BucketOwnerEnforced"},
			},
			"bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2": {
				"bucket": side.name,
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
			made := recording.Get(t, "aws:s3/"+token, side.name)
			if got := made.Inputs.Mappable(); !reflect.DeepEqual(got, want) {
				t.Errorf("%s of %s is\n%v, want\n%v", token, side.region, got, want)
			}
		}
	}
}

func TestABucketRefusesPlainHTTPForItselfAndItsObjects(t *testing.T) {
	recording := build(t, asItIs)
	for _, side := range sides {
		bucket := recording.Get(t, "aws:s3/bucketV2:BucketV2", side.name).ARN()
		attached := recording.Get(t, "aws:s3/bucketPolicy:BucketPolicy", side.name)
		want := []pulumitest.Statement{{
			Sid: "RefusePlainHTTP", Effect: "Deny", Principal: map[string][]string{"AWS": {"*"}},
			Action: []string{"s3:*"}, Resource: []string{bucket, bucket + "/*"},
			Condition: map[string]map[string][]string{"Bool": {"aws:SecureTransport": {"false"}}},
		}}
		if got := pulumitest.Statements(t, attached.Text("policy")); !reflect.DeepEqual(got, want) || attached.Text("bucket") != side.name {
			t.Errorf("the policy of %s is %+v of %q, want %+v", side.name, got, attached.Text("bucket"), want)
		}
		// Two changes of access at once are refused.
		pulumitest.WantAfter(t, attached, recording.Get(t, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", side.name))
	}
}

func TestTheLifecycleComesAfterVersioning(t *testing.T) {
	recording := build(t, asItIs)
	for _, side := range sides {
		pulumitest.WantAfter(t,
			recording.Get(t, "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2", side.name),
			recording.Get(t, "aws:s3/bucketVersioningV2:BucketVersioningV2", side.name))
	}
}
