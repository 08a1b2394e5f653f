package application

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// The statistics, comparisons and treatments of missing data, as CloudWatch spells them.
const (
	sum     = "Sum"
	maximum = "Maximum"
	p99     = "p99"

	atLeast  = "GreaterThanOrEqualToThreshold"
	lessThan = "LessThanThreshold"

	// isFine is for what is counted only when it happens, isFault for what is always reported.
	isFine  = "notBreaching"
	isFault = "breaching"
)

const (
	// failedRequests a minute are no client's accident.
	failedRequests = 5
	// slowSeconds is what a caller notices; the platform's own reads have their p99 at a tenth of it.
	slowSeconds = 1
	// nearTimeout is the part of the timeout at which there is still time to look.
	nearTimeout = 0.8
)

// metric is what CloudWatch calls a series.
type metric struct {
	namespace, name string
	dimensions      pulumi.StringMap
}

// alarm is a row of the table: it tells when the statistic of bad of the last `of` minutes compares with the threshold.
type alarm struct {
	name       string
	metric     metric
	statistic  string
	comparison string
	threshold  float64
	bad, of    int
	missing    string
	// what says what is wrong, do what an operator does about it.
	what, do string
}

// table is all that the region tells of. The metrics are those of the AWS documentation, "CloudWatch metrics for your
// Application Load Balancer", "Types of metrics for Lambda functions" and "Available CloudWatch metrics for Amazon SQS".
func table(args alarmsArgs) []alarm {
	front := pulumi.StringMap{"LoadBalancer": args.balancer.arnSuffix}
	behind := pulumi.StringMap{"LoadBalancer": args.balancer.arnSuffix, "TargetGroup": args.balancer.targetGroupSuffix}
	function := pulumi.StringMap{"FunctionName": args.function.name}
	balancerMetric := func(name string, dimensions pulumi.StringMap) metric {
		return metric{"AWS/ApplicationELB", name, dimensions}
	}
	functionMetric := func(name string) metric { return metric{"AWS/Lambda", name, function} }
	return []alarm{
		{
			name: "balancer-5xx", metric: balancerMetric("HTTPCode_ELB_5XX_Count", front),
			statistic: sum, comparison: atLeast, threshold: failedRequests, bad: 2, of: 3, missing: isFine,
			what: "The load balancer itself answers 5xx: the function cannot be invoked, or its answer is malformed.",
			do:   "Look at the function's errors and throttles, and at error_reason in the access logs.",
		},
		{
			name: "target-5xx", metric: balancerMetric("HTTPCode_Target_5XX_Count", behind),
			statistic: sum, comparison: atLeast, threshold: failedRequests, bad: 2, of: 3, missing: isFine,
			what: "The function answers 5xx. 503 says that the database cannot be read or written from here; a region out of which a failover moved the writer answers so to its readiness check until the failback.",
			do:   "Look for the status and its reason in the function's log.",
		},
		{
			name: "latency-p99", metric: balancerMetric("TargetResponseTime", behind),
			statistic: p99, comparison: atLeast, threshold: slowSeconds, bad: 3, of: 5, missing: isFine,
			what: "One request in a hundred takes a second or more.",
			do:   "Look at the database's load and capacity, and at the function's duration and memory.",
		},
		{
			// Health checks report all the time, so that silence is a fault too.
			name: "unhealthy", metric: balancerMetric("UnHealthyHostCount", behind),
			statistic: maximum, comparison: atLeast, threshold: 1, bad: 2, of: 2, missing: isFault,
			what: "The function fails " + healthPath + ": this region does not serve reads, and Route 53 takes it out of rotation.",
			do:   "Look at the database's reader in this region, then at the function's log.",
		},
		{
			name: "function-errors", metric: functionMetric("Errors"),
			statistic: sum, comparison: atLeast, threshold: 1, bad: 2, of: 5, missing: isFine,
			what: "Invocations end in an error. The function answers every fault itself, so that it crashed, ran out of time or could not start, or its maintenance failed.",
			do:   "Look for the error in the function's log.",
		},
		{
			name: "function-throttles", metric: functionMetric("Throttles"),
			statistic: sum, comparison: atLeast, threshold: 1, bad: 2, of: 5, missing: isFine,
			what: "Lambda refuses invocations: the account's concurrency in this region is used up.",
			do:   "Find what uses it, or have the quota raised, in both regions alike.",
		},
		{
			name: "function-duration", metric: functionMetric("Duration"),
			statistic: p99, comparison: atLeast, threshold: nearTimeout * float64(args.timeoutSeconds) * 1000, bad: 3, of: 5, missing: isFine,
			what: "One invocation in a hundred comes near the timeout.",
			do:   "Look at what it waits for, mostly the database, before raising the timeout.",
		},
		{
			// Route 53's checkers ask each region all the time, whether users do or not.
			name: "no-traffic", metric: balancerMetric("RequestCount", front),
			statistic: sum, comparison: lessThan, threshold: 1, bad: 3, of: 3, missing: isFault,
			what: "No request reaches the load balancer, not even Route 53's health checks.",
			do:   "Check that global-edge is deployed, then the records, the listener and its certificate, and the security group.",
		},
		{
			name: "failed-invocations", metric: metric{"AWS/SQS", "ApproximateNumberOfMessagesVisible", pulumi.StringMap{"QueueName": args.failed.name}},
			statistic: maximum, comparison: atLeast, threshold: 1, bad: 1, of: 1, missing: isFine,
			what: "Maintenance was given up after its retries.",
			do:   "Read the messages for the reason; the next minute's maintenance does the same work. They go by themselves after a day.",
		},
	}
}
