package database

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The beginnings of the second label of a cluster's two host names, which are otherwise the same:
// <id>.cluster-<unique>.<region>… and <id>.cluster-ro-<unique>.<region>… (Amazon Aurora User Guide, "Cluster endpoints" and
// "Reader endpoints").
const (
	writerLabel = ".cluster-"
	readerLabel = ".cluster-ro-"
)

// clusterEndpoint returns the host of a cluster's own writer endpoint. A secondary has one too, inactive until it is promoted,
// but RDS returns it for a primary alone: of a secondary, DescribeDBClusters returns the reader endpoint only.
func clusterEndpoint(cluster *rds.Cluster) pulumi.StringOutput {
	return pulumi.All(cluster.Endpoint, cluster.ReaderEndpoint).ApplyT(func(endpoints []any) (string, error) {
		return endpointOf(endpoints[0].(string), endpoints[1].(string))
	}).(pulumi.StringOutput)
}

// endpointOf returns the writer endpoint, derived from the reader endpoint if RDS did not return it.
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
