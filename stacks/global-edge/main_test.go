package main

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"warmstandby/shared/contract"
	"warmstandby/shared/contract/controller"
	"warmstandby/test/support/contracttest"
	"warmstandby/test/support/pulumitest"
)

func TestRules(t *testing.T) {
	standard, production := newUpstream(t, nil), newProduction(t)
	otherRegions := newUpstream(t, overrides{
		foundation: {"primaryRegion": "eu-west-1", "standbyRegion": "us-east-1", "environmentSuffix": "abcdefghijklmno"},
		appEast:    {"region": "eu-west-1"},
		appWest:    {"region": "us-east-1"},
	})
	tests := []struct {
		name     string
		upstream upstreamOutputs
		config   map[string]string
		rules    pulumitest.Rules
		opts     []pulumitest.Option
	}{
		{name: "with defaults", upstream: standard, rules: standard.rules("blue", false)},
		{
			name: "in a preview", upstream: standard, rules: standard.rules("blue", false),
			opts: []pulumitest.Option{pulumitest.Preview()},
		},
		{
			name: "with certificates and protection", upstream: production, config: prodConfig,
			rules: production.rules("blue", true),
		},
		{
			name: "in other regions, with the longest suffix", upstream: otherRegions,
			rules: otherRegions.rules("abcdefghijklmno", false),
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			pulumitest.Check(t, test.upstream.up(t, test.config, test.opts...), test.rules)
		})
	}
}

func TestProtection(t *testing.T) {
	t.Run("with protection a destroy is refused", func(t *testing.T) {
		pulumitest.CheckDestroyRefused(t, newProduction(t).up(t, prodConfig),
			"aws:cloudwatch/logGroup:LogGroup", "aws:dynamodb/table:Table", "aws:kms/key:Key", "aws:route53/zone:Zone")
	})
	t.Run("with protection and the zone of somebody else a destroy is refused", func(t *testing.T) {
		inForeignZone := maps.Clone(prodConfig)
		inForeignZone["hostedZoneId"] = "Z0FOREIGN"
		zone := resource.NewPropertyMapFromMap(map[string]any{
			"name": "example.org", "zoneId": "Z0FOREIGN", "privateZone": false, "nameServers": []any{"ns"},
		})
		foreign := pulumitest.Answer("aws:route53/getZone:getZone", func(string, resource.PropertyMap) (resource.PropertyMap, error) {
			return zone, nil
		})
		pulumitest.CheckDestroyRefused(t, newProduction(t).up(t, inForeignZone, foreign),
			"aws:cloudwatch/logGroup:LogGroup", "aws:dynamodb/table:Table", "aws:kms/key:Key")
	})
}

func TestOutputKeys(t *testing.T) {
	for name, opts := range map[string][]pulumitest.Option{"in an update": nil, "in a preview": {pulumitest.Preview()}} {
		t.Run("the stack exports its contract "+name, func(t *testing.T) {
			t.Parallel()
			contracttest.CheckKeys(t, newUpstream(t, nil).up(t, nil, opts...).Outputs, &contract.GlobalEdge{})
		})
	}
}

// dashboardURL returns the address of a dashboard in the console.
func dashboardURL(region, name string) string {
	return "https://" + region + ".console.aws.amazon.com/cloudwatch/home?region=" + region + "#dashboards/dashboard/" + name
}

