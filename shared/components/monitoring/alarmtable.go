package monitoring

import (
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/internal/alarm"
	"warmstandby/shared/contract/controller"
)

const (
	// laggingMilliseconds is sixty times the lag that is typical, under a second (Amazon Aurora User Guide, "Using Amazon
	// Aurora Global Database"), and a fifteenth of the promise.
	laggingMilliseconds = 60_000
	// halfPromise is the lag at which half of the promise is used up. The commits in the primary wait when it is at the
	// other half's end (rds.global_db_rpo).
	halfPromise = controller.RPO / 2
	// objectsLate leaves five minutes of the promise, which S3 Replication Time Control keeps for all but one object in ten
	// thousand (Amazon S3 User Guide, "Meeting compliance requirements using S3 Replication Time Control").
	objectsLate = 10 * time.Minute
)

// watched is a row of the table of alarms.
type watched struct {
	place place
	alarm alarm.Alarm
	// readiness says that the alarm tells against a failover now: it is part of the composite one.
	readiness bool
}

// table is all alarms, each in the region where its metric is.
func (a Args) table(primaryCheck, standbyCheck pulumi.StringInput) []watched {
	var rows []watched
	places := a.places()
	for _, p := range places {
		rows = append(rows, a.inBoth(p)...)
		if p.in.Name == route53Region {
			rows = append(rows, endpoints(p, a.Environment, primaryCheck, standbyCheck)...)
		}
	}
	return append(rows, a.ofController(places[1])...)
}

// of is a metric as an alarm has it.
func (m metric) of() alarm.Metric {
	dimensions := pulumi.StringMap{}
	for i := 0; i+1 < len(m.dimensions); i += 2 {
		dimensions[m.dimensions[i]] = pulumi.String(m.dimensions[i+1])
	}
	return alarm.Metric{Namespace: m.namespace, Name: m.name, Dimensions: dimensions}
}

// inBoth are the alarms that each region has of its own.
func (a Args) inBoth(p place) []watched {
	rows := []watched{
		{p, alarm.Alarm{
			Name: "replication-lag", Metric: p.lag("AuroraGlobalDBReplicationLag").of(),
			Statistic: alarm.Maximum, Comparison: alarm.MoreThan, Threshold: laggingMilliseconds, Bad: 3, Of: 5, Missing: alarm.SilenceIsFine,
			What: "The database in " + p.in.Name + " is more than a minute behind " + p.far.Name + ".",
			Do:   "Look at the writer's load and at AWS Health for both regions. A failover now loses what has not arrived.",
		}, true},
		{p, alarm.Alarm{
			Name: "rpo-lag", Metric: p.lag("AuroraGlobalDBRPOLag").of(),
			Statistic: alarm.Maximum, Comparison: alarm.MoreThan, Threshold: float64(halfPromise.Milliseconds()), Bad: 2, Of: 3, Missing: alarm.SilenceIsFine,
			What: "Half of the promised RPO is used up: the newest commit in " + p.in.Name + " is more than " + halfPromise.String() + " behind " + p.far.Name + ".",
			Do:   "At rds.global_db_rpo the commits in " + p.far.Name + " wait. Find what holds replication up, or take load from the writer.",
		}, true},
		{p, alarm.Alarm{
			Name: "undelivered-events", Metric: p.undelivered().of(),
			Statistic: alarm.Maximum, Comparison: alarm.AtLeast, Threshold: 1, Bad: 1, Of: 1, Missing: alarm.SilenceIsFine,
			What: "Events of " + p.in.Name + " could not be forwarded to " + p.far.Name + " for a day.",
			Do:   "Read the messages' ERROR_CODE, mend the cause, and put the events on the other region's bus from the archive or the queue.",
		}, false},
		{p, alarm.Alarm{
			// The controller publishes in both regions, so that its silence is heard in the one that is left.
			Name: "not-ready", Metric: a.controllers(controller.MetricReadiness).of(),
			Statistic: alarm.Minimum, Comparison: alarm.LessThan, Threshold: 1, Bad: 5, Of: 5, Missing: alarm.SilenceIsAFault,
			What: "The last validation found that the standby could not take over, or the controller has said nothing for five minutes.",
			Do:   "Run `make preflight ENV=" + a.Environment + "`: it names what is missing.",
		}, true},
	}
	for _, purpose := range p.purposes() {
		rows = append(rows, watched{p, alarm.Alarm{
			Name: "late-" + purpose, Metric: p.objectsLate(a.ReplicationRuleID, purpose).of(),
			Statistic: alarm.Maximum, Comparison: alarm.MoreThan, Threshold: objectsLate.Seconds(), Bad: 2, Of: 3, Missing: alarm.SilenceIsFine,
			What: "Objects of the bucket of " + purpose + " take more than " + objectsLate.String() + " from " + p.far.Name + " to " + p.in.Name + ".",
			Do:   "Look at OperationsFailedReplication of the rule, at the keys' policies, and at AWS Health for S3.",
		}, true})
	}
	return rows
}

