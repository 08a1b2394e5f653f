package application

import (
	"reflect"
	"strings"
	"testing"

	"warmstandby/test/support/pulumitest"
)

func TestAlarms(t *testing.T) {
	front := map[string]any{"LoadBalancer": "arnSuffix-<balancer>"}
	behind := map[string]any{"LoadBalancer": "arnSuffix-<balancer>", "TargetGroup": "arnSuffix-<targetGroup>"}
	function := map[string]any{"FunctionName": "<function>"}
	const least, less = "GreaterThanOrEqualToThreshold", "LessThanThreshold"
	tests := []struct {
		name, namespace, metric string
		dimensions              map[string]any
		statistic, comparison   string
		threshold               float64
		bad, of                 float64
		missing                 string
	}{
		{"balancer-5xx", "AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", front, "Sum", least, 5, 2, 3, "notBreaching"},
		{"target-5xx", "AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", behind, "Sum", least, 5, 2, 3, "notBreaching"},
		{"latency-p99", "AWS/ApplicationELB", "TargetResponseTime", behind, "p99", least, 1, 3, 5, "notBreaching"}, // seconds
		{"unhealthy", "AWS/ApplicationELB", "UnHealthyHostCount", behind, "Maximum", least, 1, 2, 2, "breaching"},
		{"function-errors", "AWS/Lambda", "Errors", function, "Sum", least, 1, 2, 5, "notBreaching"},
		{"function-throttles", "AWS/Lambda", "Throttles", function, "Sum", least, 1, 2, 5, "notBreaching"},
		{"function-duration", "AWS/Lambda", "Duration", function, "p99", least, 16000, 3, 5, "notBreaching"}, // milliseconds, of a timeout of 20 s
		{"no-traffic", "AWS/ApplicationELB", "RequestCount", front, "Sum", less, 1, 3, 3, "breaching"},
		{"failed-invocations", "AWS/SQS", "ApproximateNumberOfMessagesVisible", map[string]any{"QueueName": "<queue>"}, "Maximum", least, 1, 1, 1, "notBreaching"},
	}
	recording := build(t, plainly)
	if made := recording.OfType(alarmToken); len(made) != len(sides)*len(tests) {
		t.Errorf("there are %d alarms, want %d a region", len(made), len(tests))
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, side := range sides {
				real := strings.NewReplacer("<balancer>", side.balancer(), "<targetGroup>", side.targetGroup(), "<function>", side.function(), "<queue>", side.queue())
				dimensions := map[string]any{}
				for key, value := range test.dimensions {
					dimensions[key] = real.Replace(value.(string))
				}
				topic := []any{recording.Get(t, topicToken, side.topic()).ARN()}
				want := map[string]any{
					"name": "alarm-" + test.name + "-" + side.role + "-blue", "namespace": test.namespace, "metricName": test.metric, "dimensions": dimensions,
					"period": 60.0, "evaluationPeriods": test.of, "datapointsToAlarm": test.bad, "comparisonOperator": test.comparison, "threshold": test.threshold,
					"treatMissingData": test.missing, "alarmActions": topic, "okActions": topic,
				}
				// CloudWatch takes a percentile under a name of its own.
				if test.statistic == "p99" {
					want["extendedStatistic"] = test.statistic
				} else {
					want["statistic"] = test.statistic
				}
				made := recording.Get(t, alarmToken, "alarm-"+test.name+"-"+side.role+"-blue")
				if got := without(made.Inputs.Mappable(), "alarmDescription"); !reflect.DeepEqual(got, want) {
					t.Errorf("it is in %s\n%v, want\n%v", side.region, got, want)
				}
			}
		})
	}
}

// The longest description that CloudWatch takes (Amazon CloudWatch API, PutMetricAlarm, AlarmDescription).
const longestDescription = 1024

func TestAnAlarmSaysWhatIsWrongAndWhatToDo(t *testing.T) {
	for _, made := range build(t, plainly).OfType(alarmToken) {
		text := made.Text("alarmDescription")
		if len(text) > longestDescription || strings.Count(text, ".") < 2 || !strings.HasSuffix(text, ".") {
			t.Errorf("%s says %q, want what is wrong and what to do in at most %d characters", made.Name, text, longestDescription)
		}
	}
	seen := map[string]string{}
	for _, row := range table(alarmsArgs{balancer: &balancer{}, function: &function{}, failed: &failures{}}) {
		for _, text := range []string{row.What, row.Do} {
			if other, said := seen[text]; said || text == "" {
				t.Errorf("%s says %q, as %s does", row.Name, text, other)
			}
			seen[text] = row.Name
		}
		if row.Bad < 1 || row.Bad > row.Of {
			t.Errorf("%s wants %d bad minutes of %d", row.Name, row.Bad, row.Of)
		}
	}
}

func TestAlarmsReachTheTopic(t *testing.T) {
	recording := build(t, plainly)
	for _, side := range sides {
		topic := recording.Get(t, topicToken, side.topic())
		want := map[string]any{"name": side.topic(), "kmsMasterKeyId": recording.Get(t, keyToken, side.key()).ARN()}
		if got := topic.Inputs.Mappable(); !reflect.DeepEqual(got, want) {
			t.Errorf("the topic of %s is %v, want %v", side.region, got, want)
		}
		attached := recording.Get(t, "aws:sns/topicPolicy:TopicPolicy", side.topic())
		wantPolicy := []pulumitest.Statement{
			{
				Sid: "AlarmsPublish", Effect: "Allow", Principal: map[string][]string{"Service": {"cloudwatch.amazonaws.com"}},
				Action: []string{"sns:Publish"}, Resource: []string{topic.ARN()},
				Condition: map[string]map[string][]string{
					"StringEquals": {"aws:SourceAccount": {"111122223333"}}, "ArnLike": {"aws:SourceArn": {side.arn("cloudwatch", "alarm:*")}},
				},
			},
			{
				Sid: "RefusePlainHTTP", Effect: "Deny", Principal: map[string][]string{"AWS": {"*"}},
				Action: []string{"sns:Publish"}, Resource: []string{topic.ARN()},
				Condition: map[string]map[string][]string{"Bool": {"aws:SecureTransport": {"false"}}},
			},
		}
		if got := pulumitest.Statements(t, attached.Text("policy")); !reflect.DeepEqual(got, wantPolicy) || attached.Text("arn") != topic.ARN() {
			t.Errorf("the policy of %q is\n%+v, want\n%+v", attached.Text("arn"), got, wantPolicy)
		}
		pulumitest.WantAfter(t, recording.Get(t, alarmToken, "alarm-no-traffic-"+side.role+"-blue"), attached)
	}
}

func TestEachAddressIsSubscribedOnce(t *testing.T) {
	const token = "aws:sns/topicSubscription:TopicSubscription"
	recording := build(t, plainly)
	for _, side := range sides {
		for _, address := range []string{"ops@example.com", "oncall@example.com"} {
			want := map[string]any{"topic": recording.Get(t, topicToken, side.topic()).ARN(), "protocol": "email", "endpoint": address}
			if got := recording.Get(t, token, address+"-"+side.role).Inputs.Mappable(); !reflect.DeepEqual(got, want) {
				t.Errorf("the subscription of %s is %v, want %v", address, got, want)
			}
		}
	}
	if made := recording.OfType(token); len(made) != 4 {
		t.Errorf("there are %d subscriptions, want two a region", len(made))
	}
	nobody := build(t, func(_ side, args *Args) { args.NotificationEmails = nil })
	if made := nobody.OfType(token); len(made) != 0 {
		t.Errorf("there are %d subscriptions without an address", len(made))
	}
}
