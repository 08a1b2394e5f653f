//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// edgeAlarms are the conditions of global-edge's alarms in both regions, by a part of their names; ownAlarms are those of one
// region.
var (
	edgeAlarms = map[string]string{
		"replication-lag":    "Maximum GreaterThanThreshold 60000 3/5 notBreaching",
		"rpo-lag":            "Maximum GreaterThanThreshold 450000 2/3 notBreaching",
		"undelivered-events": "Maximum GreaterThanOrEqualToThreshold 1 1/1 notBreaching",
		"not-ready":          "Minimum LessThanThreshold 1 5/5 breaching",
		"late-documents":     "Maximum GreaterThanThreshold 600 2/3 notBreaching",
		"late-assets":        "Maximum GreaterThanThreshold 600 2/3 notBreaching",
	}
	ownAlarms = map[string]map[string]string{
		east: {
			"primary-endpoint": "Minimum LessThanThreshold 1 2/2 notBreaching",
			"standby-endpoint": "Minimum LessThanThreshold 1 2/2 notBreaching",
		},
		west: {
			"heartbeat-missing":      "Maximum GreaterThanThreshold 150 3/3 breaching",
			"engine-versions-differ": "Maximum GreaterThanOrEqualToThreshold 1 3/5 notBreaching",
			"controller-errors":      "Sum GreaterThanOrEqualToThreshold 1 2/5 notBreaching",
			"controller-silent":      "Sum LessThanThreshold 1 5/5 breaching",
		},
	}
)

func checkAlarms(t *testing.T, p *platform, region, role string, checks map[string]string) {
	described := require(cloudwatch.NewFromConfig(p.aws(t, region)).DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{
		AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm},
	}))(t)
	topic := p.topic(t, region)
	deployedAlarms := map[string]types.MetricAlarm{}
	for _, alarm := range described.MetricAlarms {
		deployedAlarms[aws.ToString(alarm.AlarmName)] = alarm
	}
	exists := p.dimensionExists(t, region, checks)
	for _, table := range []map[string]string{edgeAlarms, ownAlarms[region]} {
		for word, want := range table {
			name := "alarm-" + word + "-" + role + "-" + p.name
			alarm, found := deployedAlarms[name]
			if !found {
				t.Errorf("there is no %s", name)
				continue
			}
			got := fmt.Sprintf("%s %s %v %d/%d %s", alarm.Statistic, alarm.ComparisonOperator, aws.ToFloat64(alarm.Threshold),
				aws.ToInt32(alarm.DatapointsToAlarm), aws.ToInt32(alarm.EvaluationPeriods), aws.ToString(alarm.TreatMissingData))
			if got != want {
				t.Errorf("%s is a fault at %s, want %s", name, got, want)
			}
			if !aws.ToBool(alarm.ActionsEnabled) || !slices.Equal(alarm.AlarmActions, []string{topic}) ||
				!slices.Equal(alarm.OKActions, []string{topic}) {
				t.Errorf("%s notifies %v and %v, want %s of both", name, alarm.AlarmActions, alarm.OKActions, topic)
			}
			for _, dimension := range alarm.Dimensions {
				if key, value := aws.ToString(dimension.Name), aws.ToString(dimension.Value); !exists(key, value) {
					t.Errorf("%s is of %s %s, which is not in %s", name, key, value, region)
				}
			}
		}
	}
	i := slices.IndexFunc(described.CompositeAlarms, func(alarm types.CompositeAlarm) bool {
		return aws.ToString(alarm.AlarmName) == "alarm-failover-readiness-"+role+"-"+p.name
	})
	if i < 0 {
		t.Fatal("there is no composite alarm")
	}
	readiness := described.CompositeAlarms[i]
	if !aws.ToBool(readiness.ActionsEnabled) || !slices.Equal(readiness.AlarmActions, []string{topic}) {
		t.Errorf("the composite alarm notifies %v, want %s", readiness.AlarmActions, topic)
	}
	for word := range edgeAlarms {
		name := "alarm-" + word + "-" + role + "-" + p.name
		if strings.Contains(aws.ToString(readiness.AlarmRule), `"`+name+`"`) == (word == "undelivered-events") {
			t.Errorf("whether %s is part of the composite alarm %s is wrong", name, aws.ToString(readiness.AlarmRule))
		}
	}
}

// topic returns the ARN of the region's topic.
func (p *platform) topic(t testing.TB, region string) string {
	t.Helper()
	for _, topic := range require(sns.NewFromConfig(p.aws(t, region)).ListTopics(t.Context(), &sns.ListTopicsInput{}))(t).Topics {
		if strings.HasSuffix(aws.ToString(topic.TopicArn), "-"+p.name) {
			return aws.ToString(topic.TopicArn)
		}
	}
	t.Fatalf("there is no topic in %s", region)
	return ""
}

