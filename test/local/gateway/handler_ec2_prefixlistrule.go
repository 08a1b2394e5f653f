package gateway

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
)

// prefixListRule is what the emulator does not keep of a security group rule whose peer is a prefix list. The field names are
// keys of prefix-list-rules.json.
type prefixListRule struct {
	List, Description string
}

// prefixListRuleHandler supports one prefix list per group, protocol and port range. The emulator keeps no prefix list, so it
// cannot distinguish two rules that differ in it only, and returns the first for the second.
type prefixListRuleHandler struct{ rules *table[prefixListRule] }

func newPrefixListRules(folder string) (Handler, error) {
	rules, err := openTable[prefixListRule](folder, "prefix-list-rules")
	h := prefixListRuleHandler{rules}
	return Handler{
		Name: "security group rules to prefix lists, and of all protocols",
		AWS: "A rule authorised for a prefix list is described with that list and its description. A rule of all protocols has no" +
			" ports, whatever a request says: RevokeSecurityGroupEgress removes the rule that each new group has.",
		Source: "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRule.html",
		Matches: func(c *Call) bool {
			return matchEC2("AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "DescribeSecurityGroupRules",
				"RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress")(c)
		},
		Serve: func(g *Gateway, w http.ResponseWriter, c *Call) {
			if form, changed := withoutUnusedPorts(c.Form); changed {
				c.setForm(form)
			}
			g.serveEdited(w, c, func(root *xmlElement) error {
				switch c.Action {
				case "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress":
					if !c.Form.Has(prefixListField) {
						return nil
					}
					return h.keepRules(c.Form, root)
				case "DescribeSecurityGroupRules":
					for _, item := range root.items("securityGroupRuleSet") {
						h.complete(item)
					}
					return nil
				default:
					return h.rules.remove(listParam(c.Form, "SecurityGroupRuleId")...)
				}
			})
		},
	}, err
}

// allProtocols is IpProtocol's word for all. AWS ignores ports with it (Amazon EC2 API Reference, IpPermission, FromPort).
const allProtocols = "-1"

// withoutUnusedPorts returns a request's rules without the ports of those of all protocols, and whether it had any. The emulator
// compares a rule with its ports: a request to revoke all egress "from port 0 to port 0", which is how tools ask for it, would leave
// the rule in place, and no group here would lack a rule that it needs.
func withoutUnusedPorts(form url.Values) (url.Values, bool) {
	changed := maps.Clone(form)
	for field := range form {
		rule, isProtocol := strings.CutSuffix(field, ".IpProtocol")
		if isProtocol && form.Get(field) == allProtocols {
			delete(changed, rule+".FromPort")
			delete(changed, rule+".ToPort")
		}
	}
	return changed, len(changed) != len(form)
}

// Where a request for one rule names its prefix list: tools authorise rules one by one.
const (
	prefixListField       = "IpPermissions.1.PrefixListIds.1.PrefixListId"
	prefixListDescription = "IpPermissions.1.PrefixListIds.1.Description"
)

func (h prefixListRuleHandler) keepRules(form url.Values, root *xmlElement) error {
	for _, item := range root.items("securityGroupRuleSet") {
		rule := prefixListRule{List: form.Get(prefixListField), Description: form.Get(prefixListDescription)}
		if err := h.rules.update(item.findText("securityGroupRuleId"), func(row *prefixListRule) { *row = rule }); err != nil {
			return err
		}
		h.complete(item)
	}
	return nil
}

func (h prefixListRuleHandler) complete(item *xmlElement) {
	rule, ok := h.rules.get(item.findText("securityGroupRuleId"))
	if !ok {
		return
	}
	item.set(text("prefixListId", rule.List))
	if rule.Description != "" {
		item.set(text("description", rule.Description))
	}
}
