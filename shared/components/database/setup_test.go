package database

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/test/support/pulumitest"
	"warmstandby/test/support/regiontest"
)

const (
	globalToken    = "aws:rds/globalCluster:GlobalCluster"
	clusterToken   = "aws:rds/cluster:Cluster"
	instanceToken  = "aws:rds/clusterInstance:ClusterInstance"
	subnetsToken   = "aws:rds/subnetGroup:SubnetGroup"
	parameterToken = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
	logsToken      = "aws:cloudwatch/logGroup:LogGroup"

	password = "not-in-plain-text"
)

// testRegion is one region as the tests expect it.
type testRegion struct{ role, region, cluster string }

var testRegions = [...]testRegion{
	{"primary", "us-east-1", "aurora-records-primary-blue"},
	{"secondary", "us-west-2", "aurora-records-secondary-blue"},
}

func regionArgs(role string) RegionArgs {
	return RegionArgs{
		SubnetIDs:       pulumi.ToStringArray([]string{"subnet-" + role + "-1", "subnet-" + role + "-2"}),
		SecurityGroupID: pulumi.String("sg-" + role), KeyARN: pulumi.String("key-" + role), Instances: 2,
	}
}

// build builds the global database; change sets what a test is about.
func build(t *testing.T, change func(*GlobalArgs), opts ...pulumitest.Option) (*pulumitest.Recording, error) {
	t.Helper()
	return pulumitest.RunErr(t, "project", "dev", nil, func(ctx *pulumi.Context) error {
		pair, err := regiontest.Pair(ctx)
		if err != nil {
			return err
		}
		args := GlobalArgs{
			Regions: pair, Primary: regionArgs("primary"), Standby: regionArgs("secondary"),
			EngineVersion: "16.8", Username: "platform", Password: pulumi.ToSecret(pulumi.String(password)).(pulumi.StringOutput),
			MinCapacity: 0.5, MaxCapacity: 4, BackupRetentionDays: 7, BackupWindow: "03:00-03:30", RPOSeconds: 600,
			LogRetentionDays: 30,
		}
		change(&args)
		global, err := NewGlobal(ctx, "database", args)
		if err != nil {
			return err
		}
		ctx.Export("id", pulumi.String(global.ID))
		ctx.Export("arn", global.ARN)
		ctx.Export("writer", global.WriterEndpoint)
		for i, member := range []*Member{global.Primary, global.Standby} {
			ctx.Export(testRegions[i].role, pulumi.Map{
				"id": pulumi.String(member.ClusterID), "arn": member.ARN, "endpoint": member.Endpoint,
				"reader": member.ReaderEndpoint, "port": member.Port, "logs": member.LogGroup.Name,
			})
		}
		return nil
	}, opts...)
}

// mustBuild is build without an error.
func mustBuild(t *testing.T, change func(*GlobalArgs), opts ...pulumitest.Option) *pulumitest.Recording {
	t.Helper()
	recording, err := build(t, change, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return recording
}

// unchanged and protected are changes of the arguments: none, and protection.
func unchanged(*GlobalArgs)      {}
func protected(args *GlobalArgs) { args.Protection = true }

// rules are those of the environment under test.
func rules(protection bool) pulumitest.Rules {
	homes := map[string]string{
		"globaldb-records-blue": testRegions[0].region, "primary": testRegions[0].region, "aws-primary": testRegions[0].region,
		"standby": testRegions[1].region, "aws-secondary": testRegions[1].region,
	}
	return pulumitest.Rules{
		Suffix:     "blue",
		Roles:      map[string]naming.Role{testRegions[0].region: naming.Primary, testRegions[1].region: naming.Secondary},
		Protection: protection,
		Home:       func(name string) string { return homes[name] },
	}
}

// primaryForm returns a text of the secondary as the primary's would be.
func primaryForm(text string) string {
	return strings.NewReplacer("secondary", "primary", "us-west-2", "us-east-1").Replace(text)
}
