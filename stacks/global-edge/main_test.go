package main

import (
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"warmstandby/shared/contract/controller"
	"warmstandby/test/support/pulumitest"
)

func TestEveryResourceKeepsTheRules(t *testing.T) {
	elsewhere := usual()
	elsewhere.primary, elsewhere.standby = "eu-west-1", "us-east-1"
	elsewhere.foundation["environmentSuffix"] = "abcdefghijklmno"
	tests := []struct {
		name   string
		world  world
		config map[string]string
		rules  pulumitest.Rules
		opts   []pulumitest.Option
	}{
		{"as it ships", usual(), nil, usual().rules("blue", false), nil},
		{"in a preview", usual(), nil, usual().rules("blue", false), []pulumitest.Option{pulumitest.Preview()}},
		{"with certificates and protection", inProd(), prodConfig, inProd().rules("blue", true), nil},
		{"in other regions, with the longest suffix", elsewhere, nil, elsewhere.rules("abcdefghijklmno", false), nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			pulumitest.Check(t, test.world.up(t, test.config, test.opts...), test.rules)
		})
	}
}

func TestWithProtectionADestroyIsRefused(t *testing.T) {
	inForeignZone := maps.Clone(prodConfig)
	inForeignZone["hostedZoneId"] = "Z0FOREIGN"
	foreign := pulumitest.Answer("aws:route53/getZone:getZone", func(string, resource.PropertyMap) (resource.PropertyMap, error) {
		return resource.NewPropertyMapFromMap(map[string]any{"name": "example.org", "zoneId": "Z0FOREIGN", "privateZone": false, "nameServers": []any{"ns"}}), nil
	})
	pulumitest.CheckDestroyRefused(t, inProd().up(t, prodConfig),
		"aws:cloudwatch/logGroup:LogGroup", "aws:dynamodb/table:Table", "aws:kms/key:Key", "aws:route53/zone:Zone")
	pulumitest.CheckDestroyRefused(t, inProd().up(t, inForeignZone, foreign),
		"aws:cloudwatch/logGroup:LogGroup", "aws:dynamodb/table:Table", "aws:kms/key:Key")
}

func TestTheOutputsAreTheContracts(t *testing.T) {
	listed, err := os.ReadFile("../../shared/contract/testdata/global-edge.keys")
	if err != nil {
		t.Fatal(err)
	}
	for _, opts := range [][]pulumitest.Option{nil, {pulumitest.Preview()}} {
		var keys []string
		for key := range usual().up(t, nil, opts...).Outputs {
			keys = append(keys, string(key))
		}
		slices.Sort(keys)
		if want := strings.Fields(string(listed)); !slices.Equal(keys, want) {
			t.Errorf("the outputs are %q, want %q", keys, want)
		}
	}
}

func TestWhatTheStackTells(t *testing.T) {
	same := map[string]any{
		"hostedZoneId": "zoneId-zone", "nameServers": []any{"nameServers-1-zone", "nameServers-2-zone"},
		"primaryHealthCheckId": "healthCheck-hc-primary-blue", "standbyHealthCheckId": "healthCheck-hc-secondary-blue",
		"primaryDashboardName": "dashboard-primary-blue", "standbyDashboardName": "dashboard-secondary-blue",
		"primaryDashboardUrl":    "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#dashboards/dashboard/dashboard-primary-blue",
		"standbyDashboardUrl":    "https://us-west-2.console.aws.amazon.com/cloudwatch/home?region=us-west-2#dashboards/dashboard/dashboard-secondary-blue",
		"controllerFunctionName": "lambda-failover-secondary-blue", "controllerTableName": "table-failover-secondary-blue",
		"configParameter": "/warmstandby/blue/failover/config", "modeParameter": "/warmstandby/blue/failover/mode",
	}
	tests := []struct {
		name   string
		world  world
		config map[string]string
		want   map[string]any
	}{
		{"without a domain", usual(), nil, map[string]any{
			"domainName": "blue.warmstandby.test", "globalUrl": "http://blue.warmstandby.test",
			"primaryUrl": "http://alb-primary.example", "standbyUrl": "http://alb-secondary.example",
		}},
		{"with a domain and certificates", inProd(), prodConfig, map[string]any{
			"domainName": "app.example.org", "globalUrl": "https://app.example.org",
			"primaryUrl": "https://us-east-1.app.example.org", "standbyUrl": "https://us-west-2.app.example.org",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			maps.Copy(test.want, same)
			if got := test.world.up(t, test.config).Outputs.Mappable(); !reflect.DeepEqual(got, test.want) {
				t.Errorf("it tells\n%v, want\n%v", got, test.want)
			}
		})
	}
}

