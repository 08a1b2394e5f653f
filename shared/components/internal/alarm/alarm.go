// Package alarm builds CloudWatch alarms from rows of tables: what is watched, when it is a fault, and what an operator does
// about it.
package alarm

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/region"
)

// The statistics, comparisons and treatments of missing data, as CloudWatch spells them.
const (
	Sum     = "Sum"
	Minimum = "Minimum"
	Maximum = "Maximum"
	P99     = "p99"

	GreaterOrEqual = "GreaterThanOrEqualToThreshold"
	Greater        = "GreaterThanThreshold"
	Less           = "LessThanThreshold"

	// MissingNotBreaching is for what is counted only when it happens, SilenceIsAFault for what is always reported.
	MissingNotBreaching = "notBreaching"
	MissingBreaching    = "breaching"
)

// periodSeconds is the finest period in which the services of AWS report.
const periodSeconds = 60

// Metric is what CloudWatch calls a series.
type Metric struct {
	Namespace, Name string
	Dimensions      pulumi.StringMap
}

// Alarm is a row of a table: it tells when the statistic of Bad of the last Of minutes compares with the threshold.
type Alarm struct {
	// Name is the word for it in the alarm's name, such as no-traffic.
	Name                                 string
	Metric                               Metric
	Statistic                            string
	Comparison                           string
	Threshold                            float64
	DatapointsToAlarm, EvaluationPeriods int
	TreatMissingData                     string
	// Summary says what is wrong, Do what an operator does about it: sentences.
	Summary, Response string
}

// New builds the alarm of a row below parent, in the region where its metric is: no alarm reads another region's. It tells
// the topic, which is of the same region, of the fault and of its end.
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
		Period:             pulumi.Int(periodSeconds),
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
