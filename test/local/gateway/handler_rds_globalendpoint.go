package gateway

import (
	"crypto/sha256"
	"encoding/hex"
)

// endpointSuffix is the number of hexadecimal characters that make a global writer endpoint's host name unguessable: as many
// as in AWS's names.
const endpointSuffix = 12

// newGlobalEndpoints adds the writer endpoint to the descriptions of global clusters.
func newGlobalEndpoints(string) (Handler, error) {
	return Handler{
		Name: "global writer endpoints",
		AWS: "A global cluster has one endpoint, which stays and points at the writer of the cluster that is primary:" +
			" NAME.global-SUFFIX.global.rds.amazonaws.com.",
		Source: "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-connecting.html",
		Matches: matchActions("rds", "CreateGlobalCluster", "DescribeGlobalClusters", "ModifyGlobalCluster", "DeleteGlobalCluster",
			"RemoveFromGlobalCluster", "FailoverGlobalCluster", "SwitchoverGlobalCluster"),
		Edit: func(g *Gateway, _ *Call, root *xmlElement) error {
			complete := func(cluster *xmlElement) error {
				// A member of a cluster has the same element name in a description, and no identifier.
				if id := cluster.findText("GlobalClusterIdentifier"); id != "" {
					cluster.set(text("Endpoint", g.globalEndpoint(id, cluster.findText("GlobalClusterResourceId"))))
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

// globalEndpoint returns the host of a global cluster's writer endpoint: the data plane's host if there is one, else a name of
// AWS's form. It is the same for the cluster's whole life.
func (g *Gateway) globalEndpoint(id, resource string) string {
	if g.writerHost != nil {
		if host, ok := g.writerHost(id); ok {
			return host
		}
	}
	sum := sha256.Sum256([]byte(resource))
	return id + ".global-" + hex.EncodeToString(sum[:])[:endpointSuffix] + ".global.rds.amazonaws.com"
}
