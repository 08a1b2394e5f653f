package pulumitest

import (
	"strings"

	"warmstandby/shared/naming"
)

// TwoRegionRules are the rules of a program with a primary and a standby region. A logical name's region is that of its first word
// that is a role or one of the aliases: peering-primary-to-secondary is in the primary region.
func TwoRegionRules(suffix, primary, standby string, protection bool, aliases map[string]naming.Role) Rules {
	regions := map[naming.Role]string{naming.Primary: primary, naming.Secondary: standby}
	return Rules{
		Suffix: suffix, Protection: protection,
		Roles: map[string]naming.Role{primary: naming.Primary, standby: naming.Secondary},
		Home: func(name string) string {
			for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == '-' || r == '/' }) {
				role := naming.Role(word)
				if alias, isAlias := aliases[word]; isAlias {
					role = alias
				}
				if region, isRole := regions[role]; isRole {
					return region
				}
			}
			return ""
		},
	}
}
