package monitoring

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/internal/alarm"
	"warmstandby/shared/naming"
)

// readinessPurpose is the purpose in the composite alarm's name.
const readinessPurpose = "failover-readiness"

// addAlarms builds the alarms of the table, and in each region a composite alarm of those that block a failover. Where neither
// region is Route 53's own, its health checks have no alarm, because no alarm reads another region's metrics.
func (m *Monitoring) addAlarms(ctx *pulumi.Context, args Args) error {
	if args.Regions.Primary.Name != route53Region && args.Regions.Standby.Name != route53Region {
		if err := ctx.Log.Warn("Route 53 publishes the status of health checks in "+route53Region+
			" alone, which is none of the regions: there is no alarm on them.", nil); err != nil {
			return fmt.Errorf("warning that health checks have no alarm: %w", err)
		}
	}
	names, blocking := map[string][]string{}, map[string][]*cloudwatch.MetricAlarm{} // by region
	for _, row := range args.alarmTable() {
		in := row.region.region
		name, err := in.Named(naming.Alarm, row.alarm.Name)
		if err != nil {
			return err
		}
		built, err := alarm.New(ctx, m, in, pulumi.String(row.region.local.TopicARN), row.alarm)
		if err != nil {
			return err
		}
		names[in.Name] = append(names[in.Name], name)
		if row.blocksFailover {
			blocking[in.Name] = append(blocking[in.Name], built)
		}
	}
	for _, r := range args.monitoredRegions() {
		name, err := m.addReadinessAlarm(ctx, args.Environment, r, blocking[r.region.Name])
		if err != nil {
			return err
		}
		if r.region.Name == args.Regions.Standby.Name {
			m.StandbyAlarms = append([]string{name}, names[r.region.Name]...)
		}
	}
	return nil
}

// addReadinessAlarm builds the one alarm by which an operator knows that a failover would fail now, and returns its name.
func (m *Monitoring) addReadinessAlarm(
	ctx *pulumi.Context, environment string, r monitoredRegion, blocking []*cloudwatch.MetricAlarm,
) (string, error) {
	name, err := r.region.Named(naming.Alarm, readinessPurpose)
	if err != nil {
		return "", err
	}
	terms := pulumi.StringArray{}
	for _, built := range blocking {
		terms = append(terms, pulumi.Sprintf("ALARM(%q)", built.Name))
	}
	topic := pulumi.StringArray{pulumi.String(r.local.TopicARN)}
	_, err = cloudwatch.NewCompositeAlarm(ctx, name, &cloudwatch.CompositeAlarmArgs{
		AlarmName: pulumi.String(name),
		AlarmDescription: pulumi.String("A failover would fail now, as seen from " + r.region.Name + ". " +
			"Look which of its alarms is red, and run `make preflight ENV=" + environment + "`."),
		AlarmRule: terms.ToStringArrayOutput().ApplyT(func(terms []string) string {
			return strings.Join(terms, " OR ")
		}).(pulumi.StringOutput),
		AlarmActions: topic, OkActions: topic,
	}, r.region.Child(m)...)
	if err != nil {
		return "", fmt.Errorf("building alarm %s: %w", name, err)
	}
	return name, nil
}
