package pulumitest

import (
	"strings"

	"warmstandby/shared/naming"
)

// PairRules are the rules of a program with a primary and a standby region, whose names tell theirs by the first word that is a
// role, or that is among the further words; a name such as ways-primary-to-secondary is at home where it begins.
func PairRules(suffix, primary, standby string, protection bool, further map[string]naming.Role) Rules {
	regions := map[naming.Role]string{naming.Primary: primary, naming.Secondary: standby}
	return Rules{
		Suffix: suffix, Protection: protection,
		Roles: map[string]naming.Role{primary: naming.Primary, standby: naming.Secondary},
		Home: func(name string) string {
			for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == '-' || r == '/' }) {
				role := naming.Role(word)
				if told, has := further[word]; has {
					role = told
				}
				if region, is := regions[role]; is {
					return region
				}
			}
			return ""
		},
	}
}
