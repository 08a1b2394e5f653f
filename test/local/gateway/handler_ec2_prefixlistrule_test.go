package gateway

import (
	"io"
	"net/http"
	"slices"
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

// Tools revoke the rule of all egress, which each new group has, with ports that AWS ignores. The emulator compares them.
func TestARuleOfAllProtocolsHasNoPorts(t *testing.T) {
	const rule = "IpPermissions.1."
	for name, test := range map[string]struct {
		fields    []string
		ports     []string // that reach the emulator
		untouched []string
	}{
		"all protocols from port 0 to 0": {fields: []string{
			rule + "IpProtocol", "-1", rule + "FromPort", "0", rule + "ToPort", "0", rule + "IpRanges.1.CidrIp", "0.0.0.0/0",
		}, untouched: []string{rule + "IpProtocol", rule + "IpRanges.1.CidrIp"}},
		"all protocols without ports": {fields: []string{rule + "IpProtocol", "-1", rule + "Ipv6Ranges.1.CidrIpv6", "::/0"},
			untouched: []string{rule + "Ipv6Ranges.1.CidrIpv6"}},
		"TCP keeps its ports": {fields: []string{rule + "IpProtocol", "tcp", rule + "FromPort", "443", rule + "ToPort", "443"},
			ports: []string{rule + "FromPort", rule + "ToPort"}},
		"the second rule keeps its ports, the tenth loses them": {fields: []string{
			"IpPermissions.2.IpProtocol", "udp", "IpPermissions.2.FromPort", "53", "IpPermissions.2.ToPort", "53",
			"IpPermissions.10.IpProtocol", "-1", "IpPermissions.10.FromPort", "0", "IpPermissions.10.ToPort", "65535",
		}, ports: []string{"IpPermissions.2.FromPort", "IpPermissions.2.ToPort"}},
	} {
		for _, action := range []string{
			"RevokeSecurityGroupEgress", "RevokeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress",
		} {
			t.Run(action+": "+name, func(t *testing.T) {
				var ports []string
				f := newFake(t, t.TempDir(), func(w http.ResponseWriter, r *http.Request) {
					r.ParseForm()
					for field := range r.PostForm {
						if strings.HasSuffix(field, "Port") {
							ports = append(ports, field)
						}
					}
					for _, field := range test.untouched {
						if !r.PostForm.Has(field) {
							t.Errorf("the emulator gets no %s", field)
						}
					}
					groupRules(w, r)
				})
				if status, body := f.ec2("us-east-1", action, test.fields...); status != http.StatusOK {
					t.Fatalf("the answer is %d: %s", status, body)
				}
				slices.Sort(ports)
				if !slices.Equal(ports, test.ports) {
					t.Errorf("the emulator gets the ports %q, want %q", ports, test.ports)
				}
			})
		}
	}
}
