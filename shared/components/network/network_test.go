package network

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"

	"warmstandby/test/support/pulumitest"
)

func TestEveryResourceKeepsTheRules(t *testing.T) {
	pulumitest.CheckEveryWay(t, func(t *testing.T, protection bool, opts ...pulumitest.Option) *pulumitest.Recording {
		return build(t, func(args *Args) { args.Protection = protection }, opts...)
	}, rules)
}

func TestOutsideThePartitionAwsNoARNIsOfIt(t *testing.T) {
	pulumitest.CheckPartition(t, func(opt pulumitest.Option) *pulumitest.Recording { return build(t, plainly, opt) })
}

func TestServicesAreNamedAsThePartitionNamesThem(t *testing.T) {
	recording := build(t, plainly, pulumitest.Partition("aws-cn", "cn.com.amazonaws"))
	for _, endpoint := range recording.OfType("aws:ec2/vpcEndpoint:VpcEndpoint") {
		if service := endpoint.Text("serviceName"); !strings.HasPrefix(service, "cn.com.amazonaws."+recording.Region(endpoint)+".") {
			t.Errorf("endpoint %s is of service %q, want one of the partition's in its region", endpoint.Name, service)
		}
	}
}

func TestTheVPCIsWhatTheLayoutSays(t *testing.T) {
	recording := build(t, plainly)
	for _, end := range ends {
		vpc := recording.Get(t, "awsx:ec2:Vpc", end.vpc)
		for path, want := range map[string]any{
			"cidrBlock":                end.own,
			"subnetStrategy":           "Auto",
			"availabilityZoneCidrMask": 18.0,
			"availabilityZoneNames":    []any{end.region + "a", end.region + "b", end.region + "c"},
			"subnetSpecs": []any{
				map[string]any{"type": "Private", "cidrMask": 19.0},
				map[string]any{"type": "Public", "cidrMask": 20.0},
				map[string]any{"type": "Isolated", "cidrMask": 20.0},
			},
			// Private names of endpoints and of the peer's databases resolve with both only.
			"enableDnsHostnames": true,
			"enableDnsSupport":   true,
		} {
			if got := vpc.Input(path); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s has %s %v, want %v", end.vpc, path, got, want)
			}
		}
		// One transform, nameTags, names what awsx builds inside.
		if transforms := len(vpc.Request.GetTransforms()); transforms != 1 {
			t.Errorf("%s has %d transforms, want one", end.vpc, transforms)
		}
	}
}

func TestTheNATStrategyDecidesGatewaysAndTheFunctionsWayOut(t *testing.T) {
	for _, test := range []struct {
		name     string
		strategy ec2.NatGatewayStrategy
		toWorld  int // rules by which functions reach the internet, in each region
	}{
		{"none", ec2.NatGatewayStrategyNone, 0},
		{"a single gateway", ec2.NatGatewayStrategySingle, 1},
		{"one gateway a zone", ec2.NatGatewayStrategyOnePerAz, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			recording := build(t, func(args *Args) { args.NAT = test.strategy })
			for _, end := range ends {
				vpc := recording.Get(t, "awsx:ec2:Vpc", end.vpc)
				if got := vpc.Text("natGateways.strategy"); got != string(test.strategy) {
					t.Errorf("%s has the NAT strategy %q, want %q", end.vpc, got, test.strategy)
				}
				var toWorld []string
				for _, found := range readRules(recording, end) {
					if strings.HasSuffix(found, " 0.0.0.0/0") && strings.HasPrefix(found, "egress") {
						toWorld = append(toWorld, found)
					}
				}
				if len(toWorld) != test.toWorld || test.toWorld == 1 && toWorld[0] != "egress function tcp 443-443 0.0.0.0/0" {
					t.Errorf("in %s the ways out are %q, want %d, of functions by HTTPS", end.region, toWorld, test.toWorld)
				}
			}
		})
	}
}

func TestTheDefaultGroupOfEachVPCHasNoRules(t *testing.T) {
	recording := build(t, plainly)
	for _, end := range ends {
		groups := end.in(recording, "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
		if len(groups) != 1 {
			t.Fatalf("%d default groups are managed in %s, want one", len(groups), end.region)
		}
		for _, direction := range []string{"ingress", "egress"} {
			// Absent is not empty: without the list the provider leaves AWS's rules in place.
			if found, ok := groups[0].Input(direction).([]any); !ok || len(found) != 0 {
				t.Errorf("the default group of %s has %s %v, want an empty list", end.region, direction, groups[0].Input(direction))
			}
		}
		if got, want := groups[0].Text("vpcId"), pulumitest.VPCID(end.vpc); got != want {
			t.Errorf("the default group of %s is that of %q, want %q", end.region, got, want)
		}
	}
}

func TestEndpoints(t *testing.T) {
	recording := build(t, plainly)
	for _, end := range ends {
		var tables, subnets []string
		for _, tier := range []string{"private", "isolated"} {
			for zone := 1; zone <= 3; zone++ {
				tables = append(tables, pulumitest.RouteTableID(end.vpc, tier, zone))
			}
		}
		for zone := 1; zone <= 3; zone++ {
			subnets = append(subnets, pulumitest.SubnetID(end.vpc, "private", zone))
		}
		gateway := fmt.Sprint(map[string]any{
			"vpcEndpointType": "Gateway", "vpcId": pulumitest.VPCID(end.vpc), "routeTableIds": tables,
		})
		inside := fmt.Sprint(map[string]any{
			"vpcEndpointType": "Interface", "vpcId": pulumitest.VPCID(end.vpc), "subnetIds": subnets,
			"securityGroupIds": []string{end.groupID("endpoints")}, "privateDnsEnabled": true,
		})
		want := map[string]string{"s3": gateway}
		for _, service := range []string{"secretsmanager", "events", "kms", "logs", "ssm", "sts"} {
			want[service] = inside
		}
		got := map[string]string{}
		for _, endpoint := range end.in(recording, "aws:ec2/vpcEndpoint:VpcEndpoint") {
			service, _ := strings.CutPrefix(endpoint.Text("serviceName"), "com.amazonaws."+end.region+".")
			inputs := endpoint.Inputs.Mappable()
			delete(inputs, "serviceName")
			delete(inputs, "tags")
			got[service] = fmt.Sprint(inputs)
		}
		for service := range want {
			if got[service] != want[service] {
				t.Errorf("in %s the endpoint of %s is %s, want %s", end.region, service, got[service], want[service])
			}
		}
		if len(got) != len(want) {
			t.Errorf("in %s there are %d endpoints, want %d", end.region, len(got), len(want))
		}
	}
}
