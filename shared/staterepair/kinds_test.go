package staterepair

import (
	"strings"
	"testing"
)

func TestIDsAreMadeOfInputs(t *testing.T) {
	for name, test := range map[string]struct {
		kind, want string
		in         map[string]any
	}{
		"a name":    {"aws:cloudwatch/dashboard:Dashboard", "x", inputs{"dashboardName": "x", "body": 1}},
		"two names": {"aws:iam/rolePolicy:RolePolicy", "role-a:policy-b", inputs{"role": "role-a", "name": "policy-b"}},
		"three names": {
			"aws:cloudwatch/eventTarget:EventTarget", "bus/rule/target", inputs{"eventBusName": "bus", "rule": "rule", "targetId": "target"},
		},
		"a route":  {"aws:ec2/route:Route", "rtb-1_10.1.0.0/16", inputs{"routeTableId": "rtb-1", "destinationCidrBlock": "10.1.0.0/16"}},
		"a record": {"aws:route53/record:Record", "Z1_a.test_A", inputs{"zoneId": "Z1", "name": "a.test", "type": "A"}},
		"one of a set": {
			"aws:route53/record:Record", "Z1_a.test_A_primary", inputs{"zoneId": "Z1", "name": "a.test", "type": "A", "setIdentifier": "primary"},
		},
		"what stands before a load balancer": {
			"aws:wafv2/webAclAssociation:WebAclAssociation", "arn:acl,arn:alb", inputs{"webAclArn": "arn:acl", "resourceArn": "arn:alb"},
		},
		"created again": {"aws:s3/bucketPolicy:BucketPolicy", "", inputs{"bucket": "b"}},
	} {
		if got, err := (&AWS{}).Find(t.Context(), "us-east-1", test.kind, test.in); err != nil || got != test.want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, test.want)
		}
	}
}

func TestWhatHasNoRuleOrNoNameIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		kind, want string
		in         map[string]any
	}{
		"a kind that is new":      {"aws:dax/cluster:Cluster", "add one in shared/staterepair/kinds.go", nil},
		"a log group of no name":  {"aws:cloudwatch/logGroup:LogGroup", "its id is {name}", nil},
		"a name that is unknown":  {"aws:cloudwatch/logGroup:LogGroup", "its id is {name}", inputs{"name": map[string]any{}}},
		"a subnet without a name": {"aws:ec2/subnet:Subnet", "no tag Name", inputs{"vpcId": "vpc-1"}},
	} {
		if got, err := (&AWS{}).Find(t.Context(), "us-east-1", test.kind, test.in); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %q, %v, want %q", name, got, err, test.want)
		}
	}
}
