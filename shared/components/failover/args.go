package failover

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/region"
)

// Args says what the controller watches over and may move. What other stacks own comes in as plain values, so that a preview
// shows all of the controller's configuration.
type Args struct {
	Regions region.Pair
	// Environment is the suffix of every name, and what the controller's metrics are found by.
	Environment string
	// Code has the controller's binary, bootstrap, executable, for the machine that Architecture names: arm64 or x86_64.
	Code         pulumi.Archive
	Architecture string
	// LogRetentionDays is how long its log is kept.
	LogRetentionDays int

	// GlobalCluster is the global database's identifier.
	GlobalCluster, GlobalClusterARN string
	// BusName and SecretName are the same in both regions.
	BusName, SecretName string
	// GlobalURL is the name that fails over, Runbook where an operator reads on, DashboardURL the standby region's dashboard.
	GlobalURL, Runbook, DashboardURL string

	// Zone is where the controller learns where Route 53 sends users.
	Zone Zone

	Primary, Standby Side
	// StandbyFunction is the application's function in the standby region.
	StandbyFunctionName, StandbyFunctionARN string
	// Alarms are the names of those that must stand in the standby region.
	Alarms []string

	// Protection keeps the log and the table when the stack is destroyed, and the key as long as AWS can.
	Protection bool
}

// Zone is what the controller asks of the hosted zone: its name servers, for the name that fails over and for the regions' own names.
type Zone struct {
	NameServers                          pulumi.StringArrayInput
	GlobalName, PrimaryName, StandbyName string
}

// Side is what the controller deals with in one region.
type Side struct {
	// ClusterIdentifier is the region's member of the global database.
	ClusterIdentifier, ClusterARN string
	// URL reaches the region whatever its health is, without a path.
	URL string
	// TopicARN is where notices go, and TopicKeyARN the key of the topic.
	TopicARN, TopicKeyARN string
	// The bucket of the records' documents, and the key of its objects.
	DocumentsBucketName, DocumentsBucketARN, DataKeyARN string
	// EventBusARN is the bus's.
	EventBusARN string
}
