package monitoring

import (
	"fmt"
	"strings"

	"warmstandby/shared/components/internal/alarm"
	"warmstandby/shared/contract/controller"
)

const (
	// gridColumns is the width of a dashboard, graphHeight the height of a graph in the same unit.
	gridColumns = 24
	graphHeight = 6
	// textHeight is the height of the explanation and of the single values.
	textHeight = 4
	// periodSeconds is the shortest period in which the services of AWS report.
	periodSeconds = 60
)

// dashboard returns the body of both regions' dashboards, with the primary region on the left and the standby on the right. It
// is the same in both: the loss of a region takes that region's dashboard, and nothing from the other's.
func (a Args) dashboard(primaryCheckID, standbyCheckID string) body {
	regions := a.monitoredRegions()
	g := &grid{}
	g.row(textHeight, text{a.introduction()})
	g.row(textHeight, a.controllerValues())
	for _, graphOf := range [...]func(monitoredRegion) graph{
		requestGraph, functionGraph, connectionGraph, replicationGraph, a.objectGraph, a.forwardingGraph,
	} {
		g.row(graphHeight, graphOf(regions[0]), graphOf(regions[1]))
	}
	g.row(graphHeight, healthCheckGraph(primaryCheckID, standbyCheckID), a.controllerGraph())
	return body{Start: "-PT3H", PeriodOverride: "inherit", Widgets: g.widgets}
}

// grid puts widgets in rows.
type grid struct {
	y       int
	widgets []widget
}

// row adds a row of widgets of one height that share its width.
func (g *grid) row(height int, properties ...any) {
	for i, content := range properties {
		kind := "metric"
		if _, ok := content.(text); ok {
			kind = "text"
		}
		width := gridColumns / len(properties)
		g.widgets = append(g.widgets, widget{kind, i * width, g.y, width, height, content})
	}
	g.y += height
}

func (a Args) introduction() string {
	return strings.Join([]string{
		"# warmstandby, " + a.Environment,
		fmt.Sprintf("Primary region %s on the left, standby %s on the right. When something is red: %s.",
			a.Regions.Primary.Name, a.Regions.Standby.Name, a.runbookLink()),
		fmt.Sprintf("`make status ENV=%s` shows the same as text, with the controller's last decision and its reasons.", a.Environment),
	}, "\n\n")
}

// runbookLink links the runbook if it has an address, and names its file otherwise.
func (a Args) runbookLink() string {
	if strings.HasPrefix(a.Runbook, "https://") {
		return "[the runbook](" + a.Runbook + ")"
	}
	return "the runbook, `" + a.Runbook + "`"
}

// controllerValues shows what the controller publishes in the region where it runs.
func (a Args) controllerValues() graph {
	return graph{
		Title: "The standby could take over, and where the writer is", Region: a.Regions.Standby.Name,
		View: number, Stat: alarm.Maximum, Period: periodSeconds,
		Metrics: []series{
			{metric: a.controllerMetric(controller.MetricReadiness), Label: "Ready to fail over", Stat: alarm.Minimum},
			{metric: a.writerMetric(a.Regions.Primary.Name), Label: "Writer in " + a.Regions.Primary.Name},
			{metric: a.writerMetric(a.Regions.Standby.Name), Label: "Writer in " + a.Regions.Standby.Name},
			{metric: a.controllerMetric(controller.MetricReplicationLag), Label: "Replication lag, s"},
			{metric: a.controllerMetric(controller.MetricHeartbeatAge), Label: "Age of the heartbeat, s"},
			{metric: a.controllerMetric(controller.MetricVersionMismatch), Label: "Engine versions differ"},
		},
	}
}

// writerMetric is 1 while the writer is in the region.
func (a Args) writerMetric(regionName string) metric {
	return a.controllerMetric(controller.MetricWriterActive, controller.DimensionRegion, regionName)
}

func requestGraph(r monitoredRegion) graph {
	return r.sumGraph("Requests and errors", []series{
		{metric: r.balancerMetric("RequestCount"), Label: "Requests"},
		{metric: r.balancerMetric("HTTPCode_ELB_5XX_Count"), Label: "5xx of the load balancer", YAxis: "right"},
		{metric: r.targetMetric("HTTPCode_Target_5XX_Count"), Label: "5xx of the function", YAxis: "right"},
	}, "Errors a minute")
}

