package contract

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// The projects of the application in each region.
const (
	RegionAppEastProject = "region-app-east"
	RegionAppWestProject = "region-app-west"
)

// RegionApp holds the outputs of region-app-east or region-app-west, each of its own region: the load balancer, the function,
// and the topic and queue that its failures go to.
type RegionApp struct {
	// Region is AWS's name of the region, and Role its tag DR-Role: primary or secondary.
	Region Value[string] `key:"region"`
	Role   Value[string] `key:"role"`
	// Scheme is http or https, and Port the load balancer's TCP port.
	Scheme Value[string] `key:"scheme"`
	Port   Value[int]    `key:"port"`
	// LoadBalancerDNSName and LoadBalancerZoneID are the target of an alias record.
	LoadBalancerDNSName Value[string] `key:"loadBalancerDnsName"`
	LoadBalancerZoneID  Value[string] `key:"loadBalancerZoneId"`
	LoadBalancerARN     Value[string] `key:"loadBalancerArn"`
	// LoadBalancerARNSuffix and TargetGroupARNSuffix are the values of the dimensions of CloudWatch's metrics.
	LoadBalancerARNSuffix Value[string] `key:"loadBalancerArnSuffix"`
	TargetGroupARNSuffix  Value[string] `key:"targetGroupArnSuffix"`
	FunctionName          Value[string] `key:"functionName"`
	FunctionARN           Value[string] `key:"functionArn"`
	// LogGroup is the name of the function's log.
	LogGroup Value[string] `key:"logGroupName"`
	// TopicARN is the topic of the region's alarms.
	TopicARN Value[string] `key:"topicArn"`
	// KeyARN encrypts the log, the topic and the queue.
	KeyARN Value[string] `key:"keyArn"`
	// FailedQueueARN and FailedQueueName are the dead-letter queue's, for invocations that failed for good.
	FailedQueueARN  Value[string] `key:"failedQueueArn"`
	FailedQueueName Value[string] `key:"failedQueueName"`
}

// Export publishes the contract from either region's stack. It fails when a field was not set.
func (r RegionApp) Export(ctx *pulumi.Context) error { return export(ctx, &r) }

// ReadRegionApp reads the contract of one region's project, [RegionAppEastProject] or [RegionAppWestProject], in another
// stack of the same name. The error names each output that is missing or of another type, and what to run.
func ReadRegionApp(ctx *pulumi.Context, project string) (RegionApp, error) {
	var app RegionApp
	err := read(ctx, project, &app)
	return app, err
}
