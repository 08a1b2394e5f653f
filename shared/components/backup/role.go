package backup

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/internal/role"
	"warmstandby/shared/policy"
	"warmstandby/shared/region"
)

// newRole builds the role by which AWS Backup reads and copies in one region, and returns it with its policy.
func (c *VaultPair) newRole(ctx *pulumi.Context, args regionPlan) (*iam.Role, pulumi.Resource, error) {
	inputs := append([]any{
		args.vault.Arn, args.peerVault.Arn, args.local.KeyARN, args.peer.KeyARN, args.local.ClusterARN,
	}, inputsOf(args.local.BucketARNs)...)
	document := pulumi.All(inputs...).ApplyT(func(values []any) (string, error) {
		arns := make([]string, len(values))
		for i, value := range values {
			text, is := value.(string)
			if !is {
				return "", fmt.Errorf("granting the role of the backups in %s: input %d is no ARN but %v", args.region.Name, i, value)
			}
			arns[i] = text
		}
		return grant{
			region: args.region, vault: arns[0], peerVault: arns[1], key: arns[2], peerKey: arns[3], cluster: arns[4], buckets: arns[5:],
			peerRegion: args.peer.Region,
		}.document().JSON()
	}).(pulumi.StringOutput)
	// The trust policy is AWS's, without a condition on the source: AWS Backup's documentation promises none of the condition
	// keys in this call, and no other account can pass this role (AWS Backup Developer Guide, "IAM service roles").
	made, granted, err := role.NewGranted(ctx, c, role.Args{
		Region: args.region, Purpose: "backup",
		Description: "Backs up the " + string(args.region.Role) + " region and copies its backups",
		Service:     "backup.amazonaws.com", Sid: "AllowBackup",
	}, document)
	return made, granted, err
}

func inputsOf(arns pulumi.StringArray) []any {
	all := make([]any, len(arns))
	for i, arn := range arns {
		all[i] = arn
	}
	return all
}

// grant is what the role of one region may use, by ARN.
type grant struct {
	region, peerRegion region.Region
	vault, peerVault   string
	key, peerKey       string
	cluster            string
	buckets            []string
}

// document returns what AWS Backup does by the role, for Aurora and S3 alone and on the environment's own resources. The actions
// are those of AWS's managed policies AWSBackupServiceRolePolicyForBackup and AWSBackupServiceRolePolicyForS3Backup (AWS Managed
// Policy Reference Guide), which allow them on every resource of the account, and much for other services.
func (g grant) document() policy.Document {
	return append(append(g.databases(), g.objects()...), g.copies()...)
}

// databases allows snapshots of the cluster. AWS Backup names them itself, with the beginning awsbackup: in a name that has no word
// of the environment. The copies are made by this role in the peer region.
func (g grant) databases() policy.Document {
	const snapshots = "cluster-snapshot:awsbackup:*"
	both := []string{g.region.ARN("rds", snapshots), g.peerRegion.ARN("rds", snapshots)}
	return policy.Document{
		{
			Sid: "SnapshotCluster", Effect: policy.Allow,
			Actions: []string{
				"rds:AddTagsToResource", "rds:CreateDBClusterSnapshot", "rds:DescribeDBClusterSnapshots", "rds:DescribeDBClusters",
				"rds:ListTagsForResource",
			},
			Resources: append([]string{g.cluster}, both...),
		},
		{
			Sid: "CopyAndExpireSnapshots", Effect: policy.Allow,
			Actions:   []string{"rds:CopyDBClusterSnapshot", "rds:DeleteDBClusterSnapshot", "rds:ModifyDBClusterSnapshotAttribute"},
			Resources: both,
		},
	}
}

// objects allows reading the buckets. AWS Backup follows a bucket's changes by a rule of EventBridge that it manages itself, and
// sees its size in CloudWatch.
func (g grant) objects() policy.Document {
	contents := make([]string, len(g.buckets))
	for i, bucket := range g.buckets {
		contents[i] = bucket + "/*"
	}
	return policy.Document{
		{
			Sid: "ReadBuckets", Effect: policy.Allow,
			Actions: []string{
				"s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketNotification", "s3:GetBucketTagging", "s3:GetBucketVersioning",
				"s3:GetInventoryConfiguration", "s3:ListBucket", "s3:ListBucketVersions", "s3:PutBucketNotification",
				"s3:PutInventoryConfiguration",
			},
			Resources: g.buckets,
		},
		{
			Sid: "ReadObjects", Effect: policy.Allow,
			Actions: []string{
				"s3:GetObject", "s3:GetObjectAcl", "s3:GetObjectTagging", "s3:GetObjectVersion", "s3:GetObjectVersionAcl",
				"s3:GetObjectVersionTagging",
			},
			Resources: contents,
		},
		{
			Sid: "FollowBuckets", Effect: policy.Allow,
			Actions: []string{
				"events:DeleteRule", "events:DescribeRule", "events:DisableRule", "events:EnableRule", "events:ListTargetsByRule",
				"events:PutRule", "events:PutTargets", "events:RemoveTargets",
			},
			Resources: []string{g.region.ARN("events", "rule/AwsBackupManagedRule*")},
		},
		{
			// None of these takes a resource (Service Authorization Reference, of each service), and none returns what is stored.
			Sid: "FindResources", Effect: policy.Allow,
			Actions:   []string{"cloudwatch:GetMetricData", "events:ListRules", "s3:ListAllMyBuckets", "tag:GetResources"},
			Resources: []string{policy.EveryResource},
		},
	}
}

// copies allows the vaults of both regions and the keys that encrypt in them.
func (g grant) copies() policy.Document {
	return policy.Document{
		{
			Sid: "FillVaults", Effect: policy.Allow,
			Actions: []string{"backup:CopyIntoBackupVault", "backup:DescribeBackupVault"}, Resources: []string{g.vault, g.peerVault},
		},
		{
			// The resource is a recovery point, whose name is another service's; the condition limits where it may go (AWS Backup
			// Developer Guide, "Access control", backup:CopyTargets).
			Sid: "CopyToPeerVault", Effect: policy.Allow,
			Actions: []string{"backup:CopyFromBackupVault"}, Resources: []string{policy.EveryResource},
			Condition: policy.Conditions{"ForAllValues:ArnEquals": {"backup:CopyTargets": {g.peerVault}}},
		},
		{
			Sid: "DescribeKeys", Effect: policy.Allow,
			Actions: []string{"kms:DescribeKey"}, Resources: []string{g.key, g.peerKey},
		},
		{
			// RDS works on encrypted snapshots by a grant of its own, which the caller gives it (AWS KMS Developer Guide, "Condition
			// keys", kms:GrantIsForAWSResource).
			Sid: "GrantKeysToAWS", Effect: policy.Allow,
			Actions: []string{"kms:CreateGrant"}, Resources: []string{g.key, g.peerKey},
			Condition: policy.Conditions{"Bool": {"kms:GrantIsForAWSResource": {"true"}}},
		},
		{
			Sid: "UseKey", Effect: policy.Allow,
			Actions: []string{"kms:Decrypt", "kms:GenerateDataKey"}, Resources: []string{g.key},
			Condition: policy.ViaService(g.region.Name, "backup", "rds", "s3"),
		},
		{
			Sid: "UsePeerKey", Effect: policy.Allow,
			Actions: []string{"kms:Decrypt", "kms:GenerateDataKey"}, Resources: []string{g.peerKey},
			Condition: policy.ViaService(g.peerRegion.Name, "backup", "rds", "s3"),
		},
	}
}