// The controller acts on what this document says: a value of the wrong region moves the wrong writer.
func TestWhatTheControllerIsTold(t *testing.T) {
	recording := inProd().up(t, prodConfig)
	arn := func(service, region, of string) string {
		return "arn:aws:" + service + ":" + region + ":" + pulumitest.Account + ":" + of
	}
	want := controller.Config{
		Environment: "blue", PrimaryRegion: "us-east-1", StandbyRegion: "us-west-2",
		GlobalCluster: "globaldb-records-blue", PrimaryCluster: "aurora-primary", StandbyCluster: "aurora-secondary",
		PrimaryClusterARN: arn("rds", "us-east-1", "cluster:aurora-primary"), StandbyClusterARN: arn("rds", "us-west-2", "cluster:aurora-secondary"),
		PrimaryURL: "https://us-east-1.app.example.org", StandbyURL: "https://us-west-2.app.example.org", GlobalURL: "https://app.example.org",
		NameServers: []string{"nameServers-1-zone", "nameServers-2-zone"},
		GlobalName:  "app.example.org", PrimaryName: "us-east-1.app.example.org", StandbyName: "us-west-2.app.example.org",
		Table: "table-failover-secondary-blue", ModeParameter: "/warmstandby/blue/failover/mode",
		PrimaryTopicARN: arn("sns", "us-east-1", "topic-primary"), StandbyTopicARN: arn("sns", "us-west-2", "topic-secondary"),
		BusName: "bus-records-blue", SecretName: "secret-database-blue",
		PrimaryDocumentsBucket: "documents-primary", StandbyDocumentsBucket: "documents-secondary",
		StandbyFunction: "lambda-app-secondary", MetricNamespace: "Warmstandby",
		DashboardURL: recording.Outputs["standbyDashboardUrl"].StringValue(), RunbookURL: "https://wiki.example.org/failover",
	}
	for _, token := range []string{alarmToken, compositeToken} {
		for _, made := range recording.OfType(token) {
			if recording.Region(made) == "us-west-2" {
				want.Alarms = append(want.Alarms, made.Name)
			}
		}
	}
	slices.Sort(want.Alarms)
	for _, role := range []string{"primary", "secondary"} {
		got, err := controller.ParseConfig(recording.Get(t, parameterToken, "failover/config-"+role).Text("insecureValue"))
		slices.Sort(got.Alarms)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("in the %s region it says\n%+v, %v, want\n%+v", role, got, err, want)
		}
	}
}

func TestWhatIsWatchedStandsInItsRegion(t *testing.T) {
	recording := usual().up(t, nil)
	for _, side := range usual().sides() {
		other := map[string]string{"primary": "secondary", "secondary": "primary"}[side.role]
		for name, want := range map[string]map[string]any{
			"replication-lag":    {"DBClusterIdentifier": "aurora-" + side.role, "SourceRegion": map[string]string{"primary": "us-west-2", "secondary": "us-east-1"}[side.role]},
			"undelivered-events": {"QueueName": "undelivered-" + side.role},
			"late-documents":     {"SourceBucket": "documents-" + other, "DestinationBucket": "documents-" + side.role, "RuleId": "everything"},
			"late-assets":        {"SourceBucket": "assets-" + other, "DestinationBucket": "assets-" + side.role, "RuleId": "everything"},
			"not-ready":          {"Environment": "blue"},
		} {
			made := recording.Get(t, alarmToken, "alarm-"+name+"-"+side.role+"-blue")
			if got := made.Input("dimensions"); !reflect.DeepEqual(got, want) {
				t.Errorf("%s is of %v, want %v", made.Name, got, want)
			}
			if got, topic := made.Input("alarmActions"), "arn:aws:sns:"+side.region+":"+pulumitest.Account+":topic-"+side.role; !reflect.DeepEqual(got, []any{topic}) {
				t.Errorf("%s tells %v, want %s", made.Name, got, topic)
			}
		}
	}
	for name, check := range map[string]string{"primary-endpoint": "hc-primary-blue", "standby-endpoint": "hc-secondary-blue"} {
		made := recording.Get(t, alarmToken, "alarm-"+name+"-primary-blue")
		if got, want := made.Text("dimensions.HealthCheckId"), recording.Get(t, checkToken, check).ID; got != want {
			t.Errorf("%s is of %q, want %s", made.Name, got, want)
		}
	}
	silent := recording.Get(t, alarmToken, "alarm-controller-silent-secondary-blue")
	if got := silent.Text("dimensions.FunctionName"); got != recording.Get(t, functionToken, got).Text("name") {
		t.Errorf("%s is of %q", silent.Name, got)
	}
}

