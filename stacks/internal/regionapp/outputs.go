package regionapp

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/application"
	"warmstandby/shared/contract"
	"warmstandby/shared/region"
)

// outputs are the stack's contract.
func outputs(in region.Region, app *application.Application) contract.RegionApp {
	return contract.RegionApp{
		Region:                contract.String(pulumi.String(in.Name)),
		Role:                  contract.String(pulumi.String(in.Role)),
		Scheme:                contract.String(pulumi.String(app.Scheme)),
		Port:                  contract.Int(pulumi.Int(app.Port)),
		LoadBalancerDNSName:   contract.String(app.LoadBalancerDNSName),
		LoadBalancerZoneID:    contract.String(app.LoadBalancerZoneID),
		LoadBalancerARN:       contract.String(app.LoadBalancerARN),
		LoadBalancerARNSuffix: contract.String(app.LoadBalancerARNSuffix),
		TargetGroupARNSuffix:  contract.String(app.TargetGroupARNSuffix),
		FunctionName:          contract.String(app.FunctionName),
		FunctionARN:           contract.String(app.FunctionARN),
		LogGroup:              contract.String(app.LogGroup),
		TopicARN:              contract.String(app.TopicARN),
		KeyARN:                contract.String(app.KeyARN),
		FailedQueueARN:        contract.String(app.DeadLetterQueueARN),
		FailedQueueName:       contract.String(app.DeadLetterQueueName),
	}
}
