//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// assertNoDataLeft asks for all kinds of resource that data-global makes and [assertNothingLeft] does not look for. What AWS
// has by itself, such as a default event bus, is not of the environment's name.
func assertNoDataLeft(t *testing.T, p *platform, region string) {
	t.Helper()
	ctx, configured := t.Context(), p.aws(t, region)
	databases, events, backups := p.rds(t, region), eventbridge.NewFromConfig(configured), backup.NewFromConfig(configured)
	left := map[string][]string{}
	find := func(kind string, name *string) {
		if strings.HasSuffix(aws.ToString(name), "-"+p.name) {
			left[kind] = append(left[kind], *name)
		}
	}
	for _, cluster := range must(databases.DescribeGlobalClusters(ctx, &rds.DescribeGlobalClustersInput{}))(t).GlobalClusters {
		find("global clusters", cluster.GlobalClusterIdentifier)
	}
	for _, cluster := range must(databases.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{}))(t).DBClusters {
		find("DB clusters", cluster.DBClusterIdentifier)
	}
	for _, instance := range must(databases.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{}))(t).DBInstances {
		find("DB instances", instance.DBInstanceIdentifier)
	}
	for _, group := range must(databases.DescribeDBSubnetGroups(ctx, &rds.DescribeDBSubnetGroupsInput{}))(t).DBSubnetGroups {
		find("DB subnet groups", group.DBSubnetGroupName)
	}
	for _, group := range must(databases.DescribeDBClusterParameterGroups(
		ctx, &rds.DescribeDBClusterParameterGroupsInput{}))(t).DBClusterParameterGroups {
		find("DB cluster parameter groups", group.DBClusterParameterGroupName)
	}
	for _, bucket := range must(p.s3(t, region).ListBuckets(ctx, &s3.ListBucketsInput{}))(t).Buckets {
		find("buckets", bucket.Name)
	}
	for _, secret := range must(secretsmanager.NewFromConfig(configured).ListSecrets(
		ctx, &secretsmanager.ListSecretsInput{IncludePlannedDeletion: aws.Bool(true)}))(t).SecretList {
		find("secrets", secret.Name)
	}
	for _, bus := range must(events.ListEventBuses(ctx, &eventbridge.ListEventBusesInput{}))(t).EventBuses {
		find("event buses", bus.Name)
	}
	for _, archive := range must(events.ListArchives(ctx, &eventbridge.ListArchivesInput{}))(t).Archives {
		find("event archives", archive.ArchiveName)
	}
	for _, url := range must(sqs.NewFromConfig(configured).ListQueues(ctx, &sqs.ListQueuesInput{}))(t).QueueUrls {
		find("queues", &url)
	}
	for _, vault := range must(backups.ListBackupVaults(ctx, &backup.ListBackupVaultsInput{}))(t).BackupVaultList {
		find("backup vaults", vault.BackupVaultName)
	}
	for _, plan := range must(backups.ListBackupPlans(ctx, &backup.ListBackupPlansInput{}))(t).BackupPlansList {
		find("backup plans", plan.BackupPlanName)
	}
	for name := range p.parameters(t, region) {
		left["parameters"] = append(left["parameters"], name)
	}
	for kind, names := range left {
		t.Errorf("%s: of the %s there are left %v", region, kind, names)
	}
}