func functionGraph(r monitoredRegion) graph {
	return r.sumGraph("The application's function", []series{
		{metric: functionMetric("Invocations", r.local.Function), Label: "Invocations"},
		{metric: functionMetric("Errors", r.local.Function), Label: "Errors"},
		{metric: functionMetric("Duration", r.local.Function), Label: "Duration, p99", Stat: alarm.P99, YAxis: "right"},
	}, "ms")
}

func connectionGraph(r monitoredRegion) graph {
	result := r.sumGraph("Database connections", []series{{metric: r.clusterMetric("DatabaseConnections"), Label: "Connections"}}, "")
	result.Stat = alarm.Maximum
	return result
}

// replicationGraph has lines only in the region that is replicated to: the standby, and after a failover the primary.
func replicationGraph(r monitoredRegion) graph {
	result := r.sumGraph("How far the database is behind "+r.peerRegion.Name, []series{
		{metric: r.replicationMetric("AuroraGlobalDBReplicationLag"), Label: "Replication lag, ms"},
		{metric: r.replicationMetric("AuroraGlobalDBRPOLag"), Label: "RPO lag, ms"},
	}, "")
	result.Stat = alarm.Maximum
	result.Annotations = &annotations{[]mark{{"Half the RPO", halfRPO.Seconds() * 1000}}}
	return result
}

func (a Args) objectGraph(r monitoredRegion) graph {
	var latencies []series
	for _, purpose := range r.purposes() {
		latencies = append(latencies, series{metric: r.objectLatencyMetric(a.ReplicationRuleID, purpose), Label: purpose + ", s"})
	}
	result := r.sumGraph("How long objects take from "+r.peerRegion.Name, latencies, "")
	result.Stat = alarm.Maximum
	result.Annotations = &annotations{[]mark{{"Late", objectLatency.Seconds()}}}
	return result
}

func (a Args) forwardingGraph(r monitoredRegion) graph {
	return r.sumGraph("Events to "+r.peerRegion.Name, []series{
		{metric: r.forwardingMetric(a.BusName, "Invocations"), Label: "Forwarded"},
		{metric: r.forwardingMetric(a.BusName, "FailedInvocations"), Label: "Failed", YAxis: "right"},
		{metric: r.deadLetterMetric(), Label: "In the dead-letter queue", Stat: alarm.Maximum, YAxis: "right"},
	}, "Events")
}

func healthCheckGraph(primary, standby string) graph {
	zero, one := 0.0, 1.0
	return graph{
		Title: "Route 53: 1 is healthy", Region: route53Region, View: lines, Stat: alarm.Minimum, Period: periodSeconds,
		Metrics: []series{
			{metric: healthCheck(primary), Label: "The primary accepts writes"},
			{metric: healthCheck(standby), Label: "The standby serves reads"},
		},
		YAxis: &axes{Left: &axis{Min: &zero, Max: &one}},
	}
}

func (a Args) controllerGraph() graph {
	standby := a.monitoredRegions()[1]
	return standby.sumGraph("The failover controller", []series{
		{metric: functionMetric("Invocations", a.ControllerFunction), Label: "Invocations"},
		{metric: functionMetric("Errors", a.ControllerFunction), Label: "Errors"},
		{metric: functionMetric("Duration", a.ControllerFunction), Label: "Duration, p99", Stat: alarm.P99, YAxis: "right"},
	}, "ms")
}

// sumGraph returns a graph of sums by the minute, from 0 on. rightUnit is the unit of the right axis; empty, there is none.
func (r monitoredRegion) sumGraph(title string, metrics []series, rightUnit string) graph {
	zero := 0.0
	result := graph{
		Title: title + ", " + r.region.Name, Region: r.region.Name, View: lines, Stat: alarm.Sum, Period: periodSeconds, Metrics: metrics,
		YAxis: &axes{Left: &axis{Min: &zero}},
	}
	if rightUnit != "" {
		result.YAxis.Right = &axis{Min: &zero, Label: rightUnit}
	}
	return result
}
