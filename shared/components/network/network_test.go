package network

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"

	"warmstandby/test/support/pulumitest"
)

func TestRules(t *testing.T) {
	pulumitest.CheckEveryMode(t, func(t *testing.T, protection bool, opts ...pulumitest.Option) *pulumitest.Recording {
		return build(t, func(args *Args) { args.Protection = protection }, opts...)
	}, rules)
}

// In another partition no ARN is of the partition aws.
func TestPartition(t *testing.T) {
	pulumitest.CheckPartition(t, func(opt pulumitest.Option) *pulumitest.Recording { return build(t, unchanged, opt) })
}

// Endpoint services have the partition's names.
func TestEndpointServices(t *testing.T) {
	recording := build(t, unchanged, pulumitest.Partition("aws-cn", "cn.com.amazonaws"))
	for _, endpoint := range recording.OfType("aws:ec2/vpcEndpoint:VpcEndpoint") {
		if service := endpoint.Text("serviceName"); !strings.HasPrefix(service, "cn.com.amazonaws."+recording.Region(endpoint)+".") {
			t.Errorf("endpoint %s is of service %q, want one of the partition's in its region", endpoint.Name, service)
		}
	}
}

// The VPC has the ranges of the layout.
func TestVPC(t *testing.T) {
	recording := build(t, unchanged)
	for _, r := range testRegions {
		vpc := recording.Get(t, "awsx:ec2:Vpc", r.vpc)
		for path, want := range map[string]any{
			"cidrBlock":                r.cidr,
			"subnetStrategy":           "Auto",
			"availabilityZoneCidrMask": 18.0,
			"availabilityZoneNames":    r.zones,
			"subnetSpecs": []any{
				map[string]any{"type": "Private", "cidrMask": 19.0},
				map[string]any{"type": "Public", "cidrMask": 20.0},
				map[string]any{"type": "Isolated", "cidrMask": 20.0},
			},
			// The private DNS names of endpoints and of the peer's databases need both.
			"enableDnsHostnames": true,
			"enableDnsSupport":   true,
		} {
			if got := vpc.Input(path); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s has %s %v, want %v", r.vpc, path, got, want)
			}
		}
		// The transforms are nameTags, which names awsx's children, keepZone and givesNoAddress.
		if transforms := len(vpc.Request.GetTransforms()); transforms != 3 {
			t.Errorf("%s has %d transforms, want three", r.vpc, transforms)
		}
	}
}

// The strategy decides about NAT gateways and the functions' egress.
func TestNATStrategy(t *testing.T) {
	for _, test := range []struct {
		name           string
		strategy       ec2.NatGatewayStrategy
		internetEgress int // rules by which functions reach the internet, in each region
	}{
		{"none", ec2.NatGatewayStrategyNone, 0},
		{"a single gateway", ec2.NatGatewayStrategySingle, 1},
		{"one gateway a zone", ec2.NatGatewayStrategyOnePerAz, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			recording := build(t, func(args *Args) { args.NAT = test.strategy })
			for _, r := range testRegions {
				vpc := recording.Get(t, "awsx:ec2:Vpc", r.vpc)
				if got := vpc.Text("natGateways.strategy"); got != string(test.strategy) {
					t.Errorf("%s has the NAT strategy %q, want %q", r.vpc, got, test.strategy)
				}
				var internetEgress []string
				for _, found := range readRules(recording, r) {
					if strings.HasSuffix(found, " 0.0.0.0/0") && strings.HasPrefix(found, "egress") {
						internetEgress = append(internetEgress, found)
					}
				}
				if len(internetEgress) != test.internetEgress ||
					test.internetEgress == 1 && internetEgress[0] != "egress function tcp 443-443 0.0.0.0/0" {
					t.Errorf("in %s the egress rules to the internet are %q, want %d, of functions by HTTPS",
						r.region, internetEgress, test.internetEgress)
				}
			}
		})
	}
}

