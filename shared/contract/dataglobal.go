package contract

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// DataGlobalProject is the project that holds the data.
const DataGlobalProject = "data-global"

// DataGlobal holds the outputs of data-global: the names, ARNs and endpoints of both regions' data. A name that is the same
// in both regions is exported once.
type DataGlobal struct {
	// GlobalClusterIdentifier and GlobalClusterARN are those of the Aurora global database, which a failover moves the writer of.
	GlobalClusterIdentifier Value[string] `key:"globalClusterIdentifier"`
	GlobalClusterARN        Value[string] `key:"globalClusterArn"`
	// WriterEndpoint and WriterPort follow the writer from region to region: a host name and a TCP port.
	WriterEndpoint Value[string] `key:"writerEndpoint"`
	WriterPort     Value[int]    `key:"writerPort"`
	// DatabaseName is the database that the application uses.
	DatabaseName Value[string] `key:"databaseName"`
	// SecretName finds the master user's secret in either region; its value is never exported.
	SecretName Value[string] `key:"secretName"`
	// EventBusName is the bus's, in either region.
	EventBusName Value[string] `key:"eventBusName"`
	// ParameterPath begins the name of every parameter, in either region, with a leading slash and no trailing one.
	ParameterPath Value[string] `key:"parameterPath"`
	// Primary and Standby are the regions' data, by the roles as deployed: after a failover the writer is in Standby.
	Primary RegionData `key:"primary"`
	Standby RegionData `key:"standby"`
}

// RegionData is one region's data.
type RegionData struct {
	// KeyARN is the key that everything here is encrypted with.
	KeyARN Value[string] `key:"keyArn"`
	// ClusterIdentifier and ClusterARN are the region's member of the global database.
	ClusterIdentifier Value[string] `key:"clusterIdentifier"`
	ClusterARN        Value[string] `key:"clusterArn"`
	// ReaderEndpoint and DatabasePort serve reads in this region: a host name and a TCP port.
	ReaderEndpoint Value[string] `key:"readerEndpoint"`
	DatabasePort   Value[int]    `key:"databasePort"`
	// SecretARN is the secret's, or its replica's.
	SecretARN Value[string] `key:"secretArn"`
	// The buckets, each replicated to the one of the same purpose in the other region.
	DocumentsBucketName Value[string] `key:"documentsBucketName"`
	DocumentsBucketARN  Value[string] `key:"documentsBucketArn"`
	AssetsBucketName    Value[string] `key:"assetsBucketName"`
	AssetsBucketARN     Value[string] `key:"assetsBucketArn"`
	// EventBusARN is the bus's, ForwardingRuleName the name of the rule that takes its events to the other region, and
	// DeadLetterQueueARN that of the queue with the events that could not be forwarded.
	EventBusARN        Value[string] `key:"eventBusArn"`
	ForwardingRuleName Value[string] `key:"forwardingRuleName"`
	DeadLetterQueueARN Value[string] `key:"deadLetterQueueArn"`
	// BackupVaultName is the vault's.
	BackupVaultName Value[string] `key:"backupVaultName"`
}

// Export publishes the contract from data-global. It fails when a field was not set.
func (d DataGlobal) Export(ctx *pulumi.Context) error { return export(ctx, &d) }

// ReadDataGlobal reads the contract in another stack of the same name. The error names each output that is missing or of
// another type, and what to run.
func ReadDataGlobal(ctx *pulumi.Context) (DataGlobal, error) {
	var data DataGlobal
	err := read(ctx, DataGlobalProject, &data)
	return data, err
}
