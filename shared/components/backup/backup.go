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
	// KeyARN is the region's KMS key, which encrypts the vault and what is backed up.
	KeyARN pulumi.StringInput
	// ClusterARN and BucketARNs are all that is backed up in the region: the database's cluster, and the buckets, that of the documents
	// first.
	ClusterARN pulumi.StringInput
	BucketARNs pulumi.StringArray
}

// Args are the inputs of a pair of vaults.
type Args struct {
	Primary, Standby RegionArgs
	// RestoreTest is where backups are restored to be tested.
	RestoreTest RestoreTestArgs
	// Environment is the value of the tag Environment of what is backed up: another environment's is never.
	Environment string
	// RetentionDays is how long a backup and its copy are kept.
	RetentionDays int
	// Protection keeps a vault that holds backups from being destroyed, and what is in it from being deleted before its time.
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
		if *row.vault, err = pair.newVault(ctx, row.args, args); err != nil {
			return nil, fmt.Errorf("building backups %s: %w", name, err)
		}
	}
	for _, row := range [...]regionPlan{
		{local: args.Primary, vault: pair.Primary, peer: args.Standby, peerVault: pair.Standby},
		{local: args.Standby, vault: pair.Standby, peer: args.Primary, peerVault: pair.Primary},
	} {
		row.region, row.environment, row.retentionDays = row.local.Region, args.Environment, args.RetentionDays
		if err := pair.addPlan(ctx, row); err != nil {
			return nil, fmt.Errorf("building backups %s: %w", name, err)
		}
	}
	if err := pair.addRestoreTest(ctx, args); err != nil {
		return nil, fmt.Errorf("building backups %s: %w", name, err)
	}
	return pair, ctx.RegisterResourceOutputs(pair, pulumi.Map{
		"primary": pair.Primary.Name, "standby": pair.Standby.Name,
	})
}

// newVault builds a region's vault. Only a protected one is locked: everything else can be destroyed at any time, with all that is
// in it.
func (c *VaultPair) newVault(ctx *pulumi.Context, r RegionArgs, args Args) (*backup.Vault, error) {
	name, err := r.Region.Named(naming.BackupVault, "")
	if err != nil {
		return nil, err
	}
	vault, err := backup.NewVault(ctx, name, &backup.VaultArgs{
		Name:         pulumi.String(name),
		KmsKeyArn:    r.KeyARN.ToStringOutput().ToStringPtrOutput(),
		ForceDestroy: pulumi.Bool(!args.Protection),
	}, r.Region.Durable(c, args.Protection)...)
	if err != nil {
		return nil, fmt.Errorf("building vault %s: %w", name, err)
	}
	if args.Protection {
		if err := c.lock(ctx, r.Region, vault, name, args.RetentionDays); err != nil {
			return nil, err
		}
	}
	return vault, nil
}
