package backup

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/backup"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/internal/role"
	"warmstandby/shared/naming"
	"warmstandby/shared/policy"
	"warmstandby/shared/region"
)

const (
	// weekly is Sunday 11:00 UTC, when the night's backups and their copies are there.
	weekly = "cron(0 11 ? * SUN *)"
	// testStartHours is how long after that a test may begin.
	testStartHours = 1
	// testWindowDays is the age of the oldest backup that is tested; the newest of each resource is.
	testWindowDays = 7
	// validationHours is how long AWS Backup keeps what it restored, for the validation.
	validationHours = 1

	restoreTest = "restoretest"
	// restored begins the names of what AWS Backup restores in a test (AWS Backup Developer Guide, "Restore testing").
	restored = "awsbackup-restore-test-"
)

// RestoreTestArgs are what a test restores into.
type RestoreTestArgs struct {
	// SubnetGroup and SecurityGroupID are the database's own, in the standby region: without them AWS Backup would restore into the
	// account's default VPC (AWS Backup Developer Guide, "Restore testing inferred metadata").
	SubnetGroup, SecurityGroupID string
}

// RestoreTestName returns the name of the plan that tests restores, which is the beginning of the name in its ARN.
func RestoreTestName(standby region.Region) (string, error) {
	return standby.Named(naming.RestoreTest, "weekly")
}

// addRestoreTest restores, every week, the newest backup of each resource from the standby's vault, which has the standby's own backups
// and the copies of the primary's: that is what is left when the primary region is lost. AWS Backup deletes what it restored when the
// validation is over. The validation is the failover controller's (package failover).
func (c *VaultPair) addRestoreTest(ctx *pulumi.Context, args Args) error {
	in := args.Standby.Region
	name, err := RestoreTestName(in)
	if err != nil {
		return err
	}
	plan, err := backup.NewRestoreTestingPlan(ctx, logical(name), &backup.RestoreTestingPlanArgs{
		Name: pulumi.String(name), ScheduleExpression: pulumi.String(weekly), StartWindowHours: pulumi.Int(testStartHours),
		RecoveryPointSelection: backup.RestoreTestingPlanRecoveryPointSelectionArgs{
			Algorithm: pulumi.String("LATEST_WITHIN_WINDOW"), SelectionWindowDays: pulumi.Int(testWindowDays),
			IncludeVaults: pulumi.StringArray{c.Standby.Arn}, RecoveryPointTypes: pulumi.StringArray{pulumi.String("SNAPSHOT")},
		},
	}, in.Child(c)...)
	if err != nil {
		return fmt.Errorf("building restore test %s: %w", name, err)
	}
	restorer, granted, err := role.NewGranted(ctx, c, role.Args{
		Region: in, Purpose: restoreTest, Description: "Restores backups to test them", Service: "backup.amazonaws.com", Sid: "AllowBackup",
	}, args.Standby.KeyARN.ToStringOutput().ApplyT(func(keyARN string) (string, error) {
		return restoreGrant(in, args.RestoreTest, keyARN).JSON()
	}).(pulumi.StringOutput))
	if err != nil {
		return err
	}
	for _, row := range [...]struct {
		purpose, kind string
		resources     pulumi.StringArray
		overrides     pulumi.StringMap
	}{
		{"database", "Aurora", pulumi.StringArray{args.Primary.ClusterARN, args.Standby.ClusterARN}, pulumi.StringMap{
			"dbSubnetGroupName":   pulumi.String(args.RestoreTest.SubnetGroup),
			"vpcSecurityGroupIds": pulumi.String(`["` + args.RestoreTest.SecurityGroupID + `"]`),
		}},
		{"documents", "S3", pulumi.StringArray{args.Primary.BucketARNs[0], args.Standby.BucketARNs[0]}, nil},
	} {
		name, err := in.Named(naming.RestoreTest, row.purpose)
		if err != nil {
			return err
		}
		_, err = backup.NewRestoreTestingSelection(ctx, logical(name), &backup.RestoreTestingSelectionArgs{
			Name: pulumi.String(name), RestoreTestingPlanName: plan.Name, IamRoleArn: restorer.Arn,
			ProtectedResourceType: pulumi.String(row.kind), ProtectedResourceArns: row.resources,
			RestoreMetadataOverrides: row.overrides, ValidationWindowHours: pulumi.Int(validationHours),
		}, in.Child(c, pulumi.DependsOn([]pulumi.Resource{granted}))...)
		if err != nil {
			return fmt.Errorf("building restore test %s: %w", name, err)
		}
	}
	return nil
}

// logical returns the name of a restore test in Pulumi, with hyphens as all others have.
func logical(name string) string { return strings.ReplaceAll(name, "_", "-") }

// restoreGrant allows AWS Backup to make what a test restores, under the names that it gives that, from its own snapshots. The actions
// are those of AWS's managed policies AWSBackupServiceRolePolicyForRestores and AWSBackupServiceRolePolicyForS3Restore (AWS Managed
// Policy Reference Guide) that concern Aurora and S3.
func restoreGrant(in region.Region, args RestoreTestArgs, keyARN string) policy.Document {
	bucket := "arn:" + in.Partition + ":s3:::" + restored + "*"
	return policy.Document{
		{
			Sid: "RestoreClusters", Effect: policy.Allow,
			Actions: []string{
				"rds:AddTagsToResource", "rds:DeleteDBCluster", "rds:DescribeDBClusterSnapshots", "rds:DescribeDBClusters",
				"rds:ListTagsForResource", "rds:RestoreDBClusterFromSnapshot",
			},
			Resources: []string{
				in.ARN("rds", "cluster:"+restored+"*"), in.ARN("rds", "cluster-snapshot:awsbackup:*"), in.ARN("rds", "subgrp:"+args.SubnetGroup),
				in.ARN("rds", "cluster-pg:default.*"),
			},
		},
		{
			Sid: "RestoreBuckets", Effect: policy.Allow,
			Actions: []string{
				"s3:CreateBucket", "s3:GetBucketLocation", "s3:GetBucketVersioning", "s3:ListBucket", "s3:ListBucketVersions",
				"s3:PutBucketOwnershipControls", "s3:PutBucketVersioning",
			},
			Resources: []string{bucket},
		},
		{
			Sid: "RestoreObjects", Effect: policy.Allow,
			Actions: []string{
				"s3:DeleteObject", "s3:GetObject", "s3:GetObjectAcl", "s3:GetObjectTagging", "s3:GetObjectVersion", "s3:GetObjectVersionAcl",
				"s3:ListMultipartUploadParts", "s3:PutObject", "s3:PutObjectAcl", "s3:PutObjectTagging", "s3:PutObjectVersionAcl",
			},
			Resources: []string{bucket + "/*"},
		},
		{
			Sid: "DescribeKey", Effect: policy.Allow,
			Actions: []string{"kms:DescribeKey"}, Resources: []string{keyARN},
		},
		{
			Sid: "GrantKeyToAWS", Effect: policy.Allow,
			Actions: []string{"kms:CreateGrant"}, Resources: []string{keyARN},
			Condition: policy.Conditions{"Bool": {"kms:GrantIsForAWSResource": {"true"}}},
		},
		{
			Sid: "UseKey", Effect: policy.Allow,
			Actions: []string{"kms:Decrypt", "kms:GenerateDataKey"}, Resources: []string{keyARN},
			Condition: policy.ViaService(in.Name, "backup", "rds", "s3"),
		},
	}
}
