package application

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/internal/alarm"
)

const (
	// errorsPerMinute is more than the retries of a single client.
	errorsPerMinute = 5
	// latencySeconds is a delay that a caller notices. The p99 of the platform's own reads is a tenth of it.
	latencySeconds = 1
	// concurrencyFraction of the account's concurrency leaves an operator time before Lambda refuses invocations, those of the failover
	// controller among them (decision 46).
	concurrencyFraction = 0.8
	// timeoutFraction of the timeout leaves an operator time before invocations are cut off.
	timeoutFraction = 0.8
	// backupHours are a day, in which a backup and its copy are due, and the two hours in which the plan starts and takes one.
	backupHours = 26
	hourSeconds = 60 * 60

	// recordsNamespace is that of the function's own metrics (METRIC_NAMESPACE in lambda/app/src/log.js). Their dimension is the
	// function's name.
	recordsNamespace = "Warmstandby/Records"
	// backlogSeconds is an age that no work of the maintenance reaches while it keeps up: it runs every minute, in both regions.
	backlogSeconds = 600
	// backlogEvents is what one region publishes in some minutes. A bus that takes nothing leaves more within half an hour of 50
	// changes a second.
	backlogEvents = 50_000
	// configurationSeconds is a third of the 15 minutes after which the function admits nobody (MAX_AUTH_AGE_MS in
	// lambda/app/src/aws/parameters.js).
	configurationSeconds = 300
)