func TestOutputs(t *testing.T) {
	same := map[string]any{
		"hostedZoneId":           "zoneId-zone",
		"nameServers":            []string{"nameServers-1-zone", "nameServers-2-zone"},
		"primaryHealthCheckId":   "healthCheck-hc-primary-blue",
		"standbyHealthCheckId":   "healthCheck-hc-secondary-blue",
		"primaryDashboardName":   "dashboard-primary-blue",
		"standbyDashboardName":   "dashboard-secondary-blue",
		"primaryDashboardUrl":    dashboardURL("us-east-1", "dashboard-primary-blue"),
		"standbyDashboardUrl":    dashboardURL("us-west-2", "dashboard-secondary-blue"),
		"controllerFunctionName": "lambda-failover-secondary-blue",
		"controllerTableName":    "table-failover-secondary-blue",
		"configParameter":        "/warmstandby/blue/failover/config",
		"modeParameter":          "/warmstandby/blue/failover/mode",
	}
	standard := newUpstream(t, nil)
	tests := []struct {
		name     string
		upstream upstreamOutputs
		config   map[string]string
		want     map[string]any
	}{
		{name: "without a domain", upstream: standard, want: map[string]any{
			"domainName": "blue.warmstandby.test", "globalUrl": "http://blue.warmstandby.test",
			"primaryUrl": "http://" + standard.text(appEast, "loadBalancerDnsName"),
			"standbyUrl": "http://" + standard.text(appWest, "loadBalancerDnsName"),
		}},
		{name: "with a domain and certificates", upstream: newProduction(t), config: prodConfig, want: map[string]any{
			"domainName": "app.example.org", "globalUrl": "https://app.example.org",
			"primaryUrl": "https://us-east-1.app.example.org", "standbyUrl": "https://us-west-2.app.example.org",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			maps.Copy(test.want, same)
			var read contract.GlobalEdge
			if err := contract.Outputs(test.upstream.up(t, test.config).Outputs.Mappable()).Decode(&read); err != nil {
				t.Fatal(err)
			}
			contracttest.CheckValues(t, contracttest.Values(t, &read), test.want)
		})
	}
}

// The controller acts on this document: a value of the wrong region moves the wrong writer.
func TestControllerConfig(t *testing.T) {
	upstream := newProduction(t)
	recording := upstream.up(t, prodConfig)
	data := func(key string) string { return upstream.text(dataGlobal, key) }
	want := controller.Config{
		Environment:            "blue",
		PrimaryRegion:          "us-east-1",
		StandbyRegion:          "us-west-2",
		GlobalCluster:          data("globalClusterIdentifier"),
		PrimaryCluster:         data("primaryClusterIdentifier"),
		StandbyCluster:         data("standbyClusterIdentifier"),
		PrimaryClusterARN:      data("primaryClusterArn"),
		StandbyClusterARN:      data("standbyClusterArn"),
		PrimaryURL:             "https://us-east-1.app.example.org",
		StandbyURL:             "https://us-west-2.app.example.org",
		GlobalURL:              "https://app.example.org",
		NameServers:            []string{"nameServers-1-zone", "nameServers-2-zone"},
		GlobalName:             "app.example.org",
		PrimaryName:            "us-east-1.app.example.org",
		StandbyName:            "us-west-2.app.example.org",
		Table:                  "table-failover-secondary-blue",
		ModeParameter:          "/warmstandby/blue/failover/mode",
		PrimaryTopicARN:        upstream.text(appEast, "topicArn"),
		StandbyTopicARN:        upstream.text(appWest, "topicArn"),
		BusName:                data("eventBusName"),
		SecretName:             data("secretName"),
		PrimaryDocumentsBucket: data("primaryDocumentsBucketName"),
		StandbyDocumentsBucket: data("standbyDocumentsBucketName"),
		StandbyFunction:        upstream.text(appWest, "functionName"),
		MetricNamespace:        "Warmstandby",
		DashboardURL:           recording.Outputs["standbyDashboardUrl"].StringValue(),
		RunbookURL:             "https://wiki.example.org/failover",
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
		t.Run("the parameter in the "+role+" region has every value of its region", func(t *testing.T) {
			got, err := controller.ParseConfig(recording.Get(t, parameterToken, "failover/config-"+role).Text("insecureValue"))
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(got.Alarms)
			contracttest.CheckValues(t, fields(got), fields(want))
		})
	}
}

// fields returns the fields of a configuration by name.
func fields(c controller.Config) map[string]any {
	named := map[string]any{}
	value := reflect.ValueOf(c)
	for i := range value.NumField() {
		named[value.Type().Field(i).Name] = value.Field(i).Interface()
	}
	return named
}

