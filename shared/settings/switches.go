package settings

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
)

// switchName is the form of a feature switch's name: it is the last part of a parameter's path and a property in the application.
var switchName = regexp.MustCompile(`^[a-z][a-zA-Z0-9]{0,63}$`)

// switches returns a map of switches, nil if it is empty. A value is a YAML Boolean: "true" in quotes, 1 and null are refused.
func (r *reader) switches(key string) map[string]bool {
	members := r.object(key, "a map of names to true or false, such as {exports: true}")
	if len(members) == 0 {
		return nil
	}
	switches := make(map[string]bool, len(members))
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if !switchName.MatchString(name) {
			r.refuse(key, "names of a-z, A-Z and 0-9 that begin with a-z, 64 characters at most", strconv.Quote(name))
		}
		switch value := string(members[name]); value {
		case "true", "false":
			switches[name] = value == "true"
		default:
			r.refuse(key, "true or false for each name, not quoted", fmt.Sprintf("%s: %s", name, value))
		}
	}
	return switches
}
