package application

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/region"
)

const (
	alarmsType = "warmstandby:application:Alarms"

	// periodSeconds is the finest in which Elastic Load Balancing, Lambda and SQS report.
	periodSeconds = 60
)

type alarmsArgs struct {
	region         region.Region
	timeoutSeconds int
	notices        *notices
	balancer       *balancer
	function       *function
	failed         *failures
}

// alarms tell of what is wrong in the region.
type alarms struct {
	pulumi.ResourceState
}

func newAlarms(ctx *pulumi.Context, name string, args alarmsArgs, opts ...pulumi.ResourceOption) (*alarms, error) {
	built := &alarms{}
	if err := ctx.RegisterComponentResource(alarmsType, name, built, opts...); err != nil {
		return nil, fmt.Errorf("registering alarms %s: %w", name, err)
	}
	for _, row := range table(args) {
		if err := row.build(ctx, built, args); err != nil {
			return nil, err
		}
	}
	return built, ctx.RegisterResourceOutputs(built, pulumi.Map{})
}

// build makes one alarm, which tells the topic of the fault and of its end, and waits for the policy that lets it.
func (a alarm) build(ctx *pulumi.Context, parent pulumi.Resource, args alarmsArgs) error {
	physical, err := args.region.Named(naming.Alarm, a.name)
	if err != nil {
		return err
	}
	settings := &cloudwatch.MetricAlarmArgs{
		Name:               pulumi.String(physical),
		AlarmDescription:   pulumi.String(a.what + " " + a.do),
		Namespace:          pulumi.String(a.metric.namespace),
		MetricName:         pulumi.String(a.metric.name),
		Dimensions:         a.metric.dimensions,
		Period:             pulumi.Int(periodSeconds),
		EvaluationPeriods:  pulumi.Int(a.of),
		DatapointsToAlarm:  pulumi.Int(a.bad),
		ComparisonOperator: pulumi.String(a.comparison),
		Threshold:          pulumi.Float64(a.threshold),
		TreatMissingData:   pulumi.String(a.missing),
		AlarmActions:       pulumi.Array{args.notices.arn},
		OkActions:          pulumi.Array{args.notices.arn},
	}
	if a.statistic == p99 {
		settings.ExtendedStatistic = pulumi.String(p99)
	} else {
		settings.Statistic = pulumi.String(a.statistic)
	}
	if _, err := cloudwatch.NewMetricAlarm(ctx, physical, settings, args.region.Child(parent, pulumi.DependsOn([]pulumi.Resource{args.notices.policy}))...); err != nil {
		return fmt.Errorf("building alarm %s: %w", physical, err)
	}
	return nil
}
