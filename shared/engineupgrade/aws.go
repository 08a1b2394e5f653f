package engineupgrade

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/smithy-go"
)

// AWS is the [RDS] of an account, with the credentials and at the endpoint that every AWS tool finds.
type AWS struct{}

func client(ctx context.Context, region string) (*rds.Client, error) {
	loaded, err := config.LoadDefaultConfig(ctx, config.WithRegion(region))
	if err != nil {
		return nil, fmt.Errorf("configuring a client of RDS in %s: %w", region, err)
	}
	return rds.NewFromConfig(loaded), nil
}

// Members implements [RDS].
func (AWS) Members(ctx context.Context, region, global string) ([]Member, error) {
	regional, err := client(ctx, region)
	if err != nil {
		return nil, err
	}
	found, err := regional.DescribeGlobalClusters(ctx, &rds.DescribeGlobalClustersInput{GlobalClusterIdentifier: &global})
	if err != nil {
		return nil, fmt.Errorf("describing global cluster %s: %w", global, err)
	}
	var members []Member
	for _, cluster := range found.GlobalClusters {
		for _, member := range cluster.GlobalClusterMembers {
			name, err := arn.Parse(aws.ToString(member.DBClusterArn))
			if err != nil {
				return nil, fmt.Errorf("reading a member of global cluster %s: %w", global, err)
			}
			members = append(members, Member{
				Region: name.Region, ID: strings.TrimPrefix(name.Resource, "cluster:"), Writer: aws.ToBool(member.IsWriter),
			})
		}
	}
	return members, nil
}

// Version implements [RDS].
func (AWS) Version(ctx context.Context, member Member) (version, status string, err error) {
	regional, err := client(ctx, member.Region)
	if err != nil {
		return "", "", err
	}
	found, err := regional.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{DBClusterIdentifier: &member.ID})
	if err != nil {
		return "", "", fmt.Errorf("describing the cluster: %w", err)
	}
	if len(found.DBClusters) != 1 {
		return "", "", fmt.Errorf("describing the cluster: RDS returns %d clusters, want 1", len(found.DBClusters))
	}
	return aws.ToString(found.DBClusters[0].EngineVersion), aws.ToString(found.DBClusters[0].Status), nil
}

// Raise implements [RDS]. AWS refuses a member for as long as another member, or the member itself, is being changed (Amazon RDS API
// Reference, InvalidDBClusterStateFault and InvalidGlobalClusterStateFault).
func (AWS) Raise(ctx context.Context, member Member, version string) (busy bool, err error) {
	regional, err := client(ctx, member.Region)
	if err != nil {
		return false, err
	}
	_, err = regional.ModifyDBCluster(ctx, &rds.ModifyDBClusterInput{
		DBClusterIdentifier: &member.ID, EngineVersion: &version, ApplyImmediately: aws.Bool(true),
	})
	var refusal smithy.APIError
	if errors.As(err, &refusal) {
		switch refusal.ErrorCode() {
		case "InvalidDBClusterStateFault", "InvalidGlobalClusterStateFault":
			return true, nil
		}
	}
	return false, err
}
