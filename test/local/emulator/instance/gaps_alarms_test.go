package instance

import "testing"

func TestAnAlarmHasTheStatisticThatItWasPutWith(t *testing.T) {
	t.Parallel()
	a := aws{t, newEnvironment(t).up().Endpoint}
	for _, test := range []struct{ name, put, value, not string }{
		{"percentile", "ExtendedStatistic", "p99", "Statistic"},
		{"sum", "Statistic", "Sum", "ExtendedStatistic"},
	} {
		a.json(west, "monitoring", "GraniteServiceVersion20100801.PutMetricAlarm", object{
			"AlarmName": test.name, "Namespace": "AWS/Lambda", "MetricName": "Duration", test.put: test.value, "Period": 60,
			"EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold",
		})
		described := a.json(west, "monitoring", "GraniteServiceVersion20100801.DescribeAlarms", object{"AlarmNames": []string{test.name}})
		alarms, _ := described["MetricAlarms"].([]any)
		if len(alarms) != 1 {
			t.Fatalf("the alarm %s is described as %v", test.name, described)
		}
		alarm, _ := alarms[0].(map[string]any)
		if alarm[test.put] != test.value || alarm[test.not] != nil {
			t.Errorf("the alarm %s has the statistics %v and %v, want %s alone", test.name, alarm["Statistic"], alarm["ExtendedStatistic"], test.value)
		}
	}
}
