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

const crossRegionType = "warmstandby:backup:CrossRegion"

// Side is what differs between the two regions' vaults.
type Side struct {
	Region region.Region
	// KeyARN is the region's KMS key, which encrypts the vault.
	KeyARN pulumi.StringInput
}

// Args says how the pair's data is backed up.
type Args struct {
	Primary, Standby Side
	// RetentionDays is how long a backup and its copy are kept.
	RetentionDays int
	// Protection keeps a vault that holds backups from being destroyed.
	Protection bool
}

// CrossRegion is the pair's backups.
type CrossRegion struct {
	pulumi.ResourceState

	// Primary and Standby are the regions' vaults.
	Primary, Standby *backup.Vault
}

// NewCrossRegion builds a vault and a plan in each region. The standby has a plan too, so that after a failover backups
// go on without a deployment.
func NewCrossRegion(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*CrossRegion, error) {
	pair := &CrossRegion{}
	if err := ctx.RegisterComponentResource(crossRegionType, name, pair, opts...); err != nil {
		return nil, fmt.Errorf("registering backups %s: %w", name, err)
	}
	for _, row := range [...]struct {
		vault **backup.Vault
		side  Side
	}{{&pair.Primary, args.Primary}, {&pair.Standby, args.Standby}} {
		var err error
		if *row.vault, err = pair.newVault(ctx, row.side, args.Protection); err != nil {
			return nil, fmt.Errorf("building backups %s: %w", name, err)
		}
	}
	for _, way := range [...]struct {
		in       region.Region
		own, far *backup.Vault
	}{
		{args.Primary.Region, pair.Primary, pair.Standby},
		{args.Standby.Region, pair.Standby, pair.Primary},
	} {
		if err := pair.plan(ctx, way.in, way.own, way.far, args.RetentionDays); err != nil {
			return nil, fmt.Errorf("building backups %s: %w", name, err)
		}
	}
	return pair, ctx.RegisterResourceOutputs(pair, pulumi.Map{
		"primary": pair.Primary.Name, "standby": pair.Standby.Name,
	})
}

// newVault builds a region's vault. It has no Vault Lock: a locked vault outlives every attempt to destroy it.
func (c *CrossRegion) newVault(ctx *pulumi.Context, side Side, protection bool) (*backup.Vault, error) {
	name, err := side.Region.Named(naming.BackupVault, "")
	if err != nil {
		return nil, err
	}
	vault, err := backup.NewVault(ctx, name, &backup.VaultArgs{
		Name:         pulumi.String(name),
		KmsKeyArn:    side.KeyARN.ToStringOutput().ToStringPtrOutput(),
		ForceDestroy: pulumi.Bool(!protection),
	}, side.Region.Durable(c, protection)...)
	if err != nil {
		return nil, fmt.Errorf("building vault %s: %w", name, err)
	}
	return vault, nil
}
