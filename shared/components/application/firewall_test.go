package application

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"warmstandby/test/support/pulumitest"
)

func (r testRegion) webACL() string      { return "webacl-app-" + r.role + "-blue" }
func (r testRegion) webACLGroup() string { return "aws-waf-logs-app-" + r.role + "-blue" }

func withFirewall(_ testRegion, args *Args) { args.Firewall = Firewall{Enabled: true, RateLimit: 700} }

func TestFirewallRules(t *testing.T) {
	pulumitest.Check(t, build(t, withFirewall), rules(false))
	pulumitest.Check(t, build(t, func(r testRegion, args *Args) {
		withFirewall(r, args)
		args.Protection = true
	}, pulumitest.Preview()), rules(true))
}

func TestNoFirewall(t *testing.T) {
	recording := build(t, unchanged)
	for _, token := range []string{webACLType, associationType, firewallLoggerType} {
		if made := recording.OfType(token); len(made) > 0 {
			t.Errorf("without the setting there is a %s", token)
		}
	}
	for _, r := range testRegions {
		if open := recording.Get(t, balancerToken, r.balancer()).Input("enableWafFailOpen"); open != nil {
			t.Errorf("without AWS WAF its failures are decided on: %v", open)
		}
	}
}

// The web ACL limits each address, and has AWS's groups block; of these, rules about bodies count.
func TestFirewall(t *testing.T) {
	recording := build(t, withFirewall)
	for _, r := range testRegions {
		acl := recording.Get(t, webACLType, r.webACL())
		for path, want := range map[string]any{
			"name": r.webACL(), "scope": "REGIONAL", "defaultAction": map[string]any{"allow": map[string]any{}},
			"visibilityConfig": map[string]any{
				"cloudwatchMetricsEnabled": true, "metricName": r.webACL(), "sampledRequestsEnabled": false,
			},
		} {
			if got := acl.Input(path); !reflect.DeepEqual(got, want) {
				t.Errorf("%s has %s %v, want %v", r.webACL(), path, got, want)
			}
		}
		made, _ := acl.Input("rules").([]any)
		if len(made) != 5 {
			t.Fatalf("%s has %d rules, want 5", r.webACL(), len(made))
		}
		rate, _ := made[0].(map[string]any)
		if want := map[string]any{
			"name": "rate", "priority": 0.0,
			"action": map[string]any{"block": map[string]any{"customResponse": map[string]any{"responseCode": 429.0}}},
			"statement": map[string]any{"rateBasedStatement": map[string]any{
				"aggregateKeyType": "IP", "evaluationWindowSec": 300.0, "limit": 700.0,
			}},
			"visibilityConfig": map[string]any{"cloudwatchMetricsEnabled": true, "metricName": "rate", "sampledRequestsEnabled": false},
		}; !reflect.DeepEqual(rate, want) {
			t.Errorf("the rate limit is\n%v, want\n%v", rate, want)
		}
		var names []string
		for i, one := range made[1:] {
			rule, _ := one.(map[string]any)
			statement := rule["statement"].(map[string]any)["managedRuleGroupStatement"].(map[string]any)
			names = append(names, statement["name"].(string))
			if rule["priority"] != float64(i+1) || rule["name"] != statement["name"] || statement["vendorName"] != "AWS" ||
				!reflect.DeepEqual(rule["overrideAction"], map[string]any{"none": map[string]any{}}) || rule["action"] != nil {
				t.Errorf("the rule %d is %v, want AWS's group with the actions of its own rules", i+1, rule)
			}
			for _, override := range anys(statement["ruleActionOverrides"]) {
				name := override["name"].(string)
				counts := reflect.DeepEqual(override["actionToUse"], map[string]any{"count": map[string]any{}})
				if !counts || !strings.HasSuffix(name, "_BODY") && name != "NoUserAgent_HEADER" {
					t.Errorf("%s: %v; only rules about bodies and of a missing User-Agent count", statement["name"], override)
				}
			}
		}
		if want := []string{
			"AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet",
			"AWSManagedRulesSQLiRuleSet",
		}; !slices.Equal(names, want) {
			t.Errorf("the groups are %q, want %q", names, want)
		}
		association := recording.Get(t, associationType, r.webACL()).Inputs.Mappable()
		if want := map[string]any{
			"resourceArn": recording.Get(t, balancerToken, r.balancer()).ARN(), "webAclArn": acl.ARN(),
		}; !reflect.DeepEqual(association, want) {
			t.Errorf("the web ACL stands before %v, want %v", association, want)
		}
		if open := recording.Get(t, balancerToken, r.balancer()).Input("enableWafFailOpen"); open != true {
			t.Errorf("while AWS WAF does not answer, requests go on: %v", open)
		}
	}
}

// A record of 8 KB and more is saved: AWS's rule would block any.
func TestLargeBodies(t *testing.T) {
	counted := 0
	for _, group := range managedGroups {
		if slices.Contains(group.counted, "SizeRestrictions_BODY") {
			counted++
		}
	}
	if counted != 1 {
		t.Errorf("SizeRestrictions_BODY is counted in %d groups, want 1", counted)
	}
}

// The log has what was blocked or counted, and neither tokens nor queries.
func TestFirewallLog(t *testing.T) {
	recording := build(t, withFirewall)
	for _, r := range testRegions {
		group := recording.Get(t, groupToken, r.webACLGroup())
		if got := group.Input("retentionInDays"); got != 14.0 {
			t.Errorf("the log is kept for %v days, want 14", got)
		}
		if got, want := group.Text("kmsKeyId"), recording.Get(t, keyToken, r.key()).ARN(); got != want {
			t.Errorf("the log is encrypted by %q, want %q", got, want)
		}
		if !strings.Contains(recording.Get(t, keyToken, r.key()).Text("policy"), r.webACLGroup()) {
			t.Errorf("the key's policy does not name %s", r.webACLGroup())
		}
		want := map[string]any{
			"resourceArn": recording.Get(t, webACLType, r.webACL()).ARN(), "logDestinationConfigs": []any{group.ARN()},
			"redactedFields": []any{
				map[string]any{"singleHeader": map[string]any{"name": "authorization"}}, map[string]any{"queryString": map[string]any{}},
			},
			"loggingFilter": map[string]any{"defaultBehavior": "DROP", "filters": []any{map[string]any{
				"behavior": "KEEP", "requirement": "MEETS_ANY", "conditions": []any{
					map[string]any{"actionCondition": map[string]any{"action": "BLOCK"}},
					map[string]any{"actionCondition": map[string]any{"action": "COUNT"}},
				},
			}}},
		}
		if got := recording.Get(t, firewallLoggerType, r.webACL()).Inputs.Mappable(); !reflect.DeepEqual(got, want) {
			t.Errorf("the log of %s is\n%v, want\n%v", r.region, got, want)
		}
	}
}

// anys returns the objects of a list, none of what is no list.
func anys(list any) []map[string]any {
	values, _ := list.([]any)
	var objects []map[string]any
	for _, value := range values {
		if object, is := value.(map[string]any); is {
			objects = append(objects, object)
		}
	}
	return objects
}