func TestAlarms(t *testing.T) {
	upstream := newUpstream(t, nil)
	recording, regions := upstream.up(t, nil), upstream.regions()
	data := func(key, name string) string { return upstream.text(dataGlobal, key+name) }
	for i, local := range regions {
		peer := regions[1-i]
		for name, want := range map[string]map[string]any{
			"replication-lag": {"DBClusterIdentifier": data(local.key, "ClusterIdentifier"), "SourceRegion": peer.region},
			"undelivered-events": {
				"QueueName": data(local.key, "DeadLetterQueueArn")[strings.LastIndex(data(local.key, "DeadLetterQueueArn"), ":")+1:],
			},
			"late-documents": {
				"SourceBucket": data(peer.key, "DocumentsBucketName"), "DestinationBucket": data(local.key, "DocumentsBucketName"),
				"RuleId": "everything",
			},
			"late-assets": {
				"SourceBucket": data(peer.key, "AssetsBucketName"), "DestinationBucket": data(local.key, "AssetsBucketName"),
				"RuleId": "everything",
			},
			"not-ready": {"Environment": "blue"},
		} {
			t.Run(name+" of the "+local.role+" region", func(t *testing.T) {
				made := recording.Get(t, alarmToken, "alarm-"+name+"-"+local.role+"-blue")
				dimensions, _ := made.Input("dimensions").(map[string]any)
				contracttest.CheckValues(t, dimensions, want)
				if got, topic := made.Input("alarmActions"), upstream.text(local.app, "topicArn"); !reflect.DeepEqual(got, []any{topic}) {
					t.Errorf("its actions are %v, want %s", got, topic)
				}
			})
		}
	}
	for name, check := range map[string]string{"primary-endpoint": "hc-primary-blue", "standby-endpoint": "hc-secondary-blue"} {
		t.Run(name+" is of its health check", func(t *testing.T) {
			made := recording.Get(t, alarmToken, "alarm-"+name+"-primary-blue")
			if got, want := made.Text("dimensions.HealthCheckId"), recording.Get(t, checkToken, check).ID; got != want {
				t.Errorf("it is of %q, want %s", got, want)
			}
		})
	}
	t.Run("controller-silent is of the controller's function", func(t *testing.T) {
		silent := recording.Get(t, alarmToken, "alarm-controller-silent-secondary-blue")
		if got := silent.Text("dimensions.FunctionName"); got != recording.Get(t, functionToken, got).Text("name") {
			t.Errorf("it is of %q", got)
		}
	})
}

func TestDashboards(t *testing.T) {
	t.Run("both dashboards are equal, and have metrics of both regions", func(t *testing.T) {
		t.Parallel()
		upstream := newUpstream(t, nil)
		recording := upstream.up(t, nil)
		body := recording.Get(t, dashboardToken, "dashboard-primary-blue").Text("dashboardBody")
		other := recording.Get(t, dashboardToken, "dashboard-secondary-blue").Text("dashboardBody")
		if body != other || !json.Valid([]byte(body)) {
			t.Errorf("they are\n%s\nand\n%s", body, other)
		}
		for _, name := range []string{
			upstream.text(appEast, "functionName"), upstream.text(appWest, "loadBalancerArnSuffix"),
			upstream.text(dataGlobal, "primaryForwardingRuleName"), "lambda-failover-secondary-blue", "healthCheck-hc-primary-blue",
		} {
			if !strings.Contains(body, `"`+name+`"`) {
				t.Errorf("they have no metric of %s", name)
			}
		}
	})
}

