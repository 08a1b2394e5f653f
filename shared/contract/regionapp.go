package contract

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// The projects of the application in each region.
const (
	RegionAppEastProject = "region-app-east"
	RegionAppWestProject = "region-app-west"
)

// RegionApp is what region-app-east and region-app-west tell, each of its own region: where requests go, and what watches
// over them.
type RegionApp struct {
	// Region is AWS's name of the region, and Role the part that it plays: primary or secondary.
	Region Value[string] `key:"region"`
	Role   Value[string] `key:"role"`
	// Scheme is http or https, and Port the TCP port that clients speak it on.
	Scheme Value[string] `key:"scheme"`
	Port   Value[int]    `key:"port"`
	// LoadBalancerDNSName and LoadBalancerZoneID are what an alias record points to.
	LoadBalancerDNSName Value[string] `key:"loadBalancerDnsName"`
	LoadBalancerZoneID  Value[string] `key:"loadBalancerZoneId"`
	LoadBalancerARN     Value[string] `key:"loadBalancerArn"`
	// LoadBalancerARNSuffix and TargetGroupARNSuffix are what CloudWatch's metrics call them.
	LoadBalancerARNSuffix Value[string] `key:"loadBalancerArnSuffix"`
	TargetGroupARNSuffix  Value[string] `key:"targetGroupArnSuffix"`
	FunctionName          Value[string] `key:"functionName"`
	FunctionARN           Value[string] `key:"functionArn"`
	// LogGroup is the name of the function's log.
	LogGroup Value[string] `key:"logGroupName"`
	// TopicARN is where the region's alarms are announced.
	TopicARN Value[string] `key:"topicArn"`
	// KeyARN encrypts the log, the topic and the queue.
	KeyARN Value[string] `key:"keyArn"`
	// FailedQueueARN and FailedQueueName are of the queue of invocations that were given up.
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