// alarmTable returns the alarms of the region. The metrics are those of the AWS documentation, "CloudWatch metrics for your
// Application Load Balancer", "Types of metrics for Lambda functions", "Available CloudWatch metrics for Amazon SQS" and "AWS Backup
// metrics with Amazon CloudWatch".
func alarmTable(args alarmsArgs) []alarm.Alarm {
	loadBalancer := pulumi.StringMap{"LoadBalancer": args.balancer.arnSuffix}
	target := pulumi.StringMap{"LoadBalancer": args.balancer.arnSuffix, "TargetGroup": args.balancer.targetGroupSuffix}
	function := pulumi.StringMap{"FunctionName": args.function.name}
	balancerMetric := func(name string, dimensions pulumi.StringMap) alarm.Metric {
		return alarm.Metric{Namespace: "AWS/ApplicationELB", Name: name, Dimensions: dimensions}
	}
	functionMetric := func(name string) alarm.Metric {
		return alarm.Metric{Namespace: "AWS/Lambda", Name: name, Dimensions: function}
	}
	recordsMetric := func(name string) alarm.Metric {
		return alarm.Metric{Namespace: recordsNamespace, Name: name, Dimensions: function}
	}
	deadLetters := alarm.Metric{
		Namespace: "AWS/SQS", Name: "ApproximateNumberOfMessagesVisible", Dimensions: pulumi.StringMap{"QueueName": args.deadLetters.name},
	}
	jobs := func(name string) alarm.Metric {
		return alarm.Metric{Namespace: "AWS/Backup", Name: name, Dimensions: pulumi.StringMap{"BackupVaultName": pulumi.String(args.vault)}}
	}
	return []alarm.Alarm{
		{
			// AWS Backup publishes a number of jobs only when there are some: an hour without data is one without a backup.
			Name: "no-backup", Metric: jobs("NumberOfBackupJobsCompleted"),
			Statistic: alarm.Sum, Comparison: alarm.Less, Threshold: 1, PeriodSeconds: hourSeconds,
			DatapointsToAlarm: backupHours, EvaluationPeriods: backupHours, TreatMissingData: alarm.MissingBreaching,
			Summary: "No backup was completed in the region's vault for 26 hours. A new environment has none before its first night.",
			Response: "Look at the vault's jobs and at the plan's selection, and whether AWS Backup is opted in to Aurora and S3 " +
				"in this region.",
		},
		{
			Name: "no-backup-copy", Metric: jobs("NumberOfCopyJobsCompleted"),
			Statistic: alarm.Sum, Comparison: alarm.Less, Threshold: 1, PeriodSeconds: hourSeconds,
			DatapointsToAlarm: backupHours, EvaluationPeriods: backupHours, TreatMissingData: alarm.MissingBreaching,
			Summary:  "No backup of the region's vault was copied to the other region for 26 hours.",
			Response: "Look at the vault's copy jobs, and at the keys and the role of the backups in both regions.",
		},
		{
			Name: "balancer-5xx", Metric: balancerMetric("HTTPCode_ELB_5XX_Count", loadBalancer),
			Statistic: alarm.Sum, Comparison: alarm.GreaterOrEqual, Threshold: errorsPerMinute,
			DatapointsToAlarm: 2, EvaluationPeriods: 3, TreatMissingData: alarm.MissingNotBreaching,
			Summary:  "The load balancer itself answers 5xx: the function cannot be invoked, or its answer is malformed.",
			Response: "Look at the function's errors and throttles, and at error_reason in the access logs.",
		},
		{
			Name: "target-5xx", Metric: balancerMetric("HTTPCode_Target_5XX_Count", target),
			Statistic: alarm.Sum, Comparison: alarm.GreaterOrEqual, Threshold: errorsPerMinute,
			DatapointsToAlarm: 2, EvaluationPeriods: 3, TreatMissingData: alarm.MissingNotBreaching,
			Summary: "The function answers 5xx. 503 says that the database cannot be read or written from here; a region out of which " +
				"a failover moved the writer answers so to its readiness check until the failback.",
			Response: "Look for the status and its reason in the function's log.",
		},
		{
			Name: "latency-p99", Metric: balancerMetric("TargetResponseTime", target),
			Statistic: alarm.P99, Comparison: alarm.GreaterOrEqual, Threshold: latencySeconds,
			DatapointsToAlarm: 3, EvaluationPeriods: 5, TreatMissingData: alarm.MissingNotBreaching,
			Summary:  "One request in a hundred takes a second or more.",
			Response: "Look at the database's load and capacity, and at the function's duration and memory.",
		},
		{
			// Health checks report all the time: missing data is a fault too.
			Name: "unhealthy", Metric: balancerMetric("UnHealthyHostCount", target),
			Statistic: alarm.Maximum, Comparison: alarm.GreaterOrEqual, Threshold: 1,
			DatapointsToAlarm: 2, EvaluationPeriods: 2, TreatMissingData: alarm.MissingBreaching,
			Summary:  "The function fails " + healthPath + ": this region does not serve reads, and Route 53 takes it out of rotation.",
			Response: "Look at the database's reader in this region, then at the function's log.",
		},
		{
			Name: "function-errors", Metric: functionMetric("Errors"),
			Statistic: alarm.Sum, Comparison: alarm.GreaterOrEqual, Threshold: 1,
			DatapointsToAlarm: 2, EvaluationPeriods: 5, TreatMissingData: alarm.MissingNotBreaching,
			Summary: "Invocations end in an error. The function answers every fault itself, so that it crashed, ran out of time " +
				"or could not start, or its maintenance failed.",
			Response: "Look for the error in the function's log.",
		},
		{
			Name: "function-throttles", Metric: functionMetric("Throttles"),
			Statistic: alarm.Sum, Comparison: alarm.GreaterOrEqual, Threshold: 1,
			DatapointsToAlarm: 2, EvaluationPeriods: 5, TreatMissingData: alarm.MissingNotBreaching,
			Summary:  "Lambda refuses invocations: the account's concurrency in this region is used up.",
			Response: "Find what uses it, or have the quota raised, in both regions alike.",
		},
		{
			// The account's metric has no dimensions: it counts what is not left for any function of the region.
			Name: "concurrency", Metric: alarm.Metric{Namespace: "AWS/Lambda", Name: "ClaimedAccountConcurrency"},
			Statistic: alarm.Maximum, Comparison: alarm.GreaterOrEqual, Threshold: concurrencyFraction * float64(args.concurrencyQuota),
			DatapointsToAlarm: 2, EvaluationPeriods: 3, TreatMissingData: alarm.MissingNotBreaching,
			Summary: "Four fifths of the executions at once that Lambda grants the account in this region are in use. When they all are, " +
				"it refuses requests, and in the standby region runs of the failover controller.",
			Response: "Follow the runbook (2), \"The concurrency of a region is used up\".",
		},
		{
			Name: "function-duration", Metric: functionMetric("Duration"),
			Statistic: alarm.P99, Comparison: alarm.GreaterOrEqual, Threshold: timeoutFraction * float64(args.timeoutSeconds) * 1000,
			DatapointsToAlarm: 3, EvaluationPeriods: 5, TreatMissingData: alarm.MissingNotBreaching,
			Summary:  "One invocation in a hundred comes near the timeout.",
			Response: "Look at what it waits for, mostly the database, before raising the timeout.",
		},
		{
			// The maintenance publishes these every minute. Where it fails or does not run, failed-invocations and function-errors
			// alarm, so missing data is no alarm here.
			Name: "outbox-age", Metric: recordsMetric("OutboxAge"),
			Statistic: alarm.Maximum, Comparison: alarm.GreaterOrEqual, Threshold: backlogSeconds,
			DatapointsToAlarm: 3, EvaluationPeriods: 5, TreatMissingData: alarm.MissingNotBreaching,
			Summary:  "An event of a change is ten minutes old and not published: the bus refuses it, or does not answer.",
			Response: "Look for what the bus answers in the function's log, then at the bus and its policy. Nothing is lost; a record's later events wait for it.",
		},
		{
			Name: "outbox-events", Metric: recordsMetric("OutboxEvents"),
			Statistic: alarm.Maximum, Comparison: alarm.GreaterOrEqual, Threshold: backlogEvents,
			DatapointsToAlarm: 3, EvaluationPeriods: 5, TreatMissingData: alarm.MissingNotBreaching,
			Summary:  "Events are made faster than they are published.",
			Response: "Look whether the maintenance runs in both regions, at what it publishes in a run, and at the throttles of the bus.",
		},
		{
			Name: "keys-age", Metric: recordsMetric("ExpiredKeysAge"),
			Statistic: alarm.Maximum, Comparison: alarm.GreaterOrEqual, Threshold: backlogSeconds,
			DatapointsToAlarm: 3, EvaluationPeriods: 5, TreatMissingData: alarm.MissingNotBreaching,
			Summary:  "Idempotency keys are kept longer than a day, with the contents that they hold: more are made than are deleted.",
			Response: "Look whether the maintenance runs in both regions, and at the load of the writer.",
		},
		{
			Name: "keys-expired", Metric: recordsMetric("ExpiredKeys"),
			Statistic: alarm.Maximum, Comparison: alarm.GreaterOrEqual, Threshold: backlogEvents,
			DatapointsToAlarm: 3, EvaluationPeriods: 5, TreatMissingData: alarm.MissingNotBreaching,
			Summary:  "Many expired idempotency keys are left over.",
			Response: "Look how many keys a run of the maintenance deletes, as its log says, and for what it waits.",
		},
		{
			Name: "versions-age", Metric: recordsMetric("ExpiredVersionsAge"),
			Statistic: alarm.Maximum, Comparison: alarm.GreaterOrEqual, Threshold: backlogSeconds,
			DatapointsToAlarm: 3, EvaluationPeriods: 5, TreatMissingData: alarm.MissingNotBreaching,
			Summary: "Earlier versions of records are kept longer than versionRetentionDays. After the end of a legal hold, or a shorter " +
				"retention, that is so until the maintenance has deleted what has become due.",
			Response: "Look how many versions a run of the maintenance deletes, as its log says, and for what it waits.",
		},
		{
			Name: "documents-age", Metric: recordsMetric("DocumentRemovalsAge"),
			Statistic: alarm.Maximum, Comparison: alarm.GreaterOrEqual, Threshold: backlogSeconds,
			DatapointsToAlarm: 3, EvaluationPeriods: 5, TreatMissingData: alarm.MissingNotBreaching,
			Summary:  "The document of a deleted record is not removed from this region's bucket.",
			Response: "Look for the answer of S3 in the function's log, then at the role's permissions and the bucket's policy.",
		},
		{
			Name: "configuration-age", Metric: recordsMetric("ConfigurationAge"),
			Statistic: alarm.Maximum, Comparison: alarm.GreaterOrEqual, Threshold: configurationSeconds,
			DatapointsToAlarm: 3, EvaluationPeriods: 5, TreatMissingData: alarm.MissingNotBreaching,
			Summary: "The function uses old parameters: Parameter Store does not answer, or a parameter is missing or invalid. " +
				"Keys that it cannot read again are accepted for 15 minutes, and then no token is.",
			Response: "Look for the parameter in the function's log, which names it, and deploy data-global.",
		},
		{
			// Route 53's health checks reach each region all the time, with users or without.
			Name: "no-traffic", Metric: balancerMetric("RequestCount", loadBalancer),
			Statistic: alarm.Sum, Comparison: alarm.Less, Threshold: 1,
			DatapointsToAlarm: 3, EvaluationPeriods: 3, TreatMissingData: alarm.MissingBreaching,
			Summary:  "No request reaches the load balancer, not even Route 53's health checks.",
			Response: "Check that global-edge is deployed, then the records, the listener and its certificate, and the security group.",
		},
		{
			Name: "failed-invocations", Metric: deadLetters,
			Statistic: alarm.Maximum, Comparison: alarm.GreaterOrEqual, Threshold: 1,
			DatapointsToAlarm: 1, EvaluationPeriods: 1, TreatMissingData: alarm.MissingNotBreaching,
			Summary: "Maintenance failed after its retries.",
			Response: "Read the messages for the reason; the next minute's maintenance does the same work. " +
				"They expire after a day.",
		},
	}
}