func TestBothDashboardsAreTheSame(t *testing.T) {
	recording := usual().up(t, nil)
	body := recording.Get(t, dashboardToken, "dashboard-primary-blue").Text("dashboardBody")
	if other := recording.Get(t, dashboardToken, "dashboard-secondary-blue").Text("dashboardBody"); body != other || !json.Valid([]byte(body)) {
		t.Errorf("they show\n%s\nand\n%s", body, other)
	}
	for _, name := range []string{"lambda-app-primary", "app/alb-secondary", "rule-primary", "lambda-failover-secondary-blue", "healthCheck-hc-primary-blue"} {
		if !strings.Contains(body, `"`+name+`"`) {
			t.Errorf("they show nothing of %s", name)
		}
	}
}

func TestRecordsLeadToTheLoadBalancers(t *testing.T) {
	recording := usual().up(t, nil)
	for _, side := range usual().sides() {
		for _, name := range []string{"global-", "own-"} {
			aliases, _ := recording.Get(t, recordToken, name+side.role).Input("aliases").([]any)
			if len(aliases) != 1 {
				t.Fatalf("the record %s%s leads to %v", name, side.role, aliases)
			}
			got := aliases[0].(map[string]any)
			if got["name"] != "alb-"+side.role+".example" || got["zoneId"] != "Z"+strings.ToUpper(side.role) {
				t.Errorf("the record %s%s leads to %v", name, side.role, got)
			}
		}
	}
}

// forced are the statements that speak of every resource, because AWS takes none there.
var forced = []string{"DescribeGlobalDatabase", "PublishMetrics", "ReadMetrics"}

func TestNoRoleMayMoreThanItNeeds(t *testing.T) {
	recording, found := usual().up(t, nil), []string{}
	for _, granted := range recording.OfType(grantToken) {
		for _, each := range pulumitest.Statements(t, granted.Text("policy")) {
			for _, action := range each.Action {
				if strings.Contains(action, "*") {
					t.Errorf("%s: %s allows %s", granted.Name, each.Sid, action)
				}
			}
			if slices.Contains(each.Resource, "*") {
				found = append(found, each.Sid)
			}
		}
	}
	slices.Sort(found)
	if !slices.Equal(found, forced) {
		t.Errorf("of every resource are %q, want %q", found, forced)
	}
}

func TestTheControllersMachineIsTheConfigured(t *testing.T) {
	for architecture, config := range map[string]map[string]string{"arm64": nil, "x86_64": {"controllerArchitecture": "x86_64"}} {
		function := usual().up(t, config).Get(t, functionToken, "lambda-failover-secondary-blue")
		if got := function.Input("architectures"); !reflect.DeepEqual(got, []any{architecture}) {
			t.Errorf("the function is for %v, want %s", got, architecture)
		}
		if path := function.Inputs["code"].ArchiveValue().Path; !strings.HasSuffix(path, "/linux-"+architecture+"/bootstrap.zip") {
			t.Errorf("the function for %s is made of %s", architecture, path)
		}
	}
}

func TestWhatIsRefused(t *testing.T) {
	tests := []struct {
		name   string
		change func(exports map[string]resource.PropertyMap)
		config map[string]string
		binary bool
		says   []string
	}{
		{"a controller that was not built", nil, nil, false, []string{"finding the failover controller", "`make controller ARCHITECTURE=arm64`"}},
		{"a standby without an application", func(exports map[string]resource.PropertyMap) { delete(exports, appWest) }, nil, true, []string{appWest}},
		{"an application that tells too little", func(exports map[string]resource.PropertyMap) { delete(exports[appEast], "topicArn") }, nil, true, []string{"output topicArn", "make up STACK=region-app-east"}},
		{"an application that was left behind", func(exports map[string]resource.PropertyMap) {
			exports[appWest]["region"] = resource.NewProperty("us-east-2")
		}, nil, true, []string{"region-app-west", "it is in us-east-2, the network in us-west-2"}},
		{"a configuration with a slip", nil, map[string]string{"domainName": "App"}, true, []string{"global-edge (dev): 1 setting is wrong", "domainName"}},
		{"prod without its name and its runbook", func(exports map[string]resource.PropertyMap) {
			exports[foundation]["profile"] = resource.NewProperty("prod")
		}, nil, true, []string{"2 settings are wrong", "domainName", "runbookUrl"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			exports, binaries := usual().exports(), t.TempDir()
			if test.change != nil {
				test.change(exports)
			}
			if test.binary {
				binaries = built(t)
			}
			recording, err := deployed(t, exports, binaries, test.config)
			for _, says := range test.says {
				if err == nil || !strings.Contains(err.Error(), says) {
					t.Errorf("the error is %v, want that it says %q", err, says)
				}
			}
			for _, registered := range recording.Resources {
				if !strings.HasPrefix(registered.Type, "pulumi:providers:") {
					t.Errorf("%s was registered before the fault", registered.Name)
				}
			}
		})
	}
}
