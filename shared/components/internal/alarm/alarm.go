// Package alarm builds CloudWatch alarms from rows of tables: the metric, the condition, and an operator's response.
package alarm

import (
	"cmp"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/region"
)

// The statistics, comparisons and treatments of missing data, by CloudWatch's names.
const (
	Sum     = "Sum"
	Minimum = "Minimum"
	Maximum = "Maximum"
	P99     = "p99"

	GreaterOrEqual = "GreaterThanOrEqualToThreshold"
	Greater        = "GreaterThanThreshold"
	Less           = "LessThanThreshold"

	// MissingNotBreaching is for metrics of events, which have data only when an event happens. MissingBreaching is for metrics
	// that are published all the time.
	MissingNotBreaching = "notBreaching"
	MissingBreaching    = "breaching"
)

// minute is the period of most alarms, in seconds: the shortest in which the services of AWS report.
const minute = 60

// Metric is a metric of CloudWatch.
type Metric struct {
	Namespace, Name string
	Dimensions      pulumi.StringMap
}

// Alarm is a row of a table. It fires when the statistic compares with the threshold in DatapointsToAlarm of the last
// EvaluationPeriods.
type Alarm struct {
	// Name is the purpose in the alarm's name, such as no-traffic.
	Name                                 string
	Metric                               Metric
	Statistic                            string
	Comparison                           string
	Threshold                            float64
	DatapointsToAlarm, EvaluationPeriods int
	// PeriodSeconds is the length of a period; 0 is a minute. An alarm looks back a day at most, and seven days where its periods
	// are an hour or longer (Amazon CloudWatch API, PutMetricAlarm, EvaluationPeriods).
	PeriodSeconds    int
	TreatMissingData string
	// Summary is what is wrong, Response what an operator does about it. Both are sentences.
	Summary, Response string
}

// New builds the alarm of a row as a child of parent, in the metric's region, because no alarm reads another region's metrics.
// It notifies the topic, which is in the same region, when the alarm fires and when it ends.
func New(
	ctx *pulumi.Context, parent pulumi.Resource, in region.Region, topicARN pulumi.StringInput, row Alarm,
	opts ...pulumi.ResourceOption,
) (*cloudwatch.MetricAlarm, error) {
	physical, err := in.Named(naming.Alarm, row.Name)
	if err != nil {
		return nil, err
	}
	args := &cloudwatch.MetricAlarmArgs{
		Name:               pulumi.String(physical),
		AlarmDescription:   pulumi.String(row.Summary + " " + row.Response),
		Namespace:          pulumi.String(row.Metric.Namespace),
		MetricName:         pulumi.String(row.Metric.Name),
		Dimensions:         row.Metric.Dimensions,
		Period:             pulumi.Int(cmp.Or(row.PeriodSeconds, minute)),
		EvaluationPeriods:  pulumi.Int(row.EvaluationPeriods),
		DatapointsToAlarm:  pulumi.Int(row.DatapointsToAlarm),
		ComparisonOperator: pulumi.String(row.Comparison),
		Threshold:          pulumi.Float64(row.Threshold),
		TreatMissingData:   pulumi.String(row.TreatMissingData),
		AlarmActions:       pulumi.Array{topicARN},
		OkActions:          pulumi.Array{topicARN},
	}
	if row.Statistic == P99 {
		args.ExtendedStatistic = pulumi.String(P99)
	} else {
		args.Statistic = pulumi.String(row.Statistic)
	}
	made, err := cloudwatch.NewMetricAlarm(ctx, physical, args, in.Child(parent, opts...)...)
	if err != nil {
		return nil, fmt.Errorf("building alarm %s: %w", physical, err)
	}
	return made, nil
}
