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

// places is where the data goes: both regions, with the network that is there and a key for each.
type places struct {
	foundation             contract.FoundationNetwork
	regions                region.Pair
	primaryKey, standbyKey *encryption.Key
	protection             bool
}

func newPlaces(ctx *pulumi.Context, foundation contract.FoundationNetwork) (*places, error) {
	namer, err := naming.New(foundation.EnvironmentSuffix.Get())
	if err != nil {
		return nil, err
	}
	at := &places{foundation: foundation, protection: foundation.Protection.Get()}
	at.regions, err = region.NewPair(ctx, region.PairArgs{
		Environment: ctx.Stack(), Namer: namer,
		Primary: foundation.Primary.Region.Get(), Standby: foundation.Standby.Region.Get(),
		AllowedAccountIDs: foundation.AllowedAccountIDs.Get(),
	})
	if err != nil {
		return nil, err
	}
	var primaryErr, standbyErr error
	at.primaryKey, primaryErr = at.newKey(ctx, at.regions.Primary)
	at.standbyKey, standbyErr = at.newKey(ctx, at.regions.Standby)
	return at, errors.Join(primaryErr, standbyErr)
}

// newKey makes the key of all data in one region.
func (p *places) newKey(ctx *pulumi.Context, in region.Region) (*encryption.Key, error) {
	logs, err := database.LogGroupName(in)
	if err != nil {
		return nil, err
	}
	return encryption.NewKey(ctx, "data-"+string(in.Role), encryption.KeyArgs{
		Region: in, Purpose: "data",
		Description: fmt.Sprintf("The platform's data in the %s region", in.Role),
		LogGroups:   []string{logs},
		Protection:  p.protection,
	})
}

func (p *places) masterArgs() secrets.MasterArgs {
	return secrets.MasterArgs{
		Regions: p.regions, PrimaryKeyARN: p.primaryKey.ARN, StandbyKeyARN: p.standbyKey.ARN, Protection: p.protection,
	}
}

func (p *places) databaseArgs(config settings.Database, master *secrets.Master) database.GlobalArgs {
	place := func(in contract.RegionNetwork, key *encryption.Key, instances int) database.Place {
		return database.Place{
			SubnetIDs:       pulumi.ToStringArray(in.IsolatedSubnetIDs.Get()),
			SecurityGroupID: pulumi.String(in.DatabaseSecurityGroupID.Get()),
			KeyARN:          key.ARN,
			Instances:       instances,
		}
	}
	return database.GlobalArgs{
		Regions:             p.regions,
		Primary:             place(p.foundation.Primary, p.primaryKey, config.PrimaryInstances),
		Standby:             place(p.foundation.Standby, p.standbyKey, config.StandbyInstances),
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
		Protection:          p.protection,
	}
}

func (p *places) storageArgs(purpose string, lifecycle settings.Lifecycle) storage.Args {
	return storage.Args{
		Purpose:    purpose,
		Primary:    storage.Side{Region: p.regions.Primary, KeyARN: p.primaryKey.ARN},
		Standby:    storage.Side{Region: p.regions.Standby, KeyARN: p.standbyKey.ARN},
		Lifecycle:  storage.Lifecycle(lifecycle),
		Protection: p.protection,
	}
}

func (p *places) backupArgs(retentionDays int) backup.Args {
	return backup.Args{
		Primary:       backup.Side{Region: p.regions.Primary, KeyARN: p.primaryKey.ARN},
		Standby:       backup.Side{Region: p.regions.Standby, KeyARN: p.standbyKey.ARN},
		RetentionDays: retentionDays,
		Protection:    p.protection,
	}
}
