// Package application builds what answers requests in a region: the load balancer, the function behind it, and what tells
// of their state. Both regions have the same.
package application

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/encryption"
	"warmstandby/shared/naming"
)

const (
	applicationType = "warmstandby:application:Application"

	// purpose is the application's word in the names of what belongs to it.
	purpose = "app"
)

// Application is the region's service.
type Application struct {
	pulumi.ResourceState

	// LoadBalancerDNSName and LoadBalancerZoneID are what an alias record points to.
	LoadBalancerDNSName, LoadBalancerZoneID pulumi.StringOutput
	LoadBalancerARN                         pulumi.StringOutput
	// LoadBalancerARNSuffix and TargetGroupARNSuffix are what CloudWatch's metrics call them.
	LoadBalancerARNSuffix, TargetGroupARNSuffix pulumi.StringOutput
	FunctionName, FunctionARN                   pulumi.StringOutput
	LogGroup                                    pulumi.StringOutput
	// TopicARN is where the region's alarms go.
	TopicARN pulumi.StringOutput
	// KeyARN encrypts the log group, the topic and the queue.
	KeyARN pulumi.StringOutput
	// FailedQueueARN and FailedQueueName are of the queue of invocations that were given up.
	FailedQueueARN, FailedQueueName pulumi.StringOutput
	// Scheme and Port are how clients speak to the load balancer: http or https.
	Scheme string
	Port   int
}

// New builds the application, from what tells of faults to what answers requests. The error of arguments that do not go
// together says which.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Application, error) {
	app := &Application{Scheme: args.scheme(), Port: args.ListenerPort}
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("building application %s: %w", name, err)
	}
	if err := ctx.RegisterComponentResource(applicationType, name, app, opts...); err != nil {
		return nil, fmt.Errorf("registering application %s: %w", name, err)
	}
	if err := app.build(ctx, args); err != nil {
		return nil, fmt.Errorf("building application %s: %w", name, err)
	}
	return app, ctx.RegisterResourceOutputs(app, pulumi.Map{
		"loadBalancerDnsName": app.LoadBalancerDNSName, "functionName": app.FunctionName, "topicArn": app.TopicARN,
	})
}

func (a *Application) build(ctx *pulumi.Context, args Args) error {
	in, inside := args.Region, pulumi.Parent(a)
	called := func(part string) string { return part + "-" + string(in.Role) }
	functionName, err := in.Named(naming.Function, purpose)
	if err != nil {
		return err
	}
	key, err := encryption.NewKey(ctx, called(purpose), encryption.KeyArgs{
		Region: in, Purpose: purpose,
		Description: "Log, notices and failed invocations of the application in the " + string(in.Role) + " region",
		LogGroups:   []string{logGroupOf(functionName)}, AlarmTopics: true,
		Protection: args.Protection,
	}, inside)
	if err != nil {
		return err
	}
	notices, err := newNotices(ctx, called("notices"), noticesArgs{in, key.ARN, args.NotificationEmails}, inside)
	if err != nil {
		return err
	}
	failed, err := newFailures(ctx, called("failures"), failuresArgs{in, key.ARN}, inside)
	if err != nil {
		return err
	}
	served, err := newFunction(ctx, called("function"), functionArgs{args, functionName, key.ARN, failed}, inside)
	if err != nil {
		return err
	}
	logs, err := newAccessLogs(ctx, called("accesslogs"), accessLogsArgs{in, args.LogRetentionDays, args.Protection}, inside)
	if err != nil {
		return err
	}
	front, err := newBalancer(ctx, called("balancer"), balancerArgs{args, logs, served}, inside)
	if err != nil {
		return err
	}
	if _, err := newMaintenance(ctx, called("maintenance"), maintenanceArgs{in, served, failed, key.ARN}, inside); err != nil {
		return err
	}
	_, err = newAlarms(ctx, called("alarms"), alarmsArgs{in, args.TimeoutSeconds, notices, front, served, failed}, inside)
	if err != nil {
		return err
	}
	a.LoadBalancerDNSName, a.LoadBalancerZoneID = front.dnsName, front.zoneID
	a.LoadBalancerARN, a.LoadBalancerARNSuffix, a.TargetGroupARNSuffix = front.arn, front.arnSuffix, front.targetGroupSuffix
	a.FunctionName, a.FunctionARN, a.LogGroup = served.name, served.arn, served.logGroup
	a.TopicARN, a.KeyARN = notices.arn, key.ARN
	a.FailedQueueARN, a.FailedQueueName = failed.arn, failed.name
	return nil
}
