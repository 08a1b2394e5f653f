//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// assertNoNameLeft asks for the kinds of resource of global-edge that belong to no region.
func assertNoNameLeft(t *testing.T, p *platform) {
	t.Helper()
	if zone := p.zone(t); zone != nil {
		t.Errorf("the hosted zone %s is left", *zone)
	}
	if left := p.healthChecks(t); len(left) > 0 {
		t.Errorf("there are left %d health checks", len(left))
	}
}

// assertNoEdgeLeft asks for the kinds of resource that global-edge makes in a region and [assertNoApplicationLeft] does not
// look for.
func assertNoEdgeLeft(t *testing.T, p *platform, region string) {
	t.Helper()
	ctx, configured := t.Context(), p.aws(t, region)
	left := map[string][]string{}
	find := func(kind, name string) {
		if strings.HasSuffix(name, "-"+p.name) {
			left[kind] = append(left[kind], name)
		}
	}
	watch := cloudwatch.NewFromConfig(configured)
	for _, one := range must(watch.ListDashboards(ctx, &cloudwatch.ListDashboardsInput{}))(t).DashboardEntries {
		find("dashboards", aws.ToString(one.DashboardName))
	}
	alarms := &cloudwatch.DescribeAlarmsInput{AlarmTypes: []types.AlarmType{types.AlarmTypeCompositeAlarm}}
	for _, one := range must(watch.DescribeAlarms(ctx, alarms))(t).CompositeAlarms {
		find("composite alarms", aws.ToString(one.AlarmName))
	}
	for _, name := range must(dynamodb.NewFromConfig(configured).ListTables(ctx, &dynamodb.ListTablesInput{}))(t).TableNames {
		find("tables", name)
	}
	for kind, names := range left {
		t.Errorf("%s: of the %s there are left %v", region, kind, names)
	}
}
