package observe

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"warmstandby/lambda/failover/globaldb"
)

// parameterGroup is RDS of one cluster, whose group's parameters come in pages.
type parameterGroup struct {
	clusters int
	pages    [][]types.Parameter
	err      error
}

func (p parameterGroup) DescribeDBClusters(
	context.Context, *rds.DescribeDBClustersInput, ...func(*rds.Options),
) (*rds.DescribeDBClustersOutput, error) {
	group := types.DBCluster{DBClusterParameterGroup: aws.String("own")}
	return &rds.DescribeDBClustersOutput{DBClusters: []types.DBCluster{group}[:p.clusters]}, nil
}

func (p parameterGroup) DescribeDBClusterParameters(
	_ context.Context, in *rds.DescribeDBClusterParametersInput, _ ...func(*rds.Options),
) (*rds.DescribeDBClusterParametersOutput, error) {
	if aws.ToString(in.DBClusterParameterGroupName) != "own" || p.err != nil {
		return nil, errors.Join(errors.New("no such group"), p.err)
	}
	index := len(aws.ToString(in.Marker)) // a marker of one more letter for each page
	out := &rds.DescribeDBClusterParametersOutput{Parameters: p.pages[index]}
	if index+1 < len(p.pages) {
		out.Marker = aws.String(strings.Repeat("m", index+1))
	}
	return out, nil
}

func parameterRow(name, value string) types.Parameter {
	return types.Parameter{ParameterName: aws.String(name), ParameterValue: aws.String(value)}
}

func TestRPO(t *testing.T) {
	ssl := parameterRow("rds.force_ssl", "1")
	for _, test := range []struct {
		name    string
		group   parameterGroup
		seconds int
		message string
	}{
		{
			"on the first page", parameterGroup{clusters: 1, pages: [][]types.Parameter{{ssl, parameterRow(globaldb.RPOParameter, "600")}}},
			600, "",
		},
		{"on a later page", parameterGroup{clusters: 1, pages: [][]types.Parameter{{ssl}, {parameterRow(globaldb.RPOParameter, "20")}}}, 20, ""},
		{"not set", parameterGroup{clusters: 1, pages: [][]types.Parameter{{ssl}}}, 0, ""},
		{
			"listed without a value", parameterGroup{clusters: 1, pages: [][]types.Parameter{{{ParameterName: aws.String(globaldb.RPOParameter)}}}},
			0, "",
		},
		{
			"no number", parameterGroup{clusters: 1, pages: [][]types.Parameter{{parameterRow(globaldb.RPOParameter, "ten")}}}, 0,
			"global_db_rpo of group own",
		},
		{"no cluster", parameterGroup{}, 0, "RDS describes 0 clusters"},
		{"an error of RDS", parameterGroup{clusters: 1, err: errors.New("throttled")}, 0, "parameters of group own"},
	} {
		t.Run(test.name, func(t *testing.T) {
			seconds, err := RPO(t.Context(), test.group, "aurora-records-primary-blue")
			refused := err != nil && test.message != "" && strings.Contains(err.Error(), test.message)
			if test.message == "" && (err != nil || seconds != test.seconds) || test.message != "" && !refused {
				t.Errorf("the RPO is %d s, %v; want %d s and an error with %q", seconds, err, test.seconds, test.message)
			}
		})
	}
}
