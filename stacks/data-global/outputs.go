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
	"warmstandby/shared/settings"
)

// buckets are the pairs of buckets, by what they hold.
type buckets struct {
	documents, assets *storage.BucketPair
}

func newBuckets(ctx *pulumi.Context, in *inputs, lifecycle settings.Lifecycle) (buckets, error) {
	var made buckets
	for _, row := range [...]struct {
		pair    **storage.BucketPair
		purpose string
	}{{&made.documents, "documents"}, {&made.assets, "assets"}} {
		pair, err := storage.NewBucketPair(ctx, row.purpose, in.storageArgs(row.purpose, lifecycle))
		if err != nil {
			return buckets{}, err
		}
		*row.pair = pair
	}
	return made, nil
}

// data is all that the stack has made.
type data struct {
	master  *secrets.MasterCredentials
	records *database.Global
	stored  buckets
	buses   *events.BusPair
	vaults  *backup.VaultPair
}

// parameters are what the application reads at run time, by path: the same paths in both regions, and values of the region
// that reads them. The path of a feature switch begins with features/.
func (d data) parameters(config settings.Data) map[string]parameters.Value {
	primary, standby := d.records.Primary, d.records.Standby
	values := map[string]parameters.Value{
		"database/name":            parameters.Shared(pulumi.String(database.DatabaseName)),
		"database/writer-endpoint": parameters.Shared(d.records.WriterEndpoint),
		"database/port":            parameters.Shared(pulumi.Sprintf("%d", primary.Port)),
		// The region's own cluster: its writer, by which a region knows whether it is the primary, its readers, and their port.
		"database/cluster-endpoint": {Primary: primary.Endpoint, Standby: standby.Endpoint},
		"database/reader-endpoint":  {Primary: primary.ReaderEndpoint, Standby: standby.ReaderEndpoint},
		"database/cluster-port":     {Primary: pulumi.Sprintf("%d", primary.Port), Standby: pulumi.Sprintf("%d", standby.Port)},
		// The other region's cluster, whose name the certificate of the writer may have.
		"database/peer-cluster-endpoint": {Primary: standby.Endpoint, Standby: primary.Endpoint},
		"database/secret-name":           parameters.Shared(pulumi.String(d.master.Name)),
		"documents/bucket":               {Primary: d.stored.documents.Primary.Name, Standby: d.stored.documents.Standby.Name},
		"assets/bucket":                  {Primary: d.stored.assets.Primary.Name, Standby: d.stored.assets.Standby.Name},
		"events/bus":                     parameters.Shared(d.buses.Primary.Name),
		"auth/issuer":                    parameters.Shared(pulumi.String(config.Tokens.Issuer)),
		"auth/audience":                  parameters.Shared(pulumi.String(config.Tokens.Audience)),
		"auth/keys":                      parameters.Shared(pulumi.String(config.Tokens.KeySet)),
	}
	// What is the application's own default has no parameter.
	if claim := config.Tokens.AudienceClaim; claim != settings.AudClaim {
		values["auth/audience-claim"] = parameters.Shared(pulumi.String(claim))
	}
	if prefix := config.Tokens.ScopePrefix; prefix != "" {
		values["auth/scope-prefix"] = parameters.Shared(pulumi.String(prefix))
	}
	for name, on := range config.FeatureSwitches {
		values["features/"+name] = parameters.Switch(on)
	}
	return values
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

// regionData is what the stack has made in one region.
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
