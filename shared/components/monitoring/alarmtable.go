package monitoring

import (
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/internal/alarm"
	"warmstandby/shared/contract/controller"
)

const (
	// replicationLagMilliseconds is sixty times the typical lag, which is under a second (Amazon Aurora User Guide, "Using
	// Amazon Aurora Global Database"), and a fifteenth of the RPO.
	replicationLagMilliseconds = 60_000
	// halfRPO is the lag that uses up half of the RPO.
	halfRPO = controller.RPO / 2
	// objectLatency leaves five minutes of the RPO, which S3 Replication Time Control keeps for all but one object in ten
	// thousand (Amazon S3 User Guide, "Meeting compliance requirements using S3 Replication Time Control").
	objectLatency = 10 * time.Minute
)

// alarmRow is a row of the table of alarms.
type alarmRow struct {
	region monitoredRegion
	alarm  alarm.Alarm
	// blocksFailover makes the alarm a term of the region's composite alarm: while it is red, a failover would fail or lose
	// data.
	blocksFailover bool
}

// alarmTable returns all alarms, each in the region of its metric.
func (a Args) alarmTable() []alarmRow {
	var rows []alarmRow
	regions := a.monitoredRegions()
	for _, r := range regions {
		rows = append(rows, a.perRegionAlarms(r)...)
		if r.region.Name == route53Region {
			rows = append(rows, a.healthCheckAlarms(r)...)
		}
	}
	return append(rows, a.controllerAlarms(regions[1])...)
}

// alarmMetric returns the metric as an alarm takes it.
func (m metric) alarmMetric() alarm.Metric {
	dimensions := pulumi.StringMap{}
	for i := 0; i+1 < len(m.dimensions); i += 2 {
		dimensions[m.dimensions[i]] = pulumi.String(m.dimensions[i+1])
	}
	return alarm.Metric{Namespace: m.namespace, Name: m.name, Dimensions: dimensions}
}

// perRegionAlarms returns the alarms that each region has.
func (a Args) perRegionAlarms(r monitoredRegion) []alarmRow {
	local, peer := r.region.Name, r.peerRegion.Name
	rows := []alarmRow{
		{r, alarm.Alarm{
			Name: "replication-lag", Metric: r.replicationMetric("AuroraGlobalDBReplicationLag").alarmMetric(),
			Statistic: alarm.Maximum, Comparison: alarm.Greater, Threshold: replicationLagMilliseconds,
			DatapointsToAlarm: 3, EvaluationPeriods: 5, TreatMissingData: alarm.MissingNotBreaching,
			Summary:  "The database in " + local + " is more than a minute behind " + peer + ".",
			Response: "Look at the writer's load and at AWS Health for both regions. A failover now loses what has not arrived.",
		}, true},
		{r, alarm.Alarm{
			Name: "rpo-lag", Metric: r.replicationMetric("AuroraGlobalDBRPOLag").alarmMetric(),
			Statistic: alarm.Maximum, Comparison: alarm.Greater, Threshold: float64(halfRPO.Milliseconds()),
			DatapointsToAlarm: 2, EvaluationPeriods: 3, TreatMissingData: alarm.MissingNotBreaching,
			Summary: "Half of the RPO is used up: the newest commit in " + local + " is more than " + halfRPO.String() +
				" behind " + peer + ".",
			Response: "Where rds.global_db_rpo is set, the commits in " + peer + " wait at it. " +
				"Find what holds replication up, or take load from the writer.",
		}, true},
		{r, alarm.Alarm{
			Name: "undelivered-events", Metric: r.deadLetterMetric().alarmMetric(),
			Statistic: alarm.Maximum, Comparison: alarm.GreaterOrEqual, Threshold: 1,
			DatapointsToAlarm: 1, EvaluationPeriods: 1, TreatMissingData: alarm.MissingNotBreaching,
			Summary: "Events of " + local + " could not be forwarded to " + peer + " for a day.",
			Response: "Read the messages' ERROR_CODE, fix the cause, " +
				"and put the events on the other region's bus from the archive or the queue.",
		}, false},
		{r, alarm.Alarm{
			// The controller publishes in both regions, so that its silence is noticed in the one that is left.
			Name: "not-ready", Metric: a.controllerMetric(controller.MetricReadiness).alarmMetric(),
			Statistic: alarm.Minimum, Comparison: alarm.Less, Threshold: 1,
			DatapointsToAlarm: 5, EvaluationPeriods: 5, TreatMissingData: alarm.MissingBreaching,
			Summary: "The last validation found that the standby could not take over, " +
				"or the controller has published nothing for five minutes.",
			Response: "Run `make status ENV=" + a.Environment + "`: it names what is missing.",
		}, true},
	}
	for _, purpose := range r.purposes() {
		rows = append(rows, alarmRow{r, alarm.Alarm{
			Name: "late-" + purpose, Metric: r.objectLatencyMetric(a.ReplicationRuleID, purpose).alarmMetric(),
			Statistic: alarm.Maximum, Comparison: alarm.Greater, Threshold: objectLatency.Seconds(),
			DatapointsToAlarm: 2, EvaluationPeriods: 3, TreatMissingData: alarm.MissingNotBreaching,
			Summary: "Objects of the bucket of " + purpose + " take more than " + objectLatency.String() +
				" from " + peer + " to " + local + ".",
			Response: "Look at OperationsFailedReplication of the rule, at the keys' policies, and at AWS Health for S3.",
		}, true})
	}
	return rows
}