func TestRecords(t *testing.T) {
	upstream := newUpstream(t, nil)
	recording := upstream.up(t, nil)
	for _, region := range upstream.regions() {
		for _, prefix := range []string{"global-", "own-"} {
			name := prefix + region.role
			t.Run(name+" is an alias of its region's load balancer", func(t *testing.T) {
				aliases, _ := recording.Get(t, recordToken, name).Input("aliases").([]any)
				if len(aliases) != 1 {
					t.Fatalf("it has the aliases %v, want one", aliases)
				}
				got := aliases[0].(map[string]any)
				for property, key := range map[string]string{"name": "loadBalancerDnsName", "zoneId": "loadBalancerZoneId"} {
					if want := upstream.text(region.app, key); got[property] != want {
						t.Errorf("its %s is %v, want %s", property, got[property], want)
					}
				}
			})
		}
	}
}

// onEveryResource are the statements that name every resource, because AWS accepts no other for their actions.
var onEveryResource = []string{"CompareQuotas", "DescribeAlarms", "PublishMetrics", "ReadMetrics", "ReportRestoreTests"}

func TestLeastPrivilege(t *testing.T) {
	t.Run("no role has a wildcard action, or more statements on every resource than AWS forces", func(t *testing.T) {
		t.Parallel()
		recording, found := newUpstream(t, nil).up(t, nil), []string{}
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
		if !slices.Equal(found, slices.Sorted(slices.Values(onEveryResource))) {
			t.Errorf("the statements on every resource are %q, want %q", found, onEveryResource)
		}
	})
}

func TestArchitecture(t *testing.T) {
	for architecture, config := range map[string]map[string]string{"arm64": nil, "x86_64": {"controllerArchitecture": "x86_64"}} {
		t.Run("the controller is deployed for "+architecture, func(t *testing.T) {
			function := newUpstream(t, nil).up(t, config).Get(t, functionToken, "lambda-failover-secondary-blue")
			if got := function.Input("architectures"); !reflect.DeepEqual(got, []any{architecture}) {
				t.Errorf("the function is for %v", got)
			}
			if path := function.Inputs["code"].ArchiveValue().Path; !strings.HasSuffix(path, "/linux-"+architecture+"/bootstrap.zip") {
				t.Errorf("the function's code is %s", path)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	tests := []struct {
		name     string
		change   func(upstreamOutputs)
		config   map[string]string
		notBuilt bool
		want     []string // in the error
	}{
		{
			name: "a controller that was not built", notBuilt: true,
			want: []string{"finding the failover controller", "`make controller ARCHITECTURE=arm64`"},
		},
		{
			name: "a standby without an application", change: func(u upstreamOutputs) { delete(u, appWest) },
			want: []string{appWest},
		},
		{
			name: "an application that is in another region than the network",
			change: func(u upstreamOutputs) {
				u[appWest]["region"] = resource.NewProperty("us-east-2")
			},
			want: []string{"region-app-west", "it is in us-east-2, the network in us-west-2"},
		},
		{
			name: "an invalid setting", config: map[string]string{"domainName": "App"},
			want: []string{"global-edge (dev): 1 setting is wrong", "domainName"},
		},
		{
			name: "the profile prod without its domain and its runbook",
			change: func(u upstreamOutputs) {
				u[foundation]["profile"] = resource.NewProperty("prod")
			},
			want: []string{"2 settings are wrong", "domainName", "runbookUrl"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			upstream, binaries := newUpstream(t, nil), t.TempDir()
			if test.change != nil {
				test.change(upstream)
			}
			if !test.notBuilt {
				binaries = built(t)
			}
			recording, err := upstream.deployWith(t, binaries, test.config)
			for _, part := range test.want {
				if err == nil || !strings.Contains(err.Error(), part) {
					t.Errorf("the error is %v, want one that contains %q", err, part)
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

func TestMissingOutputs(t *testing.T) {
	binaries := built(t)
	for project, outputs := range newUpstream(t, nil) {
		contracttest.CheckRefused(t, project, outputs, func(t *testing.T, incomplete resource.PropertyMap) (*pulumitest.Recording, error) {
			t.Helper()
			upstream := newUpstream(t, nil)
			upstream[project] = incomplete
			return upstream.deployWith(t, binaries, nil, pulumitest.Preview())
		})
	}
}
