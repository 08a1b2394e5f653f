package awsclient

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"warmstandby/lambda/failover/restoretest"
)

// backupAPI is the part of AWS Backup's API that is used.
type backupAPI interface {
	PutRestoreValidationResult(
		context.Context, *backup.PutRestoreValidationResultInput, ...func(*backup.Options),
	) (*backup.PutRestoreValidationResultOutput, error)
}

// clusterAPI is the part of RDS's API that restore tests use.
type clusterAPI interface {
	DescribeDBClusters(context.Context, *rds.DescribeDBClustersInput, ...func(*rds.Options)) (*rds.DescribeDBClustersOutput, error)
}

// RestoreTests reads what AWS Backup has restored in the standby region, and reports to it.
type RestoreTests struct {
	jobs     backupAPI
	clusters clusterAPI
	objects  s3API
}

// Cluster implements restoretest.Restored.
func (r RestoreTests) Cluster(ctx context.Context, identifier string) (restoretest.Cluster, error) {
	described, err := r.clusters.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{DBClusterIdentifier: aws.String(identifier)})
	if err != nil {
		return restoretest.Cluster{}, fmt.Errorf("describing cluster %s: %w", identifier, err)
	}
	if len(described.DBClusters) != 1 {
		return restoretest.Cluster{}, fmt.Errorf("describing cluster %s: there are %d", identifier, len(described.DBClusters))
	}
	cluster := described.DBClusters[0]
	return restoretest.Cluster{Status: aws.ToString(cluster.Status), Encrypted: aws.ToBool(cluster.StorageEncrypted)}, nil
}

// Probe implements restoretest.Restored.
func (r RestoreTests) Probe(ctx context.Context, bucket string) (time.Time, error) {
	return Documents{r.objects, bucket}.Probe(ctx)
}

// Report implements restoretest.Reporter.
func (r RestoreTests) Report(ctx context.Context, jobID string, passed bool, message string) error {
	status := types.RestoreValidationStatusFailed
	if passed {
		status = types.RestoreValidationStatusSuccessful
	}
	_, err := r.jobs.PutRestoreValidationResult(ctx, &backup.PutRestoreValidationResultInput{
		RestoreJobId: aws.String(jobID), ValidationStatus: status, ValidationStatusMessage: aws.String(message),
	})
	if err != nil {
		return fmt.Errorf("reporting the validation of restore job %s: %w", jobID, err)
	}
	return nil
}
