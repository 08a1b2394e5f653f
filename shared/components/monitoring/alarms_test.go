package monitoring

import (
	"slices"
	"strings"
	"testing"

	"warmstandby/test/support/pulumitest"
)

func TestRules(t *testing.T) {
	pulumitest.Check(t, build(t), rules(east, west))
	pulumitest.Check(t, build(t, pulumitest.Preview()), rules(east, west))
}

func TestAlarms(t *testing.T) {
	const more, least, less = "GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold"
	both := []string{"primary", "secondary"}
	tests := []struct {
		name                  string
		roles                 []string
		namespace, metric     string
		statistic, comparison string
		threshold             float64
		datapoints, periods   float64
		missing               string
	}{
		{"replication-lag", both, "AWS/RDS", "AuroraGlobalDBReplicationLag", "Maximum", more, 60_000, 3, 5, "notBreaching"}, // milliseconds
		{"rpo-lag", both, "AWS/RDS", "AuroraGlobalDBRPOLag", "Maximum", more, 450_000, 2, 3, "notBreaching"},                // milliseconds
		{"undelivered-events", both, "AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", least, 1, 1, 1, "notBreaching"},
		{"not-ready", both, "Warmstandby", "FailoverReadiness", "Minimum", less, 1, 5, 5, "breaching"},
		{"late-documents", both, "AWS/S3", "ReplicationLatency", "Maximum", more, 600, 2, 3, "notBreaching"}, // seconds
		{"late-assets", both, "AWS/S3", "ReplicationLatency", "Maximum", more, 600, 2, 3, "notBreaching"},
		{"primary-endpoint", both[:1], "AWS/Route53", "HealthCheckStatus", "Minimum", less, 1, 2, 2, "notBreaching"},
		{"standby-endpoint", both[:1], "AWS/Route53", "HealthCheckStatus", "Minimum", less, 1, 2, 2, "notBreaching"},
		{"heartbeat-missing", both[1:], "Warmstandby", "HeartbeatAge", "Maximum", more, 150, 3, 3, "breaching"}, // seconds
		{"engine-versions-differ", both[1:], "Warmstandby", "EngineVersionMismatch", "Maximum", least, 1, 3, 5, "notBreaching"},
		{"controller-errors", both[1:], "AWS/Lambda", "Errors", "Sum", least, 1, 2, 5, "notBreaching"},
		{"controller-silent", both[1:], "AWS/Lambda", "Invocations", "Sum", less, 1, 5, 5, "breaching"},
	}
	recording, count := build(t), 0
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, role := range test.roles {
				count++
				made := recording.Get(t, alarmToken, "alarm-"+test.name+"-"+role+"-blue")
				topic := "arn:aws:sns:" + recording.Region(made) + ":111122223333:topic"
				for _, expected := range []struct {
					property string
					want     any
				}{
					{"namespace", test.namespace}, {"metricName", test.metric}, {"statistic", test.statistic},
					{"comparisonOperator", test.comparison}, {"threshold", test.threshold}, {"datapointsToAlarm", test.datapoints},
					{"evaluationPeriods", test.periods}, {"treatMissingData", test.missing},
				} {
					if got := made.Input(expected.property); got != expected.want {
						t.Errorf("in the %s region its %s is %v, want %v", role, expected.property, got, expected.want)
					}
				}
				if got, is := made.Input("alarmActions").([]any); !is || !slices.Equal(got, []any{topic}) {
					t.Errorf("in the %s region it notifies %v, want %s", role, got, topic)
				}
			}
		})
	}
	if made := recording.OfType(alarmToken); len(made) != count {
		t.Errorf("there are %d alarms, %d are tested", len(made), count)
	}
}

// maxDescription is the longest description that CloudWatch takes (Amazon CloudWatch API, PutMetricAlarm, AlarmDescription).
const maxDescription = 1024

// Each description has what is wrong and what to do, and no two alarms share one.
func TestAlarmDescriptions(t *testing.T) {
	recording := build(t)
	seen := map[string]string{}
	for _, made := range recording.OfType(alarmToken) {
		text := made.Text("alarmDescription")
		if len(text) > maxDescription || strings.Count(text, ".") < 2 || !strings.HasSuffix(text, ".") {
			t.Errorf("%s has the description %q, want what is wrong and what to do in at most %d characters",
				made.Name, text, maxDescription)
		}
		other, duplicate := seen[text]
		regionless := strings.NewReplacer("-primary-", "-", "-secondary-", "-")
		if duplicate && regionless.Replace(other) != regionless.Replace(made.Name) {
			t.Errorf("%s has the description of %s", made.Name, other)
		}
		seen[text] = made.Name
	}
}

