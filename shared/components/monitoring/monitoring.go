// Package monitoring builds the CloudWatch dashboards, which are identical in both regions, and the alarms on what connects the
// regions, each in the region of its metric. Alarms on a single region are in package application.
package monitoring

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/region"
)

const monitoringType = "warmstandby:monitoring:Monitoring"

// Monitoring is the dashboards and the alarms of both regions.
type Monitoring struct {
	pulumi.ResourceState

	// PrimaryDashboard and StandbyDashboard are the dashboards' names, PrimaryURL and StandbyURL their addresses in the console.
	PrimaryDashboard, StandbyDashboard string
	PrimaryURL, StandbyURL             string

	// StandbyAlarms are the names of the alarms in the standby region. The failover controller checks that they exist.
	StandbyAlarms []string
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

// addDashboards builds a dashboard in each region, both with the same body.
func (m *Monitoring) addDashboards(ctx *pulumi.Context, args Args) error {
	dashboardBody := pulumi.All(args.PrimaryCheckID, args.StandbyCheckID).ApplyT(func(ids []any) (string, error) {
		primary, primaryOK := ids[0].(string)
		standby, standbyOK := ids[1].(string)
		if !primaryOK || !standbyOK {
			return "", errors.New("drawing the dashboard: the ids of the health checks are no strings")
		}
		return args.dashboard(primary, standby).JSON()
	}).(pulumi.StringOutput)
	for _, row := range [...]struct {
		region    region.Region
		name, url *string
	}{
		{args.Regions.Primary, &m.PrimaryDashboard, &m.PrimaryURL}, {args.Regions.Standby, &m.StandbyDashboard, &m.StandbyURL},
	} {
		name, err := row.region.Named(naming.Dashboard, "")
		if err != nil {
			return err
		}
		_, err = cloudwatch.NewDashboard(ctx, name, &cloudwatch.DashboardArgs{
			DashboardName: pulumi.String(name), DashboardBody: dashboardBody,
		}, row.region.Child(m)...)
		if err != nil {
			return fmt.Errorf("building dashboard %s: %w", name, err)
		}
		*row.name, *row.url = name, consoleURL(row.region, name)
	}
	return nil
}

// consoleHosts are the hosts of the console, by partition (AWS General Reference, "AWS service endpoints"; a partition that is
// not here has aws's).
var consoleHosts = map[string]string{"aws-us-gov": "console.amazonaws-us-gov.com"}

// consoleURL returns the address of a dashboard in the console.
func consoleURL(in region.Region, dashboard string) string {
	host, found := consoleHosts[in.Partition]
	if !found {
		host = "console.aws.amazon.com"
	}
	return fmt.Sprintf("https://%s.%s/cloudwatch/home?region=%s#dashboards/dashboard/%s", in.Name, host, in.Name, dashboard)
}
