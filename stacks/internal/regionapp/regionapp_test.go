package regionapp

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/contract"
	"warmstandby/shared/naming"
	"warmstandby/test/support/pulumitest"
)

const (
	functionToken = "aws:lambda/function:Function"
	listenerToken = "aws:lb/listener:Listener"
	balancerToken = "aws:lb/loadBalancer:LoadBalancer"
	topicToken    = "aws:sns/topicSubscription:TopicSubscription"
	groupToken    = "aws:cloudwatch/logGroup:LogGroup"
	grantToken    = "aws:iam/rolePolicy:RolePolicy"
	providerToken = "pulumi:providers:aws"
)

// rules are the shared ones for a stack of one region.
func (s stack) rules(suffix, region string, protection bool) pulumitest.Rules {
	return pulumitest.Rules{
		Suffix: suffix, Protection: protection,
		Roles: map[string]naming.Role{region: s.role},
		Home:  func(string) string { return region },
	}
}

func TestEveryResourceKeepsTheRules(t *testing.T) {
	for _, s := range stacks {
		tests := []struct {
			name    string
			network map[string]any
			config  map[string]string
			rules   pulumitest.Rules
			opts    []pulumitest.Option
		}{
			{"as it ships", nil, nil, s.rules("blue", s.region, false), nil},
			{"in a preview", nil, nil, s.rules("blue", s.region, false), []pulumitest.Option{pulumitest.Preview()}},
			{
				"as the profile of production, still destroyable", map[string]any{"profile": "prod", "listenerPort": 443.0},
				map[string]string{"certificateArn": s.arn("acm", "certificate/web")}, s.rules("blue", s.region, false), nil,
			},
			{"with protection", map[string]any{"protection": true}, nil, s.rules("blue", s.region, true), nil},
			{
				"in other regions, with the longest suffix",
				map[string]any{"primaryRegion": "eu-west-1", "standbyRegion": "eu-west-1", "environmentSuffix": "abcdefghijklmno"}, nil,
				s.rules("abcdefghijklmno", "eu-west-1", false), nil,
			},
		}
		for _, test := range tests {
			t.Run(s.project+" "+test.name, func(t *testing.T) {
				recording := s.up(t, test.network, test.config, test.opts...)
				pulumitest.Check(t, recording, test.rules)
			})
		}
	}
}

func TestWithProtectionADestroyIsRefused(t *testing.T) {
	for _, s := range stacks {
		pulumitest.CheckDestroyRefused(t, s.up(t, map[string]any{"protection": true}, nil),
			"aws:cloudwatch/logGroup:LogGroup", "aws:kms/key:Key", "aws:lb/loadBalancer:LoadBalancer", "aws:s3/bucketV2:BucketV2")
	}
}

// A stack that touches the other region cannot be deployed while that one is lost.
func TestNothingIsOfTheOtherRegion(t *testing.T) {
	for _, s := range stacks {
		recording := s.up(t, nil, nil)
		other, otherRole := west, string(naming.Secondary)
		if s.region == west {
			other, otherRole = east, string(naming.Primary)
		}
		if providers := recording.OfType(providerToken); len(providers) != 1 {
			t.Errorf("%s has %d providers, want that of its region alone", s.project, len(providers))
		}
		for _, made := range recording.Resources {
			if inputs := fmt.Sprint(made.Inputs.Mappable()); strings.Contains(inputs, other) || strings.Contains(made.Name, otherRole) {
				t.Errorf("in %s, %s %s is of %s: %s", s.project, made.Type, made.Name, other, inputs)
			}
		}
		for _, call := range recording.Calls {
			if call.Region != "" && call.Region != s.region {
				t.Errorf("%s asks %s for %s", s.project, call.Region, call.Token)
			}
		}
	}
}

func TestTheRegionsDifferInNothingButTheirPlace(t *testing.T) {
	sides := map[string]map[string]string{}
	for _, s := range stacks {
		words := strings.NewReplacer(s.region, "<region>", string(s.role), "<role>")
		side := map[string]string{}
		for _, made := range s.up(t, nil, map[string]string{"notificationEmails": `["ops@example.com"]`}).Resources {
			inputs := made.Inputs.Mappable()
			delete(inputs, "code") // a folder of the run's own
			side[made.Type+" "+words.Replace(made.Name)] = words.Replace(fmt.Sprint(inputs))
		}
		sides[s.region] = side
	}
	if len(sides[east]) == 0 || !maps.Equal(sides[east], sides[west]) {
		for _, name := range slices.Sorted(maps.Keys(sides[east])) {
			if sides[east][name] != sides[west][name] {
				t.Errorf("%s is\n%s\nin the east and\n%s\nin the west", name, sides[east][name], sides[west][name])
			}
		}
		t.Errorf("the east has %d resources, the west %d", len(sides[east]), len(sides[west]))
	}
}

