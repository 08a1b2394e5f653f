package regionapp

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// page is the stacks' page, with the table of costs, whose sums test/repository adds up.
const page = "../../README.md"

// The rows of the table of costs have the numbers of what the regional stacks make in prod.
func TestCosts(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	_, costs, found := strings.Cut(string(text), "\n## Cost\n")
	if !found {
		t.Fatalf("%s has no chapter of costs", page)
	}
	made := map[string]int{}
	for _, s := range stacks {
		recording := s.up(t, map[string]any{"profile": "prod", "listenerPort": 443},
			map[string]string{"certificateArn": s.arn("acm", "certificate/web")})
		for what, token := range map[string]string{
			"alarms": "aws:cloudwatch/metricAlarm:MetricAlarm", "load balancers": balancerToken, "keys": "aws:kms/key:Key",
			"web ACLs of AWS WAF, where `waf` is on": "aws:wafv2/webAcl:WebAcl",
		} {
			made[what] += len(recording.OfType(token))
		}
		for _, acl := range recording.OfType("aws:wafv2/webAcl:WebAcl") {
			rules, _ := acl.Input("rules").([]any)
			made["their rules"] += len(rules)
		}
	}
	for what, number := range made {
		if want := fmt.Sprintf("| %d | %s |", number, what); !strings.Contains(costs, want) {
			t.Errorf("%s has no row %q", page, want)
		}
	}
}
