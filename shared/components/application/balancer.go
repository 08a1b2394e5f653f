package application

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
)

const (
	balancerType = "warmstandby:application:Balancer"

	// MaxTimeoutSeconds is the longest that an invocation may take: half of the time after which the load balancer closes an
	// idle connection.
	MaxTimeoutSeconds = idleSeconds / 2
	// idleSeconds is how long a connection may be idle: AWS's default.
	idleSeconds = 60
	// keepAliveSeconds is how long a client may keep its connection. After a failover it then resolves the name again and
	// leaves the lost region, well within the RTO of 15 minutes. AWS's default is an hour, its least a minute (Elastic Load
	// Balancing API, LoadBalancerAttribute, client_keep_alive.seconds).
	keepAliveSeconds = 180

	// healthPath answers 200 where the region can serve reads.
	healthPath = "/healthz"
	// healthIntervalSeconds is longer than any invocation, so that one check never overtakes another (Elastic Load
	// Balancing, "Use Lambda functions as targets of an Application Load Balancer", "Enable health checks").
	healthIntervalSeconds = MaxTimeoutSeconds + 5
	// healthTimeoutSeconds is longer than a cold start in a VPC.
	healthTimeoutSeconds = 10
	// healthThreshold is how many equal results change the state: 70 seconds, where three checks of Route 53 take 90.
	healthThreshold = 2
)

type balancerArgs struct {
	Args
	logs     *accessLogs
	function *function
}

// balancer is the load balancer with the function behind it.
type balancer struct {
	pulumi.ResourceState

	dnsName, zoneID, arn, arnSuffix pulumi.StringOutput
	targetGroup                     pulumi.StringOutput
	targetGroupSuffix               pulumi.StringOutput
}

func newBalancer(ctx *pulumi.Context, name string, args balancerArgs, opts ...pulumi.ResourceOption) (*balancer, error) {
	built := &balancer{}
	if err := ctx.RegisterComponentResource(balancerType, name, built, opts...); err != nil {
		return nil, fmt.Errorf("registering load balancer %s: %w", name, err)
	}
	physical, err := args.Region.Named(naming.LoadBalancer, "")
	if err != nil {
		return nil, err
	}
	inputs := &lb.LoadBalancerArgs{
		Name:             pulumi.String(physical),
		LoadBalancerType: pulumi.String("application"),
		Internal:         pulumi.Bool(false),
		Subnets:          pulumi.ToStringArray(args.Network.PublicSubnetIDs),
		SecurityGroups:   pulumi.ToStringArray([]string{args.Network.LoadBalancerSecurityGroupID}),
		// Headers with malformed names do not reach the function.
		DropInvalidHeaderFields: pulumi.Bool(true),
		// The strictest mode refuses harmless clients, such as a GET with Content-Length 0. There is no HTTP connection behind
		// this load balancer that a request could desynchronise: Lambda gets each request as one event.
		DesyncMitigationMode:     pulumi.String("defensive"),
		IdleTimeout:              pulumi.Int(idleSeconds),
		ClientKeepAlive:          pulumi.Int(keepAliveSeconds),
		EnableDeletionProtection: pulumi.Bool(args.Protection),
		AccessLogs:               lb.LoadBalancerAccessLogsArgs{Bucket: args.logs.bucket, Enabled: pulumi.Bool(true)},
	}
	if args.Firewall.Enabled {
		// While AWS WAF does not answer, requests go on to the function, which wants a token of each. By default they would be answered
		// 500 (Elastic Load Balancing, "Load balancer attributes", waf.fail_open.enabled).
		inputs.EnableWafFailOpen = pulumi.Bool(true)
	}
	// The load balancer is deleted first and the bucket last, so that the last logs are still delivered.
	made, err := lb.NewLoadBalancer(ctx, physical, inputs,
		args.Region.Durable(built, args.Protection, pulumi.DependsOn([]pulumi.Resource{args.logs.policy}))...)
	if err != nil {
		return nil, fmt.Errorf("building load balancer %s: %w", physical, err)
	}
	built.dnsName, built.zoneID, built.arn, built.arnSuffix = made.DnsName, made.ZoneId, made.Arn, made.ArnSuffix
	attached, err := built.target(ctx, args)
	if err != nil {
		return nil, err
	}
	for _, row := range listeners(args.Args) {
		if err := row.build(ctx, built, args.Region, attached); err != nil {
			return nil, err
		}
	}
	return built, ctx.RegisterResourceOutputs(built, pulumi.Map{"dnsName": built.dnsName, "arn": built.arn})
}

// target builds the target group with the function in it and returns the attachment. Elastic Load Balancing tries the
// permission when a function is registered.
func (b *balancer) target(ctx *pulumi.Context, args balancerArgs) (pulumi.Resource, error) {
	physical, err := args.Region.Named(naming.TargetGroup, purpose)
	if err != nil {
		return nil, err
	}
	group, err := lb.NewTargetGroup(ctx, physical, &lb.TargetGroupArgs{
		Name:       pulumi.String(physical),
		TargetType: pulumi.String("lambda"),
		// Without it the function would get only the last of two headers or parameters of one name, and could not refuse
		// them.
		LambdaMultiValueHeadersEnabled: pulumi.Bool(true),
		// Health checks are off by default for functions. Without them a broken function counts as healthy for the load
		// balancer and for Route 53 (evaluate target health).
		HealthCheck: lb.TargetGroupHealthCheckArgs{
			Enabled:            pulumi.Bool(true),
			Path:               pulumi.String(healthPath),
			Matcher:            pulumi.String("200"),
			Interval:           pulumi.Int(healthIntervalSeconds),
			Timeout:            pulumi.Int(healthTimeoutSeconds),
			HealthyThreshold:   pulumi.Int(healthThreshold),
			UnhealthyThreshold: pulumi.Int(healthThreshold),
		},
	}, args.Region.Child(b)...)
	if err != nil {
		return nil, fmt.Errorf("building target group %s: %w", physical, err)
	}
	b.targetGroup, b.targetGroupSuffix = group.Arn, group.ArnSuffix
	permission, err := lambda.NewPermission(ctx, physical, &lambda.PermissionArgs{
		Action: pulumi.String("lambda:InvokeFunction"), Function: args.function.name,
		Principal: pulumi.String("elasticloadbalancing.amazonaws.com"), SourceArn: group.Arn,
	}, args.Region.Child(b)...)
	if err != nil {
		return nil, fmt.Errorf("permitting target group %s to invoke: %w", physical, err)
	}
	attached, err := lb.NewTargetGroupAttachment(ctx, physical, &lb.TargetGroupAttachmentArgs{
		TargetGroupArn: group.Arn, TargetId: args.function.arn,
	}, args.Region.Child(b, pulumi.DependsOn([]pulumi.Resource{permission}))...)
	if err != nil {
		return nil, fmt.Errorf("attaching the function to target group %s: %w", physical, err)
	}
	return attached, nil
}
