package gateway

import "net/http"

// newAutomatedBackups answers with an empty list: the emulator makes no automated backups of clusters.
func newAutomatedBackups(string) (Handler, error) {
	return Handler{
		Name: "automated backups of DB clusters",
		AWS: "DescribeDBClusterAutomatedBackups lists what RDS keeps of each cluster by itself, of a deleted one only where that was asked for;" +
			" a region in which nothing was backed up has an empty list.",
		Source:  "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBClusterAutomatedBackups.html",
		Matches: matchActions("rds", "DescribeDBClusterAutomatedBackups"),
		Serve: func(g *Gateway, w http.ResponseWriter, c *Call) {
			root := newElement("DescribeDBClusterAutomatedBackupsResponse",
				newElement("DescribeDBClusterAutomatedBackupsResult", newElement("DBClusterAutomatedBackups")),
				newElement("ResponseMetadata", text("RequestId", requestID())))
			root.Attributes = []xmlAttribute{{"xmlns", rdsNamespace}}
			g.respond(w, c, apiResponse{Status: http.StatusOK, Header: xmlHeader(), Body: root.encode()}, nil)
		},
	}, nil
}
