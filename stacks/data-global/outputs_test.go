package main

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/contract"
	"warmstandby/test/support/pulumitest"
)

// golden returns the keys of a project's contract.
func golden(t *testing.T, project string) []string {
	t.Helper()
	listed, err := os.ReadFile("../../shared/contract/testdata/" + project + ".keys")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(listed))
}

func TestTheOutputsAreTheContracts(t *testing.T) {
	for _, opts := range [][]pulumitest.Option{nil, {pulumitest.Preview()}} {
		var keys []string
		for key := range up(t, nil, nil, opts...).Outputs {
			keys = append(keys, string(key))
		}
		slices.Sort(keys)
		if want := golden(t, project); !slices.Equal(keys, want) {
			t.Errorf("the outputs are %q, want %q", keys, want)
		}
	}
}

func TestAnotherStackReadsWhatThisOneTells(t *testing.T) {
	var read contract.DataGlobal
	pulumitest.Run(t, "region-app-east", "dev", nil, func(ctx *pulumi.Context) (err error) {
		read, err = contract.ReadDataGlobal(ctx)
		return err
	}, pulumitest.Stack("organization/data-global/dev", up(t, nil, nil).Outputs))

	arn := func(service, region, id string) string {
		return "arn:aws:" + service + ":" + region + ":" + pulumitest.Account + ":" + id
	}
	got := map[string][]any{"pair": {
		read.GlobalClusterIdentifier.Get(), read.GlobalClusterARN.Get(), read.WriterEndpoint.Get(), read.WriterPort.Get(),
		read.DatabaseName.Get(), read.SecretName.Get(), read.EventBusName.Get(), read.ParameterPath.Get(),
	}}
	want := map[string][]any{"pair": {
		"globaldb-records-blue", arn("rds", east, "globalCluster-globaldb-records-blue"), "endpoint-globaldb-records-blue", 5432,
		"records", "secret-database-blue", "bus-records-blue", "/warmstandby/blue",
	}}
	for _, row := range []struct {
		role, region string
		data         contract.RegionData
	}{{"primary", east, read.Primary}, {"secondary", west, read.Standby}} {
		data, cluster := row.data, "aurora-records-"+row.role+"-blue"
		bucket := func(of string) string { return "bucket-" + of + "-" + row.role + "-" + pulumitest.Account + "-blue" }
		got[row.role] = []any{
			data.KeyARN.Get(), data.ClusterIdentifier.Get(), data.ClusterARN.Get(), data.ReaderEndpoint.Get(), data.DatabasePort.Get(),
			data.SecretARN.Get(), data.DocumentsBucketName.Get(), data.DocumentsBucketARN.Get(), data.AssetsBucketName.Get(),
			data.AssetsBucketARN.Get(), data.EventBusARN.Get(), data.ForwardingRuleName.Get(), data.DeadLetterQueueARN.Get(), data.BackupVaultName.Get(),
		}
		want[row.role] = []any{
			arn("kms", row.region, "key-data-"+row.role), cluster, arn("rds", row.region, "cluster-"+cluster), "readerEndpoint-" + cluster, 5432,
			arn("secretsmanager", row.region, "secret-secret-database-blue"),
			bucket("documents"), arn("s3", row.region, "bucketV2-"+bucket("documents")),
			bucket("assets"), arn("s3", row.region, "bucketV2-"+bucket("assets")), arn("cloudwatch", row.region, "eventBus-records-"+row.role),
			"rule-forward-records-" + row.role + "-blue",
			arn("sqs", row.region, "queue-queue-undelivered-records-"+row.role+"-blue"), "vault-" + row.role + "-blue",
		}
	}
	for what := range want {
		if !reflect.DeepEqual(got[what], want[what]) {
			t.Errorf("of the %s is read\n%v, want\n%v", what, got[what], want[what])
		}
	}
}
