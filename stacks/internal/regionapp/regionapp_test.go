package regionapp

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/contract"
	"warmstandby/shared/naming"
	"warmstandby/test/support/contracttest"
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

func TestRules(t *testing.T) {
	for _, s := range stacks {
		tests := []struct {
			name    string
			network map[string]any
			config  map[string]string
			rules   pulumitest.Rules
			opts    []pulumitest.Option
		}{
			{name: "with defaults", rules: s.rules("blue", s.region, false)},
			{name: "in a preview", rules: s.rules("blue", s.region, false), opts: []pulumitest.Option{pulumitest.Preview()}},
			{
				name: "as the profile of production, still destroyable", network: map[string]any{"profile": "prod", "listenerPort": 443},
				config: map[string]string{"certificateArn": s.arn("acm", "certificate/web")}, rules: s.rules("blue", s.region, false),
			},
			{name: "with protection", network: map[string]any{"protection": true}, rules: s.rules("blue", s.region, true)},
			{
				name:    "in other regions, with the longest suffix",
				network: map[string]any{"primaryRegion": "eu-west-1", "standbyRegion": "eu-west-1", "environmentSuffix": "abcdefghijklmno"},
				rules:   s.rules("abcdefghijklmno", "eu-west-1", false),
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

// AWS WAF stands before the load balancers in prod, and elsewhere where it is set.
func TestFirewallOfProfiles(t *testing.T) {
	const token = "aws:wafv2/webAclAssociation:WebAclAssociation"
	for _, s := range stacks {
		https := map[string]string{"certificateArn": s.arn("acm", "certificate/web")}
		off := map[string]string{"certificateArn": s.arn("acm", "certificate/web"), "waf": "false"}
		prod := map[string]any{"profile": "prod", "listenerPort": 443}
		for name, test := range map[string]struct {
			network map[string]any
			config  map[string]string
			want    int
		}{
			"in prod":          {prod, https, 1},
			"in prod, set off": {prod, off, 0},
			"in dev":           {map[string]any{"profile": "dev"}, nil, 0},
			"in dev, set on":   {map[string]any{"profile": "dev"}, map[string]string{"waf": "true", "wafRateLimit": "500"}, 1},
			"on the emulator":  {map[string]any{"profile": "local"}, nil, 0},
		} {
			t.Run(s.project+" "+name, func(t *testing.T) {
				recording := s.up(t, test.network, test.config)
				if made := recording.OfType(token); len(made) != test.want {
					t.Errorf("AWS WAF stands before %d load balancers, want %d", len(made), test.want)
				}
				for _, acl := range recording.OfType("aws:wafv2/webAcl:WebAcl") {
					if limits := fmt.Sprint(acl.Input("rules")); test.config["wafRateLimit"] != "" && !strings.Contains(limits, "limit:500 ") &&
						!strings.Contains(limits, "limit:500]") {
						t.Errorf("the rules are %s, want a limit of 500", limits)
					}
				}
			})
		}
	}
}

func TestProtection(t *testing.T) {
	for _, s := range stacks {
		t.Run("with protection a destroy of "+s.project+" is refused", func(t *testing.T) {
			t.Parallel()
			pulumitest.CheckDestroyRefused(t, s.up(t, map[string]any{"protection": true}, nil),
				"aws:cloudwatch/logGroup:LogGroup", "aws:kms/key:Key", "aws:lb/loadBalancer:LoadBalancer", "aws:s3/bucketV2:BucketV2")
		})
	}
}

// A stack that touches the other region cannot be deployed while that one is lost.
func TestOneRegion(t *testing.T) {
	for s, other := range map[stack]stack{eastStack: westStack, westStack: eastStack} {
		t.Run("nothing of "+s.project+" is in the other region", func(t *testing.T) {
			t.Parallel()
			recording := s.up(t, nil, nil)
			if providers := recording.OfType(providerToken); len(providers) != 1 {
				t.Errorf("it has %d providers, want that of its region alone", len(providers))
			}
			for _, made := range recording.Resources {
				inputs := fmt.Sprint(made.Inputs.Mappable())
				if strings.Contains(inputs, other.region) || strings.Contains(made.Name, string(other.role)) {
					t.Errorf("%s %s is of %s: %s", made.Type, made.Name, other.region, inputs)
				}
			}
			for _, call := range recording.Calls {
				if call.Region != "" && call.Region != s.region {
					t.Errorf("%s is called in %s", call.Token, call.Region)
				}
			}
		})
	}
}

func TestRegionsMirrored(t *testing.T) {
	t.Run("the regions differ in nothing but their names", func(t *testing.T) {
		resources := map[string]map[string]string{}
		for _, s := range stacks {
			const network, data = contract.FoundationNetworkProject + ".", contract.DataGlobalProject + "."
			words := strings.NewReplacer(
				s.region, "<region>", network+s.key, network+"<role>", data+s.key, data+"<role>", string(s.role), "<role>",
			)
			inputsByName := map[string]string{}
			for _, made := range s.up(t, nil, map[string]string{"notificationEmails": `["ops@example.com"]`}).Resources {
				inputs := made.Inputs.Mappable()
				delete(inputs, "code") // a folder of the run's own
				inputsByName[made.Type+" "+words.Replace(made.Name)] = words.Replace(fmt.Sprint(inputs))
			}
			resources[s.region] = inputsByName
		}
		if len(resources[east]) == 0 || !maps.Equal(resources[east], resources[west]) {
			for _, name := range slices.Sorted(maps.Keys(resources[east])) {
				if resources[east][name] != resources[west][name] {
					t.Errorf("%s is\n%s\nin the east and\n%s\nin the west", name, resources[east][name], resources[west][name])
				}
			}
			t.Errorf("the east has %d resources, the west %d", len(resources[east]), len(resources[west]))
		}
	})
}

func TestOutputs(t *testing.T) {
	for _, s := range stacks {
		t.Run("another stack reads the values of the resources of "+s.project, func(t *testing.T) {
			t.Parallel()
			outputs := s.up(t, nil, nil).Outputs
			contracttest.CheckKeys(t, outputs, &contract.RegionApp{})
			var read contract.RegionApp
			pulumitest.Run(t, contract.GlobalEdgeProject, contracttest.Stack, nil, func(ctx *pulumi.Context) (err error) {
				read, err = contract.ReadRegionApp(ctx, s.project)
				return err
			}, pulumitest.Stack(contracttest.StackName(s.project), outputs))
			role := string(s.role)
			balancer, group, function := "alb-"+role+"-blue", "tg-app-"+role+"-blue", "lambda-app-"+role+"-blue"
			queue := "queue-failed-app-" + role + "-blue"
			contracttest.CheckValues(t, contracttest.Values(t, &read), map[string]any{
				"region":                s.region,
				"role":                  role,
				"scheme":                "http",
				"port":                  80,
				"loadBalancerDnsName":   "dnsName-" + balancer,
				"loadBalancerZoneId":    "zoneId-" + balancer,
				"loadBalancerArn":       s.arn("lb", "loadBalancer-"+balancer),
				"loadBalancerArnSuffix": "arnSuffix-" + balancer,
				"targetGroupArnSuffix":  "arnSuffix-" + group,
				"functionName":          function,
				"functionArn":           s.arn("lambda", "function-"+function),
				"logGroupName":          "/aws/lambda/" + function,
				"topicArn":              s.arn("sns", "topic-topic-notices-"+role+"-blue"),
				"keyArn":                s.arn("kms", "key-app-"+role),
				"failedQueueArn":        s.arn("sqs", "queue-"+queue),
				"failedQueueName":       queue,
			})
		})
	}
}

func TestInputs(t *testing.T) {
	for _, s := range stacks {
		t.Run("the configuration and the outputs of other stacks reach the resources of "+s.project, s.checkInputs)
	}
}

// checkInputs holds the resources of a stack to its configuration and to the outputs that it reads.
func (s stack) checkInputs(t *testing.T) {
	role := string(s.role)
	recording := s.up(t, map[string]any{"allowedAccountIds": []any{pulumitest.Account}, "listenerPort": 8443}, map[string]string{
		"certificateArn": s.arn("acm", "certificate/web"), "notificationEmails": `["ops@example.com"]`,
		"memoryMb": "2048", "timeoutSeconds": "30", "logLevel": "debug", "logRetentionDays": "90",
		"auditRetentionDays": "3653", "versionRetentionDays": "3650", "legalHold": "true",
	})
	networkOutput := func(key string) string { return contract.FoundationNetworkProject + "." + s.key + key }
	function, balancer := "lambda-app-"+role+"-blue", "alb-"+role+"-blue"
	for _, test := range []struct{ token, name, property, want string }{
		{token: providerToken, name: "aws-" + role, property: "allowedAccountIds", want: "[" + pulumitest.Account + "]"},
		{token: functionToken, name: function, property: "memorySize", want: "2048"},
		{token: functionToken, name: function, property: "timeout", want: "30"},
		{token: functionToken, name: function, property: "environment.variables.LOG_LEVEL", want: "debug"},
		{token: functionToken, name: function, property: "environment.variables.DR_ROLE", want: role},
		{token: functionToken, name: function, property: "environment.variables.PARAMETER_PATH", want: "/warmstandby/blue"},
		{token: functionToken, name: function, property: "environment.variables.VERSION_RETENTION_DAYS", want: "3650"},
		{token: functionToken, name: function, property: "environment.variables.LEGAL_HOLD", want: "true"},
		{
			token: functionToken, name: function, property: "vpcConfig.subnetIds",
			want: "[" + networkOutput("PrivateSubnetIds") + "-1 " + networkOutput("PrivateSubnetIds") + "-2]",
		},
		{
			token: functionToken, name: function, property: "vpcConfig.securityGroupIds",
			want: "[" + networkOutput("FunctionSecurityGroupId") + "]",
		},
		{
			token: balancerToken, name: balancer, property: "subnets",
			want: "[" + networkOutput("PublicSubnetIds") + "-1 " + networkOutput("PublicSubnetIds") + "-2]",
		},
		{token: balancerToken, name: balancer, property: "securityGroups", want: "[" + networkOutput("LoadBalancerSecurityGroupId") + "]"},
		{token: groupToken, name: "/aws/lambda/" + function, property: "retentionInDays", want: "90"},
		{token: groupToken, name: "logs-audit-" + role + "-blue", property: "retentionInDays", want: "3653"},
	} {
		if got := fmt.Sprint(recording.Get(t, test.token, test.name).Input(test.property)); got != test.want {
			t.Errorf("%s has %s %s, want %s", test.name, test.property, got, test.want)
		}
	}
	var listeners []string
	for _, listener := range recording.OfType(listenerToken) {
		port, protocol, certificate := listener.Input("port"), listener.Input("protocol"), listener.Input("certificateArn")
		listeners = append(listeners, fmt.Sprint(port, " ", protocol, " ", certificate))
	}
	if want := "8443 HTTPS " + s.arn("acm", "certificate/web"); !slices.Contains(listeners, want) {
		t.Errorf("the listeners of %s are %q, want %q among them", s.project, listeners, want)
	}
	subscriptions := recording.OfType(topicToken)
	if len(subscriptions) != 1 || subscriptions[0].Text("endpoint") != "ops@example.com" {
		t.Errorf("the topic of %s has the subscriptions %+v, want ops@example.com", s.project, subscriptions)
	}
	granted := ""
	for _, grant := range recording.OfType(grantToken) {
		granted += grant.Text("policy")
	}
	allowed := []string{s.arn("ssm", "parameter/warmstandby/blue")}
	data := contracttest.DataGlobal(t, nil)
	for _, key := range []string{"KeyArn", "SecretArn", "DocumentsBucketArn", "EventBusArn"} {
		allowed = append(allowed, data[resource.PropertyKey(s.key+key)].StringValue())
	}
	for _, arn := range allowed {
		if !strings.Contains(granted, `"`+arn) {
			t.Errorf("the function of %s has no permission for %s", s.project, arn)
		}
	}
}
