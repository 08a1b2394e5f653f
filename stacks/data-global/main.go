// Command data-global is the second layer: the data that must survive the loss of a region, in both regions.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/backup"
	"warmstandby/shared/components/database"
	"warmstandby/shared/components/events"
	"warmstandby/shared/components/parameters"
	"warmstandby/shared/components/secrets"
	"warmstandby/shared/contract"
	"warmstandby/shared/settings"
)

// pulumiYAML declares the stack's configuration.
//
//go:embed Pulumi.yaml
var pulumiYAML []byte

func main() { pulumi.Run(deploy) }

func deploy(ctx *pulumi.Context) error {
	foundation, err := contract.ReadFoundationNetwork(ctx)
	if err != nil {
		return err
	}
	config, err := settings.LoadData(pulumiYAML, ctx.Stack(), settings.Profile(foundation.Profile.Get()))
	if err != nil {
		return err
	}
	in, err := newInputs(ctx, foundation)
	if err != nil {
		return err
	}
	master, err := secrets.NewMasterCredentials(ctx, "master", in.masterArgs())
	if err != nil {
		return err
	}
	buses, err := events.NewBusPair(ctx, "records", events.Args{
		Purpose: "records", Regions: in.regions, ArchiveDays: config.ArchiveDays, Protection: in.protection,
	})
	if err != nil {
		return err
	}
	records, err := database.NewGlobal(ctx, "records", in.databaseArgs(config.Database, master, buses.Resources()))
	if err != nil {
		return err
	}
	if err := buses.Forward(ctx, records.Settled()...); err != nil {
		return err
	}
	stored, err := newBuckets(ctx, in, config.Lifecycle)
	if err != nil {
		return err
	}
	backups, err := in.backupArgs(ctx.Stack(), config.VaultRetentionDays, records, stored)
	if err != nil {
		return err
	}
	vaults, err := backup.NewVaultPair(ctx, "backup", backups)
	if err != nil {
		return err
	}
	built := data{master: master, records: records, stored: stored, buses: buses, vaults: vaults}
	values := built.parameters(config)
	written, err := parameters.NewReplicated(ctx, "application", parameters.Args{Regions: in.regions, Values: values})
	if err != nil {
		return err
	}
	return built.contract(in, written).Export(ctx)
}
