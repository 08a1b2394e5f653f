package gateway

import "net/http"

// newAutomatedBackups answers which automated backups of clusters there are: the emulator makes none.
func newAutomatedBackups(string) (Gap, error) {
	return Gap{
		Name: "automated backups of DB clusters",
		AWS: "DescribeDBClusterAutomatedBackups lists what RDS keeps of each cluster by itself, of a deleted one only where that was asked for;" +
			" a region in which nothing was backed up has an empty list.",
		Source:  "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBClusterAutomatedBackups.html",
		Matches: operations("rds", "DescribeDBClusterAutomatedBackups"),
		Serve: func(g *Gateway, w http.ResponseWriter, c *Call) {
			root := newElement("DescribeDBClusterAutomatedBackupsResponse",
				newElement("DescribeDBClusterAutomatedBackupsResult", newElement("DBClusterAutomatedBackups")),
				newElement("ResponseMetadata", text("RequestId", requestID())))
			root.Attributes = []attribute{{"xmlns", rdsNamespace}}
			g.respond(w, c, answer{Status: http.StatusOK, Header: xmlHeader(), Body: root.document()}, nil)
		},
	}, nil
}
