// Package aurora is the data plane of Aurora PostgreSQL in the local AWS emulator: one PostgreSQL server for each DB cluster
// that has an instance, physical streaming replication from a global cluster's writer to its other members, and a writer
// endpoint that follows the writer.
//
// AWS replicates in its storage layer; here PostgreSQL's own replication does. Both are asynchronous between regions: a forced
// failover loses what the standby had not received, a switchover loses nothing. AWS: Amazon Aurora User Guide, "Using
// switchover or failover in Amazon Aurora Global Database".
//
// A [Manager] runs all servers of one state folder. Files: binaries.go installs PostgreSQL, server.go runs one server,
// basebackup.go creates a standby's data, converge.go starts and rebuilds servers, switchover.go changes the writer, proxy.go
// and proxies.go are the endpoints, networkfault.go the network faults, lag.go measures replication lag, rpo.go holds commits by
// it, backup.go, snapshot.go and restore.go are backups and what is made of them, state.go is what a restart finds.
package aurora

import (
	"fmt"
	"log"
	"regexp"
	"strings"
)

// ID names a DB cluster: identifiers are unique within a region.
type ID struct {
	Region  string `json:"region"`  // us-east-1
	Cluster string `json:"cluster"` // the DBClusterIdentifier, in lower case
}

// String returns region/cluster.
func (id ID) String() string { return id.Region + "/" + id.Cluster }

// NewID returns the ID of the cluster that an identifier or an ARN in a call to a region names. RDS keeps identifiers in lower
// case. AWS: Amazon RDS API Reference, CreateDBCluster, DBClusterIdentifier; an ARN is
// arn:PARTITION:rds:REGION:ACCOUNT:cluster:NAME.
func NewID(region, identifier string) ID {
	if parts := strings.Split(identifier, ":"); len(parts) == 7 && parts[0] == "arn" && parts[2] == "rds" && parts[5] == "cluster" {
		region, identifier = parts[3], parts[6]
	}
	return ID{Region: region, Cluster: strings.ToLower(identifier)}
}

// identifierPattern is RDS's rule for identifiers: 1 to 63 letters, digits and hyphens, a letter first. AWS: Amazon RDS API
// Reference, CreateDBCluster, DBClusterIdentifier.
var identifierPattern = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`)

// regionPattern is the form of a region's name. AWS: AWS Regions reference, "Region codes".
var regionPattern = regexp.MustCompile(`^[a-z]{2}(-[a-z]+){1,2}-\d{1,2}$`)

// check refuses an ID that RDS would refuse: the ID becomes the name of a directory and of a replication slot.
func (id ID) check() error {
	if !regionPattern.MatchString(id.Region) || !identifierPattern.MatchString(id.Cluster) {
		return fmt.Errorf("naming the DB cluster %q: %w: allowed are 1 to 63 letters, digits and hyphens, a letter first", id, ErrName)
	}
	return nil
}

// dirName is the name of the cluster's directory.
func (id ID) dirName() string { return id.Region + "-" + id.Cluster }

// maxSlotName is the longest name of a replication slot, in bytes. PostgreSQL: NAMEDATALEN is 64, less the final zero.
const maxSlotName = 63

// slotName is the name of the replication slot of this standby at its writer: lower-case letters, digits and underscores. The
// region comes first: a global cluster has one member per region, so a name that was cut off at the end is still unique.
// PostgreSQL: "Replication slots"; AWS: Amazon Aurora User Guide, "Limitations of Amazon Aurora Global Database".
func (id ID) slotName() string {
	name := strings.ReplaceAll(id.dirName(), "-", "_")
	return name[:min(len(name), maxSlotName)]
}

// Cluster is a DB cluster as CreateDBCluster makes it. It is part of clusters.json: the names of its fields are keys there and
// must not change.
type Cluster struct {
	ID
	Global   string // the global cluster that it joins, or ""
	Port     int    // of the endpoint; 0 chooses a free one
	User     string // the master user; a secondary has none
	Password string // the master user's
	Database string // the initial database, or "" for none besides postgres
}

// Options configure a Manager.
type Options struct {
	Folder string // of data and logs; made when the first cluster is
	// Install returns PostgreSQL. It is called before the first server starts, and again after an error.
	Install       func() (Binaries, error)
	NetworkFaults map[string]NetworkFault // from the start on, by region
	Log           *log.Logger
	// MaxLogSinceBackup is the size of the archived log, in bytes, after which MaintainBackups takes a new base backup; 0 is 512 MB.
	MaxLogSinceBackup int64
}
