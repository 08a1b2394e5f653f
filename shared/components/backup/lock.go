package backup

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/backup"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/policy"
	"warmstandby/shared/region"
)

// lock keeps what is in a vault from being deleted before its time, by two guards.
//
// The policy of the vault denies it to everybody, whatever IAM allows (AWS Backup Developer Guide, "Vault access policies"). The
// lock in governance mode refuses the same, and a backup that is kept for less than minRetentionDays; who may remove it is IAM's
// decision (AWS Backup Developer Guide, "AWS Backup Vault Lock"). In compliance mode nobody could remove it, this program included,
// and an environment could not be given up before the retention is over.
func (c *VaultPair) lock(ctx *pulumi.Context, in region.Region, vault *backup.Vault, name string, minRetentionDays int) error {
	document, err := vaultPolicy()
	if err != nil {
		return err
	}
	guarded, err := backup.NewVaultPolicy(ctx, name, &backup.VaultPolicyArgs{
		BackupVaultName: vault.Name, Policy: pulumi.String(document),
	}, in.Child(c)...)
	if err != nil {
		return fmt.Errorf("building the policy of vault %s: %w", name, err)
	}
	_, err = backup.NewVaultLockConfiguration(ctx, name, &backup.VaultLockConfigurationArgs{
		BackupVaultName: vault.Name, MinRetentionDays: pulumi.Int(minRetentionDays),
	}, in.Child(c,
		pulumi.DependsOn([]pulumi.Resource{guarded}),
		// Another retention is another lock, of the same vault: the old one, deleted last, would take the new one with it.
		pulumi.DeleteBeforeReplace(true),
	)...)
	if err != nil {
		return fmt.Errorf("locking vault %s: %w", name, err)
	}
	return nil
}

// vaultPolicy denies to delete or to shorten what the vault holds. The policy itself is no exception from IAM: who takes
// protection off deletes it, which a second person sees. A vault's policy takes no wildcard in its actions, and AWS Config looks
// for the wildcards in principal and resource (AWS Config Developer Guide, backup-recovery-point-manual-deletion-disabled).
func vaultPolicy() (string, error) {
	return policy.Document{{
		Sid: "DenyDeletingRecoveryPoints", Effect: policy.Deny,
		Principal: &policy.Principal{AWS: []string{"*"}},
		Actions:   []string{"backup:DeleteRecoveryPoint", "backup:DisassociateRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"},
		Resources: []string{policy.EveryResource},
	}}.JSON()
}
