package gateway

import (
	"net/http"
	"net/url"
)

// prefixListRule is what the emulator forgets of a security group rule whose other end is a prefix list.
type prefixListRule struct {
	List, Description string
}

// prefixListRuleGap serves one prefix list for each group, protocol and port range: the emulator, which tells rules apart by
// what it keeps of them, takes a second one for the first.
type prefixListRuleGap struct{ rules *table[prefixListRule] }

func newPrefixListRules(folder string) (Gap, error) {
	rules, err := openTable[prefixListRule](folder, "prefix-list-rules")
	p := prefixListRuleGap{rules}
	return Gap{
		Name:   "security group rules to prefix lists",
		AWS:    "A rule authorised for a prefix list is described with that list and its description.",
		Source: "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRule.html",
		Matches: func(c *Call) bool {
			authorised := ec2("AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress")(c) && c.Form.Has(prefixListField)
			return authorised || ec2("DescribeSecurityGroupRules", "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress")(c)
		},
		Serve: func(g *Gateway, w http.ResponseWriter, c *Call) {
			g.edit(w, c, func(root *element) error {
				switch c.Action {
				case "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress":
					return p.authorised(c.Form, root)
				case "DescribeSecurityGroupRules":
					for _, item := range root.items("securityGroupRuleSet") {
						p.complete(item)
					}
					return nil
				default:
					return p.rules.remove(members(c.Form, "SecurityGroupRuleId")...)
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

func (p prefixListRuleGap) authorised(form url.Values, root *element) error {
	for _, item := range root.items("securityGroupRuleSet") {
		rule := prefixListRule{List: form.Get(prefixListField), Description: form.Get(prefixListDescription)}
		if err := p.rules.update(item.textAt("securityGroupRuleId"), func(row *prefixListRule) { *row = rule }); err != nil {
			return err
		}
		p.complete(item)
	}
	return nil
}

func (p prefixListRuleGap) complete(item *element) {
	rule, ok := p.rules.get(item.textAt("securityGroupRuleId"))
	if !ok {
		return
	}
	item.set(text("prefixListId", rule.List))
	if rule.Description != "" {
		item.set(text("description", rule.Description))
	}
}
