package main

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/contract"
	"warmstandby/shared/naming"
	"warmstandby/test/support/pulumitest"
)

const (
	project    = contract.GlobalEdgeProject
	foundation = "foundation-network"
	dataGlobal = "data-global"
	appEast    = "region-app-east"
	appWest    = "region-app-west"

	alarmToken     = "aws:cloudwatch/metricAlarm:MetricAlarm"
	compositeToken = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
	dashboardToken = "aws:cloudwatch/dashboard:Dashboard"
	checkToken     = "aws:route53/healthCheck:HealthCheck"
	functionToken  = "aws:lambda/function:Function"
	grantToken     = "aws:iam/rolePolicy:RolePolicy"
	parameterToken = "aws:ssm/parameter:Parameter"
	recordToken    = "aws:route53/record:Record"
)

// side is one region as the layers below tell of it.
type side struct{ role, key, region, app string }

// world is what the layers below tell: a plain one in two regions, which a test changes.
type world struct {
	primary, standby string
	foundation       map[string]any
	apps             map[string]map[string]any // by project
}

func (w world) sides() []side {
	return []side{{"primary", "primary", w.primary, appEast}, {"secondary", "standby", w.standby, appWest}}
}

func usual() world {
	return world{primary: "us-east-1", standby: "us-west-2", foundation: map[string]any{}, apps: map[string]map[string]any{appEast: {}, appWest: {}}}
}

// inProd is a world whose load balancers have certificates, with protection.
func inProd() world {
	w := usual()
	w.foundation = map[string]any{"profile": "prod", "protection": true, "listenerPort": 443.0}
	for _, app := range w.apps {
		app["scheme"], app["port"] = "https", 443.0
	}
	return w
}

// prodConfig is what prod cannot do without.
var prodConfig = map[string]string{"domainName": "app.example.org", "runbookUrl": "https://wiki.example.org/failover"}

// exports is what the stacks below tell, by project and by the contracts' keys.
func (w world) exports() map[string]resource.PropertyMap {
	arn := func(s side, service, of string) string {
		return "arn:aws:" + service + ":" + s.region + ":" + pulumitest.Account + ":" + of
	}
	network := map[string]any{
		"environmentSuffix": "blue", "profile": "dev", "protection": false, "allowedAccountIds": []any{},
		"listenerPort": 80.0, "peeringConnectionId": "pcx-1",
	}
	data := map[string]any{
		"globalClusterIdentifier": "globaldb-records-blue", "globalClusterArn": "arn:aws:rds::" + pulumitest.Account + ":global-cluster:globaldb-records-blue",
		"writerEndpoint": "writer.example", "writerPort": 5432.0, "databaseName": "records", "secretName": "secret-database-blue",
		"eventBusName": "bus-records-blue", "parameterPath": "/warmstandby/blue",
	}
	all := map[string]resource.PropertyMap{}
	for _, s := range w.sides() {
		network[s.key+"Region"] = s.region
		for _, one := range []string{
			"Cidr", "VpcId", "LoadBalancerSecurityGroupId", "FunctionSecurityGroupId", "DatabaseSecurityGroupId", "EndpointsSecurityGroupId",
		} {
			network[s.key+one] = one + "-" + s.role
		}
		for _, tier := range []string{"Public", "Private", "Isolated"} {
			network[s.key+tier+"SubnetIds"] = []any{tier + "-" + s.role}
		}
		maps.Copy(data, map[string]any{
			s.key + "KeyArn": arn(s, "kms", "key/data-"+s.role), s.key + "ClusterIdentifier": "aurora-" + s.role, s.key + "ClusterArn": arn(s, "rds", "cluster:aurora-"+s.role),
			s.key + "ReaderEndpoint": "reader." + s.role + ".example", s.key + "DatabasePort": 5432.0, s.key + "SecretArn": arn(s, "secretsmanager", "secret:"+s.role),
			s.key + "DocumentsBucketName": "documents-" + s.role, s.key + "DocumentsBucketArn": "arn:aws:s3:::documents-" + s.role,
			s.key + "AssetsBucketName": "assets-" + s.role, s.key + "AssetsBucketArn": "arn:aws:s3:::assets-" + s.role,
			s.key + "EventBusArn": arn(s, "events", "event-bus/bus-records-blue"), s.key + "ForwardingRuleName": "rule-" + s.role,
			s.key + "DeadLetterQueueArn": arn(s, "sqs", "undelivered-"+s.role), s.key + "BackupVaultName": "vault-" + s.role,
		})
		app := map[string]any{
			"region": s.region, "role": s.role, "scheme": "http", "port": 80.0, "loadBalancerDnsName": "alb-" + s.role + ".example",
			"loadBalancerZoneId": "Z" + strings.ToUpper(s.role), "loadBalancerArn": arn(s, "elasticloadbalancing", "loadbalancer/app/alb-"+s.role),
			"loadBalancerArnSuffix": "app/alb-" + s.role, "targetGroupArnSuffix": "targetgroup/" + s.role,
			"functionName": "lambda-app-" + s.role, "functionArn": arn(s, "lambda", "function:lambda-app-"+s.role), "logGroupName": "/aws/lambda/lambda-app-" + s.role,
			"topicArn": arn(s, "sns", "topic-"+s.role), "keyArn": arn(s, "kms", "key/app-"+s.role),
			"failedQueueArn": arn(s, "sqs", "failed-"+s.role), "failedQueueName": "failed-" + s.role,
		}
		maps.Copy(app, w.apps[s.app])
		all[s.app] = resource.NewPropertyMapFromMap(app)
	}
	maps.Copy(network, w.foundation)
	all[foundation], all[dataGlobal] = resource.NewPropertyMapFromMap(network), resource.NewPropertyMapFromMap(data)
	return all
}

// built is a folder with the controller for both machines of Lambda.
func built(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for _, machine := range []string{"linux-arm64", "linux-x86_64"} {
		file := filepath.Join(folder, machine, "bootstrap.zip")
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(machine), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// deployed deploys the stack dev on what the layers below tell, with the controller of that folder.
func deployed(t *testing.T, exports map[string]resource.PropertyMap, binaries string, config map[string]string, opts ...pulumitest.Option) (*pulumitest.Recording, error) {
	t.Helper()
	for name, outputs := range exports {
		opts = append(opts, pulumitest.Stack("organization/"+name+"/dev", outputs))
	}
	return pulumitest.RunErr(t, project, "dev", config, func(ctx *pulumi.Context) error { return deploy(ctx, binaries) }, opts...)
}

// up is deployed for a stack that is in order.
func (w world) up(t *testing.T, config map[string]string, opts ...pulumitest.Option) *pulumitest.Recording {
	t.Helper()
	recording, err := deployed(t, w.exports(), built(t), config, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return recording
}

func (w world) rules(suffix string, protection bool) pulumitest.Rules {
	return pulumitest.Rules{
		Suffix: suffix, Protection: protection,
		Roles: map[string]naming.Role{w.primary: naming.Primary, w.standby: naming.Secondary},
		Home: func(name string) string {
			switch name := strings.TrimSuffix(name, "-"+suffix); {
			case strings.HasSuffix(name, "-primary"), name == "zone":
				return w.primary
			case strings.HasSuffix(name, "-secondary"):
				return w.standby
			}
			return ""
		},
	}
}
