package gateway

import (
	"net/http"
	"net/url"
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
		Name:   "security group rules to prefix lists",
		AWS:    "A rule authorised for a prefix list is described with that list and its description.",
		Source: "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRule.html",
		Matches: func(c *Call) bool {
			authorised := matchEC2("AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress")(c) && c.Form.Has(prefixListField)
			return authorised || matchEC2("DescribeSecurityGroupRules", "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress")(c)
		},
		Serve: func(g *Gateway, w http.ResponseWriter, c *Call) {
			g.serveEdited(w, c, func(root *xmlElement) error {
				switch c.Action {
				case "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress":
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
