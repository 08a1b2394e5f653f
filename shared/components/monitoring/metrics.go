package monitoring

import (
	"maps"
	"slices"

	"warmstandby/shared/contract/controller"
)

// route53Region is where Route 53 publishes the status of its health checks, wherever the endpoints are (Amazon Route 53
// Developer Guide, "Monitoring health checks using CloudWatch").
const route53Region = "us-east-1"

// metric is what CloudWatch calls a series, in one region. Its dimensions have names and values in turn.
type metric struct {
	namespace, name string
	dimensions      []string
}

// The metrics are those of the AWS documentation: "CloudWatch metrics for your Application Load Balancer", "Types of metrics
// for Lambda functions", "Amazon CloudWatch metrics for Amazon Aurora", "Monitoring health checks using CloudWatch", "S3
// Replication metrics in CloudWatch", "Monitoring Amazon EventBridge", "Available CloudWatch metrics for Amazon SQS".

func (p place) balancer(name string) metric {
	return metric{"AWS/ApplicationELB", name, []string{"LoadBalancer", p.side.LoadBalancer}}
}

func (p place) target(name string) metric {
	return metric{"AWS/ApplicationELB", name, []string{"LoadBalancer", p.side.LoadBalancer, "TargetGroup", p.side.TargetGroup}}
}

func function(name, called string) metric {
	return metric{"AWS/Lambda", name, []string{"FunctionName", called}}
}

func (p place) cluster(name string) metric {
	return metric{"AWS/RDS", name, []string{"DBClusterIdentifier", p.side.Cluster}}
}

// lag is published in the region of the member that follows, under the region that it follows.
func (p place) lag(name string) metric {
	return metric{"AWS/RDS", name, []string{"DBClusterIdentifier", p.side.Cluster, "SourceRegion", p.far.Name}}
}

// objectsLate is published in the region of the bucket that the objects come to.
func (p place) objectsLate(ruleID, purpose string) metric {
	return metric{"AWS/S3", "ReplicationLatency", []string{
		"SourceBucket", p.off.Buckets[purpose], "DestinationBucket", p.side.Buckets[purpose], "RuleId", ruleID,
	}}
}

// purposes are those of the region's buckets, in order.
func (p place) purposes() []string { return slices.Sorted(maps.Keys(p.side.Buckets)) }

func (p place) forwarding(bus, name string) metric {
	return metric{"AWS/Events", name, []string{"EventBusName", bus, "RuleName", p.side.ForwardingRule}}
}

func (p place) undelivered() metric {
	return metric{"AWS/SQS", "ApproximateNumberOfMessagesVisible", []string{"QueueName", p.side.DeadLetterQueue}}
}

func check(id string) metric {
	return metric{"AWS/Route53", "HealthCheckStatus", []string{"HealthCheckId", id}}
}

// controllers is a metric of the failover controller's own.
func (a Args) controllers(name string, more ...string) metric {
	return metric{controller.MetricNamespace, name, append([]string{controller.DimensionEnvironment, a.Environment}, more...)}
}
