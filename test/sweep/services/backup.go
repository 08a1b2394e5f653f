package services

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"

	"warmstandby/test/sweep"
)

// backups are the kinds of AWS Backup. A plan's selections are deleted with it.
func backups() []row {
	return []row{
		{"backup", "vaults", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			client := backup.NewFromConfig(cfg)
			return each(ctx, backup.NewListBackupVaultsPaginator(client, nil), func(page *backup.ListBackupVaultsOutput) {
				for _, one := range page.BackupVaultList {
					found(sweep.Resource{
						ID: aws.ToString(
							one.BackupVaultName,
						),
						Names:  []string{aws.ToString(one.BackupVaultName)},
						TagsOf: backupTags(client, one.BackupVaultArn),
					})
				}
			})
		}},
		{"backup", "recovery points", false, recoveryPoints},
		{"backup", "restore testing plans", false, restoreTests},
		{"backup", "plans", false, func(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
			client := backup.NewFromConfig(cfg)
			return each(ctx, backup.NewListBackupPlansPaginator(client, nil), func(page *backup.ListBackupPlansOutput) {
				for _, one := range page.BackupPlansList {
					found(sweep.Resource{
						ID: aws.ToString(one.BackupPlanArn), Names: []string{aws.ToString(one.BackupPlanName)}, TagsOf: backupTags(client, one.BackupPlanArn),
					})
				}
			})
		}},
	}
}

// restoreTests lists the plans that test restores. Their selections are part of them.
func restoreTests(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
	client := backup.NewFromConfig(cfg)
	return each(ctx, backup.NewListRestoreTestingPlansPaginator(client, nil), func(page *backup.ListRestoreTestingPlansOutput) {
		for _, one := range page.RestoreTestingPlans {
			found(sweep.Resource{
				ID: aws.ToString(one.RestoreTestingPlanName), Names: []string{aws.ToString(one.RestoreTestingPlanName)},
				TagsOf: backupTags(client, one.RestoreTestingPlanArn),
			})
		}
	})
}

// recoveryPoints lists the recovery points of every vault: the environment's are in its vaults, or of its resources.
func recoveryPoints(ctx context.Context, cfg aws.Config, found func(sweep.Resource)) error {
	client := backup.NewFromConfig(cfg)
	var vaults []*string
	err := each(ctx, backup.NewListBackupVaultsPaginator(client, nil), func(page *backup.ListBackupVaultsOutput) {
		for _, one := range page.BackupVaultList {
			vaults = append(vaults, one.BackupVaultName)
		}
	})
	if err != nil {
		return err
	}
	for _, vault := range vaults {
		pages := backup.NewListRecoveryPointsByBackupVaultPaginator(client, &backup.ListRecoveryPointsByBackupVaultInput{BackupVaultName: vault})
		err := each(ctx, pages, func(page *backup.ListRecoveryPointsByBackupVaultOutput) {
			for _, one := range page.RecoveryPoints {
				found(sweep.Resource{
					ID: aws.ToString(one.RecoveryPointArn), Names: []string{aws.ToString(vault), aws.ToString(one.ResourceArn)},
					TagsOf: backupTags(client, one.RecoveryPointArn),
				})
			}
		})
		if err != nil && !gone(err) {
			return fmt.Errorf("vault %s: %w", aws.ToString(vault), err)
		}
	}
	return nil
}

func backupTags(client *backup.Client, arn *string) func(context.Context) (map[string]string, error) {
	return tagMapOf(func(ctx context.Context) (map[string]string, error) {
		all := map[string]string{}
		err := each(ctx, backup.NewListTagsPaginator(client, &backup.ListTagsInput{ResourceArn: arn}), func(page *backup.ListTagsOutput) {
			for key, value := range page.Tags {
				all[key] = value
			}
		})
		return all, err
	})
}
