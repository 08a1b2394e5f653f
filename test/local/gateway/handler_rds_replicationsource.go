package gateway

import (
	"fmt"
	"net/url"
)

// newReplicationSources adds the replicated cluster's ARN to each secondary cluster of a global database. Without it a
// deployment tool would see the source as removed, and promote the secondary.
func newReplicationSources(string) (Handler, error) {
	return Handler{
		Name: "sources of secondary DB clusters",
		AWS: "A secondary cluster of a global database has the primary's ARN as its ReplicationSourceIdentifier; after a switchover" +
			" or a failover it is the old primary that has one.",
		Source:  "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBCluster.html",
		Matches: matchActions("rds", "CreateDBCluster", "ModifyDBCluster", "DescribeDBClusters"),
		Edit: func(g *Gateway, c *Call, root *xmlElement) error {
			return root.each("DBCluster", func(cluster *xmlElement) error {
				global, own := cluster.findText("GlobalClusterIdentifier"), cluster.findText("DBClusterArn")
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

// primaryOf returns the ARN of a global cluster's primary, or "" when it has none.
func (g *Gateway) primaryOf(c *Call, global string) (arn string, err error) {
	described, err := g.describeRDS(
		c.Context(), c.Region, url.Values{"Action": {"DescribeGlobalClusters"}, "GlobalClusterIdentifier": {global}},
	)
	if err != nil {
		return "", fmt.Errorf("looking for the primary of %s: %w", global, err)
	}
	err = described.each("GlobalClusterMember", func(member *xmlElement) error {
		if member.findText("IsWriter") == "true" {
			arn = member.findText("DBClusterArn")
		}
		return nil
	})
	return arn, err
}
