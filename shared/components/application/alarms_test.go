package application

import (
	"reflect"
	"strings"
	"testing"

	"warmstandby/test/support/pulumitest"
)

func TestAlarms(t *testing.T) {
	loadBalancer := map[string]any{"LoadBalancer": "arnSuffix-<balancer>"}
	target := map[string]any{"LoadBalancer": "arnSuffix-<balancer>", "TargetGroup": "arnSuffix-<targetGroup>"}
	function := map[string]any{"FunctionName": "<function>"}
	vault := map[string]any{"BackupVaultName": "<vault>"}
	const least, less = "GreaterThanOrEqualToThreshold", "LessThanThreshold"
	tests := []struct {
		name, namespace, metric string
		dimensions              map[string]any
		statistic, comparison   string
		threshold               float64
		datapoints, periods     float64
		missing                 string
		hourly                  bool
	}{
		{"no-backup", "AWS/Backup", "NumberOfBackupJobsCompleted", vault, "Sum", less, 1, 26, 26, "breaching", true},
		{"no-backup-copy", "AWS/Backup", "NumberOfCopyJobsCompleted", vault, "Sum", less, 1, 26, 26, "breaching", true},
		{"balancer-5xx", "AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", loadBalancer, "Sum", least, 5, 2, 3, "notBreaching", false},
		{"target-5xx", "AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", target, "Sum", least, 5, 2, 3, "notBreaching", false},
		{"latency-p99", "AWS/ApplicationELB", "TargetResponseTime", target, "p99", least, 1, 3, 5, "notBreaching", false}, // seconds
		{"unhealthy", "AWS/ApplicationELB", "UnHealthyHostCount", target, "Maximum", least, 1, 2, 2, "breaching", false},
		{"function-errors", "AWS/Lambda", "Errors", function, "Sum", least, 1, 2, 5, "notBreaching", false},
		{"function-throttles", "AWS/Lambda", "Throttles", function, "Sum", least, 1, 2, 5, "notBreaching", false},
		{"concurrency", "AWS/Lambda", "ClaimedAccountConcurrency", nil, "Maximum", least, 400, 2, 3, "notBreaching", false},
		// milliseconds, of a timeout of 20 s
		{"function-duration", "AWS/Lambda", "Duration", function, "p99", least, 16000, 3, 5, "notBreaching", false},
		{"outbox-age", "Warmstandby/Records", "OutboxAge", function, "Maximum", least, 600, 3, 5, "notBreaching", false},
		{"outbox-events", "Warmstandby/Records", "OutboxEvents", function, "Maximum", least, 50000, 3, 5, "notBreaching", false},
		{"keys-age", "Warmstandby/Records", "ExpiredKeysAge", function, "Maximum", least, 600, 3, 5, "notBreaching", false},
		{"keys-expired", "Warmstandby/Records", "ExpiredKeys", function, "Maximum", least, 50000, 3, 5, "notBreaching", false},
		{"versions-age", "Warmstandby/Records", "ExpiredVersionsAge", function, "Maximum", least, 600, 3, 5, "notBreaching", false},
		{"documents-age", "Warmstandby/Records", "DocumentRemovalsAge", function, "Maximum", least, 600, 3, 5, "notBreaching", false},
		{"configuration-age", "Warmstandby/Records", "ConfigurationAge", function, "Maximum", least, 300, 3, 5, "notBreaching", false},
		{"no-traffic", "AWS/ApplicationELB", "RequestCount", loadBalancer, "Sum", less, 1, 3, 3, "breaching", false},
		{
			"failed-invocations", "AWS/SQS", "ApproximateNumberOfMessagesVisible", map[string]any{"QueueName": "<queue>"}, "Maximum",
			least, 1, 1, 1, "notBreaching", false,
		},
	}
	recording := build(t, unchanged)
	if made := recording.OfType(alarmToken); len(made) != len(testRegions)*len(tests) {
		t.Errorf("there are %d alarms, want %d a region", len(made), len(tests))
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, r := range testRegions {
				replacer := strings.NewReplacer(
					"<balancer>", r.balancer(), "<targetGroup>", r.targetGroup(), "<function>", r.function(), "<queue>", r.queue(), "<vault>", r.vault())
				dimensions := map[string]any{}
				for key, value := range test.dimensions {
					dimensions[key] = replacer.Replace(value.(string))
				}
				period := 60.0
				if test.hourly {
					period = 3600
				}
				topic := []any{recording.Get(t, topicToken, r.topic()).ARN()}
				if len(dimensions) == 0 { // of the account's own metric
					dimensions = nil
				}
				want := map[string]any{
					"name":      "alarm-" + test.name + "-" + r.role + "-blue",
					"namespace": test.namespace, "metricName": test.metric, "dimensions": dimensions,
					"period": period, "evaluationPeriods": test.periods, "datapointsToAlarm": test.datapoints,
					"comparisonOperator": test.comparison, "threshold": test.threshold,
					"treatMissingData": test.missing, "alarmActions": topic, "okActions": topic,
				}
				if dimensions == nil {
					delete(want, "dimensions")
				}
				// CloudWatch has a property of its own for percentiles.
				if test.statistic == "p99" {
					want["extendedStatistic"] = test.statistic
				} else {
					want["statistic"] = test.statistic
				}
				made := recording.Get(t, alarmToken, "alarm-"+test.name+"-"+r.role+"-blue")
				if got := without(made.Inputs.Mappable(), "alarmDescription"); !reflect.DeepEqual(got, want) {
					t.Errorf("in %s the alarm is\n%v, want\n%v", r.region, got, want)
				}
			}
		})
	}
}

