package main

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/backup"
	"warmstandby/shared/components/database"
	"warmstandby/shared/components/encryption"
	"warmstandby/shared/components/secrets"
	"warmstandby/shared/components/storage"
	"warmstandby/shared/contract"
	"warmstandby/shared/naming"
	"warmstandby/shared/region"
	"warmstandby/shared/settings"
)

// inputs are what the components are made from: the network of both regions, and a key for the data in each.
type inputs struct {
	foundation             contract.FoundationNetwork
	regions                region.Pair
	primaryKey, standbyKey *encryption.Key
	protection             bool
}

func newInputs(ctx *pulumi.Context, foundation contract.FoundationNetwork) (*inputs, error) {
	namer, err := naming.New(foundation.EnvironmentSuffix.Get())
	if err != nil {
		return nil, err
	}
	in := &inputs{foundation: foundation, protection: foundation.Protection.Get()}
	in.regions, err = region.NewPair(ctx, region.PairArgs{
		Environment: ctx.Stack(), Namer: namer,
		Primary: foundation.Primary.Region.Get(), Standby: foundation.Standby.Region.Get(),
		AllowedAccountIDs: foundation.AllowedAccountIDs.Get(),
	})
	if err != nil {
		return nil, err
	}
	var primaryErr, standbyErr error
	in.primaryKey, primaryErr = in.newKey(ctx, in.regions.Primary)
	in.standbyKey, standbyErr = in.newKey(ctx, in.regions.Standby)
	return in, errors.Join(primaryErr, standbyErr)
}

// newKey makes the key of all data in one region.
func (i *inputs) newKey(ctx *pulumi.Context, in region.Region) (*encryption.Key, error) {
	logs, err := database.LogGroupName(in)
	if err != nil {
		return nil, err
	}
	return encryption.NewKey(ctx, "data-"+string(in.Role), encryption.KeyArgs{
		Region: in, Purpose: "data",
		Description: fmt.Sprintf("The platform's data in the %s region", in.Role),
		LogGroups:   []string{logs},
		Protection:  i.protection,
	})
}

func (i *inputs) masterArgs() secrets.MasterCredentialsArgs {
	return secrets.MasterCredentialsArgs{
		Regions: i.regions, PrimaryKeyARN: i.primaryKey.ARN, StandbyKeyARN: i.standbyKey.ARN, Protection: i.protection,
	}
}

func (i *inputs) databaseArgs(config settings.Database, master *secrets.MasterCredentials, before []pulumi.Resource) database.GlobalArgs {
	regionArgs := func(network contract.RegionNetwork, key *encryption.Key, instances int) database.RegionArgs {
		return database.RegionArgs{
			SubnetIDs:       pulumi.ToStringArray(network.IsolatedSubnetIDs.Get()),
			SecurityGroupID: pulumi.String(network.DatabaseSecurityGroupID.Get()),
			KeyARN:          key.ARN,
			Instances:       instances,
		}
	}
	return database.GlobalArgs{
		Regions:             i.regions,
		Primary:             regionArgs(i.foundation.Primary, i.primaryKey, config.PrimaryInstances),
		Standby:             regionArgs(i.foundation.Standby, i.standbyKey, config.StandbyInstances),
		EngineVersion:       config.EngineVersion,
		Username:            secrets.Username,
		Password:            master.Password,
		MinCapacity:         config.MinCapacity,
		MaxCapacity:         config.MaxCapacity,
		BackupRetentionDays: config.BackupRetentionDays,
		BackupWindow:        config.BackupWindow,
		RPOSeconds:          config.RPOSeconds,
		PerformanceInsights: config.PerformanceInsights,
		LogRetentionDays:    config.LogRetentionDays,
		Protection:          i.protection,
		FinalSnapshot:       config.FinalSnapshot,
		Before:              before,
	}
}

func (i *inputs) storageArgs(purpose string, lifecycle settings.Lifecycle) storage.Args {
	return storage.Args{
		Purpose:    purpose,
		Primary:    storage.RegionArgs{Region: i.regions.Primary, KeyARN: i.primaryKey.ARN},
		Standby:    storage.RegionArgs{Region: i.regions.Standby, KeyARN: i.standbyKey.ARN},
		Lifecycle:  storage.Lifecycle(lifecycle),
		Protection: i.protection,
	}
}

// backupArgs are the inputs of the backups of the database and of both pairs of buckets.
func (i *inputs) backupArgs(
	environment string, retentionDays int, records *database.Global, stored buckets,
) (backup.Args, error) {
	subnets, err := database.SubnetGroupName(i.regions.Standby)
	if err != nil {
		return backup.Args{}, err
	}
	regionArgs := func(in region.Region, key *encryption.Key, member *database.Member, documents, assets *storage.Bucket) backup.RegionArgs {
		return backup.RegionArgs{
			Region: in, KeyARN: key.ARN, ClusterARN: member.ARN, BucketARNs: pulumi.StringArray{documents.ARN, assets.ARN},
		}
	}
	return backup.Args{
		Primary: regionArgs(
			i.regions.Primary, i.primaryKey, records.Primary, stored.documents.Primary, stored.assets.Primary),
		Standby: regionArgs(
			i.regions.Standby, i.standbyKey, records.Standby, stored.documents.Standby, stored.assets.Standby),
		RestoreTest: backup.RestoreTestArgs{
			SubnetGroup: subnets, SecurityGroupID: i.foundation.Standby.DatabaseSecurityGroupID.Get(),
		},
		Environment:   environment,
		RetentionDays: retentionDays,
		Protection:    i.protection,
	}, nil
}
