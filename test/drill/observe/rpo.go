package observe

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"warmstandby/lambda/failover/globaldb"
)

// Parameters is RDS's clusters and their parameter groups.
type Parameters interface {
	rds.DescribeDBClusterParametersAPIClient
	DescribeDBClusters(context.Context, *rds.DescribeDBClustersInput, ...func(*rds.Options)) (*rds.DescribeDBClustersOutput, error)
}

// RPO returns globaldb.RPOParameter of a cluster in seconds, 0 where its group does not set it.
func RPO(ctx context.Context, client Parameters, cluster string) (seconds int, err error) {
	described, err := client.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{DBClusterIdentifier: aws.String(cluster)})
	if err != nil {
		return 0, fmt.Errorf("reading the parameter group of %s: %w", cluster, err)
	}
	if len(described.DBClusters) != 1 {
		return 0, fmt.Errorf("reading the parameter group of %s: RDS describes %d clusters of that name", cluster, len(described.DBClusters))
	}
	group := described.DBClusters[0].DBClusterParameterGroup
	pages := rds.NewDescribeDBClusterParametersPaginator(client, &rds.DescribeDBClusterParametersInput{
		DBClusterParameterGroupName: group, Source: aws.String("user"),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, fmt.Errorf("reading the parameters of group %s: %w", aws.ToString(group), err)
		}
		for _, parameter := range page.Parameters {
			if aws.ToString(parameter.ParameterName) != globaldb.RPOParameter || parameter.ParameterValue == nil {
				continue
			}
			if seconds, err = strconv.Atoi(*parameter.ParameterValue); err != nil {
				return 0, fmt.Errorf("reading %s of group %s: %w", globaldb.RPOParameter, aws.ToString(group), err)
			}
		}
	}
	return seconds, nil
}
