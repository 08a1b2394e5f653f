package gateway

// serverHost is the host of DB clusters' endpoints, each at a port of its own.
const serverHost = "127.0.0.1"

// newClusterEndpoints adds the endpoint to the descriptions of DB clusters that have servers.
func newClusterEndpoints(string) (Handler, error) {
	return Handler{
		Name:    "endpoints of DB clusters",
		AWS:     "A DB cluster's endpoints are the same from its creation to its deletion, with instances or without.",
		Source:  "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Overview.Endpoints.html",
		Matches: matchActions("rds", "CreateDBCluster", "ModifyDBCluster", "DescribeDBClusters"),
		Edit: func(g *Gateway, _ *Call, root *xmlElement) error {
			if g.aurora == nil {
				return nil
			}
			return root.each("DBCluster", func(cluster *xmlElement) error {
				if cluster.findText("Engine") == auroraEngine {
					cluster.set(text("Endpoint", serverHost), text("ReaderEndpoint", serverHost))
				}
				return nil
			})
		},
	}, nil
}
