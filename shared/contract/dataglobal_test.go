package contract

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/test/support/pulumitest"
)

const dataProducer = "organization/data-global/dev"

// filledData is a contract whose values all differ, so that two that were mixed up show.
func filledData() DataGlobal {
	text := func(of string) Value[string] { return String(pulumi.String(of)) }
	data := func(role string, port int) RegionData {
		return RegionData{
			KeyARN: text(role + "-key"), ClusterIdentifier: text(role + "-cluster"), ClusterARN: text(role + "-cluster-arn"),
			ReaderEndpoint: text(role + "-reader"), DatabasePort: Int(pulumi.Int(port)), SecretARN: text(role + "-secret-arn"),
			DocumentsBucketName: text(role + "-documents"), DocumentsBucketARN: text(role + "-documents-arn"),
			AssetsBucketName: text(role + "-assets"), AssetsBucketARN: text(role + "-assets-arn"),
			EventBusARN: text(role + "-bus-arn"), ForwardingRuleName: text(role + "-rule"), DeadLetterQueueARN: text(role + "-queue-arn"), BackupVaultName: text(role + "-vault"),
		}
	}
	return DataGlobal{
		GlobalClusterIdentifier: text("global"), GlobalClusterARN: text("global-arn"),
		WriterEndpoint: text("writer"), WriterPort: Int(pulumi.Int(5430)), DatabaseName: text("records"),
		SecretName: text("secret"), EventBusName: text("bus"), ParameterPath: text("/path"),
		Primary: data("primary", 5431), Standby: data("standby", 5432),
	}
}

// toldData is what the filled contract tells, by the outputs' keys.
func toldData() map[string]any {
	told := map[string]any{
		"globalClusterIdentifier": "global", "globalClusterArn": "global-arn", "writerEndpoint": "writer", "writerPort": 5430,
		"databaseName": "records", "secretName": "secret", "eventBusName": "bus", "parameterPath": "/path",
		"primaryDatabasePort": 5431, "standbyDatabasePort": 5432,
	}
	for _, role := range []string{"primary", "standby"} {
		for key, of := range map[string]string{
			"KeyArn": "key", "ClusterIdentifier": "cluster", "ClusterArn": "cluster-arn", "ReaderEndpoint": "reader",
			"SecretArn": "secret-arn", "DocumentsBucketName": "documents", "DocumentsBucketArn": "documents-arn",
			"AssetsBucketName": "assets", "AssetsBucketArn": "assets-arn", "EventBusArn": "bus-arn",
			"ForwardingRuleName": "rule", "DeadLetterQueueArn": "queue-arn", "BackupVaultName": "vault",
		} {
			told[role+key] = role + "-" + of
		}
	}
	return told
}

// publishedData is what the engine keeps of the filled contract.
func publishedData(t *testing.T) resource.PropertyMap {
	t.Helper()
	return pulumitest.Run(t, DataGlobalProject, "dev", nil, filledData().Export).Outputs
}

// readDataBack reads a producer's outputs in a preview of another project's stack.
func readDataBack(t *testing.T, outputs resource.PropertyMap) (DataGlobal, error) {
	t.Helper()
	var got DataGlobal
	_, err := pulumitest.RunErr(t, "region-app-west", "dev", nil, func(ctx *pulumi.Context) (err error) {
		got, err = ReadDataGlobal(ctx)
		return err
	}, pulumitest.Preview(), pulumitest.Stack(dataProducer, outputs))
	return got, err
}

func TestTheDataIsReadAsItWasToldInAPreview(t *testing.T) {
	got, err := readDataBack(t, publishedData(t))
	if err != nil {
		t.Fatal(err)
	}
	if values, want := plain(&got), toldData(); !reflect.DeepEqual(values, want) {
		t.Errorf("the values are\n%v, want\n%v", values, want)
	}
}

func TestEachMissingOutputOfTheDataIsRefusedInAPreview(t *testing.T) {
	for _, key := range slices.Sorted(maps.Keys(toldData())) {
		t.Run(key, func(t *testing.T) {
			outputs := publishedData(t)
			outputs[resource.PropertyKey(key+"Renamed")] = outputs[resource.PropertyKey(key)]
			delete(outputs, resource.PropertyKey(key))
			_, err := readDataBack(t, outputs)
			wantSaid(t, err, dataProducer, "make up STACK=data-global ", "output "+key+": ", "got nothing")
			if err != nil && strings.Count(err.Error(), "output ") != 1 {
				t.Errorf("the error %q names other outputs too", err)
			}
		})
	}
}

func TestASecretIsNotReadFromTheData(t *testing.T) {
	outputs := publishedData(t)
	outputs["secretName"] = resource.MakeSecret(resource.NewProperty("hunter2"))
	_, err := readDataBack(t, outputs)
	wantSaid(t, err, "output secretName: ", "secrets do not cross stacks")
	if err != nil && strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error %q shows the secret", err)
	}
}
