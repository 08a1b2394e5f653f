package failover

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/region"
)

// Args are the inputs of the failover controller. What other stacks own comes in as plain values, so that a preview shows all
// of the controller's configuration.
type Args struct {
	Regions region.Pair
	// Environment is the suffix of every name, and a dimension of the controller's metrics.
	Environment string
	// Code contains the controller's executable, bootstrap, for Architecture: arm64 or x86_64.
	Code         pulumi.Archive
	Architecture string
	// LogRetentionDays is how long the controller's log is kept.
	LogRetentionDays int

	// GlobalCluster is the global database's identifier.
	GlobalCluster, GlobalClusterARN string
	// BusName and SecretName are the same in both regions.
	BusName, SecretName string
	// GlobalURL is the global name's. Runbook is a URL or a file of this repository. DashboardURL is the standby region's.
	GlobalURL, Runbook, DashboardURL string

	// Zone is where the controller learns where Route 53 sends users.
	Zone Zone

	Primary, Standby RegionArgs
	// RestoreTestPlan is the name of the plan that tests restores in the standby region.
	RestoreTestPlan string
	// StandbyFunctionName and StandbyFunctionARN are the application's function in the standby region.
	StandbyFunctionName, StandbyFunctionARN string
	// Alarms are the names of the alarms that must exist in the standby region.
	Alarms []string

	// Protection keeps the log and the table when the stack is destroyed, and the key for the longest waiting period.
	Protection bool
}

// Zone is what the controller asks of the hosted zone: its name servers, for the global name and for the regions' own names.
type Zone struct {
	NameServers                          pulumi.StringArrayInput
	GlobalName, PrimaryName, StandbyName string
}

// RegionArgs are the resources of one region that the controller uses.
type RegionArgs struct {
	// ClusterIdentifier is the region's member of the global database.
	ClusterIdentifier, ClusterARN string
	// URL reaches the region whatever its health is. It has no path.
	URL string
	// TopicARN is the topic that the controller notifies, TopicKeyARN the topic's key.
	TopicARN, TopicKeyARN string
	// DocumentsBucketName and DocumentsBucketARN are the bucket of the records' documents, DataKeyARN the key of its objects.
	DocumentsBucketName, DocumentsBucketARN, DataKeyARN string
	EventBusARN                                         string
}
