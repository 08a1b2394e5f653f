package awsclient

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"warmstandby/lambda/failover/restoretest"
)

// restoreAPI answers as AWS Backup and RDS do.
type restoreAPI struct {
	clusters []rdstypes.DBCluster
	put      *backup.PutRestoreValidationResultInput
	err      error
}

func (r *restoreAPI) DescribeDBClusters(
	context.Context, *rds.DescribeDBClustersInput, ...func(*rds.Options),
) (*rds.DescribeDBClustersOutput, error) {
	return &rds.DescribeDBClustersOutput{DBClusters: r.clusters}, r.err
}

func (r *restoreAPI) PutRestoreValidationResult(
	_ context.Context, input *backup.PutRestoreValidationResultInput, _ ...func(*backup.Options),
) (*backup.PutRestoreValidationResultOutput, error) {
	r.put = input
	return &backup.PutRestoreValidationResultOutput{}, r.err
}

func TestClusterOfARestoreTest(t *testing.T) {
	refused := errors.New("refused")
	for _, test := range []struct {
		name  string
		api   restoreAPI
		want  restoretest.Cluster
		fails bool
	}{
		{"one that there is", restoreAPI{clusters: []rdstypes.DBCluster{{Status: aws.String("available"), StorageEncrypted: aws.Bool(true)}}},
			restoretest.Cluster{Status: "available", Encrypted: true}, false},
		{"none", restoreAPI{}, restoretest.Cluster{}, true},
		{"one that cannot be described", restoreAPI{err: refused}, restoretest.Cluster{}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := RestoreTests{clusters: &test.api}.Cluster(t.Context(), "c")
			if got != test.want || (err != nil) != test.fails {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestReport(t *testing.T) {
	for passed, want := range map[bool]types.RestoreValidationStatus{
		true: types.RestoreValidationStatusSuccessful, false: types.RestoreValidationStatusFailed,
	} {
		var api restoreAPI
		err := RestoreTests{jobs: &api}.Report(t.Context(), "job", passed, "why")
		if err != nil || api.put.ValidationStatus != want || *api.put.RestoreJobId != "job" || *api.put.ValidationStatusMessage != "why" {
			t.Errorf("reported is %+v (%v), want %s", api.put, err, want)
		}
	}
}