// dimensionExists returns a function that reports whether the resource in a metric's dimension exists in the region.
func (p *platform) dimensionExists(t *testing.T, region string, checks map[string]string) func(key, value string) bool {
	ctx, configured := t.Context(), p.aws(t, region)
	return func(key, value string) bool {
		var err error
		switch key {
		case "DBClusterIdentifier":
			return aws.ToString(p.cluster(t, region).DBClusterIdentifier) == value
		case "SourceRegion":
			return value == map[string]string{east: west, west: east}[region]
		case "Region":
			return value == east || value == west
		case "Environment":
			return value == p.name
		case "HealthCheckId":
			return value == checks["primary"] || value == checks["secondary"]
		case "QueueName":
			_, err = sqs.NewFromConfig(configured).GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &value})
		case "FunctionName":
			_, err = lambda.NewFromConfig(configured).GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &value})
		case "SourceBucket", "DestinationBucket":
			bucketRegion := map[bool]string{true: region, false: map[string]string{east: west, west: east}[region]}[key == "DestinationBucket"]
			head, missing := p.s3(t, bucketRegion).HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &value})
			return missing == nil && aws.ToString(head.BucketRegion) == bucketRegion
		case "RuleId":
			return value == "everything"
		case "EventBusName":
			_, err = eventbridge.NewFromConfig(configured).DescribeEventBus(ctx, &eventbridge.DescribeEventBusInput{Name: &value})
		case "RuleName":
			bus := "bus-records-" + p.name
			_, err = eventbridge.NewFromConfig(configured).DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: &value, EventBusName: &bus})
		case "LoadBalancer", "TargetGroup":
			for _, deployed := range deployedRegions {
				if deployed.region == region {
					return strings.Contains(value, "-"+deployed.role+"-"+p.name+"/")
				}
			}
			return false
		default:
			return false
		}
		return err == nil
	}
}

func checkDashboards(t *testing.T, p *platform) {
	bodies := map[string]string{}
	for _, deployed := range deployedRegions {
		name := "dashboard-" + deployed.role + "-" + p.name
		bodies[deployed.region] = aws.ToString(require(cloudwatch.NewFromConfig(p.aws(t, deployed.region)).GetDashboard(t.Context(),
			&cloudwatch.GetDashboardInput{DashboardName: &name}))(t).DashboardBody)
	}
	if bodies[east] != bodies[west] {
		t.Errorf("%s shows\n%s\nand %s\n%s", east, bodies[east], west, bodies[west])
	}
	var body struct {
		Widgets []struct {
			Type       string
			Properties struct {
				Title, Region string
				Metrics       [][]any
			}
		}
	}
	if err := json.Unmarshal([]byte(bodies[west]), &body); err != nil {
		t.Fatal(err)
	}
	checks := map[string]string{}
	for role, check := range p.healthChecks(t) {
		checks[role] = aws.ToString(check.Id)
	}
	shown := 0
	for _, widget := range body.Widgets {
		if widget.Type != "metric" {
			continue
		}
		exists := p.dimensionExists(t, widget.Properties.Region, checks)
		for _, metric := range widget.Properties.Metrics {
			shown++
			for i := 2; i+1 < len(metric); i += 2 {
				if key, value := metric[i].(string), metric[i+1].(string); !exists(key, value) {
					t.Errorf("%q shows %v, and %s %s is not in %s", widget.Properties.Title, metric, key, value, widget.Properties.Region)
				}
			}
		}
	}
	if shown == 0 {
		t.Error("the dashboard shows no metric")
	}
}

// latest returns the last value of a metric of the controller in a region; dimensions are name, value, name, value.
func (p *platform) latest(t testing.TB, region, name string, dimensions ...string) (float64, error) {
	t.Helper()
	of := []types.Dimension{{Name: aws.String("Environment"), Value: aws.String(p.name)}}
	for i := 0; i+1 < len(dimensions); i += 2 {
		of = append(of, types.Dimension{Name: &dimensions[i], Value: &dimensions[i+1]})
	}
	now := time.Now()
	got, err := cloudwatch.NewFromConfig(p.aws(t, region)).GetMetricStatistics(t.Context(), &cloudwatch.GetMetricStatisticsInput{
		Namespace:  aws.String("Warmstandby"),
		MetricName: &name,
		Dimensions: of,
		Period:     aws.Int32(60),
		StartTime:  aws.Time(now.Add(-10 * time.Minute)),
		EndTime:    aws.Time(now.Add(time.Minute)),
		Statistics: []types.Statistic{types.StatisticMaximum},
	})
	if err != nil {
		return 0, fmt.Errorf("asking %s for %s: %w", region, name, err)
	}
	if len(got.Datapoints) == 0 {
		return 0, fmt.Errorf("%s has no %s", region, name)
	}
	last := slices.MaxFunc(got.Datapoints, func(a, b types.Datapoint) int { return a.Timestamp.Compare(*b.Timestamp) })
	return aws.ToFloat64(last.Maximum), nil
}
