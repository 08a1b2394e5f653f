package omit

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

// firewall is a type with a block in a block, whose properties are made anew at each call.
func firewall() map[string]*schema.Resource {
	block := func(properties map[string]*schema.Schema) *schema.Schema {
		return &schema.Schema{Type: schema.TypeList, Optional: true, Elem: &schema.Resource{Schema: properties}}
	}
	text := &schema.Schema{Type: schema.TypeString, Optional: true}
	return map[string]*schema.Resource{"firewall": {SchemaFunc: func() map[string]*schema.Schema {
		return map[string]*schema.Schema{
			"name": text,
			"rule": block(map[string]*schema.Schema{"limit": text, "and": block(map[string]*schema.Schema{"statement": text})}),
		}
	}}}
}

func TestBlocks(t *testing.T) {
	for _, test := range []struct {
		name          string
		omitted       map[string][]string
		outside, rule []string // what is left of the type, and of its rules
		err           string
	}{
		{name: "nothing is omitted", outside: []string{"name", "rule"}, rule: []string{"and", "limit"}},
		{
			name: "a block in a block", omitted: map[string][]string{"firewall": {"rule.and"}},
			outside: []string{"name", "rule"}, rule: []string{"limit"},
		},
		{name: "a block", omitted: map[string][]string{"firewall": {"rule"}}, outside: []string{"name"}},
		{name: "a type that there is not", omitted: map[string][]string{"wall": {"rule"}}, err: "no type wall"},
		{name: "a block that there is not", omitted: map[string][]string{"firewall": {"rule.or"}}, err: "there is no or"},
		{name: "a block in what is none", omitted: map[string][]string{"firewall": {"name.or"}}, err: "name is no block"},
	} {
		t.Run(test.name, func(t *testing.T) {
			resources := firewall()
			err := Blocks(resources, test.omitted)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("the error is %v, want one with %q", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := resources["firewall"].SchemaMap()
			if names := slices.Sorted(maps.Keys(got)); !slices.Equal(names, test.outside) {
				t.Errorf("the type has %q, want %q", names, test.outside)
			}
			if got["rule"] == nil {
				return
			}
			inside := got["rule"].Elem.(*schema.Resource).SchemaMap()
			if names := slices.Sorted(maps.Keys(inside)); !slices.Equal(names, test.rule) {
				t.Errorf("a rule has %q, want %q", names, test.rule)
			}
		})
	}
}
