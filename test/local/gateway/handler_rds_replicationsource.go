package gateway

import (
	"fmt"
	"net/url"
)

// newReplicationSources names, in each secondary cluster of a global database, the cluster that it replicates. A deployment
// tool that takes the name for something to be removed would promote the secondary.
func newReplicationSources(string) (Gap, error) {
	return Gap{
		Name: "sources of secondary DB clusters",
		AWS: "A secondary cluster of a global database has the primary's ARN as its ReplicationSourceIdentifier; after a switchover" +
			" or a failover it is the old primary that has one.",
		Source:  "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBCluster.html",
		Matches: operations("rds", "CreateDBCluster", "ModifyDBCluster", "DescribeDBClusters"),
		Edit: func(g *Gateway, c *Call, root *element) error {
			return root.each("DBCluster", func(cluster *element) error {
				global, own := cluster.textAt("GlobalClusterIdentifier"), cluster.textAt("DBClusterArn")
				if global == "" {
					return nil
				}
				primary, err := g.primaryOf(c, global)
				if err == nil && primary != "" && primary != own {
					cluster.set(text("ReplicationSourceIdentifier", primary))
				}
				return err
			})
		},
	}, nil
}

// primaryOf asks the emulator for the ARN of a global cluster's primary; it is empty when the cluster has none.
func (g *Gateway) primaryOf(c *Call, global string) (arn string, err error) {
	described, err := g.query(c.Context(), c.Region, "rds", url.Values{
		"Action": {"DescribeGlobalClusters"}, "Version": {"2014-10-31"}, "GlobalClusterIdentifier": {global},
	})
	if err == nil && !described.ok() {
		err = fmt.Errorf("%d %s", described.Status, described.Body)
	}
	if err != nil {
		return "", fmt.Errorf("looking for the primary of %s: %w", global, err)
	}
	root, err := parseXML(described.Body)
	if err != nil {
		return "", fmt.Errorf("looking for the primary of %s: %w", global, err)
	}
	err = root.each("GlobalClusterMember", func(member *element) error {
		if member.textAt("IsWriter") == "true" {
			arn = member.textAt("DBClusterArn")
		}
		return nil
	})
	return arn, err
}
