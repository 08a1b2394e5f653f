// Package aurora is the data plane of Aurora PostgreSQL in the embedded AWS: a real PostgreSQL server for each DB cluster
// that has an instance, physical streaming from a global cluster's writer to its other members, and an address that always
// leads to the writer.
//
// What AWS does in its storage layer is done here with PostgreSQL's own replication: it is asynchronous, as Aurora's is
// between regions, so a forced failover loses what the standby had not received, and a switchover loses nothing.
// AWS: Amazon Aurora User Guide, "Using switchover or failover in Amazon Aurora Global Database".
//
// A [Set] is all servers of one state folder. binaries.go gets PostgreSQL, server.go runs one server, copy.go makes a
// standby from a writer, converge.go starts and rebuilds what should run, move.go changes the writer, door.go is an
// address and doors.go all of them, cut.go is what goes wrong between regions, lag.go measures.
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

// NewID returns the ID that a call in a region means by a cluster's identifier or ARN. RDS keeps identifiers in lower case.
// AWS: Amazon RDS API Reference, CreateDBCluster, DBClusterIdentifier; an ARN is arn:PARTITION:rds:REGION:ACCOUNT:cluster:NAME.
func NewID(region, identifier string) ID {
	if parts := strings.Split(identifier, ":"); len(parts) == 7 && parts[0] == "arn" && parts[2] == "rds" && parts[5] == "cluster" {
		region, identifier = parts[3], parts[6]
	}
	return ID{Region: region, Cluster: strings.ToLower(identifier)}
}

// identifierPattern is what RDS allows in an identifier: 1 to 63 letters, digits and hyphens, a letter first.
// AWS: Amazon RDS API Reference, CreateDBCluster, DBClusterIdentifier.
var identifierPattern = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`)

// regionPattern is the form of a region's name. AWS: AWS Regions reference, "Region codes".
var regionPattern = regexp.MustCompile(`^[a-z]{2}(-[a-z]+){1,2}-\d{1,2}$`)

// check refuses an ID that RDS would refuse: it becomes the name of a folder and of a replication slot.
func (id ID) check() error {
	if !regionPattern.MatchString(id.Region) || !identifierPattern.MatchString(id.Cluster) {
		return fmt.Errorf("naming the DB cluster %q: allowed are 1 to 63 letters, digits and hyphens, a letter first", id)
	}
	return nil
}

// folder is the name of the cluster's folder.
func (id ID) folder() string { return id.Region + "-" + id.Cluster }

// slotLimit is the longest name of a replication slot, in bytes. PostgreSQL: NAMEDATALEN is 64, less the final zero.
const slotLimit = 63

// slot is the name of the replication slot by which the cluster follows its writer: lower-case letters, digits and
// underscores. A global cluster has one member a region, so the region comes first and what is cut does not matter.
// PostgreSQL: "Replication slots"; AWS: Amazon Aurora User Guide, "Limitations of Amazon Aurora Global Database".
func (id ID) slot() string {
	name := strings.ReplaceAll(id.folder(), "-", "_")
	return name[:min(len(name), slotLimit)]
}

// Cluster is a DB cluster as CreateDBCluster makes it.
type Cluster struct {
	ID
	Global   string // the global cluster that it joins, or ""
	Port     int    // the one asked for, or 0 for a free one
	User     string // the master user; a secondary has none
	Password string // the master user's
	Database string // the first database, or "" for none beside postgres
}

// Options say where the servers are and what they are made of.
type Options struct {
	Folder string // of data and logs; made when the first cluster is
	// Install returns PostgreSQL. It is called when the first server is to start, and again after an error.
	Install func() (Binaries, error)
	Cuts    map[string]Cut // from the start on, by region
	Log     *log.Logger
}
