// Package application builds what answers requests in a region: the load balancer, the function behind it, and their alarms.
// Both regions have the same.
package application

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/encryption"
	"warmstandby/shared/naming"
)

const (
	applicationType = "warmstandby:application:Application"

	// purpose is the application's in names of resources.
	purpose = "app"
	// auditPurpose is the audit trail's.
	auditPurpose = "audit"
)

// Application is the region's service.
type Application struct {
	pulumi.ResourceState

	// LoadBalancerDNSName and LoadBalancerZoneID are what an alias record points to.
	LoadBalancerDNSName, LoadBalancerZoneID pulumi.StringOutput
	LoadBalancerARN                         pulumi.StringOutput
	// LoadBalancerARNSuffix and TargetGroupARNSuffix are the values of the dimensions of CloudWatch's metrics.
	LoadBalancerARNSuffix, TargetGroupARNSuffix pulumi.StringOutput
	FunctionName, FunctionARN                   pulumi.StringOutput
	LogGroup                                    pulumi.StringOutput
	// TopicARN is the topic that the region's alarms notify.
	TopicARN pulumi.StringOutput
	// KeyARN encrypts the log group, the topic and the queue.
	KeyARN pulumi.StringOutput
	// DeadLetterQueueARN and DeadLetterQueueName are of the queue of invocations that failed after their retries.
	DeadLetterQueueARN, DeadLetterQueueName pulumi.StringOutput
	// Scheme and Port are how clients speak to the load balancer: http or https.
	Scheme string
	Port   int
}

// New builds the application: the alarms' topic first, the load balancer and its alarms last. The error names the arguments
// that contradict each other.
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
	in, parentOpt := args.Region, pulumi.Parent(a)
	childName := func(part string) string { return part + "-" + string(in.Role) }
	functionName, err := in.Named(naming.Function, purpose)
	if err != nil {
		return err
	}
	auditGroup, err := in.Named(naming.LogGroup, auditPurpose)
	if err != nil {
		return err
	}
	firewallGroup, err := in.Named(naming.WebACLLogGroup, purpose)
	if err != nil {
		return err
	}
	logGroups := []string{logGroupName(functionName), auditGroup}
	if args.Firewall.Enabled {
		logGroups = append(logGroups, firewallGroup)
	}
	key, err := encryption.NewKey(ctx, childName(purpose), encryption.KeyArgs{
		Region: in, Purpose: purpose,
		Description: "Log, notices and failed invocations of the application in the " + string(in.Role) + " region",
		LogGroups:   logGroups, AlarmTopics: true,
		Protection: args.Protection,
	}, parentOpt)
	if err != nil {
		return err
	}
	topic, err := newAlarmTopic(ctx, childName("notices"), alarmTopicArgs{in, key.ARN, args.NotificationEmails}, parentOpt)
	if err != nil {
		return err
	}
	deadLetters, err := newDeadLetterQueue(ctx, childName("failures"), deadLetterQueueArgs{in, key.ARN}, parentOpt)
	if err != nil {
		return err
	}
	function, err := newFunction(ctx, childName("function"), functionArgs{args, functionName, auditGroup, key.ARN, deadLetters}, parentOpt)
	if err != nil {
		return err
	}
	logs, err := newAccessLogs(ctx, childName("accesslogs"), accessLogsArgs{in, args.LogRetentionDays, args.Protection}, parentOpt)
	if err != nil {
		return err
	}
	loadBalancer, err := newBalancer(ctx, childName("balancer"), balancerArgs{args, logs, function}, parentOpt)
	if err != nil {
		return err
	}
	if args.Firewall.Enabled {
		if _, err := newFirewall(ctx, childName("firewall"), firewallArgs{args, firewallGroup, key.ARN, loadBalancer}, parentOpt); err != nil {
			return err
		}
	}
	if _, err := newMaintenance(ctx, childName("maintenance"), maintenanceArgs{in, function, deadLetters, key.ARN}, parentOpt); err != nil {
		return err
	}
	_, err = newAlarms(ctx, childName("alarms"), alarmsArgs{
		in, args.TimeoutSeconds, args.ConcurrencyQuota, topic, loadBalancer, function, deadLetters, args.Data.BackupVaultName,
	}, parentOpt)
	if err != nil {
		return err
	}
	_, err = newFailedBackups(ctx, childName(failedBackups), failedBackupsArgs{in, args.Data.BackupVaultName, topic}, parentOpt)
	if err != nil {
		return err
	}
	a.LoadBalancerDNSName, a.LoadBalancerZoneID = loadBalancer.dnsName, loadBalancer.zoneID
	a.LoadBalancerARN, a.LoadBalancerARNSuffix = loadBalancer.arn, loadBalancer.arnSuffix
	a.TargetGroupARNSuffix = loadBalancer.targetGroupSuffix
	a.FunctionName, a.FunctionARN, a.LogGroup = function.name, function.arn, function.logGroup
	a.TopicARN, a.KeyARN = topic.arn, key.ARN
	a.DeadLetterQueueARN, a.DeadLetterQueueName = deadLetters.arn, deadLetters.name
	return nil
}