// maxDescription is the longest description that CloudWatch takes (Amazon CloudWatch API, PutMetricAlarm, AlarmDescription).
const maxDescription = 1024

// Each description has what is wrong and what to do, and no two alarms share a text.
func TestAlarmDescriptions(t *testing.T) {
	for _, made := range build(t, unchanged).OfType(alarmToken) {
		text := made.Text("alarmDescription")
		if len(text) > maxDescription || strings.Count(text, ".") < 2 || !strings.HasSuffix(text, ".") {
			t.Errorf("%s has the description %q, want what is wrong and what to do in at most %d characters",
				made.Name, text, maxDescription)
		}
	}
	seen := map[string]string{}
	for _, row := range alarmTable(alarmsArgs{balancer: &balancer{}, function: &function{}, deadLetters: &deadLetterQueue{}}) {
		for _, text := range []string{row.Summary, row.Response} {
			if other, duplicate := seen[text]; duplicate || text == "" {
				t.Errorf("%s has the text %q, as %s does", row.Name, text, other)
			}
			seen[text] = row.Name
		}
		if row.DatapointsToAlarm < 1 || row.DatapointsToAlarm > row.EvaluationPeriods {
			t.Errorf("%s takes %d datapoints of %d periods", row.Name, row.DatapointsToAlarm, row.EvaluationPeriods)
		}
	}
}

// The region's alarms may publish to the topic, and depend on the policy that allows it.
func TestAlarmTopic(t *testing.T) {
	recording := build(t, unchanged)
	for _, r := range testRegions {
		topic := recording.Get(t, topicToken, r.topic())
		want := map[string]any{"name": r.topic(), "kmsMasterKeyId": recording.Get(t, keyToken, r.key()).ARN()}
		if got := topic.Inputs.Mappable(); !reflect.DeepEqual(got, want) {
			t.Errorf("the topic of %s is %v, want %v", r.region, got, want)
		}
		attached := recording.Get(t, "aws:sns/topicPolicy:TopicPolicy", r.topic())
		wantPolicy := []pulumitest.Statement{
			{
				Sid: "AllowCloudWatchAlarms", Effect: "Allow", Principal: map[string][]string{"Service": {"cloudwatch.amazonaws.com"}},
				Action: []string{"sns:Publish"}, Resource: []string{topic.ARN()},
				Condition: map[string]map[string][]string{
					"StringEquals": {"aws:SourceAccount": {"111122223333"}}, "ArnLike": {"aws:SourceArn": {r.arn("cloudwatch", "alarm:*")}},
				},
			},
			{
				Sid: "AllowEventBridgeRule", Effect: "Allow", Principal: map[string][]string{"Service": {"events.amazonaws.com"}},
				Action: []string{"sns:Publish"}, Resource: []string{topic.ARN()},
				Condition: map[string]map[string][]string{"ArnEquals": {"aws:SourceArn": {r.arn("events", "rule/rule-backup-failed-"+r.role+"-blue")}}},
			},
			{
				Sid: "DenyInsecureTransport", Effect: "Deny", Principal: map[string][]string{"AWS": {"*"}},
				Action: []string{"sns:Publish"}, Resource: []string{topic.ARN()},
				Condition: map[string]map[string][]string{"Bool": {"aws:SecureTransport": {"false"}}},
			},
		}
		if got := pulumitest.Statements(t, attached.Text("policy")); !reflect.DeepEqual(got, wantPolicy) || attached.Text("arn") != topic.ARN() {
			t.Errorf("the policy of %q is\n%+v, want\n%+v", attached.Text("arn"), got, wantPolicy)
		}
		pulumitest.AssertDependsOn(t, recording.Get(t, alarmToken, "alarm-no-traffic-"+r.role+"-blue"), attached)
	}
}

// Each address is subscribed once in each region.
func TestSubscriptions(t *testing.T) {
	const token = "aws:sns/topicSubscription:TopicSubscription"
	recording := build(t, unchanged)
	for _, r := range testRegions {
		for _, address := range []string{"ops@example.com", "oncall@example.com"} {
			want := map[string]any{"topic": recording.Get(t, topicToken, r.topic()).ARN(), "protocol": "email", "endpoint": address}
			if got := recording.Get(t, token, address+"-"+r.role).Inputs.Mappable(); !reflect.DeepEqual(got, want) {
				t.Errorf("the subscription of %s is %v, want %v", address, got, want)
			}
		}
	}
	if made := recording.OfType(token); len(made) != 4 {
		t.Errorf("there are %d subscriptions, want two a region", len(made))
	}
	nobody := build(t, func(_ testRegion, args *Args) { args.NotificationEmails = nil })
	if made := nobody.OfType(token); len(made) != 0 {
		t.Errorf("there are %d subscriptions without an address", len(made))
	}
}
