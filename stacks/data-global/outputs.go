package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/backup"
	"warmstandby/shared/components/database"
	"warmstandby/shared/components/encryption"
	"warmstandby/shared/components/events"
	"warmstandby/shared/components/parameters"
	"warmstandby/shared/components/secrets"
	"warmstandby/shared/components/storage"
	"warmstandby/shared/contract"
)

// data are the components of the stack, whose outputs it exports.
type data struct {
	master  *secrets.MasterCredentials
	records *database.Global
	stored  buckets
	buses   *events.BusPair
	vaults  *backup.VaultPair
}

// contract is the stack's contract.
func (d data) contract(in *inputs, written *parameters.ReplicatedParameters) contract.DataGlobal {
	return contract.DataGlobal{
		GlobalClusterIdentifier: contract.String(pulumi.String(d.records.ID)),
		GlobalClusterARN:        contract.String(d.records.ARN),
		WriterEndpoint:          contract.String(d.records.WriterEndpoint),
		WriterPort:              contract.Int(d.records.Primary.Port),
		DatabaseName:            contract.String(pulumi.String(database.DatabaseName)),
		SecretName:              contract.String(pulumi.String(d.master.Name)),
		EventBusName:            contract.String(d.buses.Primary.Name),
		ParameterPath:           contract.String(pulumi.String(written.Prefix)),
		Primary: regionData{
			key: in.primaryKey, member: d.records.Primary, secretARN: d.master.PrimaryARN,
			documents: d.stored.documents.Primary, assets: d.stored.assets.Primary, bus: d.buses.Primary, vault: d.vaults.Primary.Name,
		}.contract(),
		Standby: regionData{
			key: in.standbyKey, member: d.records.Standby, secretARN: d.master.StandbyARN,
			documents: d.stored.documents.Standby, assets: d.stored.assets.Standby, bus: d.buses.Standby, vault: d.vaults.Standby.Name,
		}.contract(),
	}
}

// regionData are the components' parts in one region.
type regionData struct {
	key               *encryption.Key
	member            *database.Member
	secretARN         pulumi.StringOutput
	documents, assets *storage.Bucket
	bus               *events.Bus
	vault             pulumi.StringOutput
}

func (r regionData) contract() contract.RegionData {
	return contract.RegionData{
		KeyARN:              contract.String(r.key.ARN),
		ClusterIdentifier:   contract.String(pulumi.String(r.member.ClusterID)),
		ClusterARN:          contract.String(r.member.ARN),
		ReaderEndpoint:      contract.String(r.member.ReaderEndpoint),
		DatabasePort:        contract.Int(r.member.Port),
		SecretARN:           contract.String(r.secretARN),
		DocumentsBucketName: contract.String(r.documents.Name),
		DocumentsBucketARN:  contract.String(r.documents.ARN),
		AssetsBucketName:    contract.String(r.assets.Name),
		AssetsBucketARN:     contract.String(r.assets.ARN),
		EventBusARN:         contract.String(r.bus.ARN),
		ForwardingRuleName:  contract.String(pulumi.String(r.bus.ForwardingRule)),
		DeadLetterQueueARN:  contract.String(r.bus.DeadLetterQueueARN),
		BackupVaultName:     contract.String(r.vault),
	}
}
