package audit

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func TestPlan(t *testing.T) {
	bucket := resource{
		Type: "aws:s3/bucketV2:BucketV2", Name: "bucket-a", ID: "bucket-a",
		Outputs: map[string]any{"bucket": "bucket-a-blue", "id": "bucket-a", "forceDestroy": false, "tags": map[string]any{"Backup": "true"}},
	}
	encryption := resource{
		Type: "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2", Name: "bucket-a",
		Inputs: map[string]any{"bucket": "bucket-a-blue"},
		Outputs: map[string]any{"bucket": "bucket-a-blue", "rules": []any{map[string]any{
			"applyServerSideEncryptionByDefault": map[string]any{"sseAlgorithm": "aws:kms"}, "bucketKeyEnabled": true,
		}}},
	}
	made, err := newPlan([]resource{bucket, encryption}, map[string]string{bucket.Type: "aws_s3_bucket", encryption.Type: "aws_s3_encryption"})
	if err != nil {
		t.Fatal(err)
	}
	values := made.PlannedValues.RootModule.Resources
	if want := map[string]any{
		"bucket": "bucket-a-blue", "id": "bucket-a", "force_destroy": false, "tags": map[string]any{"Backup": "true"},
	}; !reflect.DeepEqual(values[0].Values, want) {
		t.Errorf("the bucket is %v, want %v", values[0].Values, want)
	}
	if want := map[string]any{"bucket": "bucket-a-blue", "rule": []any{map[string]any{
		"apply_server_side_encryption_by_default": []any{map[string]any{"sse_algorithm": "aws:kms"}}, "bucket_key_enabled": true,
	}}}; !reflect.DeepEqual(values[1].Values, want) {
		t.Errorf("the encryption is %v, want %v", values[1].Values, want)
	}
	got := made.Configuration.RootModule.Resources[1].Expressions["bucket"]
	if want := (map[string]any{"references": []string{"aws_s3_bucket.bucket-a.id", "aws_s3_bucket.bucket-a"}}); !reflect.DeepEqual(got, want) {
		t.Errorf("the encryption refers to %v, want %v", got, want)
	}
	if _, err := newPlan([]resource{bucket}, nil); err == nil {
		t.Error("a type that has no name in Terraform is written")
	}
}

func TestReferencesInBlocks(t *testing.T) {
	book := addressBook{"sg-1": "aws_security_group.a"}
	properties := map[string]any{"vpcConfig": map[string]any{"securityGroupIds": []any{"sg-1"}}, "name": "n"}
	got := book.expressions(properties, "aws_lambda_function.f")
	want := map[string]any{"vpc_config": []any{map[string]any{
		"security_group_ids": map[string]any{"references": []string{"aws_security_group.a.id", "aws_security_group.a"}},
	}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the references are %v, want %v", got, want)
	}
}

// What is planted is of types that the plan can have.
func TestPlantedResources(t *testing.T) {
	table, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(tokens)))
	if err != nil {
		t.Fatal(err)
	}
	types, err := terraformTypes(table)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newPlan(plantedResources(), types); err != nil {
		t.Error(err)
	}
}

func TestPolicies(t *testing.T) {
	set, err := readPolicies(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	set.plant()
	template, names := set.template()
	resources, _ := template["Resources"].(map[string]any)
	if len(resources) != len(names) || len(resources) < len(set.identity)+len(set.trust) {
		t.Errorf("the template has %d resources of %d names, want %d at least: two policies share a name",
			len(resources), len(names), len(set.identity)+len(set.trust))
	}
	for name, document := range set.all() {
		if !json.Valid(document) {
			t.Errorf("the policy %s is no JSON", name)
		}
	}
	for kind, policies := range map[string]int{"identity": len(set.identity), "resource": len(set.resource), "trust": len(set.trust)} {
		if policies < 10 {
			t.Errorf("%d policies are of kind %s, want those of all stacks", policies, kind)
		}
	}
}
