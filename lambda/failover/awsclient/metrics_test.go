package awsclient

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"warmstandby/lambda/failover/metric"
	"warmstandby/lambda/failover/observe"
	"warmstandby/shared/contract/controller"
)

// fakeMetrics returns preset responses and records requests.
type fakeMetrics struct {
	results []types.MetricDataResult
	alarms  map[string]bool // whether their actions are enabled
	asked   *cloudwatch.GetMetricDataInput
	put     *cloudwatch.PutMetricDataInput
}

func (f *fakeMetrics) GetMetricData(
	_ context.Context,
	in *cloudwatch.GetMetricDataInput,
	_ ...func(*cloudwatch.Options),
) (*cloudwatch.GetMetricDataOutput, error) {
	f.asked = in
	return &cloudwatch.GetMetricDataOutput{MetricDataResults: f.results}, nil
}

func (f *fakeMetrics) PutMetricData(
	_ context.Context,
	in *cloudwatch.PutMetricDataInput,
	_ ...func(*cloudwatch.Options),
) (*cloudwatch.PutMetricDataOutput, error) {
	f.put = in
	return &cloudwatch.PutMetricDataOutput{}, nil
}

func (f *fakeMetrics) DescribeAlarms(
	_ context.Context,
	in *cloudwatch.DescribeAlarmsInput,
	_ ...func(*cloudwatch.Options),
) (*cloudwatch.DescribeAlarmsOutput, error) {
	if len(in.AlarmNames) > 100 {
		return nil, fmt.Errorf("%d names, of which CloudWatch takes 100", len(in.AlarmNames))
	}
	out := &cloudwatch.DescribeAlarmsOutput{}
	for i, name := range in.AlarmNames {
		enabled, exists := f.alarms[name]
		switch {
		case !exists:
		case i%2 == 0:
			out.MetricAlarms = append(out.MetricAlarms, types.MetricAlarm{AlarmName: aws.String(name), ActionsEnabled: aws.Bool(enabled)})
		case slices.Contains(in.AlarmTypes, types.AlarmTypeCompositeAlarm):
			out.CompositeAlarms = append(out.CompositeAlarms, types.CompositeAlarm{AlarmName: aws.String(name), ActionsEnabled: aws.Bool(enabled)})
		}
	}
	return out, nil
}

func TestReplication(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	series := func(lag ...float64) types.MetricDataResult {
		var r types.MetricDataResult
		for i, value := range lag {
			r.Timestamps, r.Values = append(r.Timestamps, at.Add(time.Duration(i)*time.Minute)), append(r.Values, value)
		}
		return r
	}
	tests := []struct {
		name    string
		results []types.MetricDataResult
		want    observe.Measurement
	}{
		{"no measurement at all", []types.MetricDataResult{{}, {}}, observe.Measurement{}},
		{
			name:    "a replication that keeps up",
			results: []types.MetricDataResult{series(50, 60), {}},
			want: observe.Measurement{
				Known:   true,
				Through: at.Add(time.Minute - 60*time.Millisecond),
				Lag:     60 * time.Millisecond,
				At:      at.Add(time.Minute),
			},
		},
		{
			name:    "one that has stopped: its lag grows with the clock",
			results: []types.MetricDataResult{series(1000, 61_000, 121_000), {}},
			want:    observe.Measurement{Known: true, Through: at.Add(-time.Second), Lag: 121 * time.Second, At: at.Add(2 * time.Minute)},
		},
		{
			name:    "the better of both metrics says what has arrived",
			results: []types.MetricDataResult{series(5000), series(100)},
			want:    observe.Measurement{Known: true, Through: at.Add(-100 * time.Millisecond), Lag: 5 * time.Second, At: at},
		},
		{
			name:    "the newest first, as CloudWatch has it",
			results: []types.MetricDataResult{{Timestamps: []time.Time{at.Add(time.Minute), at}, Values: []float64{60, 50}}},
			want: observe.Measurement{
				Known:   true,
				Through: at.Add(time.Minute - 60*time.Millisecond),
				Lag:     60 * time.Millisecond,
				At:      at.Add(time.Minute),
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			asked := &fakeMetrics{results: test.results}
			got, err := Replication{asked, "west", "us-east-1"}.Replication(t.Context())
			if err != nil || got != test.want {
				t.Errorf("it is read as %+v (%v), want %+v", got, err, test.want)
			}
			for _, query := range asked.asked.MetricDataQueries {
				stat := query.MetricStat
				if aws.ToString(stat.Stat) != "Minimum" || aws.ToInt32(stat.Period) != 60 || aws.ToString(stat.Metric.Dimensions[0].Value) != "west" ||
					aws.ToString(stat.Metric.Dimensions[1].Value) != "us-east-1" {
					t.Errorf("CloudWatch is asked for %+v", stat)
				}
			}
		})
	}
}

func TestPublish(t *testing.T) {
	f := &fakeMetrics{}
	err := MetricPublisher{f, "Warmstandby", "prod"}.Publish(t.Context(), []metric.Datum{
		{Name: controller.MetricWriterActive, Region: "us-east-1", Value: 1}, {Name: controller.MetricHeartbeatAge, Value: 30},
	})
	if err != nil || aws.ToString(f.put.Namespace) != "Warmstandby" || len(f.put.MetricData) != 2 {
		t.Fatalf("published %+v (%v)", f.put, err)
	}
	writer, heartbeat := f.put.MetricData[0], f.put.MetricData[1]
	if len(writer.Dimensions) != 2 || aws.ToString(writer.Dimensions[0].Value) != "prod" ||
		aws.ToString(writer.Dimensions[1].Name) != "Region" ||
		writer.Unit != types.StandardUnitNone {
		t.Errorf("WriterActive is %+v", writer)
	}
	if len(heartbeat.Dimensions) != 1 || aws.ToFloat64(heartbeat.Value) != 30 || heartbeat.Unit != types.StandardUnitSeconds {
		t.Errorf("HeartbeatAge is %+v", heartbeat)
	}
}

func TestMissingOrDisabled(t *testing.T) {
	t.Run("alarms that are missing or have their actions disabled are returned", func(t *testing.T) {
		f := &fakeMetrics{alarms: map[string]bool{}}
		var names []string
		for i := range 250 {
			names = append(names, fmt.Sprint("alarm-", i))
			f.alarms[names[i]] = true
		}
		f.alarms["alarm-7"] = false
		delete(f.alarms, "alarm-203")
		got, err := Alarms{f}.MissingOrDisabled(t.Context(), names)
		if want := []string{"alarm-7", "alarm-203"}; err != nil || !slices.Equal(got, want) {
			t.Errorf("missing or disabled are %q (%v), want %q", got, err, want)
		}
	})
}
