package instance

import (
	"testing"
	"time"
)

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
			t.Errorf(
				"the alarm %s has the statistics %v and %v, want %s alone", test.name, alarm["Statistic"], alarm["ExtendedStatistic"], test.value,
			)
		}
	}
}

// An alarm is of its own metric and of as many periods as it says.
func TestAlarmMetricAndPeriods(t *testing.T) {
	a := aws{t, newEnvironment(t).up().Endpoint}
	const service, day = "GraniteServiceVersion20100801.", 24 * time.Hour // a test does not often take longer than a period
	of := func(id string) []object { return []object{{"Name": "HealthCheckId", "Value": id}} }
	for name, periods := range map[string][2]int{"own": {1, 1}, "both": {2, 2}, "one-of-two": {1, 2}} {
		a.json(east, "monitoring", service+"PutMetricAlarm", object{
			"AlarmName": name, "Namespace": "AWS/Route53", "MetricName": "HealthCheckStatus", "Dimensions": of("own"), "Statistic": "Minimum",
			"Period":            day / time.Second,
			"DatapointsToAlarm": periods[0], "EvaluationPeriods": periods[1], "Threshold": 1, "ComparisonOperator": "LessThanThreshold",
		})
	}
	put := func(id string, ago time.Duration, value float64) {
		a.json(east, "monitoring", service+"PutMetricData", object{"Namespace": "AWS/Route53", "MetricData": []object{
			{"MetricName": "HealthCheckStatus", "Dimensions": of(id), "Value": value, "Timestamp": time.Now().Add(-ago).Unix()},
		}})
	}
	for _, step := range []struct {
		what             string
		do               func()
		own, both, oneOf string
	}{
		{"another check is unhealthy", func() { put("other", 0, 0) }, "INSUFFICIENT_DATA", "INSUFFICIENT_DATA", "INSUFFICIENT_DATA"},
		{"it was unhealthy a day ago", func() { put("own", day, 0) }, "ALARM", "OK", "ALARM"},
		{"it is healthy now", func() { put("own", 0, 1) }, "OK", "OK", "ALARM"},
		{"it is unhealthy now", func() { put("own", 0, 0) }, "ALARM", "ALARM", "ALARM"},
	} {
		step.do()
		described := a.json(east, "monitoring", service+"DescribeAlarms", object{})
		alarms, _ := described["MetricAlarms"].([]any)
		got := map[any]any{}
		for _, one := range alarms {
			alarm, _ := one.(map[string]any)
			got[alarm["AlarmName"]] = alarm["StateValue"]
		}
		if got["own"] != step.own || got["both"] != step.both || got["one-of-two"] != step.oneOf {
			t.Errorf("when %s the states are %v", step.what, got)
		}
	}
}
