package database

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// What begins the second label of a cluster's two host names, which are otherwise the same: <id>.cluster-<unique>.<region>…
// and <id>.cluster-ro-<unique>.<region>… (Amazon Aurora User Guide, "Cluster endpoints" and "Reader endpoints").
const (
	writerLabel = ".cluster-"
	readerLabel = ".cluster-ro-"
)

// clusterEndpoint returns the host of a cluster's own writer in either part. A secondary has one, inactive until it is
// promoted, but RDS tells it of a primary alone: a secondary's DescribeDBClusters has the reader's only.
func clusterEndpoint(cluster *rds.Cluster) pulumi.StringOutput {
	return pulumi.All(cluster.Endpoint, cluster.ReaderEndpoint).ApplyT(func(endpoints []any) (string, error) {
		return endpointOf(endpoints[0].(string), endpoints[1].(string))
	}).(pulumi.StringOutput)
}

func endpointOf(writer, reader string) (string, error) {
	if writer != "" {
		return writer, nil
	}
	before, dependencies, found := strings.Cut(reader, readerLabel)
	if !found {
		return "", fmt.Errorf("finding the cluster endpoint of a secondary: its reader endpoint is %q, want <id>%s…", reader, readerLabel)
	}
	return before + writerLabel + dependencies, nil
}
