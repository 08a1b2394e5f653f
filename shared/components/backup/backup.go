// Package backup keeps copies of the data in AWS Backup: a vault in each region, and a plan in each that backs up the region's
// resources and copies the backups to the other.
//
// Backups are no part of the RPO of 15 minutes. A plan runs once a day, and its copies follow within hours. Backups restore
// what was deleted or damaged in both regions, which replication copies faithfully. A failover uses Aurora's and S3's
// replication.
package backup

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/backup"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/region"
)

const vaultPairType = "warmstandby:backup:CrossRegion"

// RegionArgs are the inputs of one region's vault.
type RegionArgs struct {
	Region region.Region
	// KeyARN is the region's KMS key, which encrypts the vault.
	KeyARN pulumi.StringInput
}

// Args are the inputs of a pair of vaults.
type Args struct {
	Primary, Standby RegionArgs
	// RetentionDays is how long a backup and its copy are kept.
	RetentionDays int
	// Protection keeps a vault that holds backups from being destroyed.
	Protection bool
}

// VaultPair is the vaults and the plans of both regions.
type VaultPair struct {
	pulumi.ResourceState

	// Primary and Standby are the regions' vaults.
	Primary, Standby *backup.Vault
}

// NewVaultPair builds a vault and a plan in each region. The standby has a plan too, so that backups continue after a failover
// without a deployment.
func NewVaultPair(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*VaultPair, error) {
	pair := &VaultPair{}
	if err := ctx.RegisterComponentResource(vaultPairType, name, pair, opts...); err != nil {
		return nil, fmt.Errorf("registering backups %s: %w", name, err)
	}
	for _, row := range [...]struct {
		vault **backup.Vault
		args  RegionArgs
	}{{&pair.Primary, args.Primary}, {&pair.Standby, args.Standby}} {
		var err error
		if *row.vault, err = pair.newVault(ctx, row.args, args.Protection); err != nil {
			return nil, fmt.Errorf("building backups %s: %w", name, err)
		}
	}
	for _, row := range [...]struct {
		in          region.Region
		local, peer *backup.Vault
	}{
		{args.Primary.Region, pair.Primary, pair.Standby},
		{args.Standby.Region, pair.Standby, pair.Primary},
	} {
		if err := pair.addPlan(ctx, row.in, row.local, row.peer, args.RetentionDays); err != nil {
			return nil, fmt.Errorf("building backups %s: %w", name, err)
		}
	}
	return pair, ctx.RegisterResourceOutputs(pair, pulumi.Map{
		"primary": pair.Primary.Name, "standby": pair.Standby.Name,
	})
}

// newVault builds a region's vault. It has no Vault Lock: a locked vault cannot be destroyed before its lock expires.
func (c *VaultPair) newVault(ctx *pulumi.Context, r RegionArgs, protection bool) (*backup.Vault, error) {
	name, err := r.Region.Named(naming.BackupVault, "")
	if err != nil {
		return nil, err
	}
	vault, err := backup.NewVault(ctx, name, &backup.VaultArgs{
		Name:         pulumi.String(name),
		KmsKeyArn:    r.KeyARN.ToStringOutput().ToStringPtrOutput(),
		ForceDestroy: pulumi.Bool(!protection),
	}, r.Region.Durable(c, protection)...)
	if err != nil {
		return nil, fmt.Errorf("building vault %s: %w", name, err)
	}
	return vault, nil
}
