package gateway

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// groupRules is an emulator that forgets prefix lists: it knows rule sgr-1, which is one, and sgr-2, which is not.
func groupRules(w http.ResponseWriter, r *http.Request) {
	switch r.FormValue("Action") {
	case "AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress":
		io.WriteString(w, "<R><securityGroupRuleSet><item><securityGroupRuleId>sgr-1</securityGroupRuleId></item></securityGroupRuleSet></R>")
	case "DescribeSecurityGroupRules":
		io.WriteString(w, "<R><securityGroupRuleSet><item><securityGroupRuleId>sgr-1</securityGroupRuleId></item>"+
			"<item><securityGroupRuleId>sgr-2</securityGroupRuleId><cidrIpv4>10.0.0.0/16</cidrIpv4></item></securityGroupRuleSet></R>")
	default:
		io.WriteString(w, "<R><return>true</return></R>")
	}
}

func TestARuleToAPrefixListReadsBackAsPut(t *testing.T) {
	for _, action := range []string{"AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress"} {
		folder := t.TempDir()
		_, created := newFake(t, folder, groupRules).ec2("us-east-1", action,
			prefixListField, "pl-63a5400a", prefixListDescription, "to S3")
		_, described := newFake(t, folder, groupRules).ec2("us-east-1", "DescribeSecurityGroupRules")
		for step, answer := range map[string]string{"created": created, "described": described} {
			for _, want := range []string{"<prefixListId>pl-63a5400a<", "<description>to S3<"} {
				if strings.Count(answer, want) != 1 {
					t.Errorf("%s, %s: want %s once: %s", action, step, want, answer)
				}
			}
		}
		if !strings.Contains(described, "<cidrIpv4>10.0.0.0/16<") {
			t.Errorf("%s: the rule to a range has changed: %s", action, described)
		}
	}
}

func TestARuleToARangePassesAsItIs(t *testing.T) {
	f := newFake(t, t.TempDir(), groupRules)
	f.ec2("us-east-1", "AuthorizeSecurityGroupEgress", "IpPermissions.1.IpRanges.1.CidrIp", "10.0.0.0/16")
	if _, described := f.ec2("us-east-1", "DescribeSecurityGroupRules"); strings.Contains(described, "prefixListId") {
		t.Errorf("a rule to a range was given a prefix list: %s", described)
	}
}

func TestARevokedRuleToAPrefixListIsForgotten(t *testing.T) {
	f := newFake(t, t.TempDir(), groupRules)
	f.ec2("us-east-1", "AuthorizeSecurityGroupEgress", prefixListField, "pl-63a5400a")
	f.ec2("us-east-1", "RevokeSecurityGroupEgress", "SecurityGroupRuleId.1", "sgr-1")
	if _, described := f.ec2("us-east-1", "DescribeSecurityGroupRules"); strings.Contains(described, "pl-63a5400a") {
		t.Errorf("the revoked rule's list is still there: %s", described)
	}
}
