package instance

import (
	"fmt"
	"testing"
	"time"
)

// The rows of CloudWatch's own tables of what missing data mean (Amazon CloudWatch User Guide, "Configuring how CloudWatch alarms treat
// missing data"): five periods of which three are evaluated, X breaches, 0 does not, - is missing. keep is the state before.
const keep = "INSUFFICIENT_DATA"

var missingData = []struct {
	points                                   string
	needed                                   int
	missing, ignore, breaching, notBreaching string
}{
	{"0-X-X", 3, "OK", "OK", "OK", "OK"},
	{"----0", 3, "OK", "OK", "OK", "OK"},
	{"-----", 3, "INSUFFICIENT_DATA", keep, "ALARM", "OK"},
	{"0XX-X", 3, "ALARM", "ALARM", "ALARM", "ALARM"},
	{"--X--", 3, "ALARM", keep, "ALARM", "OK"},
	{"0-X-X", 2, "ALARM", "ALARM", "ALARM", "ALARM"},
	{"00X0X", 2, "ALARM", "ALARM", "ALARM", "ALARM"},
	{"0-X--", 2, "OK", "OK", "ALARM", "OK"},
	{"----0", 2, "OK", "OK", "ALARM", "OK"},
	{"---X-", 2, "ALARM", keep, "ALARM", "OK"},
}

func TestMissingData(t *testing.T) {
	t.Parallel()
	a := aws{t, newEnvironment(t).up().Endpoint}
	const service, day = "GraniteServiceVersion20100801.", 24 * time.Hour // a test does not often take longer than a period
	put := func(metric string, ago time.Duration, value int) {
		a.json(east, "monitoring", service+"PutMetricData", object{"Namespace": "Test", "MetricData": []object{
			{"MetricName": metric, "Value": value, "Timestamp": time.Now().Add(-ago).Unix()},
		}})
	}
	want := map[string]string{}
	for row, of := range missingData {
		metric := fmt.Sprintf("metric-%d", row)
		for i, point := range of.points {
			if point != '-' {
				put(metric, time.Duration(len(of.points)-i)*day, map[rune]int{'X': 1}[point])
			}
		}
		for treatment, state := range map[string]string{
			"missing": of.missing, "ignore": of.ignore, "breaching": of.breaching, "notBreaching": of.notBreaching,
		} {
			name := fmt.Sprintf("%s, %d of 3, row %d, %s", of.points, of.needed, row, treatment)
			want[name] = state
			a.json(east, "monitoring", service+"PutMetricAlarm", object{
				"AlarmName": name, "Namespace": "Test", "MetricName": metric, "Statistic": "Maximum", "Period": day / time.Second,
				"DatapointsToAlarm": of.needed, "EvaluationPeriods": 3, "Threshold": 1, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
				"TreatMissingData": treatment,
			})
		}
	}
	put("another", 0, 1) // every alarm is evaluated
	got := a.alarms(east)
	for name, state := range want {
		if got[name] != state {
			t.Errorf("%s: the alarm is %v, want %s", name, got[name], state)
		}
	}
}

// alarms returns the states of a region's alarms by their names.
func (a aws) alarms(region string) map[string]any {
	a.t.Helper()
	states := map[string]any{}
	described := a.json(region, "monitoring", "GraniteServiceVersion20100801.DescribeAlarms", object{"MaxRecords": 100})
	alarms, _ := described["MetricAlarms"].([]any)
	for _, one := range alarms {
		alarm, _ := one.(map[string]any)
		states[fmt.Sprint(alarm["AlarmName"])] = alarm["StateValue"]
	}
	return states
}
