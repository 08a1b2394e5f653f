package monitoring

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/region"
	"warmstandby/test/support/pulumitest"
)

const (
	east, west = "us-east-1", "us-west-2"

	alarmToken     = "aws:cloudwatch/metricAlarm:MetricAlarm"
	compositeToken = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
	dashboardToken = "aws:cloudwatch/dashboard:Dashboard"
)

// regionArgs returns what is monitored in a region, each name with the region in it.
func regionArgs(regionName string) RegionArgs {
	return RegionArgs{
		TopicARN:     "arn:aws:sns:" + regionName + ":111122223333:topic",
		LoadBalancer: "app/alb-" + regionName, TargetGroup: "targetgroup/" + regionName, Function: "lambda-" + regionName,
		Cluster: "aurora-" + regionName, DeadLetterQueue: "queue-" + regionName, ForwardingRule: "rule-" + regionName,
		Buckets: map[string]string{"documents": "documents-" + regionName, "assets": "assets-" + regionName},
	}
}

// argsFor returns the Args of two regions.
func argsFor(pair region.Pair) Args {
	return Args{
		Regions: pair, Environment: "blue", Primary: regionArgs(pair.Primary.Name), Standby: regionArgs(pair.Standby.Name),
		BusName: "bus", ReplicationRuleID: "everything", ControllerFunction: "lambda-failover",
		PrimaryCheckID: pulumi.String("check-primary"), StandbyCheckID: pulumi.String("check-standby"),
		Runbook: "https://runbook.example",
	}
}

// buildIn builds the monitoring of two regions.
func buildIn(t *testing.T, primary, standby string, opts ...pulumitest.Option) (*pulumitest.Recording, *Monitoring) {
	t.Helper()
	var built *Monitoring
	recording := pulumitest.Run(t, "project", "dev", nil, func(ctx *pulumi.Context) error {
		namer, err := naming.New("blue")
		if err != nil {
			return err
		}
		pair, err := region.NewPair(ctx, region.PairArgs{Environment: "dev", Namer: namer, Primary: primary, Standby: standby})
		if err != nil {
			return err
		}
		built, err = New(ctx, "monitoring", argsFor(pair))
		return err
	}, opts...)
	return recording, built
}

func build(t *testing.T, opts ...pulumitest.Option) *pulumitest.Recording {
	t.Helper()
	recording, _ := buildIn(t, east, west, opts...)
	return recording
}

func rules(primary, standby string) pulumitest.Rules {
	return pulumitest.Rules{
		Suffix: "blue",
		Roles:  map[string]naming.Role{primary: naming.Primary, standby: naming.Secondary},
		Home: func(name string) string {
			switch {
			case strings.HasSuffix(name, "-primary") || strings.HasSuffix(name, "-primary-blue"):
				return primary
			case strings.HasSuffix(name, "-secondary") || strings.HasSuffix(name, "-secondary-blue"):
				return standby
			}
			return ""
		},
	}
}
