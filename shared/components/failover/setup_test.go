package failover

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/test/support/pulumitest"
	"warmstandby/test/support/regiontest"
)

const (
	east, west = "us-east-1", "us-west-2"
	account    = pulumitest.Account

	functionToken  = "aws:lambda/function:Function"
	tableToken     = "aws:dynamodb/table:Table"
	parameterToken = "aws:ssm/parameter:Parameter"
	roleToken      = "aws:iam/role:Role"
	grantToken     = "aws:iam/rolePolicy:RolePolicy"
	keyToken       = "aws:kms/key:Key"
	logsToken      = "aws:cloudwatch/logGroup:LogGroup"
	ruleToken      = "aws:cloudwatch/eventRule:EventRule"
	targetToken    = "aws:cloudwatch/eventTarget:EventTarget"
	scheduleToken  = "aws:scheduler/schedule:Schedule"

	functionName = "lambda-failover-secondary-blue"
	tableName    = "table-failover-secondary-blue"
	ruleName     = "rule-heartbeat-secondary-blue"
)

func arn(service, regionName, resource string) string {
	return "arn:aws:" + service + ":" + regionName + ":" + account + ":" + resource
}

// regionArgs returns the inputs of one region, no two values the same.
func regionArgs(role, regionName string) RegionArgs {
	return RegionArgs{
		ClusterIdentifier: "aurora-" + role, ClusterARN: arn("rds", regionName, "cluster:aurora-"+role),
		URL:      "https://" + role + ".example",
		TopicARN: arn("sns", regionName, "topic-"+role), TopicKeyARN: arn("kms", regionName, "key/topic-"+role),
		DocumentsBucketName: "bucket-" + role, DocumentsBucketARN: "arn:aws:s3:::bucket-" + role,
		DataKeyARN:  arn("kms", regionName, "key/data-"+role),
		EventBusARN: arn("events", regionName, "event-bus/bus"),
	}
}

func build(t *testing.T, change func(*Args), opts ...pulumitest.Option) *pulumitest.Recording {
	t.Helper()
	return pulumitest.Run(t, "project", "dev", nil, func(ctx *pulumi.Context) error {
		pair, err := regiontest.Pair(ctx)
		if err != nil {
			return err
		}
		args := Args{
			Regions: pair, Environment: "blue", Code: pulumi.NewFileArchive("testdata"), Architecture: "arm64", LogRetentionDays: 14,
			GlobalCluster: "globaldb", GlobalClusterARN: "arn:aws:rds::" + account + ":global-cluster:globaldb",
			BusName: "bus", SecretName: "secret", GlobalURL: "https://global.example",
			Zone: Zone{
				NameServers: pulumi.ToStringArray([]string{"ns-1.example", "ns-2.example"}),
				GlobalName:  "global.example", PrimaryName: east + ".global.example", StandbyName: west + ".global.example",
			},
			Runbook: "https://runbook.example", DashboardURL: "https://dashboard.example",
			Primary: regionArgs("primary", east), Standby: regionArgs("secondary", west),
			StandbyFunctionName: "lambda-app", StandbyFunctionARN: arn("lambda", west, "function:lambda-app"),
			Alarms: []string{"alarm-a", "alarm-b"},
		}
		change(&args)
		_, err = New(ctx, "controller", args)
		return err
	}, opts...)
}

func unchanged(*Args) {}

func rules(protection bool) pulumitest.Rules {
	return pulumitest.TwoRegionRules("blue", east, west, protection, nil)
}
