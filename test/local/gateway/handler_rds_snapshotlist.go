package gateway

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"warmstandby/test/local/aurora"
)

// snapshotAttributes are what a snapshot keeps of its cluster's description, by the names of the description's elements.
var snapshotAttributes = []string{
	"Engine", "EngineVersion", "MasterUsername", "DatabaseName", "Port", "StorageEncrypted", "KmsKeyId", "DbClusterResourceId",
	"ClusterCreateTime", "AllocatedStorage", "BackupRetentionPeriod", "EngineMode", "PreferredBackupWindow",
	"PreferredMaintenanceWindow", "CopyTagsToSnapshot",
}

// tagAttribute is the prefix of the attributes that are a snapshot's tags.
const tagAttribute = "tag:"

// describeSnapshots lists the call's region. AWS: Amazon RDS API Reference, DescribeDBClusterSnapshots: an identifier that names no
// snapshot is an error, and a cluster that has none an empty list.
func (g *Gateway) describeSnapshots(c *Call) (apiResponse, error) {
	all, err := g.aurora.Snapshots(c.Region)
	if err != nil {
		return apiResponse{}, err
	}
	wanted, cluster, kind := c.Form.Get("DBClusterSnapshotIdentifier"), c.Form.Get("DBClusterIdentifier"), c.Form.Get("SnapshotType")
	if wanted != "" {
		_, wanted = aurora.NewSnapshotName(c.Region, wanted)
	}
	if cluster != "" {
		cluster = aurora.NewID(c.Region, cluster).Cluster
	}
	all = slices.DeleteFunc(all, func(s aurora.Snapshot) bool {
		return wanted != "" && s.Name != wanted || cluster != "" && s.Cluster != cluster || kind != "" && s.Type != kind
	})
	if wanted != "" && len(all) == 0 {
		return apiResponse{}, fmt.Errorf("snapshot %s in %s: %w", wanted, c.Region, aurora.ErrNoSnapshot)
	}
	clusters, err := g.clustersOf(c, c.Region)
	if err != nil {
		return apiResponse{}, err
	}
	described := newElement("DBClusterSnapshots")
	for _, one := range all {
		described.Children = append(described.Children, snapshotElement(one, clusters))
	}
	return rdsResponse(c.Action, described), nil
}

// clustersOf returns the descriptions of a region's clusters by identifier: what RDS takes by itself is described with them.
func (g *Gateway) clustersOf(c *Call, region string) (map[string]*xmlElement, error) {
	described, err := g.describeRDS(c.Context(), region, url.Values{"Action": {"DescribeDBClusters"}})
	if err != nil {
		return nil, fmt.Errorf("describing the clusters of snapshots: %w", err)
	}
	clusters := map[string]*xmlElement{}
	err = described.each("DBCluster", func(cluster *xmlElement) error {
		clusters[cluster.findText("DBClusterIdentifier")] = cluster
		return nil
	})
	return clusters, err
}

// snapshotAttributesOf returns the attributes of a snapshot, those of its cluster where it has none of its own.
func snapshotAttributesOf(s aurora.Snapshot, clusters map[string]*xmlElement) map[string]string {
	if cluster := clusters[s.Cluster]; s.Attributes == nil && cluster != nil {
		return attributesOf(cluster)
	}
	return s.Attributes
}

// emulatorAccount is the emulator's only account.
const emulatorAccount = "000000000000"

func snapshotARN(region, name string) string {
	return "arn:aws:rds:" + region + ":" + emulatorAccount + ":cluster-snapshot:" + name
}

// snapshotElement describes a snapshot. AWS: Amazon RDS API Reference, DBClusterSnapshot.
func snapshotElement(s aurora.Snapshot, clusters map[string]*xmlElement) *xmlElement {
	attributes := snapshotAttributesOf(s, clusters)
	element := newElement("DBClusterSnapshot",
		text("DBClusterSnapshotIdentifier", s.Name), text("DBClusterSnapshotArn", snapshotARN(s.Region, s.Name)),
		text("DBClusterIdentifier", s.Cluster), text("SnapshotType", s.Type), text("SnapshotCreateTime", s.Created.UTC().Format(rdsTime)),
		text("Status", "available"), text("PercentProgress", "100"))
	for _, name := range []string{
		"Engine", "EngineVersion", "EngineMode", "MasterUsername", "Port", "StorageEncrypted", "KmsKeyId", "DbClusterResourceId",
		"ClusterCreateTime", "AllocatedStorage",
	} {
		if value := attributes[name]; value != "" {
			element.Children = append(element.Children, text(name, value))
		}
	}
	if s.Source != "" {
		element.Children = append(element.Children, text("SourceDBClusterSnapshotArn", s.Source))
	}
	tags := newElement("TagList")
	for _, key := range slices.Sorted(maps.Keys(attributes)) {
		if name, ok := strings.CutPrefix(key, tagAttribute); ok {
			tags.Children = append(tags.Children, newElement("Tag", text("Key", name), text("Value", attributes[key])))
		}
	}
	element.Children = append(element.Children, tags)
	return element
}