// healthCheckAlarms returns the alarms on Route 53's health checks.
func (a Args) healthCheckAlarms(r monitoredRegion) []alarmRow {
	row := func(name string, checkID pulumi.StringInput, summary, response string, blocksFailover bool) alarmRow {
		status := healthCheck("").alarmMetric()
		status.Dimensions = pulumi.StringMap{"HealthCheckId": checkID}
		return alarmRow{r, alarm.Alarm{
			Name: name, Metric: status,
			Statistic: alarm.Minimum, Comparison: alarm.Less, Threshold: 1,
			DatapointsToAlarm: 2, EvaluationPeriods: 2, TreatMissingData: alarm.MissingNotBreaching,
			Summary: summary, Response: response,
		}, blocksFailover}
	}
	return []alarmRow{
		row("primary-endpoint", a.PrimaryCheckID,
			"Route 53 finds that the primary region does not accept writes, and sends users to the standby.",
			"Run `make status ENV="+a.Environment+"`: the failover controller decides within minutes whether the writer follows. "+
				"After a failover this stays until the failback.", false),
		row("standby-endpoint", a.StandbyCheckID,
			"Route 53 finds that the standby region does not serve reads: there is nowhere to fail over to.",
			"Look at the standby's load balancer, function and reader.", true),
	}
}

// controllerAlarms returns the alarms on the failover controller and on what it alone measures, in the region where it runs.
// They are built here and not by package failover: the composite alarm of the region names them, and under another parent each
// would have another URN.
func (a Args) controllerAlarms(r monitoredRegion) []alarmRow {
	local, peer := r.region.Name, r.peerRegion.Name
	return []alarmRow{
		{r, alarm.Alarm{
			Name: "heartbeat-missing", Metric: a.controllerMetric(controller.MetricHeartbeatAge).alarmMetric(),
			Statistic: alarm.Maximum, Comparison: alarm.Greater, Threshold: controller.HeartbeatOverdue.Seconds(),
			DatapointsToAlarm: 3, EvaluationPeriods: 3, TreatMissingData: alarm.MissingBreaching,
			Summary: "No heartbeat has come from " + peer + " for " + controller.HeartbeatOverdue.String() +
				", or the controller does not run.",
			Response: "Alone it is no loss: look at the schedule, the forwarding rule and the dead-letter queue of " + peer + ". " +
				"With failing writes the controller takes it for one.",
		}, true},
		{r, alarm.Alarm{
			Name: "engine-versions-differ", Metric: a.controllerMetric(controller.MetricVersionMismatch).alarmMetric(),
			Statistic: alarm.Maximum, Comparison: alarm.GreaterOrEqual, Threshold: 1,
			DatapointsToAlarm: 3, EvaluationPeriods: 5, TreatMissingData: alarm.MissingNotBreaching,
			Summary:  "The database's engines differ in version: Aurora refuses a switchover.",
			Response: "Finish the upgrade that was begun, through engineVersion of data-global.",
		}, true},
		{r, alarm.Alarm{
			Name: "controller-errors", Metric: functionMetric("Errors", a.ControllerFunction).alarmMetric(),
			Statistic: alarm.Sum, Comparison: alarm.GreaterOrEqual, Threshold: 1,
			DatapointsToAlarm: 2, EvaluationPeriods: 5, TreatMissingData: alarm.MissingNotBreaching,
			Summary: "Runs of the failover controller end in an error.",
			Response: "Look for the error in its log. Until it is fixed, an operator decides about a failover: " +
				"`make status ENV=" + a.Environment + "`, then the runbook.",
		}, true},
		{r, alarm.Alarm{
			Name: "controller-silent", Metric: functionMetric("Invocations", a.ControllerFunction).alarmMetric(),
			Statistic: alarm.Sum, Comparison: alarm.Less, Threshold: 1,
			DatapointsToAlarm: 5, EvaluationPeriods: 5, TreatMissingData: alarm.MissingBreaching,
			Summary: "The failover controller has not run for five minutes.",
			Response: "Look at its schedule, at Lambda's throttles in " + local + " and at AWS Health. " +
				"Until it runs, an operator decides about a failover.",
		}, true},
	}
}
