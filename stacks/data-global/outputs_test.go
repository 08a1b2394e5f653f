package main

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/contract"
	"warmstandby/test/support/contracttest"
	"warmstandby/test/support/pulumitest"
)

func TestOutputKeys(t *testing.T) {
	for name, opts := range map[string][]pulumitest.Option{"in an update": nil, "in a preview": {pulumitest.Preview()}} {
		t.Run("the stack exports its contract "+name, func(t *testing.T) {
			t.Parallel()
			contracttest.CheckKeys(t, up(t, nil, nil, opts...).Outputs, &contract.DataGlobal{})
		})
	}
}

func TestOutputs(t *testing.T) {
	t.Run("another stack reads the values of the resources", func(t *testing.T) {
		t.Parallel()
		var read contract.DataGlobal
		pulumitest.Run(t, contract.RegionAppEastProject, contracttest.Stack, nil, func(ctx *pulumi.Context) (err error) {
			read, err = contract.ReadDataGlobal(ctx)
			return err
		}, pulumitest.Stack(contracttest.StackName(project), up(t, nil, nil).Outputs))

		arn := func(service, region, id string) string {
			return "arn:aws:" + service + ":" + region + ":" + pulumitest.Account + ":" + id
		}
		want := map[string]any{
			"globalClusterIdentifier": "globaldb-records-blue",
			"globalClusterArn":        arn("rds", east, "globalCluster-globaldb-records-blue"),
			"writerEndpoint":          "endpoint-globaldb-records-blue",
			"writerPort":              5432,
			"databaseName":            "records",
			"secretName":              "secret-database-blue",
			"eventBusName":            "bus-records-blue",
			"parameterPath":           "/warmstandby/blue",
		}
		for _, row := range []struct{ prefix, role, region string }{
			{prefix: "primary", role: "primary", region: east}, {prefix: "standby", role: "secondary", region: west},
		} {
			cluster, vault := "aurora-records-"+row.role+"-blue", "vault-"+row.role+"-blue"
			bucket := func(purpose string) string {
				return "bucket-" + purpose + "-" + row.role + "-" + pulumitest.Account + "-blue"
			}
			for key, value := range map[string]any{
				"KeyArn":              arn("kms", row.region, "key-data-"+row.role),
				"ClusterIdentifier":   cluster,
				"ClusterArn":          arn("rds", row.region, "cluster-"+cluster),
				"ReaderEndpoint":      "readerEndpoint-" + cluster,
				"DatabasePort":        5432,
				"SecretArn":           arn("secretsmanager", row.region, "secret-secret-database-blue"),
				"DocumentsBucketName": bucket("documents"),
				"DocumentsBucketArn":  arn("s3", row.region, "bucketV2-"+bucket("documents")),
				"AssetsBucketName":    bucket("assets"),
				"AssetsBucketArn":     arn("s3", row.region, "bucketV2-"+bucket("assets")),
				"EventBusArn":         arn("cloudwatch", row.region, "eventBus-records-"+row.role),
				"ForwardingRuleName":  "rule-forward-records-" + row.role + "-blue",
				"DeadLetterQueueArn":  arn("sqs", row.region, "queue-queue-undelivered-records-"+row.role+"-blue"),
				"BackupVaultName":     vault,
			} {
				want[row.prefix+key] = value
			}
		}
		contracttest.CheckValues(t, contracttest.Values(t, &read), want)
	})
}
