package monitoring

import (
	"fmt"
	"strings"

	"warmstandby/shared/components/internal/alarm"
	"warmstandby/shared/contract/controller"
)

const (
	// columns are a dashboard's; height is a graph's, in the same unit.
	columns = 24
	height  = 6
	// fine is the finest period in which the services of AWS report, in seconds.
	fine = 60
)

// dashboard is what an operator sees of both regions, the primary's on the left and the standby's on the right. It is the
// same wherever it is shown: a region that is lost takes its dashboard with it, and not what the other shows.
func (a Args) dashboard(primaryCheck, standbyCheck string) body {
	places := a.places()
	g := &grid{}
	g.row(4, text{a.explains()})
	g.row(4, a.controllersNumbers())
	for _, graphs := range [...]func(place) graph{requests, functions, connections, behind, a.objects, a.forwarded} {
		g.row(height, graphs(places[0]), graphs(places[1]))
	}
	g.row(height, checks(primaryCheck, standbyCheck), a.controllersRuns())
	return body{Start: "-PT3H", PeriodOverride: "inherit", Widgets: g.widgets}
}

// grid puts widgets in rows.
type grid struct {
	y       int
	widgets []widget
}

// row adds a row of widgets of one height that share its width.
func (g *grid) row(height int, properties ...any) {
	for i, one := range properties {
		kind := "metric"
		if _, ok := one.(text); ok {
			kind = "text"
		}
		width := columns / len(properties)
		g.widgets = append(g.widgets, widget{kind, i * width, g.y, width, height, one})
	}
	g.y += height
}

func (a Args) explains() string {
	return strings.Join([]string{
		"# warmstandby, " + a.Environment,
		fmt.Sprintf("Primary region %s on the left, standby %s on the right. When something is red: %s.",
			a.Regions.Primary.Name, a.Regions.Standby.Name, a.runbook()),
		fmt.Sprintf("`make status ENV=%s` says the same in words, with the controller's last decision and why.", a.Environment),
	}, "\n\n")
}

// runbook leads to the runbook where it has an address.
func (a Args) runbook() string {
	if strings.HasPrefix(a.Runbook, "https://") {
		return "[the runbook](" + a.Runbook + ")"
	}
	return "the runbook, `" + a.Runbook + "`"
}

// controllersNumbers are what the controller publishes where it runs.
func (a Args) controllersNumbers() graph {
	return graph{
		Title: "The standby could take over, and where the writer is", Region: a.Regions.Standby.Name,
		View: number, Stat: alarm.Maximum, Period: fine,
		Metrics: []series{
			{metric: a.controllers(controller.MetricReadiness), Label: "Ready to fail over", Stat: alarm.Minimum},
			{metric: a.writer(a.Regions.Primary.Name), Label: "Writer in " + a.Regions.Primary.Name},
			{metric: a.writer(a.Regions.Standby.Name), Label: "Writer in " + a.Regions.Standby.Name},
			{metric: a.controllers(controller.MetricReplicationLag), Label: "Replication lag, s"},
			{metric: a.controllers(controller.MetricHeartbeatAge), Label: "Age of the heartbeat, s"},
			{metric: a.controllers(controller.MetricVersionMismatch), Label: "Engine versions differ"},
		},
	}
}

func (a Args) writer(regionName string) metric {
	return a.controllers(controller.MetricWriterActive, controller.DimensionRegion, regionName)
}

func requests(p place) graph {
	return p.counts("Requests and errors", []series{
		{metric: p.balancer("RequestCount"), Label: "Requests"},
		{metric: p.balancer("HTTPCode_ELB_5XX_Count"), Label: "5xx of the load balancer", YAxis: "right"},
		{metric: p.target("HTTPCode_Target_5XX_Count"), Label: "5xx of the function", YAxis: "right"},
	}, "Errors a minute")
}

func functions(p place) graph {
	return p.counts("The application's function", []series{
		{metric: function("Invocations", p.side.Function), Label: "Invocations"},
		{metric: function("Errors", p.side.Function), Label: "Errors"},
		{metric: function("Duration", p.side.Function), Label: "Duration, p99", Stat: alarm.P99, YAxis: "right"},
	}, "ms")
}

func connections(p place) graph {
	drawn := p.counts("Database connections", []series{{metric: p.cluster("DatabaseConnections"), Label: "Connections"}}, "")
	drawn.Stat = alarm.Maximum
	return drawn
}

// behind has lines only in the region that follows: the standby's, and after a failover the primary's.
func behind(p place) graph {
	drawn := p.counts("How far the database is behind "+p.far.Name, []series{
		{metric: p.lag("AuroraGlobalDBReplicationLag"), Label: "Replication lag, ms"},
		{metric: p.lag("AuroraGlobalDBRPOLag"), Label: "RPO lag, ms"},
	}, "")
	drawn.Stat = alarm.Maximum
	drawn.Annotations = &annotations{[]mark{{"Half the promise", halfPromise.Seconds() * 1000}}}
	return drawn
}

func (a Args) objects(p place) graph {
	var late []series
	for _, purpose := range p.purposes() {
		late = append(late, series{metric: p.objectsLate(a.ReplicationRuleID, purpose), Label: purpose + ", s"})
	}
	drawn := p.counts("How long objects take from "+p.far.Name, late, "")
	drawn.Stat = alarm.Maximum
	drawn.Annotations = &annotations{[]mark{{"Late", objectsLate.Seconds()}}}
	return drawn
}

func (a Args) forwarded(p place) graph {
	return p.counts("Events to "+p.far.Name, []series{
		{metric: p.forwarding(a.BusName, "Invocations"), Label: "Forwarded"},
		{metric: p.forwarding(a.BusName, "FailedInvocations"), Label: "Given up", YAxis: "right"},
		{metric: p.undelivered(), Label: "In the dead-letter queue", Stat: alarm.Maximum, YAxis: "right"},
	}, "Events")
}

func checks(primary, standby string) graph {
	zero, one := 0.0, 1.0
	return graph{
		Title: "Route 53: 1 is healthy", Region: route53Region, View: lines, Stat: alarm.Minimum, Period: fine,
		Metrics: []series{
			{metric: check(primary), Label: "The primary accepts writes"},
			{metric: check(standby), Label: "The standby serves reads"},
		},
		YAxis: &axes{Left: &axis{Min: &zero, Max: &one}},
	}
}

func (a Args) controllersRuns() graph {
	home := a.places()[1]
	return home.counts("The failover controller", []series{
		{metric: function("Invocations", a.Controller), Label: "Invocations"},
		{metric: function("Errors", a.Controller), Label: "Errors"},
		{metric: function("Duration", a.Controller), Label: "Duration, p99", Stat: alarm.P99, YAxis: "right"},
	}, "ms")
}

// counts is a graph of sums by the minute from 0 on; right is the unit of the other axis, if there is one.
func (p place) counts(title string, metrics []series, right string) graph {
	zero := 0.0
	drawn := graph{
		Title: title + ", " + p.in.Name, Region: p.in.Name, View: lines, Stat: alarm.Sum, Period: fine, Metrics: metrics,
		YAxis: &axes{Left: &axis{Min: &zero}},
	}
	if right != "" {
		drawn.YAxis.Right = &axis{Min: &zero, Label: right}
	}
	return drawn
}
