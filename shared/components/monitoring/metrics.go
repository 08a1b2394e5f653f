package monitoring

import (
	"maps"
	"slices"

	"warmstandby/shared/contract/controller"
)

// route53Region is the region in which Route 53 publishes the status of its health checks, wherever the endpoints are (Amazon
// Route 53 Developer Guide, "Monitoring health checks using CloudWatch").
const route53Region = "us-east-1"

// metric is a metric of CloudWatch in one region. Its dimensions are names and values in turn.
type metric struct {
	namespace, name string
	dimensions      []string
}

// The metrics are those of the AWS documentation: "CloudWatch metrics for your Application Load Balancer", "Types of metrics
// for Lambda functions", "Amazon CloudWatch metrics for Amazon Aurora", "Monitoring health checks using CloudWatch", "S3
// Replication metrics in CloudWatch", "Monitoring Amazon EventBridge", "Available CloudWatch metrics for Amazon SQS".

func (r monitoredRegion) balancerMetric(name string) metric {
	return metric{"AWS/ApplicationELB", name, []string{"LoadBalancer", r.local.LoadBalancer}}
}

func (r monitoredRegion) targetMetric(name string) metric {
	return metric{"AWS/ApplicationELB", name, []string{"LoadBalancer", r.local.LoadBalancer, "TargetGroup", r.local.TargetGroup}}
}

func functionMetric(name, function string) metric {
	return metric{"AWS/Lambda", name, []string{"FunctionName", function}}
}

func (r monitoredRegion) clusterMetric(name string) metric {
	return metric{"AWS/RDS", name, []string{"DBClusterIdentifier", r.local.Cluster}}
}

// replicationMetric is published in the region of the secondary member, with the primary's region in its dimensions.
func (r monitoredRegion) replicationMetric(name string) metric {
	return metric{"AWS/RDS", name, []string{"DBClusterIdentifier", r.local.Cluster, "SourceRegion", r.peerRegion.Name}}
}

// objectLatencyMetric is published in the region of the destination bucket.
func (r monitoredRegion) objectLatencyMetric(ruleID, purpose string) metric {
	return metric{"AWS/S3", "ReplicationLatency", []string{
		"SourceBucket", r.remote.Buckets[purpose], "DestinationBucket", r.local.Buckets[purpose], "RuleId", ruleID,
	}}
}

// purposes returns those of the region's buckets, sorted.
func (r monitoredRegion) purposes() []string { return slices.Sorted(maps.Keys(r.local.Buckets)) }

func (r monitoredRegion) forwardingMetric(bus, name string) metric {
	return metric{"AWS/Events", name, []string{"EventBusName", bus, "RuleName", r.local.ForwardingRule}}
}

func (r monitoredRegion) deadLetterMetric() metric {
	return metric{"AWS/SQS", "ApproximateNumberOfMessagesVisible", []string{"QueueName", r.local.DeadLetterQueue}}
}

func healthCheck(id string) metric {
	return metric{"AWS/Route53", "HealthCheckStatus", []string{"HealthCheckId", id}}
}

// controllerMetric is a metric that the failover controller publishes.
func (a Args) controllerMetric(name string, moreDimensions ...string) metric {
	return metric{controller.MetricNamespace, name, append([]string{controller.DimensionEnvironment, a.Environment}, moreDimensions...)}
}
