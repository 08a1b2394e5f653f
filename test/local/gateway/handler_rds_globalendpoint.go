package gateway

import (
	"crypto/sha256"
	"encoding/hex"
)

// endpointSuffix is how many characters make the host name of a global writer endpoint unguessable: as many as AWS's have.
const endpointSuffix = 12

// newGlobalEndpoints gives each global cluster its writer endpoint.
func newGlobalEndpoints(string) (Gap, error) {
	return Gap{
		Name: "global writer endpoints",
		AWS: "A global cluster has one endpoint, which stays and points at the writer of the cluster that is primary:" +
			" NAME.global-SUFFIX.global.rds.amazonaws.com.",
		Source: "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-connecting.html",
		Matches: operations("rds", "CreateGlobalCluster", "DescribeGlobalClusters", "ModifyGlobalCluster", "DeleteGlobalCluster",
			"RemoveFromGlobalCluster", "FailoverGlobalCluster", "SwitchoverGlobalCluster"),
		Edit: func(g *Gateway, _ *Call, root *element) error {
			complete := func(cluster *element) error {
				// A member of a cluster has the same element name in a description, and no identifier.
				if id := cluster.textAt("GlobalClusterIdentifier"); id != "" {
					cluster.set(text("Endpoint", g.globalEndpoint(id, cluster.textAt("GlobalClusterResourceId"))))
				}
				return nil
			}
			if err := root.each("GlobalCluster", complete); err != nil {
				return err
			}
			return root.each("GlobalClusterMember", complete)
		},
	}, nil
}

// globalEndpoint returns the host of a global cluster's writer: that of the data plane when there is one, else a name of
// AWS's form, the same for the cluster's whole life.
func (g *Gateway) globalEndpoint(id, resource string) string {
	if g.writerHost != nil {
		if host, ok := g.writerHost(id); ok {
			return host
		}
	}
	sum := sha256.Sum256([]byte(resource))
	return id + ".global-" + hex.EncodeToString(sum[:])[:endpointSuffix] + ".global.rds.amazonaws.com"
}
