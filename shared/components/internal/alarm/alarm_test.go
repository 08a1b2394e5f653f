package alarm

import (
	"reflect"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/test/support/pulumitest"
	"warmstandby/test/support/regiontest"
)

const topicARN = "arn:aws:sns:us-west-2:111122223333:t"

// build builds the alarm of a row in the standby region.
func build(t *testing.T, row Alarm, opts ...pulumitest.Option) *pulumitest.Recording {
	t.Helper()
	return pulumitest.Run(t, "project", "dev", nil, func(ctx *pulumi.Context) error {
		pair, err := regiontest.Pair(ctx)
		if err != nil {
			return err
		}
		parent := &pulumi.ResourceState{}
		if err := ctx.RegisterComponentResource("test:index:Part", "part", parent); err != nil {
			return err
		}
		_, err = New(ctx, parent, pair.Standby, pulumi.String(topicARN), row)
		return err
	}, opts...)
}

// slow is a row in which no two values are equal.
var slow = Alarm{
	Name: "slow", Metric: Metric{"Space", "Time", pulumi.StringMap{"Name": pulumi.String("value")}},
	Statistic: P99, Comparison: GreaterOrEqual, Threshold: 7.5, DatapointsToAlarm: 2, EvaluationPeriods: 3,
	TreatMissingData: MissingNotBreaching, Summary: "It is slow.", Response: "Look.",
}

// An alarm has the properties of its row.
func TestNew(t *testing.T) {
	want := func(changes map[string]any) map[string]any {
		all := map[string]any{
			"name": "alarm-slow-secondary-blue", "alarmDescription": "It is slow. Look.",
			"namespace": "Space", "metricName": "Time", "dimensions": map[string]any{"Name": "value"}, "period": 60.0,
			"evaluationPeriods": 3.0, "datapointsToAlarm": 2.0, "comparisonOperator": "GreaterThanOrEqualToThreshold", "threshold": 7.5,
			"treatMissingData": "notBreaching", "alarmActions": []any{topicARN}, "okActions": []any{topicARN},
		}
		for key, value := range changes {
			all[key] = value
		}
		return all
	}
	tests := []struct {
		name   string
		change func(*Alarm)
		want   map[string]any
	}{
		// CloudWatch has a property of its own for percentiles.
		{"of a percentile", func(*Alarm) {}, want(map[string]any{"extendedStatistic": "p99"})},
		{"of a sum", func(row *Alarm) { row.Statistic = Sum }, want(map[string]any{"statistic": "Sum"})},
		{"with missing data as breaching", func(row *Alarm) {
			row.Statistic, row.Comparison, row.TreatMissingData = Minimum, Less, MissingBreaching
		}, want(map[string]any{
			"statistic": "Minimum", "comparisonOperator": "LessThanThreshold", "treatMissingData": "breaching",
		})},
		{"of a threshold exclusive", func(row *Alarm) { row.Statistic, row.Comparison = Maximum, Greater }, want(map[string]any{
			"statistic": "Maximum", "comparisonOperator": "GreaterThanThreshold",
		})},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			row := slow
			test.change(&row)
			recording := build(t, row)
			made := recording.Get(t, "aws:cloudwatch/metricAlarm:MetricAlarm", "alarm-slow-secondary-blue")
			if got := made.Inputs.Mappable(); !reflect.DeepEqual(got, test.want) {
				t.Errorf("the alarm is\n%v, want\n%v", got, test.want)
			}
			if got := recording.Region(made); got != "us-west-2" {
				t.Errorf("the alarm is in %q, want the standby region", got)
			}
		})
	}
}

func TestRules(t *testing.T) {
	homes := map[string]string{"aws-primary": "us-east-1", "aws-secondary": "us-west-2", "alarm-slow-secondary-blue": "us-west-2"}
	for name, opts := range map[string][]pulumitest.Option{"in an update": nil, "in a preview": {pulumitest.Preview()}} {
		t.Run(name, func(t *testing.T) {
			pulumitest.Check(t, build(t, slow, opts...), pulumitest.Rules{
				Suffix: "blue",
				Roles:  map[string]naming.Role{"us-east-1": naming.Primary, "us-west-2": naming.Secondary},
				Home:   func(name string) string { return homes[name] },
			})
		})
	}
}
