//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
)

const (
	// defaultRateLimit is the setting wafRateLimit where nobody sets it.
	defaultRateLimit = 10_000
	// loweredRateLimit is reached in seconds by one client, and by nothing else that asks a load balancer in five minutes.
	loweredRateLimit = 1000
)

// checkFirewalls asks AWS WAF for the web ACL before each load balancer, then lowers the rate limit of the standby and sends more.
func checkFirewalls(t *testing.T, p *platform) {
	for _, deployed := range deployedRegions {
		p.checkFirewall(t, deployed, defaultRateLimit)
	}
	p.setRateLimit(t, fmt.Sprint(loweredRateLimit))
	standby, primary := deployedRegions[1], deployedRegions[0]
	p.checkFirewall(t, standby, loweredRateLimit)
	client := p.service(t, standby.region)
	statuses := map[int]int{}
	for range loweredRateLimit + 1 {
		reply, err := client.call(t.Context(), http.MethodGet, "/healthz", nil)
		if err != nil {
			t.Fatal(err)
		}
		statuses[reply.status]++
	}
	if statuses[http.StatusTooManyRequests] == 0 || statuses[http.StatusOK] == 0 || len(statuses) != 2 {
		t.Errorf("of %d requests in %s, so many have each status: %v; want 200 up to a limit of %d and 429 beyond it",
			loweredRateLimit+1, standby.region, statuses, loweredRateLimit)
	}
	p.service(t, primary.region).expect(t, http.StatusOK, http.MethodGet, "/healthz", nil)
	p.setRateLimit(t, "")
	client.await(t, http.StatusOK, http.MethodGet, "/healthz")
}

// setRateLimit sets the rate limit of the standby's callers; an empty one is the default.
func (p *platform) setRateLimit(t *testing.T, limit string) {
	t.Helper()
	p.make(t, "set", "STACK=region-app-west", "KEY=wafRateLimit", "VALUE="+limit)
	p.make(t, "up", "STACK=region-app-west")
}

// checkFirewall asks AWS WAF for the web ACL before a region's load balancer, for its rules and its log.
func (p *platform) checkFirewall(t *testing.T, deployed deployedRegion, rateLimit int64) {
	t.Helper()
	client := wafv2.NewFromConfig(p.aws(t, deployed.region))
	acl := require(client.GetWebACLForResource(t.Context(), &wafv2.GetWebACLForResourceInput{
		ResourceArn: p.loadBalancer(t, deployed.region, deployed.role).LoadBalancerArn,
	}))(t).WebACL
	if acl == nil || acl.DefaultAction == nil || acl.DefaultAction.Allow == nil {
		t.Fatalf("before the load balancer of %s stands %+v, want a web ACL that admits what no rule blocks", deployed.region, acl)
	}
	var groups []string
	limit := int64(0)
	for _, rule := range acl.Rules {
		switch statement := rule.Statement; {
		case statement.RateBasedStatement != nil:
			limit = aws.ToInt64(statement.RateBasedStatement.Limit)
		case statement.ManagedRuleGroupStatement != nil:
			groups = append(groups, aws.ToString(statement.ManagedRuleGroupStatement.Name))
		}
	}
	for _, want := range []string{"AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesSQLiRuleSet"} {
		if !slices.Contains(groups, want) {
			t.Errorf("the web ACL of %s has the groups %q, want %s among them", deployed.region, groups, want)
		}
	}
	if limit != rateLimit {
		t.Errorf("the web ACL of %s lets an address send %d requests, want %d", deployed.region, limit, rateLimit)
	}
	logging := require(client.GetLoggingConfiguration(t.Context(), &wafv2.GetLoggingConfigurationInput{ResourceArn: acl.ARN}))(t)
	suffix := ":aws-waf-logs-app-" + deployed.role + "-" + p.name
	if to := logging.LoggingConfiguration.LogDestinationConfigs; len(to) != 1 || !strings.Contains(to[0], suffix) {
		t.Errorf("the web ACL of %s logs to %q, want the log group …%s", deployed.region, to, suffix)
	}
}
