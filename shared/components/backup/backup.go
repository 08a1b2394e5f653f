// Package backup keeps copies of the data in AWS Backup: a vault in each region, and a plan in each that backs up what its
// region holds and copies that to the other.
//
// It is not what the promise of 15 minutes rests on. A plan runs once a day and its copies follow when they follow: backups
// bring back what was deleted or spoilt in both regions alike, which replication does faithfully. A failover uses
// Aurora's and S3's replication.
package backup

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/backup"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/region"
)

const vaultPairType = "warmstandby:backup:CrossRegion"

// RegionArgs is what differs between the two regions' vaults.
type RegionArgs struct {
	Region region.Region
	// KeyARN is the region's KMS key, which encrypts the vault.
	KeyARN pulumi.StringInput
}

// Args says how the pair's data is backed up.
type Args struct {
	Primary, Standby RegionArgs
	// RetentionDays is how long a backup and its copy are kept.
	RetentionDays int
	// Protection keeps a vault that holds backups from being destroyed.
	Protection bool
}

// VaultPair is the pair's backups.
type VaultPair struct {
	pulumi.ResourceState

	// Primary and Standby are the regions' vaults.
	Primary, Standby *backup.Vault
}

// NewCrossRegion builds a vault and a plan in each region. The standby has a plan too, so that after a failover backups
// go on without a deployment.
func NewVaultPair(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*VaultPair, error) {
	pair := &VaultPair{}
	if err := ctx.RegisterComponentResource(vaultPairType, name, pair, opts...); err != nil {
		return nil, fmt.Errorf("registering backups %s: %w", name, err)
	}
	for _, row := range [...]struct {
		vault **backup.Vault
		side  RegionArgs
	}{{&pair.Primary, args.Primary}, {&pair.Standby, args.Standby}} {
		var err error
		if *row.vault, err = pair.newVault(ctx, row.side, args.Protection); err != nil {
			return nil, fmt.Errorf("building backups %s: %w", name, err)
		}
	}
	for _, row := range [...]struct {
		in       region.Region
		own, far *backup.Vault
	}{
		{args.Primary.Region, pair.Primary, pair.Standby},
		{args.Standby.Region, pair.Standby, pair.Primary},
	} {
		if err := pair.addPlan(ctx, row.in, row.own, row.far, args.RetentionDays); err != nil {
			return nil, fmt.Errorf("building backups %s: %w", name, err)
		}
	}
	return pair, ctx.RegisterResourceOutputs(pair, pulumi.Map{
		"primary": pair.Primary.Name, "standby": pair.Standby.Name,
	})
}

// newVault builds a region's vault. It has no Vault Lock: a locked vault outlives every attempt to destroy it.
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
