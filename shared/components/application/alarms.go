package application

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/internal/alarm"
	"warmstandby/shared/region"
)

const alarmsType = "warmstandby:application:Alarms"

type alarmsArgs struct {
	region                           region.Region
	timeoutSeconds, concurrencyQuota int

	topic       *alarmTopic
	balancer    *balancer
	function    *function
	deadLetters *deadLetterQueue
	vault       string
}

// alarms are the alarms on the region's load balancer, function, dead-letter queue and backups.
type alarms struct {
	pulumi.ResourceState
}

func newAlarms(ctx *pulumi.Context, name string, args alarmsArgs, opts ...pulumi.ResourceOption) (*alarms, error) {
	built := &alarms{}
	if err := ctx.RegisterComponentResource(alarmsType, name, built, opts...); err != nil {
		return nil, fmt.Errorf("registering alarms %s: %w", name, err)
	}
	// Until the topic has its policy, CloudWatch may not publish to it.
	afterPolicy := pulumi.DependsOn([]pulumi.Resource{args.topic.policy})
	for _, row := range alarmTable(args) {
		if _, err := alarm.New(ctx, built, args.region, args.topic.arn, row, afterPolicy); err != nil {
			return nil, err
		}
	}
	return built, ctx.RegisterResourceOutputs(built, pulumi.Map{})
}
