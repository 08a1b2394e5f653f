package application

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/internal/alarm"
)

const (
	// failedRequests a minute are no client's accident.
	failedRequests = 5
	// slowSeconds is what a caller notices; the platform's own reads have their p99 at a tenth of it.
	slowSeconds = 1
	// nearTimeout is the part of the timeout at which there is still time to look.
	nearTimeout = 0.8
)

// table is all that the region tells of. The metrics are those of the AWS documentation, "CloudWatch metrics for your
// Application Load Balancer", "Types of metrics for Lambda functions" and "Available CloudWatch metrics for Amazon SQS".
func table(args alarmsArgs) []alarm.Alarm {
	front := pulumi.StringMap{"LoadBalancer": args.balancer.arnSuffix}
	behind := pulumi.StringMap{"LoadBalancer": args.balancer.arnSuffix, "TargetGroup": args.balancer.targetGroupSuffix}
	function := pulumi.StringMap{"FunctionName": args.function.name}
	balancerMetric := func(name string, dimensions pulumi.StringMap) alarm.Metric {
		return alarm.Metric{Namespace: "AWS/ApplicationELB", Name: name, Dimensions: dimensions}
	}
	functionMetric := func(name string) alarm.Metric {
		return alarm.Metric{Namespace: "AWS/Lambda", Name: name, Dimensions: function}
	}
	failed := alarm.Metric{
		Namespace: "AWS/SQS", Name: "ApproximateNumberOfMessagesVisible", Dimensions: pulumi.StringMap{"QueueName": args.failed.name},
	}
	return []alarm.Alarm{
		{
			Name: "balancer-5xx", Metric: balancerMetric("HTTPCode_ELB_5XX_Count", front),
			Statistic: alarm.Sum, Comparison: alarm.AtLeast, Threshold: failedRequests, Bad: 2, Of: 3, Missing: alarm.SilenceIsFine,
			What: "The load balancer itself answers 5xx: the function cannot be invoked, or its answer is malformed.",
			Do:   "Look at the function's errors and throttles, and at error_reason in the access logs.",
		},
		{
			Name: "target-5xx", Metric: balancerMetric("HTTPCode_Target_5XX_Count", behind),
			Statistic: alarm.Sum, Comparison: alarm.AtLeast, Threshold: failedRequests, Bad: 2, Of: 3, Missing: alarm.SilenceIsFine,
			What: "The function answers 5xx. 503 says that the database cannot be read or written from here; a region out of which a failover moved the writer answers so to its readiness check until the failback.",
			Do:   "Look for the status and its reason in the function's log.",
		},
		{
			Name: "latency-p99", Metric: balancerMetric("TargetResponseTime", behind),
			Statistic: alarm.P99, Comparison: alarm.AtLeast, Threshold: slowSeconds, Bad: 3, Of: 5, Missing: alarm.SilenceIsFine,
			What: "One request in a hundred takes a second or more.",
			Do:   "Look at the database's load and capacity, and at the function's duration and memory.",
		},
		{
			// Health checks report all the time, so that silence is a fault too.
			Name: "unhealthy", Metric: balancerMetric("UnHealthyHostCount", behind),
			Statistic: alarm.Maximum, Comparison: alarm.AtLeast, Threshold: 1, Bad: 2, Of: 2, Missing: alarm.SilenceIsAFault,
			What: "The function fails " + healthPath + ": this region does not serve reads, and Route 53 takes it out of rotation.",
			Do:   "Look at the database's reader in this region, then at the function's log.",
		},
		{
			Name: "function-errors", Metric: functionMetric("Errors"),
			Statistic: alarm.Sum, Comparison: alarm.AtLeast, Threshold: 1, Bad: 2, Of: 5, Missing: alarm.SilenceIsFine,
			What: "Invocations end in an error. The function answers every fault itself, so that it crashed, ran out of time or could not start, or its maintenance failed.",
			Do:   "Look for the error in the function's log.",
		},
		{
			Name: "function-throttles", Metric: functionMetric("Throttles"),
			Statistic: alarm.Sum, Comparison: alarm.AtLeast, Threshold: 1, Bad: 2, Of: 5, Missing: alarm.SilenceIsFine,
			What: "Lambda refuses invocations: the account's concurrency in this region is used up.",
			Do:   "Find what uses it, or have the quota raised, in both regions alike.",
		},
		{
			Name: "function-duration", Metric: functionMetric("Duration"),
			Statistic: alarm.P99, Comparison: alarm.AtLeast, Threshold: nearTimeout * float64(args.timeoutSeconds) * 1000, Bad: 3, Of: 5, Missing: alarm.SilenceIsFine,
			What: "One invocation in a hundred comes near the timeout.",
			Do:   "Look at what it waits for, mostly the database, before raising the timeout.",
		},
		{
			// Route 53's checkers ask each region all the time, whether users do or not.
			Name: "no-traffic", Metric: balancerMetric("RequestCount", front),
			Statistic: alarm.Sum, Comparison: alarm.LessThan, Threshold: 1, Bad: 3, Of: 3, Missing: alarm.SilenceIsAFault,
			What: "No request reaches the load balancer, not even Route 53's health checks.",
			Do:   "Check that global-edge is deployed, then the records, the listener and its certificate, and the security group.",
		},
		{
			Name: "failed-invocations", Metric: failed,
			Statistic: alarm.Maximum, Comparison: alarm.AtLeast, Threshold: 1, Bad: 1, Of: 1, Missing: alarm.SilenceIsFine,
			What: "Maintenance was given up after its retries.",
			Do:   "Read the messages for the reason; the next minute's maintenance does the same work. They go by themselves after a day.",
		},
	}
}