func TestAnotherStackReadsWhatThisOneTells(t *testing.T) {
	for _, s := range stacks {
		outputs := s.up(t, nil, nil).Outputs
		var read contract.RegionApp
		pulumitest.Run(t, "global-edge", "dev", nil, func(ctx *pulumi.Context) (err error) {
			read, err = contract.ReadRegionApp(ctx, s.project)
			return err
		}, pulumitest.Stack("organization/"+s.project+"/dev", outputs))
		role := string(s.role)
		got := []any{
			read.Region.Get(), read.Role.Get(), read.Scheme.Get(), read.Port.Get(), read.LoadBalancerDNSName.Get(), read.LoadBalancerZoneID.Get(),
			read.LoadBalancerARN.Get(), read.LoadBalancerARNSuffix.Get(), read.TargetGroupARNSuffix.Get(), read.FunctionName.Get(),
			read.FunctionARN.Get(), read.LogGroup.Get(), read.TopicARN.Get(), read.KeyARN.Get(), read.FailedQueueARN.Get(), read.FailedQueueName.Get(),
		}
		balancer, group, function := "alb-"+role+"-blue", "tg-app-"+role+"-blue", "lambda-app-"+role+"-blue"
		queue := "queue-failed-app-" + role + "-blue"
		want := []any{
			s.region, role, "http", 80, "dnsName-" + balancer, "zoneId-" + balancer,
			s.arn("lb", "loadBalancer-"+balancer), "arnSuffix-" + balancer, "arnSuffix-" + group, function,
			s.arn("lambda", "function-"+function), "/aws/lambda/" + function, s.arn("sns", "topic-topic-notices-"+role+"-blue"),
			s.arn("kms", "key-app-"+role), s.arn("sqs", "queue-"+queue), queue,
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("of %s is read\n%v, want\n%v", s.project, got, want)
		}
		if len(outputs) != len(want) {
			t.Errorf("%s tells %d outputs, of which %d are the contract's", s.project, len(outputs), len(want))
		}
	}
}

func TestTheConfigurationAndTheLayersBelowReachTheResources(t *testing.T) {
	for _, s := range stacks {
		role := string(s.role)
		recording := s.up(t, map[string]any{"allowedAccountIds": []any{pulumitest.Account}, "listenerPort": 8443.0}, map[string]string{
			"certificateArn": s.arn("acm", "certificate/web"), "notificationEmails": `["ops@example.com"]`,
			"memoryMb": "2048", "timeoutSeconds": "30", "logLevel": "debug", "logRetentionDays": "90",
		})
		function, balancer := "lambda-app-"+role+"-blue", "alb-"+role+"-blue"
		for _, test := range []struct{ token, name, property, want string }{
			{providerToken, "aws-" + role, "allowedAccountIds", "[" + pulumitest.Account + "]"},
			{functionToken, function, "memorySize", "2048"},
			{functionToken, function, "timeout", "30"},
			{functionToken, function, "environment.variables.LOG_LEVEL", "debug"},
			{functionToken, function, "environment.variables.DR_ROLE", role},
			{functionToken, function, "environment.variables.PARAMETER_PATH", "/warmstandby/blue"},
			{functionToken, function, "vpcConfig.subnetIds", "[Private-" + role + "-1 Private-" + role + "-2]"},
			{functionToken, function, "vpcConfig.securityGroupIds", "[FunctionSecurityGroupId-" + role + "]"},
			{balancerToken, balancer, "subnets", "[Public-" + role + "-1 Public-" + role + "-2]"},
			{balancerToken, balancer, "securityGroups", "[LoadBalancerSecurityGroupId-" + role + "]"},
			{groupToken, "/aws/lambda/" + function, "retentionInDays", "90"},
		} {
			if got := fmt.Sprint(recording.Get(t, test.token, test.name).Input(test.property)); got != test.want {
				t.Errorf("%s has %s %s, want %s", test.name, test.property, got, test.want)
			}
		}
		var listens []string
		for _, listener := range recording.OfType(listenerToken) {
			listens = append(listens, fmt.Sprint(listener.Input("port"), " ", listener.Input("protocol"), " ", listener.Input("certificateArn")))
		}
		if want := "8443 HTTPS " + s.arn("acm", "certificate/web"); !slices.Contains(listens, want) {
			t.Errorf("the listeners of %s are %q, want %q among them", s.project, listens, want)
		}
		if exports := recording.OfType(topicToken); len(exports) != 1 || exports[0].Text("endpoint") != "ops@example.com" {
			t.Errorf("of %s are exports %+v, want ops@example.com", s.project, exports)
		}
		granted := ""
		for _, grant := range recording.OfType(grantToken) {
			granted += grant.Text("policy")
		}
		for _, reached := range []string{
			s.arn("kms", "key/data-"+role), s.arn("secretsmanager", "secret:secret-database-blue-"+role), "arn:aws:s3:::documents-" + role,
			s.arn("events", "event-bus/bus-records-blue"), s.arn("ssm", "parameter/warmstandby/blue"),
		} {
			if !strings.Contains(granted, reached) {
				t.Errorf("the function of %s may not reach %s", s.project, reached)
			}
		}
	}
}