// endpoints are the alarms on Route 53's health checks.
func endpoints(p place, environment string, primary, standby pulumi.StringInput) []watched {
	row := func(name string, id pulumi.StringInput, what, do string, readiness bool) watched {
		status := check("").of()
		status.Dimensions = pulumi.StringMap{"HealthCheckId": id}
		return watched{p, alarm.Alarm{
			Name: name, Metric: status,
			Statistic: alarm.Minimum, Comparison: alarm.LessThan, Threshold: 1, Bad: 2, Of: 2, Missing: alarm.SilenceIsFine,
			What: what, Do: do,
		}, readiness}
	}
	return []watched{
		row("primary-endpoint", primary, "Route 53 finds that the primary region does not accept writes, and sends users to the standby.",
			"Run `make status ENV="+environment+"`: the failover controller decides within minutes whether the writer follows. After a failover this stays until the failback.", false),
		row("standby-endpoint", standby, "Route 53 finds that the standby region does not serve reads: there is nowhere to fail over to.",
			"Look at the standby's load balancer, function and reader.", true),
	}
}

// ofController are the alarms on the failover controller and on what it alone measures, where it runs.
func (a Args) ofController(p place) []watched {
	return []watched{
		{p, alarm.Alarm{
			Name: "heartbeat-missing", Metric: a.controllers(controller.MetricHeartbeatAge).of(),
			Statistic: alarm.Maximum, Comparison: alarm.MoreThan, Threshold: controller.HeartbeatOverdue.Seconds(), Bad: 3, Of: 3, Missing: alarm.SilenceIsAFault,
			What: "No heartbeat has come from " + p.far.Name + " for " + controller.HeartbeatOverdue.String() + ", or nobody listens.",
			Do:   "Alone it is no loss: look at the schedule, the forwarding rule and the dead-letter queue of " + p.far.Name + ". With failing writes the controller takes it for one.",
		}, true},
		{p, alarm.Alarm{
			Name: "engine-versions-differ", Metric: a.controllers(controller.MetricVersionMismatch).of(),
			Statistic: alarm.Maximum, Comparison: alarm.AtLeast, Threshold: 1, Bad: 3, Of: 5, Missing: alarm.SilenceIsFine,
			What: "The database's engines differ in version: Aurora refuses a switchover.",
			Do:   "End the upgrade that was begun, through engineVersion of data-global.",
		}, true},
		{p, alarm.Alarm{
			Name: "controller-errors", Metric: function("Errors", a.Controller).of(),
			Statistic: alarm.Sum, Comparison: alarm.AtLeast, Threshold: 1, Bad: 2, Of: 5, Missing: alarm.SilenceIsFine,
			What: "Runs of the failover controller end in an error.",
			Do:   "Look for the error in its log. Until it is mended a failover is an operator's: `make status ENV=" + a.Environment + "`, then the runbook.",
		}, true},
		{p, alarm.Alarm{
			Name: "controller-silent", Metric: function("Invocations", a.Controller).of(),
			Statistic: alarm.Sum, Comparison: alarm.LessThan, Threshold: 1, Bad: 5, Of: 5, Missing: alarm.SilenceIsAFault,
			What: "The failover controller has not run for five minutes.",
			Do:   "Look at its schedule, at Lambda's throttles in " + p.in.Name + " and at AWS Health. Until it runs a failover is an operator's.",
		}, true},
	}
}
