package gateway

// serverHost is where the servers behind DB clusters listen, each at a port of its own.
const serverHost = "127.0.0.1"

// newClusterEndpoints gives a DB cluster that has servers their address from its creation on.
func newClusterEndpoints(string) (Gap, error) {
	return Gap{
		Name:    "endpoints of DB clusters",
		AWS:     "A DB cluster's endpoints are the same from its creation to its deletion, with instances or without.",
		Source:  "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Overview.Endpoints.html",
		Matches: operations("rds", "CreateDBCluster", "ModifyDBCluster", "DescribeDBClusters"),
		Edit: func(g *Gateway, _ *Call, root *element) error {
			if g.aurora == nil {
				return nil
			}
			return root.each("DBCluster", func(cluster *element) error {
				if cluster.textAt("Engine") == auroraEngine {
					cluster.set(text("Endpoint", serverHost), text("ReaderEndpoint", serverHost))
				}
				return nil
			})
		},
	}, nil
}
