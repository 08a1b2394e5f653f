// Command data-global is the second layer: the data that must survive the loss of a region, in both regions.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/backup"
	"warmstandby/shared/components/database"
	"warmstandby/shared/components/events"
	"warmstandby/shared/components/parameters"
	"warmstandby/shared/components/secrets"
	"warmstandby/shared/contract"
	"warmstandby/shared/settings"
)

func main() { pulumi.Run(deploy) }

func deploy(ctx *pulumi.Context) error {
	foundation, err := contract.ReadFoundationNetwork(ctx)
	if err != nil {
		return err
	}
	config, err := settings.LoadData(ctx.Project(), ctx.Stack(), settings.Profile(foundation.Profile.Get()))
	if err != nil {
		return err
	}
	at, err := newPlaces(ctx, foundation)
	if err != nil {
		return err
	}
	master, err := secrets.NewMaster(ctx, "master", at.masterArgs())
	if err != nil {
		return err
	}
	records, err := database.NewGlobal(ctx, "records", at.databaseArgs(config.Database, master))
	if err != nil {
		return err
	}
	stored, err := newBuckets(ctx, at, config.Lifecycle)
	if err != nil {
		return err
	}
	buses, err := events.NewCrossRegion(ctx, "records", events.Args{
		Purpose: "records", Regions: at.regions, ArchiveDays: config.ArchiveDays, Protection: at.protection,
	})
	if err != nil {
		return err
	}
	vaults, err := backup.NewCrossRegion(ctx, "backup", at.backupArgs(config.VaultRetentionDays))
	if err != nil {
		return err
	}
	told := data{master, records, stored, buses, vaults}
	values := told.parameters(config)
	written, err := parameters.NewBothRegions(ctx, "application", parameters.Args{Regions: at.regions, Values: values})
	if err != nil {
		return err
	}
	return told.contract(at, written).Export(ctx)
}
