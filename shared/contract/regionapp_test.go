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

// appProjects are the producers of the contract.
var appProjects = []string{RegionAppEastProject, RegionAppWestProject}

// filledApp is a contract whose values all differ, so that two that were mixed up show.
func filledApp(project string) RegionApp {
	text := func(of string) Value[string] { return String(pulumi.String(project + " " + of)) }
	return RegionApp{
		Region: text("region"), Role: text("role"), Scheme: text("scheme"), Port: Int(pulumi.Int(8443)),
		LoadBalancerDNSName: text("dns"), LoadBalancerZoneID: text("zone"), LoadBalancerARN: text("balancer-arn"),
		LoadBalancerARNSuffix: text("balancer-suffix"), TargetGroupARNSuffix: text("group-suffix"),
		FunctionName: text("function"), FunctionARN: text("function-arn"), LogGroup: text("log"),
		TopicARN: text("topic-arn"), KeyARN: text("key-arn"), FailedQueueARN: text("queue-arn"), FailedQueueName: text("queue"),
	}
}

// toldByApp is what the filled contract tells, by the outputs' keys.
func toldByApp(project string) map[string]any {
	told := map[string]any{"port": 8443}
	for key, of := range map[string]string{
		"region": "region", "role": "role", "scheme": "scheme", "loadBalancerDnsName": "dns", "loadBalancerZoneId": "zone",
		"loadBalancerArn": "balancer-arn", "loadBalancerArnSuffix": "balancer-suffix", "targetGroupArnSuffix": "group-suffix",
		"functionName": "function", "functionArn": "function-arn", "logGroupName": "log", "topicArn": "topic-arn",
		"keyArn": "key-arn", "failedQueueArn": "queue-arn", "failedQueueName": "queue",
	} {
		told[key] = project + " " + of
	}
	return told
}

// readApps reads both producers' contracts in a preview of another project's stack.
func readApps(t *testing.T, outputs map[string]resource.PropertyMap) (map[string]RegionApp, error) {
	t.Helper()
	opts := []pulumitest.Option{pulumitest.Preview()}
	for project, told := range outputs {
		opts = append(opts, pulumitest.Stack("organization/"+project+"/dev", told))
	}
	got := map[string]RegionApp{}
	_, err := pulumitest.RunErr(t, "global-edge", "dev", nil, func(ctx *pulumi.Context) error {
		for _, project := range appProjects {
			app, err := ReadRegionApp(ctx, project)
			if err != nil {
				return err
			}
			got[project] = app
		}
		return nil
	}, opts...)
	return got, err
}

// publishedApps is what the engine keeps of both filled contracts.
func publishedApps(t *testing.T) map[string]resource.PropertyMap {
	t.Helper()
	outputs := map[string]resource.PropertyMap{}
	for _, project := range appProjects {
		outputs[project] = pulumitest.Run(t, project, "dev", nil, filledApp(project).Export).Outputs
	}
	return outputs
}

func TestEachRegionsApplicationIsReadAsItWasToldInAPreview(t *testing.T) {
	got, err := readApps(t, publishedApps(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, project := range appProjects {
		app := got[project]
		if values, want := plain(&app), toldByApp(project); !reflect.DeepEqual(values, want) {
			t.Errorf("of %s the values are\n%v, want\n%v", project, values, want)
		}
	}
}

func TestEachMissingOutputOfAnApplicationIsRefusedInAPreview(t *testing.T) {
	for _, key := range slices.Sorted(maps.Keys(toldByApp(""))) {
		t.Run(key, func(t *testing.T) {
			outputs := publishedApps(t)
			west := outputs[RegionAppWestProject]
			west[resource.PropertyKey(key+"Renamed")] = west[resource.PropertyKey(key)]
			delete(west, resource.PropertyKey(key))
			_, err := readApps(t, outputs)
			wantSaid(t, err, "organization/region-app-west/dev", "make up STACK=region-app-west ", "output "+key+": ", "got nothing")
			if err != nil && strings.Count(err.Error(), "output ") != 1 {
				t.Errorf("the error %q names other outputs too", err)
			}
		})
	}
}
