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

// testRegion is one region as the tests expect it.
type testRegion struct{ role, region string }

var testRegions = [...]testRegion{{"primary", "us-east-1"}, {"secondary", "us-west-2"}}

func (r testRegion) function() string    { return "lambda-app-" + r.role + "-blue" }
func (r testRegion) logGroup() string    { return "/aws/lambda/" + r.function() }
func (r testRegion) auditGroup() string  { return "logs-audit-" + r.role + "-blue" }
func (r testRegion) balancer() string    { return "alb-" + r.role + "-blue" }
func (r testRegion) targetGroup() string { return "tg-app-" + r.role + "-blue" }
func (r testRegion) topic() string       { return "topic-notices-" + r.role + "-blue" }
func (r testRegion) queue() string       { return "queue-failed-app-" + r.role + "-blue" }
func (r testRegion) vault() string       { return "vault-" + r.role + "-blue" }
func (r testRegion) schedule() string    { return "schedule-maintain-" + r.role + "-blue" }
func (r testRegion) bucket() string      { return "bucket-accesslogs-" + r.role + "-111122223333-blue" }
func (r testRegion) key() string         { return "app-" + r.role }
func (r testRegion) arn(service, resource string) string {
	return "arn:aws:" + service + ":" + r.region + ":111122223333:" + resource
}

func (r testRegion) certificate() string { return r.arn("acm", "certificate/web") }

// args returns the application's arguments, with two addresses and plain HTTP.
func (r testRegion) args(in region.Region) Args {
	return Args{
		Region: in,
		Network: Network{
			PublicSubnetIDs:             []string{"public-1-" + r.role, "public-2-" + r.role},
			PrivateSubnetIDs:            []string{"private-1-" + r.role, "private-2-" + r.role},
			LoadBalancerSecurityGroupID: "sg-loadbalancer-" + r.role,
			FunctionSecurityGroupID:     "sg-function-" + r.role,
		},
		Data: Data{
			ParameterPath: "/warmstandby/blue", KeyARN: r.arn("kms", "key/data"), SecretARN: r.arn("secretsmanager", "secret:database-x"),
			DocumentsBucketARN: "arn:aws:s3:::documents-" + r.role, EventBusARN: r.arn("events", "event-bus/bus-records-blue"),
			BackupVaultName: r.vault(),
		},
		Code:         pulumi.NewAssetArchive(map[string]any{"index.mjs": pulumi.NewStringAsset("export const handler = () => {};")}),
		ListenerPort: 80, MemoryMB: 512, TimeoutSeconds: 20, LogLevel: "info", LogRetentionDays: 14, AuditRetentionDays: 2192,
		VersionRetentionDays: 2192, LegalHold: true,
		ConcurrencyQuota:   500,
		NotificationEmails: []string{"ops@example.com", "oncall@example.com"},
	}
}

func unchanged(testRegion, *Args) {}

func withTLS(r testRegion, args *Args) { args.ListenerPort, args.CertificateARN = 443, r.certificate() }

// build builds the application in both regions; change changes the arguments of each.
func build(t *testing.T, change func(testRegion, *Args), opts ...pulumitest.Option) *pulumitest.Recording {
	t.Helper()
	recording, err := buildErr(t, change, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return recording
}

func buildErr(t *testing.T, change func(testRegion, *Args), opts ...pulumitest.Option) (*pulumitest.Recording, error) {
	t.Helper()
	return pulumitest.RunErr(t, "project", "dev", nil, func(ctx *pulumi.Context) error {
		pair, err := regiontest.Pair(ctx)
		if err != nil {
			return err
		}
		for i, in := range [...]region.Region{pair.Primary, pair.Standby} {
			args := testRegions[i].args(in)
			change(testRegions[i], &args)
			app, err := New(ctx, "application-"+testRegions[i].role, args)
			if err != nil {
				return err
			}
			ctx.Export(testRegions[i].role, pulumi.Map{
				"loadBalancerDnsName": app.LoadBalancerDNSName, "loadBalancerZoneId": app.LoadBalancerZoneID, "loadBalancerArn": app.LoadBalancerARN,
				"loadBalancerArnSuffix": app.LoadBalancerARNSuffix, "targetGroupArnSuffix": app.TargetGroupARNSuffix,
				"functionName": app.FunctionName, "functionArn": app.FunctionARN, "logGroupName": app.LogGroup, "topicArn": app.TopicARN,
				"keyArn": app.KeyARN, "failedQueueArn": app.DeadLetterQueueARN, "failedQueueName": app.DeadLetterQueueName,
				"scheme": pulumi.String(app.Scheme), "port": pulumi.Int(app.Port),
			})
		}
		return nil
	}, opts...)
}

// rules are those of the environment under test.
func rules(protection bool) pulumitest.Rules {
	return pulumitest.TwoRegionRules("blue", testRegions[0].region, testRegions[1].region, protection, nil)
}

// without returns an object without some of its keys, which another test compares.
func without(object map[string]any, keys ...string) map[string]any {
	for _, key := range keys {
		delete(object, key)
	}
	return object
}
