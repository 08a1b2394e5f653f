package application

import (
	"reflect"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"warmstandby/test/support/pulumitest"
)

func TestEveryResourceKeepsTheRules(t *testing.T) {
	tests := []struct {
		name       string
		protection bool
		tls        bool
		opts       []pulumitest.Option
	}{
		{"in an update", false, false, nil},
		{"in a preview", false, false, []pulumitest.Option{pulumitest.Preview()}},
		{"with a certificate", false, true, nil},
		{"with protection", true, true, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			recording := build(t, func(s side, args *Args) {
				args.Protection = test.protection
				if test.tls {
					withTLS(s, args)
				}
			}, test.opts...)
			pulumitest.Check(t, recording, rules(test.protection))
		})
	}
}

// What is built in one region and not in the other would be missed on the day of a failover: but for the region's name, its
// role, and what these make, the two sides are the same.
func TestTheTwoSidesAreTheSame(t *testing.T) {
	mirrored := func(s side) pulumitest.Side {
		return pulumitest.Side{Region: s.region, Words: []string{s.role, "<own>", s.region, "<own>"}}
	}
	pulumitest.CheckMirrored(t, build(t, withTLS), mirrored(sides[0]), mirrored(sides[1]))
}

func TestOutsideThePartitionAwsNoARNIsOfIt(t *testing.T) {
	pulumitest.CheckPartition(t, func(opt pulumitest.Option) *pulumitest.Recording {
		return build(t, func(_ side, args *Args) {
			args.Data.KeyARN, args.Data.SecretARN, args.Data.DocumentsBucketARN, args.Data.EventBusARN = "key", "secret", "bucket", "bus"
		}, opt)
	})
}

func TestTheOutputsAreThoseOfWhatWasBuilt(t *testing.T) {
	recording := build(t, withTLS)
	for _, side := range sides {
		balancer := recording.Get(t, balancerToken, side.balancer())
		want := map[string]any{
			"loadBalancerDnsName": "dnsName-" + side.balancer(), "loadBalancerZoneId": "zoneId-" + side.balancer(),
			"loadBalancerArn": balancer.ARN(), "loadBalancerArnSuffix": "arnSuffix-" + side.balancer(), "targetGroupArnSuffix": "arnSuffix-" + side.targetGroup(),
			"functionName": side.function(), "functionArn": recording.Get(t, functionToken, side.function()).ARN(), "logGroupName": side.logGroup(),
			"topicArn":       recording.Get(t, topicToken, side.topic()).ARN(),
			"keyArn":         recording.Get(t, keyToken, side.key()).ARN(),
			"failedQueueArn": recording.Get(t, queueToken, side.queue()).ARN(), "failedQueueName": side.queue(),
			"scheme": "https", "port": 443.0,
		}
		if got := recording.Outputs[resource.PropertyKey(side.role)].ObjectValue().Mappable(); !reflect.DeepEqual(got, want) {
			t.Errorf("the outputs of %s are\n%v, want\n%v", side.region, got, want)
		}
	}
}

func TestWithoutACertificateTheSchemeIsHTTPAtTheListenersPort(t *testing.T) {
	recording := build(t, func(_ side, args *Args) { args.ListenerPort = 8080 })
	told := recording.Outputs["primary"].ObjectValue().Mappable()
	if told["scheme"] != "http" || told["port"] != 8080.0 {
		t.Errorf("the outputs say %v at %v, want http at 8080", told["scheme"], told["port"])
	}
}

func TestArgumentsThatWouldDeployAndNotWorkAreRefused(t *testing.T) {
	tests := []struct {
		name   string
		change func(side, *Args)
		says   []string // nothing: it is built
	}{
		{"no time is refused", func(_ side, args *Args) { args.TimeoutSeconds = 0 }, []string{"TimeoutSeconds is 0", "allowed 1 to 30"}},
		{"the longest time is built", func(_ side, args *Args) { args.TimeoutSeconds = 30 }, nil},
		{"time in which health checks overtake each other is refused", func(_ side, args *Args) { args.TimeoutSeconds = 31 }, []string{"TimeoutSeconds is 31", "every 35 s"}},
		{
			"a certificate on the port of plain HTTP is refused, with every other fault",
			func(s side, args *Args) { args.CertificateARN, args.TimeoutSeconds = s.certificate(), 60 },
			[]string{"ListenerPort is 80", "set 443", "TimeoutSeconds is 60"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			recording, err := buildErr(t, test.change)
			if test.says == nil {
				if err != nil {
					t.Errorf("it is refused: %v", err)
				}
				return
			}
			for _, part := range test.says {
				if err == nil || !strings.Contains(err.Error(), part) {
					t.Errorf("the error is %v, want one that says %q", err, part)
				}
			}
			if made := recording.OfType(functionToken); len(made) > 0 {
				t.Errorf("%d functions were built before the refusal", len(made))
			}
		})
	}
}
