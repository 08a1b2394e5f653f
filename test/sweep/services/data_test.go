package services

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	backuptypes "github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	secretstypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

func dataExpected() []expectation {
	key := func(state kmstypes.KeyState, manager kmstypes.KeyManagerType) *kms.DescribeKeyOutput {
		return &kms.DescribeKeyOutput{KeyMetadata: &kmstypes.KeyMetadata{KeyState: state, KeyManager: manager}}
	}
	keyTag := func(key, value string) kmstypes.Tag {
		return kmstypes.Tag{TagKey: aws.String(key), TagValue: aws.String(value)}
	}
	return []expectation{
		{"s3", "buckets", answers{
			"ListBuckets": {
				&s3.ListBucketsOutput{ContinuationToken: next, Buckets: []s3types.Bucket{
					{Name: aws.String("other")},
					{Name: aws.String("bucket-assets-secondary-111122223333-blue"), BucketRegion: aws.String("us-west-2")}, // That region's to say.
				}},
				&s3.ListBucketsOutput{
					Buckets: []s3types.Bucket{{Name: aws.String("bucket-assets-primary-111122223333-blue"), BucketRegion: aws.String("us-east-1")}},
				},
			},
			"GetBucketTagging": {noSuch("NoSuchTagSet")},
		}, "bucket-assets-primary-111122223333-blue"},
		{
			"dynamodb",
			"tables",
			answers{
				"ListTables": {
					&dynamodb.ListTablesOutput{LastEvaluatedTableName: next, TableNames: []string{"other"}},
					&dynamodb.ListTablesOutput{TableNames: []string{"renamed"}},
				},
				"DescribeTable": {
					noSuch("ResourceNotFoundException"),
					&dynamodb.DescribeTableOutput{Table: &dynamodbtypes.TableDescription{TableArn: next}},
				},
				"ListTagsOfResource": {
					&dynamodb.ListTagsOfResourceOutput{
						NextToken: next,
						Tags:      []dynamodbtypes.Tag{{Key: aws.String("Environment"), Value: aws.String("stacks")}},
					},
					&dynamodb.ListTagsOfResourceOutput{Tags: []dynamodbtypes.Tag{{Key: aws.String("DR-Role"), Value: aws.String("secondary")}}},
				},
			},
			"renamed",
		},
		{"ssm", "parameters", answers{
			"DescribeParameters": {
				&ssm.DescribeParametersOutput{
					NextToken:  next,
					Parameters: []ssmtypes.ParameterMetadata{{Name: aws.String("/warmstandby/dark-blue/port")}},
				},
				&ssm.DescribeParametersOutput{Parameters: []ssmtypes.ParameterMetadata{{Name: aws.String("/warmstandby/blue/port")}}},
			},
			"ListTagsForResource": {&ssm.ListTagsForResourceOutput{}},
		}, "/warmstandby/blue/port"},
		{"secretsmanager", "secrets", answers{"ListSecrets": {
			&secretsmanager.ListSecretsOutput{
				NextToken:  next,
				SecretList: []secretstypes.SecretListEntry{{ARN: aws.String("other"), Name: aws.String("secret-database-dark-blue")}},
			},
			&secretsmanager.ListSecretsOutput{
				SecretList: []secretstypes.SecretListEntry{{ARN: aws.String("mine"), Name: aws.String("secret-database-blue")}},
			},
		}}, "mine"},
		{"kms", "aliases", answers{"ListAliases": {
			&kms.ListAliasesOutput{Truncated: true, NextMarker: next, Aliases: []kmstypes.AliasListEntry{{AliasName: aws.String("alias/aws/rds")}}},
			&kms.ListAliasesOutput{Aliases: []kmstypes.AliasListEntry{{AliasName: aws.String("alias/key-data-primary-blue")}}},
		}}, "alias/key-data-primary-blue"},
		{"kms", "keys that are not pending deletion", answers{
			"ListKeys": {
				&kms.ListKeysOutput{
					Truncated:  true,
					NextMarker: next,
					Keys:       []kmstypes.KeyListEntry{{KeyId: aws.String("gone")}, {KeyId: aws.String("ending")}, {KeyId: aws.String("of AWS")}},
				},
				&kms.ListKeysOutput{Keys: []kmstypes.KeyListEntry{{KeyId: aws.String("mine")}}},
			},
			"DescribeKey": {
				noSuch("NotFoundException"), key(kmstypes.KeyStatePendingDeletion, kmstypes.KeyManagerTypeCustomer),
				key(kmstypes.KeyStateEnabled, kmstypes.KeyManagerTypeAws), key(kmstypes.KeyStateDisabled, kmstypes.KeyManagerTypeCustomer),
			},
			"ListResourceTags": {
				&kms.ListResourceTagsOutput{Truncated: true, NextMarker: next, Tags: []kmstypes.Tag{keyTag("Environment", "stacks")}},
				&kms.ListResourceTagsOutput{Tags: []kmstypes.Tag{keyTag("DR-Role", "primary")}},
			},
		}, "mine"},
		{"backup", "vaults", answers{
			"ListBackupVaults": {
				&backup.ListBackupVaultsOutput{
					NextToken:       next,
					BackupVaultList: []backuptypes.BackupVaultListMember{{BackupVaultName: aws.String("Default")}},
				},
				&backup.ListBackupVaultsOutput{
					BackupVaultList: []backuptypes.BackupVaultListMember{{BackupVaultName: aws.String("vault-primary-blue")}},
				},
			},
			"ListTags": {&backup.ListTagsOutput{}},
		}, "vault-primary-blue"},
		{"backup", "restore testing plans", answers{
			"ListRestoreTestingPlans": {
				&backup.ListRestoreTestingPlansOutput{
					NextToken:           next,
					RestoreTestingPlans: []backuptypes.RestoreTestingPlanForList{{RestoreTestingPlanName: aws.String("other")}},
				},
				&backup.ListRestoreTestingPlansOutput{
					RestoreTestingPlans: []backuptypes.RestoreTestingPlanForList{
						{RestoreTestingPlanName: aws.String("restoretest_weekly_secondary_blue")},
					},
				},
			},
			"ListTags": {&backup.ListTagsOutput{}},
		}, "restoretest_weekly_secondary_blue"},
		{
			"backup",
			"recovery points",
			answers{
				"ListBackupVaults": {
					&backup.ListBackupVaultsOutput{
						BackupVaultList: []backuptypes.BackupVaultListMember{{BackupVaultName: aws.String("gone")}, {BackupVaultName: aws.String("Default")}},
					},
				},
				"ListRecoveryPointsByBackupVault": {
					noSuch("ResourceNotFoundException"),
					&backup.ListRecoveryPointsByBackupVaultOutput{
						NextToken:      next,
						RecoveryPoints: []backuptypes.RecoveryPointByBackupVault{{RecoveryPointArn: aws.String("other")}},
					},
					&backup.ListRecoveryPointsByBackupVaultOutput{RecoveryPoints: []backuptypes.RecoveryPointByBackupVault{
						{
							RecoveryPointArn: aws.String(
								"mine",
							),
							ResourceArn: aws.String("arn:aws:rds:us-east-1:111122223333:cluster:aurora-records-primary-blue"),
						},
					}},
				},
				"ListTags": {&backup.ListTagsOutput{}},
			},
			"mine",
		},
		{"backup", "plans", answers{
			"ListBackupPlans": {
				&backup.ListBackupPlansOutput{
					NextToken:       next,
					BackupPlansList: []backuptypes.BackupPlansListMember{{BackupPlanArn: aws.String("other")}},
				},
				&backup.ListBackupPlansOutput{BackupPlansList: []backuptypes.BackupPlansListMember{{BackupPlanArn: aws.String("mine")}}},
			},
			"ListTags": {
				noSuch("ResourceNotFoundException"),
				&backup.ListTagsOutput{NextToken: next, Tags: map[string]string{"Environment": "stacks"}},
				&backup.ListTagsOutput{Tags: map[string]string{"DR-Role": "primary"}},
			},
		}, "mine"},
	}
}
