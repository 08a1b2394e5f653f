// Package monitoring builds the eyes on both regions: a dashboard that is the same in each, and the alarms that tell what is
// wrong between the regions, each where its metric is. What is wrong within a region is the application's to tell.
package monitoring

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/internal/alarm"
	"warmstandby/shared/naming"
	"warmstandby/shared/region"
)

const (
	monitoringType = "warmstandby:monitoring:Monitoring"

	// readiness is the word for the composite alarm in its name.
	readiness = "failover-readiness"
)

// Monitoring is the dashboards and the alarms of both regions.
type Monitoring struct {
	pulumi.ResourceState

	// PrimaryDashboard and StandbyDashboard are the dashboards' names, PrimaryURL and StandbyURL where they are in the console.
	PrimaryDashboard, StandbyDashboard string
	PrimaryURL, StandbyURL             string
}

// New builds dashboards and alarms.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Monitoring, error) {
	built := &Monitoring{}
	if err := ctx.RegisterComponentResource(monitoringType, name, built, opts...); err != nil {
		return nil, fmt.Errorf("registering monitoring %s: %w", name, err)
	}
	if err := built.addDashboards(ctx, args); err != nil {
		return nil, err
	}
	if err := built.addAlarms(ctx, args); err != nil {
		return nil, err
	}
	return built, ctx.RegisterResourceOutputs(built, pulumi.Map{})
}

// addDashboards shows the same in both regions.
func (m *Monitoring) addDashboards(ctx *pulumi.Context, args Args) error {
	shown := pulumi.All(args.PrimaryCheckID, args.StandbyCheckID).ApplyT(func(ids []any) (string, error) {
		primary, ok := ids[0].(string)
		standby, also := ids[1].(string)
		if !ok || !also {
			return "", errors.New("drawing the dashboard: the ids of the health checks are no strings")
		}
		return args.dashboard(primary, standby).JSON()
	}).(pulumi.StringOutput)
	for _, row := range [...]struct {
		in        region.Region
		name, url *string
	}{
		{args.Regions.Primary, &m.PrimaryDashboard, &m.PrimaryURL}, {args.Regions.Standby, &m.StandbyDashboard, &m.StandbyURL},
	} {
		var err error
		if *row.name, *row.url, err = Dashboard(row.in); err != nil {
			return err
		}
		_, err = cloudwatch.NewDashboard(ctx, *row.name, &cloudwatch.DashboardArgs{
			DashboardName: pulumi.String(*row.name), DashboardBody: shown,
		}, row.in.Child(m)...)
		if err != nil {
			return fmt.Errorf("building dashboard %s: %w", *row.name, err)
		}
	}
	return nil
}

// consoles are the hosts of the console, by partition (AWS General Reference, "AWS service endpoints"; a partition that is
// not here has aws's).
var consoles = map[string]string{"aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"}

// Dashboard returns the name of the region's dashboard, and where it is in the console.
func Dashboard(in region.Region) (name, url string, err error) {
	if name, err = in.Named(naming.Dashboard, ""); err != nil {
		return "", "", err
	}
	host, other := consoles[in.Partition]
	if !other {
		host = "console.aws.amazon.com"
	}
	return name, fmt.Sprintf("https://%s.%s/cloudwatch/home?region=%s#dashboards/dashboard/%s", in.Name, host, in.Name, name), nil
}

// addAlarms builds the table, and in each region an alarm of those that tell against a failover. Where neither region is
// Route 53's own, its health checks have no alarm: none reads another region's metrics.
func (m *Monitoring) addAlarms(ctx *pulumi.Context, args Args) error {
	if args.Regions.Primary.Name != route53Region && args.Regions.Standby.Name != route53Region {
		if err := ctx.Log.Warn("Route 53 publishes the status of health checks in "+route53Region+
			" alone, which is none of the regions: there is no alarm on them.", nil); err != nil {
			return fmt.Errorf("warning that health checks have no alarm: %w", err)
		}
	}
	var against [2][]*cloudwatch.MetricAlarm
	places := args.places()
	for _, row := range args.table(args.PrimaryCheckID, args.StandbyCheckID) {
		made, err := alarm.New(ctx, m, row.place.in, pulumi.String(row.place.side.TopicARN), row.alarm)
		if err != nil {
			return err
		}
		for i, p := range places {
			if row.readiness && row.place.in.Name == p.in.Name {
				against[i] = append(against[i], made)
			}
		}
	}
	for i, p := range places {
		if err := m.addReadiness(ctx, args.Environment, p, against[i]); err != nil {
			return err
		}
	}
	return nil
}

// addReadiness makes the one alarm by which an operator knows that a failover would not do now.
func (m *Monitoring) addReadiness(ctx *pulumi.Context, environment string, p place, against []*cloudwatch.MetricAlarm) error {
	name, err := p.in.Named(naming.Alarm, readiness)
	if err != nil {
		return err
	}
	rule := pulumi.StringArray{}
	for _, one := range against {
		rule = append(rule, pulumi.Sprintf("ALARM(%q)", one.Name))
	}
	topic := pulumi.StringArray{pulumi.String(p.side.TopicARN)}
	_, err = cloudwatch.NewCompositeAlarm(ctx, name, &cloudwatch.CompositeAlarmArgs{
		AlarmName: pulumi.String(name),
		AlarmDescription: pulumi.String("A failover would not do now, as seen from " + p.in.Name + ". " +
			"Look which of the alarms below is red, and run `make preflight ENV=" + environment + "`."),
		AlarmRule: rule.ToStringArrayOutput().ApplyT(func(terms []string) string {
			return strings.Join(terms, " OR ")
		}).(pulumi.StringOutput),
		AlarmActions: topic, OkActions: topic,
	}, p.in.Child(m)...)
	if err != nil {
		return fmt.Errorf("building alarm %s: %w", name, err)
	}
	return nil
}

// StandbyAlarms are the names of the standby region's alarms, for who must see that they stand.
func StandbyAlarms(regions region.Pair, purposes ...string) ([]string, error) {
	buckets := map[string]string{}
	for _, purpose := range purposes {
		buckets[purpose] = purpose
	}
	args := Args{Regions: regions, Primary: Side{Buckets: buckets}, Standby: Side{Buckets: buckets}}
	words := []string{readiness}
	for _, row := range args.table(pulumi.String(""), pulumi.String("")) {
		if row.place.in.Name == regions.Standby.Name {
			words = append(words, row.alarm.Name)
		}
	}
	names := make([]string, len(words))
	for i, word := range words {
		var err error
		if names[i], err = regions.Standby.Named(naming.Alarm, word); err != nil {
			return nil, err
		}
	}
	return names, nil
}
