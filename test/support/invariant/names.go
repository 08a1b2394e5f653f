package invariant

import (
	"fmt"
	"strings"

	"warmstandby/shared/naming"
)

// Name is how a type of resource is named. The limits are AWS's, written down a second time so that a slip in the namer's
// table does not pass its own test.
type Name struct {
	// Properties hold the name; all of them, if there is more than one.
	Properties []string
	// Prefix is what it begins with. One that is a path is followed by the suffix, and the name lies below both.
	Prefix string
	// Limit is the most characters that AWS takes.
	Limit int
	// Fixed is how the name may begin instead where a service of AWS fixes it: RDS and Lambda write to a log group that is
	// called after the cluster or the function. What it is called after is an element of such a path, and ends with the suffix.
	Fixed string
	// Domain says that the name is one of DNS, which is the configuration's.
	Domain bool
}

func named(prefix string, limit int, properties ...string) *Name {
	return &Name{Properties: properties, Prefix: prefix, Limit: limit}
}

// nameTagLimit is the most characters of a tag's value (Amazon EC2 User Guide, "Tag restrictions").
const nameTagLimit = 256

func nameTag(prefix string) *Name { return named(prefix, nameTagLimit, "tags.Name") }

// NameFaults holds a resource of a known type to {type}-{purpose}-{environmentSuffix} and to AWS's limit, and one of a type
// that has no name to having none.
func NameFaults(token string, properties Properties, suffix string) []string {
	rule := Types[token].Name
	var found []string
	if rule == nil {
		for _, property := range [...]string{"name", "tags.Name"} {
			if name := properties.At(property); name != nil {
				found = append(found, fmt.Sprintf("has the %s %q, but its type is not in the table of physical names", property, name))
			}
		}
		return found
	}
	if rule.Domain {
		return nil
	}
	for _, property := range rule.Properties {
		name := properties.Text(property)
		switch {
		case rule.Fixed != "" && strings.HasPrefix(name, rule.Fixed):
			if !strings.Contains(name+"/", "-"+suffix+"/") {
				found = append(found, fmt.Sprintf("has the %s %q, want an element that ends with -%s", property, name, suffix))
			}
		case strings.HasPrefix(rule.Prefix, "/"):
			if !strings.HasPrefix(name, rule.Prefix+suffix+"/") {
				found = append(found, fmt.Sprintf("has the %s %q, want a path below %s%s/", property, name, rule.Prefix, suffix))
			}
		case !strings.HasPrefix(name, rule.Prefix) || !strings.HasSuffix(name, "-"+suffix):
			found = append(found, fmt.Sprintf("has the %s %q, want %s{purpose}-%s", property, name, rule.Prefix, suffix))
		default:
			if known, ok := naming.SuffixOf(name); !ok || known != suffix {
				found = append(found, fmt.Sprintf("has the %s %q, which the sweep does not know for the environment's: see naming.SuffixOf", property, name))
			}
		}
		if len(name) > rule.Limit {
			found = append(found, fmt.Sprintf("has a %s of %d characters, the limit is %d", property, len(name), rule.Limit))
		}
	}
	return found
}
