package instance

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"warmstandby/test/local/testwait"
)

func init() { jsonTargets["wafv2"] = "AWSWAF_20190729" }

// webACL makes a web ACL with a rate limit and a group of AWS's rules, as the platform's, and returns its ARN and its id.
func (a aws) webACL(region string, limit int) (arn, id string) {
	a.t.Helper()
	visible := object{"SampledRequestsEnabled": false, "CloudWatchMetricsEnabled": true, "MetricName": "rate"}
	made := a.json(region, "wafv2", "CreateWebACL", object{
		"Name": "webacl", "Scope": "REGIONAL", "DefaultAction": object{"Allow": object{}}, "VisibilityConfig": visible,
		"Description": "Requests to the application", "Tags": []object{{"Key": "Environment", "Value": "blue"}},
		"Rules": []object{
			{
				"Name": "rate", "Priority": 0, "VisibilityConfig": visible,
				"Action":    object{"Block": object{"CustomResponse": object{"ResponseCode": 429}}},
				"Statement": object{"RateBasedStatement": object{"Limit": limit, "AggregateKeyType": "IP", "EvaluationWindowSec": 300}},
			},
			{
				"Name": "known", "Priority": 1, "VisibilityConfig": visible, "OverrideAction": object{"None": object{}},
				"Statement": object{"ManagedRuleGroupStatement": object{"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}},
			},
		},
	})
	summary, _ := made["Summary"].(map[string]any)
	return fmt.Sprint(summary["ARN"]), fmt.Sprint(summary["Id"])
}

// visitZone sends a request to a name of a hosted zone, by the gateway as a proxy, and returns the status.
func (a aws) visitZone(address string) (status int) {
	a.t.Helper()
	endpoint, err := url.Parse(a.endpoint)
	if err != nil {
		a.t.Fatal(err)
	}
	proxied := http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(endpoint), DisableKeepAlives: true}}
	request, err := http.NewRequestWithContext(testwait.Context(a.t), http.MethodGet, address, nil)
	if err != nil {
		a.t.Fatal(err)
	}
	response, err := proxied.Do(request)
	if err != nil {
		a.t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

// A web ACL with its log stands before a load balancer, limits the rate of an address, and goes in the order in which it came.
func TestWebACLs(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	host, _ := a.balance(west, a.function(west, "app", application))
	balancer := a.field(a.query(west, "elasticloadbalancing", "DescribeLoadBalancers"), "LoadBalancerArn")
	const limit = 20
	arn, id := a.webACL(west, limit)

	t.Run("it reads back as it was put", func(t *testing.T) {
		a := aws{t, a.endpoint}
		named := object{"Name": "webacl", "Scope": "REGIONAL", "Id": id}
		read := a.json(west, "wafv2", "GetWebACL", named)
		acl, _ := read["WebACL"].(map[string]any)
		rules, _ := acl["Rules"].([]any)
		if acl["ARN"] != arn || acl["Description"] != "Requests to the application" || len(rules) != 2 || read["LockToken"] == "" {
			t.Errorf("the web ACL is %v", read)
		}
		if tags := a.json(west, "wafv2", "ListTagsForResource", object{"ResourceARN": arn}); !strings.Contains(fmt.Sprint(tags), "Environment") {
			t.Errorf("its tags are %v", tags)
		}
		if status, output := a.tryJSON(east, "wafv2", "GetWebACL", named); status == http.StatusOK {
			t.Errorf("the other region has it, too: %v", output)
		}
	})
	t.Run("its log goes to one group with AWS's prefix", func(t *testing.T) {
		a := aws{t, a.endpoint}
		group := "arn:aws:logs:us-west-2:" + testAccount + ":log-group:aws-waf-logs-app"
		wanted := object{"ResourceArn": arn, "LogDestinationConfigs": []string{group}, "RedactedFields": []object{{"QueryString": object{}}}}
		if status, output := a.tryJSON(west, "wafv2", "GetLoggingConfiguration", object{"ResourceArn": arn}); status == http.StatusOK ||
			output["__type"] != "WAFNonexistentItemException" {
			t.Errorf("before there is one it is %d %v", status, output)
		}
		a.json(west, "wafv2", "PutLoggingConfiguration", object{"LoggingConfiguration": wanted})
		read := a.json(west, "wafv2", "GetLoggingConfiguration", object{"ResourceArn": arn})["LoggingConfiguration"]
		if got := fmt.Sprint(read); !strings.Contains(got, group) || !strings.Contains(got, "QueryString") {
			t.Errorf("the logging configuration is %v", read)
		}
		wanted["LogDestinationConfigs"] = []string{strings.Replace(group, "aws-waf-logs-", "", 1)}
		if status, _ := a.tryJSON(west, "wafv2", "PutLoggingConfiguration", object{"LoggingConfiguration": wanted}); status == http.StatusOK {
			t.Error("a group without the prefix is accepted")
		}
	})
	t.Run("it stands before the load balancer, and answers an address beyond its rate", func(t *testing.T) {
		a := aws{t, a.endpoint}
		a.json(west, "wafv2", "AssociateWebACL", object{"WebACLArn": arn, "ResourceArn": balancer})
		read := a.json(west, "wafv2", "GetWebACLForResource", object{"ResourceArn": balancer})
		if acl, _ := read["WebACL"].(map[string]any); acl["ARN"] != arn {
			t.Errorf("before the load balancer stands %v", read)
		}
		a.zone("waf.test", `<Name>waf.test</Name><Type>A</Type><AliasTarget><HostedZoneId>Z</HostedZoneId><DNSName>`+host+
			`</DNSName><EvaluateTargetHealth>false</EvaluateTargetHealth></AliasTarget>`)
		const address = "http://waf.test/records"
		testwait.Until(t, "the name leads to the load balancer", func() error {
			if status := a.visitZone(address); status != http.StatusOK {
				return fmt.Errorf("a request is answered with %d", status)
			}
			return nil
		})
		counts := map[int]int{http.StatusOK: 1}
		for range limit + 4 {
			counts[a.visitZone(address)]++
		}
		if counts[http.StatusOK] > limit || counts[http.StatusTooManyRequests] < 5 {
			t.Errorf("of %d requests %v are answered, want 429 beyond %d", limit+5, counts, limit)
		}
	})
	t.Run("it is deleted after its association, with its log", func(t *testing.T) {
		a := aws{t, a.endpoint}
		token := a.json(west, "wafv2", "GetWebACL", object{"Name": "webacl", "Scope": "REGIONAL", "Id": id})["LockToken"]
		whole := object{"Name": "webacl", "Scope": "REGIONAL", "Id": id, "LockToken": token}
		if status, output := a.tryJSON(west, "wafv2", "DeleteWebACL", whole); status == http.StatusOK ||
			output["__type"] != "WAFAssociatedItemException" {
			t.Errorf("in use it is deleted: %d %v", status, output)
		}
		a.json(west, "wafv2", "DisassociateWebACL", object{"ResourceArn": balancer})
		if status, body := a.visit(host, "/records"); status != http.StatusOK {
			t.Errorf("without it a request is answered %d %s", status, body)
		}
		a.json(west, "wafv2", "DeleteLoggingConfiguration", object{"ResourceArn": arn})
		a.json(west, "wafv2", "DeleteWebACL", whole)
		if left := a.json(west, "wafv2", "ListWebACLs", object{"Scope": "REGIONAL"})["WebACLs"]; fmt.Sprint(left) != "[]" {
			t.Errorf("there are left %v", left)
		}
	})
}