// The default group of each VPC has no rules.
func TestDefaultSecurityGroup(t *testing.T) {
	recording := build(t, unchanged)
	for _, r := range testRegions {
		groups := r.resources(recording, "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
		if len(groups) != 1 {
			t.Fatalf("%d default groups are managed in %s, want one", len(groups), r.region)
		}
		for _, direction := range []string{"ingress", "egress"} {
			// A missing list is not an empty one: the provider then leaves AWS's rules in the group.
			if found, ok := groups[0].Input(direction).([]any); !ok || len(found) != 0 {
				t.Errorf("the default group of %s has %s %v, want an empty list", r.region, direction, groups[0].Input(direction))
			}
		}
		if got, want := groups[0].Text("vpcId"), pulumitest.VPCID(r.vpc); got != want {
			t.Errorf("the default group of %s is that of %q, want %q", r.region, got, want)
		}
	}
}

func TestEndpoints(t *testing.T) {
	recording := build(t, unchanged)
	for _, r := range testRegions {
		var tables, subnets []string
		for _, tier := range []string{"private", "isolated"} {
			for zone := 1; zone <= 3; zone++ {
				tables = append(tables, pulumitest.RouteTableID(r.vpc, tier, zone))
			}
		}
		for zone := 1; zone <= 3; zone++ {
			subnets = append(subnets, pulumitest.SubnetID(r.vpc, "private", zone))
		}
		gateway := fmt.Sprint(map[string]any{
			"vpcEndpointType": "Gateway", "vpcId": pulumitest.VPCID(r.vpc), "routeTableIds": tables,
		})
		parentOpt := fmt.Sprint(map[string]any{
			"vpcEndpointType": "Interface", "vpcId": pulumitest.VPCID(r.vpc), "subnetIds": subnets,
			"securityGroupIds": []string{r.groupID("endpoints")}, "privateDnsEnabled": true,
		})
		want := map[string]string{"s3": gateway}
		for _, service := range []string{"secretsmanager", "events", "logs", "ssm"} {
			want[service] = parentOpt
		}
		got := map[string]string{}
		for _, endpoint := range r.resources(recording, "aws:ec2/vpcEndpoint:VpcEndpoint") {
			service, _ := strings.CutPrefix(endpoint.Text("serviceName"), "com.amazonaws."+r.region+".")
			inputs := endpoint.Inputs.Mappable()
			delete(inputs, "serviceName")
			delete(inputs, "policy") // TestEndpointPolicies
			delete(inputs, "tags")
			got[service] = fmt.Sprint(inputs)
		}
		for service := range want {
			if got[service] != want[service] {
				t.Errorf("in %s the endpoint of %s is %s, want %s", r.region, service, got[service], want[service])
			}
		}
		if len(got) != len(want) {
			t.Errorf("in %s there are %d endpoints, want %d", r.region, len(got), len(want))
		}
	}
}

// Whatever endpoints are added: each has a policy, whose every statement is limited to the account's own principals and resources, and
// the actions are those of the endpoint's own service. An action that the function's code does not call is in none.
func TestEndpointPolicies(t *testing.T) {
	recording := build(t, unchanged)
	want := map[string][]string{
		"events": {"events:PutEvents"}, "logs": {"logs:CreateLogStream", "logs:PutLogEvents"},
		"s3": {"s3:DeleteObject", "s3:ListBucket"}, "secretsmanager": {"secretsmanager:GetSecretValue"}, "ssm": {"ssm:GetParametersByPath"},
	}
	own := map[string]map[string][]string{"StringEquals": {
		"aws:PrincipalAccount": {"111122223333"}, "aws:ResourceAccount": {"111122223333"},
	}}
	for _, endpoint := range recording.OfType("aws:ec2/vpcEndpoint:VpcEndpoint") {
		name := endpoint.Text("serviceName")
		service := name[strings.LastIndex(name, ".")+1:]
		text := endpoint.Text("policy")
		if text == "" {
			t.Errorf("%s has no policy: AWS's default admits everybody to everything", endpoint.Name)
			continue
		}
		var actions []string
		for _, each := range pulumitest.Statements(t, text) {
			if each.Effect != "Allow" || !reflect.DeepEqual(each.Condition, own) {
				t.Errorf("statement %s of %s is %s with %v, want Allow with %v", each.Sid, endpoint.Name, each.Effect, each.Condition, own)
			}
			actions = append(actions, each.Action...)
		}
		if !reflect.DeepEqual(actions, want[service]) {
			t.Errorf("%s allows %v, want %v", endpoint.Name, actions, want[service])
		}
	}
}
