package invariant

import (
	"fmt"
	"strings"

	"warmstandby/shared/naming"
)

// Name is the pattern of a type's names. The limits are AWS's, written a second time so that an error in the namer's table does
// not pass its own test.
type Name struct {
	// Properties have the name, each of them.
	Properties []string
	// Prefix begins it. A prefix that is a path is followed by the suffix and the rest of the path.
	Prefix string
	// Limit is the most characters that AWS accepts.
	Limit int
	// Fixed is the alternative prefix of a name that a service of AWS fixes: RDS and Lambda write to a log group with the name of
	// the cluster or the function, which is an element of the path and ends with the suffix.
	Fixed string
	// Service is the alternative prefix of a name that a service of AWS wants to begin so, and whose rest is the pattern's.
	Service string
	// Domain marks a DNS name, which is from the configuration.
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
			if name := properties.Get(property); name != nil {
				found = append(found, fmt.Sprintf("has the %s %q, but its type is not in the table of physical names", property, name))
			}
		}
		return found
	}
	if rule.Domain {
		return nil
	}
	hyphen := "-"
	if strings.HasSuffix(rule.Prefix, "_") { // of a type that takes no hyphen
		hyphen = "_"
	}
	for _, property := range rule.Properties {
		name, prefix := properties.Text(property), rule.Prefix
		if rule.Service != "" && strings.HasPrefix(name, rule.Service) {
			prefix = rule.Service
		}
		switch {
		case rule.Fixed != "" && strings.HasPrefix(name, rule.Fixed):
			if !strings.Contains(name+"/", "-"+suffix+"/") {
				found = append(found, fmt.Sprintf("has the %s %q, want an element that ends with -%s", property, name, suffix))
			}
		case strings.HasPrefix(rule.Prefix, "/"):
			if !strings.HasPrefix(name, rule.Prefix+suffix+"/") {
				found = append(found, fmt.Sprintf("has the %s %q, want a path that begins with %s%s/", property, name, rule.Prefix, suffix))
			}
		case !strings.HasPrefix(name, prefix) || !strings.HasSuffix(name, hyphen+strings.ReplaceAll(suffix, "-", hyphen)):
			found = append(found, fmt.Sprintf("has the %s %q, want %s{purpose}%s%s", property, name, rule.Prefix, hyphen, suffix))
		default:
			if known, ok := naming.SuffixOf(name); !ok || known != suffix {
				found = append(found, fmt.Sprintf(
					"has the %s %q, from which the sweep reads another suffix: see naming.SuffixOf", property, name))
			}
		}
		if len(name) > rule.Limit {
			found = append(found, fmt.Sprintf("has a %s of %d characters, the limit is %d", property, len(name), rule.Limit))
		}
	}
	return found
}