// The composite alarm of a region is of all its alarms that block a failover.
func TestReadinessAlarm(t *testing.T) {
	tests := map[string][]string{
		"primary": {"late-assets", "late-documents", "not-ready", "replication-lag", "rpo-lag", "standby-endpoint"},
		"secondary": {
			"controller-errors", "controller-silent", "engine-versions-differ", "heartbeat-missing", "late-assets", "late-documents",
			"not-ready", "replication-lag", "rpo-lag",
		},
	}
	recording := build(t)
	for role, words := range tests {
		made := recording.Get(t, compositeToken, "alarm-failover-readiness-"+role+"-blue")
		got := strings.Split(made.Text("alarmRule"), " OR ")
		slices.Sort(got)
		var want []string
		for _, word := range words {
			name := "alarm-" + word + "-" + role + "-blue"
			want = append(want, `ALARM("`+name+`")`)
			pulumitest.AssertDependsOn(t, made, recording.Get(t, alarmToken, name))
		}
		if !slices.Equal(got, want) {
			t.Errorf("the terms of the %s region's alarm are\n%q, want\n%q", role, got, want)
		}
		topic := []any{"arn:aws:sns:" + recording.Region(made) + ":111122223333:topic"}
		for _, property := range []string{"alarmActions", "okActions"} {
			if got, is := made.Input(property).([]any); !is || !slices.Equal(got, topic) {
				t.Errorf("the alarm of the %s region has the %s %v, want %v", role, property, got, topic)
			}
		}
	}
}

// Route 53 publishes in us-east-1 wherever the endpoints are: the alarms are there, or nowhere.
func TestHealthCheckAlarms(t *testing.T) {
	for _, test := range []struct{ name, primary, standby, role string }{
		{"as the primary", east, "eu-west-1", "primary"},
		{"as the standby", "eu-west-1", east, "secondary"},
		{"as neither", "eu-west-1", "eu-central-1", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			recording, _ := buildIn(t, test.primary, test.standby)
			var got []string
			for _, made := range recording.OfType(alarmToken) {
				if made.Text("namespace") != "AWS/Route53" {
					continue
				}
				got = append(got, made.Name)
				if got := recording.Region(made); got != east {
					t.Errorf("%s is in %s", made.Name, got)
				}
			}
			var want []string
			if test.role != "" {
				want = []string{"alarm-primary-endpoint-" + test.role + "-blue", "alarm-standby-endpoint-" + test.role + "-blue"}
			}
			if !slices.Equal(got, want) {
				t.Errorf("the alarms are %q, want %q", got, want)
			}
			pulumitest.Check(t, recording, rules(test.primary, test.standby))
		})
	}
}

// The failover controller checks that these alarms exist: a name too many keeps it from ever being ready.
func TestStandbyAlarms(t *testing.T) {
	for _, regions := range [][2]string{{east, west}, {"eu-west-1", east}, {"eu-west-1", "eu-central-1"}} {
		t.Run("from "+regions[0]+" to "+regions[1], func(t *testing.T) {
			recording, built := buildIn(t, regions[0], regions[1])
			var want []string
			for _, token := range []string{alarmToken, compositeToken} {
				for _, made := range recording.OfType(token) {
					if recording.Region(made) == regions[1] {
						want = append(want, made.Name)
					}
				}
			}
			slices.Sort(want)
			if got := slices.Sorted(slices.Values(built.StandbyAlarms)); !slices.Equal(got, want) {
				t.Errorf("the standby's alarms are\n%q, want\n%q", got, want)
			}
		})
	}
}

func TestDashboardURLs(t *testing.T) {
	tests := []struct {
		name, partition, primary, standby string
		want                              [2]string
	}{
		{"on AWS", "aws", east, west, [2]string{
			"https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#dashboards/dashboard/dashboard-primary-blue",
			"https://us-west-2.console.aws.amazon.com/cloudwatch/home?region=us-west-2#dashboards/dashboard/dashboard-secondary-blue",
		}},
		{"in GovCloud", "aws-us-gov", "us-gov-east-1", "us-gov-west-1", [2]string{
			"https://us-gov-east-1.console.amazonaws-us-gov.com/cloudwatch/home?region=us-gov-east-1#dashboards/dashboard/dashboard-primary-blue",
			"https://us-gov-west-1.console.amazonaws-us-gov.com/cloudwatch/home?region=us-gov-west-1#dashboards/dashboard/dashboard-secondary-blue",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, built := buildIn(t, test.primary, test.standby, pulumitest.Partition(test.partition, "com.amazonaws"))
			if got := [2]string{built.PrimaryURL, built.StandbyURL}; got != test.want {
				t.Errorf("the URLs are\n%q, want\n%q", got, test.want)
			}
			if built.PrimaryDashboard != "dashboard-primary-blue" || built.StandbyDashboard != "dashboard-secondary-blue" {
				t.Errorf("the names are %q and %q", built.PrimaryDashboard, built.StandbyDashboard)
			}
		})
	}
}
