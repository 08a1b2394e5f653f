package application

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/region"
	"warmstandby/test/support/pulumitest"
	"warmstandby/test/support/regiontest"
)

const (
	functionToken = "aws:lambda/function:Function"
	groupToken    = "aws:cloudwatch/logGroup:LogGroup"
	balancerToken = "aws:lb/loadBalancer:LoadBalancer"
	targetToken   = "aws:lb/targetGroup:TargetGroup"
	listenerToken = "aws:lb/listener:Listener"
	alarmToken    = "aws:cloudwatch/metricAlarm:MetricAlarm"
	topicToken    = "aws:sns/topic:Topic"
	queueToken    = "aws:sqs/queue:Queue"
	roleToken     = "aws:iam/role:Role"
	grantToken    = "aws:iam/rolePolicy:RolePolicy"
	keyToken      = "aws:kms/key:Key"
)

// side is one region as the test expects it.
type side struct{ role, region string }

var sides = [...]side{{"primary", "us-east-1"}, {"secondary", "us-west-2"}}

func (s side) function() string    { return "lambda-app-" + s.role + "-blue" }
func (s side) logGroup() string    { return "/aws/lambda/" + s.function() }
func (s side) balancer() string    { return "alb-" + s.role + "-blue" }
func (s side) targetGroup() string { return "tg-app-" + s.role + "-blue" }
func (s side) topic() string       { return "topic-notices-" + s.role + "-blue" }
func (s side) queue() string       { return "queue-failed-app-" + s.role + "-blue" }
func (s side) schedule() string    { return "schedule-maintain-" + s.role + "-blue" }
func (s side) bucket() string      { return "bucket-accesslogs-" + s.role + "-111122223333-blue" }
func (s side) key() string         { return "app-" + s.role }
func (s side) arn(service, resource string) string {
	return "arn:aws:" + service + ":" + s.region + ":111122223333:" + resource
}

func (s side) certificate() string { return s.arn("acm", "certificate/web") }

// args are the application's, with two addresses and plain HTTP.
func (s side) args(in region.Region) Args {
	return Args{
		Region: in,
		Network: Network{
			PublicSubnetIDs:             []string{"public-1-" + s.role, "public-2-" + s.role},
			PrivateSubnetIDs:            []string{"private-1-" + s.role, "private-2-" + s.role},
			LoadBalancerSecurityGroupID: "sg-loadbalancer-" + s.role,
			FunctionSecurityGroupID:     "sg-function-" + s.role,
		},
		Data: Data{
			ParameterPath: "/warmstandby/blue", KeyARN: s.arn("kms", "key/data"), SecretARN: s.arn("secretsmanager", "secret:database-x"),
			DocumentsBucketARN: "arn:aws:s3:::documents-" + s.role, EventBusARN: s.arn("events", "event-bus/bus-records-blue"),
		},
		Code:         pulumi.NewAssetArchive(map[string]any{"index.mjs": pulumi.NewStringAsset("export const handler = () => {};")}),
		ListenerPort: 80, MemoryMB: 512, TimeoutSeconds: 20, LogLevel: "info", LogRetentionDays: 14,
		NotificationEmails: []string{"ops@example.com", "oncall@example.com"},
	}
}

func plainly(side, *Args) {}

func withTLS(s side, args *Args) { args.ListenerPort, args.CertificateARN = 443, s.certificate() }

// build builds the application in both regions; change changes the arguments of each.
func build(t *testing.T, change func(side, *Args), opts ...pulumitest.Option) *pulumitest.Recording {
	t.Helper()
	recording, err := buildErr(t, change, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return recording
}

func buildErr(t *testing.T, change func(side, *Args), opts ...pulumitest.Option) (*pulumitest.Recording, error) {
	t.Helper()
	return pulumitest.RunErr(t, "project", "dev", nil, func(ctx *pulumi.Context) error {
		pair, err := regiontest.Pair(ctx)
		if err != nil {
			return err
		}
		for i, in := range [...]region.Region{pair.Primary, pair.Standby} {
			args := sides[i].args(in)
			change(sides[i], &args)
			app, err := New(ctx, "application-"+sides[i].role, args)
			if err != nil {
				return err
			}
			ctx.Export(sides[i].role, pulumi.Map{
				"loadBalancerDnsName": app.LoadBalancerDNSName, "loadBalancerZoneId": app.LoadBalancerZoneID, "loadBalancerArn": app.LoadBalancerARN,
				"loadBalancerArnSuffix": app.LoadBalancerARNSuffix, "targetGroupArnSuffix": app.TargetGroupARNSuffix,
				"functionName": app.FunctionName, "functionArn": app.FunctionARN, "logGroupName": app.LogGroup, "topicArn": app.TopicARN,
				"keyArn": app.KeyARN, "failedQueueArn": app.FailedQueueARN, "failedQueueName": app.FailedQueueName,
				"scheme": pulumi.String(app.Scheme), "port": pulumi.Int(app.Port),
			})
		}
		return nil
	}, opts...)
}

// rules are those that the environment under test must keep.
func rules(protection bool) pulumitest.Rules {
	return pulumitest.PairRules("blue", sides[0].region, sides[1].region, protection, nil)
}

// without returns an input's object without some of its keys, for what another test looks at.
func without(object map[string]any, keys ...string) map[string]any {
	for _, key := range keys {
		delete(object, key)
	}
	return object
}
