package storage

import (
	"reflect"
	"testing"

	"warmstandby/test/support/pulumitest"
)

// Each bucket replicates all objects to the other, within the time control.
func TestReplication(t *testing.T) {
	recording := build(t, unchanged)
	for _, r := range testRegions {
		made := recording.Get(t, "aws:s3/bucketReplicationConfig:BucketReplicationConfig", "documents-"+r.role+"-to-"+r.otherRole)
		on := map[string]any{"status": "Enabled"}
		want := map[string]any{
			"bucket": r.name,
			"role":   recording.Get(t, "aws:iam/role:Role", "role-replicate-documents-"+r.role+"-blue").ARN(),
			"rules": []any{map[string]any{
				"id": "everything", "status": "Enabled", "priority": 0.0, "filter": map[string]any{"prefix": ""},
				"deleteMarkerReplication": on,
				"sourceSelectionCriteria": map[string]any{"sseKmsEncryptedObjects": on, "replicaModifications": on},
				"destination": map[string]any{
					"bucket":                  recording.Get(t, "aws:s3/bucketV2:BucketV2", r.otherName).ARN(),
					"storageClass":            "STANDARD",
					"encryptionConfiguration": map[string]any{"replicaKmsKeyId": r.otherKey},
					"replicationTime":         map[string]any{"status": "Enabled", "time": map[string]any{"minutes": 15.0}},
					"metrics":                 map[string]any{"status": "Enabled", "eventThreshold": map[string]any{"minutes": 15.0}},
				},
			}},
		}
		if got := made.Inputs.Mappable(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s is\n%v, want\n%v", made.Name, got, want)
		}
	}
}

// S3 refuses the rule before both buckets are versioned, and the suspension of versioning while the rule exists.
func TestReplicationOrder(t *testing.T) {
	recording := build(t, unchanged)
	const versioning = "aws:s3/bucketVersioningV2:BucketVersioningV2"
	for _, r := range testRegions {
		pulumitest.AssertDependsOn(t,
			recording.Get(t, "aws:s3/bucketReplicationConfig:BucketReplicationConfig", "documents-"+r.role+"-to-"+r.otherRole),
			recording.Get(t, versioning, r.name), recording.Get(t, versioning, r.otherName),
			recording.Get(t, "aws:iam/rolePolicy:RolePolicy", "role-replicate-documents-"+r.role+"-blue"))
	}
}

// A role reads the source bucket and writes replicas to the destination, and nothing else.
func TestReplicationRole(t *testing.T) {
	recording := build(t, unchanged)
	for _, r := range testRegions {
		name := "role-replicate-documents-" + r.role + "-blue"
		own := recording.Get(t, "aws:s3/bucketV2:BucketV2", r.name).ARN()
		other := recording.Get(t, "aws:s3/bucketV2:BucketV2", r.otherName).ARN()

		trust := pulumitest.Statements(t, recording.Get(t, "aws:iam/role:Role", name).Text("assumeRolePolicy"))
		if want := []pulumitest.Statement{{
			Sid: "AllowS3", Effect: "Allow", Principal: map[string][]string{"Service": {"s3.amazonaws.com"}}, Action: []string{"sts:AssumeRole"},
		}}; !reflect.DeepEqual(trust, want) {
			t.Errorf("role %s trusts %+v, want %+v", name, trust, want)
		}

		attached := recording.Get(t, "aws:iam/rolePolicy:RolePolicy", name)
		viaS3 := func(region, bucket string) map[string]map[string][]string {
			return map[string]map[string][]string{
				"StringEquals": {"kms:ViaService": {"s3." + region + ".amazonaws.com"}},
				"StringLike":   {"kms:EncryptionContext:aws:s3:arn": {bucket, bucket + "/*"}},
			}
		}
		want := []pulumitest.Statement{
			{
				Sid: "ReadReplicationConfiguration", Effect: "Allow", Action: []string{"s3:GetReplicationConfiguration", "s3:ListBucket"},
				Resource: []string{own},
			},
			{Sid: "ReadVersions", Effect: "Allow", Resource: []string{own + "/*"}, Action: []string{
				"s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging",
			}},
			{Sid: "WriteReplicas", Effect: "Allow", Resource: []string{other + "/*"}, Action: []string{
				"s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags",
			}},
			{Sid: "DecryptVersions", Effect: "Allow", Action: []string{"kms:Decrypt"}, Resource: []string{r.key}, Condition: viaS3(r.region, own)},
			{Sid: "EncryptReplicas", Effect: "Allow", Resource: []string{r.otherKey}, Condition: viaS3(r.otherRegion, other), Action: []string{
				"kms:Encrypt", "kms:GenerateDataKey", "kms:Decrypt",
			}},
		}
		if got := pulumitest.Statements(t, attached.Text("policy")); !reflect.DeepEqual(got, want) || attached.Text("role") != name {
			t.Errorf("role %q may\n%+v, want\n%+v", attached.Text("role"), got, want)
		}
	}
}
