package awsclient

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"warmstandby/lambda/failover/metric"
	"warmstandby/lambda/failover/observe"
	"warmstandby/shared/contract/controller"
)

// The metrics of a secondary cluster's replication, in milliseconds, in its region (Amazon Aurora User Guide, "Amazon
// CloudWatch metrics for Amazon Aurora"), and their dimensions.
const (
	rdsNamespace     = "AWS/RDS"
	replicationLag   = "AuroraGlobalDBReplicationLag"
	rpoLag           = "AuroraGlobalDBRPOLag"
	clusterDimension = "DBClusterIdentifier"
	sourceDimension  = "SourceRegion"
)

const (
	// metricWindow covers the RPO and metrics that arrive late. Older data would exceed the RPO anyway.
	metricWindow = 20 * time.Minute
	// metricPeriod is the period in which Aurora publishes them.
	metricPeriod = time.Minute
	// alarmNamesPerCall is the limit of DescribeAlarms (Amazon CloudWatch API Reference, DescribeAlarms, AlarmNames).
	alarmNamesPerCall = 100
)

// cloudWatchAPI is the part of CloudWatch's API that is used.
type cloudWatchAPI interface {
	GetMetricData(context.Context, *cloudwatch.GetMetricDataInput, ...func(*cloudwatch.Options)) (*cloudwatch.GetMetricDataOutput, error)
	PutMetricData(context.Context, *cloudwatch.PutMetricDataInput, ...func(*cloudwatch.Options)) (*cloudwatch.PutMetricDataOutput, error)
	DescribeAlarms(context.Context, *cloudwatch.DescribeAlarmsInput, ...func(*cloudwatch.Options)) (*cloudwatch.DescribeAlarmsOutput, error)
}

// Replication is CloudWatch in the region of a secondary cluster.
type Replication struct {
	metrics cloudWatchAPI
	cluster string // the secondary's identifier
	source  string // the writer's region
}

// Replication implements observe.Replication. Each value is the minimum lag within its minute. So at some moment of that
// minute, the data written before the minute, less the lag, had arrived.
func (r Replication) Replication(ctx context.Context) (observe.Measurement, error) {
	now := time.Now()
	got, err := r.metrics.GetMetricData(ctx, &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(now.Add(-metricWindow)), EndTime: aws.Time(now),
		MetricDataQueries: []types.MetricDataQuery{r.query("lag", replicationLag), r.query("rpo", rpoLag)},
	})
	if err != nil {
		return observe.Measurement{}, fmt.Errorf("reading the lag of DB cluster %s: %w", r.cluster, err)
	}
	var m observe.Measurement
	for _, result := range got.MetricDataResults {
		for i, at := range result.Timestamps[:min(len(result.Timestamps), len(result.Values))] {
			lag := time.Duration(result.Values[i] * float64(time.Millisecond))
			if through := at.Add(-lag); !m.Known || through.After(m.Through) {
				m.Through = through
			}
			if !m.Known || at.After(m.At) {
				m.At, m.Lag = at, lag
			}
			m.Known = true
		}
	}
	return m, nil
}

func (r Replication) query(id, name string) types.MetricDataQuery {
	return types.MetricDataQuery{Id: aws.String(id), MetricStat: &types.MetricStat{
		Period: aws.Int32(int32(metricPeriod / time.Second)), Stat: aws.String(string(types.StatisticMinimum)),
		Metric: &types.Metric{Namespace: aws.String(rdsNamespace), MetricName: aws.String(name), Dimensions: []types.Dimension{
			{Name: aws.String(clusterDimension), Value: aws.String(r.cluster)},
			{Name: aws.String(sourceDimension), Value: aws.String(r.source)},
		}},
	}}
}

// MetricPublisher publishes the controller's metrics to CloudWatch of one region.
type MetricPublisher struct {
	metrics     cloudWatchAPI
	namespace   string
	environment string
}

// Publish implements metric.Publisher.
func (g MetricPublisher) Publish(ctx context.Context, data []metric.Datum) error {
	now := aws.Time(time.Now())
	request := &cloudwatch.PutMetricDataInput{Namespace: aws.String(g.namespace)}
	for _, one := range data {
		datum := types.MetricDatum{
			MetricName: aws.String(one.Name), Value: aws.Float64(one.Value), Timestamp: now, Unit: types.StandardUnitNone,
			Dimensions: []types.Dimension{{Name: aws.String(controller.DimensionEnvironment), Value: aws.String(g.environment)}},
		}
		if one.Name == controller.MetricReplicationLag || one.Name == controller.MetricHeartbeatAge {
			datum.Unit = types.StandardUnitSeconds
		}
		if one.Region != "" {
			datum.Dimensions = append(datum.Dimensions, types.Dimension{Name: aws.String(controller.DimensionRegion), Value: aws.String(one.Region)})
		}
		request.MetricData = append(request.MetricData, datum)
	}
	if _, err := g.metrics.PutMetricData(ctx, request); err != nil {
		return fmt.Errorf("publishing metrics in namespace %s: %w", g.namespace, err)
	}
	return nil
}

// Alarms reads the alarms of the standby region.
type Alarms struct{ metrics cloudWatchAPI }

// MissingOrDisabled implements readiness.Alarms.
func (a Alarms) MissingOrDisabled(ctx context.Context, names []string) ([]string, error) {
	missingOrDisabled := slices.Clone(names)
	for some := range slices.Chunk(names, alarmNamesPerCall) {
		got, err := a.metrics.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{
			AlarmNames: some, MaxRecords: aws.Int32(alarmNamesPerCall),
			AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm}, // left out, no composite ones
		})
		if err != nil {
			return nil, fmt.Errorf("describing alarms: %w", err)
		}
		if got.NextToken != nil {
			return nil, errors.New("describing alarms: there are more than were asked for")
		}
		enabled := map[string]bool{}
		for _, one := range got.MetricAlarms {
			enabled[aws.ToString(one.AlarmName)] = aws.ToBool(one.ActionsEnabled)
		}
		for _, one := range got.CompositeAlarms {
			enabled[aws.ToString(one.AlarmName)] = aws.ToBool(one.ActionsEnabled)
		}
		missingOrDisabled = slices.DeleteFunc(missingOrDisabled, func(name string) bool { return enabled[name] })
	}
	return missingOrDisabled, nil
}
