package application

import (
	"reflect"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"warmstandby/test/support/pulumitest"
)

func TestRules(t *testing.T) {
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
			recording := build(t, func(r testRegion, args *Args) {
				args.Protection = test.protection
				if test.tls {
					withTLS(r, args)
				}
			}, test.opts...)
			pulumitest.Check(t, recording, rules(test.protection))
		})
	}
}

// The regions differ in name and role alone: what only one of them has would be missing after a failover.
func TestRegionsAreEqual(t *testing.T) {
	mirrored := func(r testRegion) pulumitest.RegionView {
		return pulumitest.RegionView{Region: r.region, Words: []string{r.role, "<own>", r.region, "<own>"}}
	}
	pulumitest.CheckMirrored(t, build(t, withTLS), mirrored(testRegions[0]), mirrored(testRegions[1]))
}

// In another partition no ARN is of the partition aws.
func TestPartition(t *testing.T) {
	pulumitest.CheckPartition(t, func(opt pulumitest.Option) *pulumitest.Recording {
		return build(t, func(_ testRegion, args *Args) {
			args.Data.KeyARN, args.Data.SecretARN, args.Data.DocumentsBucketARN, args.Data.EventBusARN = "key", "secret", "bucket", "bus"
		}, opt)
	})
}

// The outputs are those of the resources.
func TestOutputs(t *testing.T) {
	recording := build(t, withTLS)
	for _, r := range testRegions {
		balancer := recording.Get(t, balancerToken, r.balancer())
		want := map[string]any{
			"loadBalancerDnsName": "dnsName-" + r.balancer(), "loadBalancerZoneId": "zoneId-" + r.balancer(),
			"loadBalancerArn":       balancer.ARN(),
			"loadBalancerArnSuffix": "arnSuffix-" + r.balancer(), "targetGroupArnSuffix": "arnSuffix-" + r.targetGroup(),
			"functionName": r.function(), "functionArn": recording.Get(t, functionToken, r.function()).ARN(),
			"logGroupName":   r.logGroup(),
			"topicArn":       recording.Get(t, topicToken, r.topic()).ARN(),
			"keyArn":         recording.Get(t, keyToken, r.key()).ARN(),
			"failedQueueArn": recording.Get(t, queueToken, r.queue()).ARN(), "failedQueueName": r.queue(),
			"scheme": "https", "port": 443.0,
		}
		if got := recording.Outputs[resource.PropertyKey(r.role)].ObjectValue().Mappable(); !reflect.DeepEqual(got, want) {
			t.Errorf("the outputs of %s are\n%v, want\n%v", r.region, got, want)
		}
	}
}

// Without a certificate the scheme is HTTP, on the listener's port.
func TestOutputsWithoutCertificate(t *testing.T) {
	recording := build(t, func(_ testRegion, args *Args) { args.ListenerPort = 8080 })
	outputs := recording.Outputs["primary"].ObjectValue().Mappable()
	if outputs["scheme"] != "http" || outputs["port"] != 8080.0 {
		t.Errorf("the outputs are %v on port %v, want http on 8080", outputs["scheme"], outputs["port"])
	}
}

// Arguments that would deploy and not work are refused before anything is built.
func TestRefusals(t *testing.T) {
	tests := []struct {
		name   string
		change func(testRegion, *Args)
		want   []string // parts of the error; nil: it is built
	}{
		{"no time is refused", func(_ testRegion, args *Args) { args.TimeoutSeconds = 0 }, []string{"TimeoutSeconds is 0", "allowed 1 to 30"}},
		{"the longest time is built", func(_ testRegion, args *Args) { args.TimeoutSeconds = 30 }, nil},
		{
			"time in which health checks overtake each other is refused", func(_ testRegion, args *Args) { args.TimeoutSeconds = 31 },
			[]string{"TimeoutSeconds is 31", "every 35 s"},
		},
		{
			"a certificate on the port of plain HTTP is refused, with every other fault",
			func(r testRegion, args *Args) { args.CertificateARN, args.TimeoutSeconds = r.certificate(), 60 },
			[]string{"ListenerPort is 80", "set 443", "TimeoutSeconds is 60"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			recording, err := buildErr(t, test.change)
			if test.want == nil {
				if err != nil {
					t.Errorf("it is refused: %v", err)
				}
				return
			}
			for _, part := range test.want {
				if err == nil || !strings.Contains(err.Error(), part) {
					t.Errorf("the error is %v, want one with %q", err, part)
				}
			}
			if made := recording.OfType(functionToken); len(made) > 0 {
				t.Errorf("%d functions were built before the refusal", len(made))
			}
		})
	}
}
