package settings

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
)

// switchName is the form of a feature switch's name: the last part of a
// parameter's path, and a property of the application's.
var switchName = regexp.MustCompile(`^[a-z][a-zA-Z0-9]{0,63}$`)

// switches returns a map of switches, nil if it is empty. A value must be a
// truth value of YAML's: "true" in quotes, 1 and null are not taken for one.
func (r *reader) switches(key string) map[string]bool {
	var values map[string]json.RawMessage
	if err := json.Unmarshal([]byte(r.text(key)), &values); err != nil || values == nil {
		r.refuse(key, "a map of names to true or false, such as {exports: true}", strconv.Quote(r.text(key)))
		return nil
	}
	if len(values) == 0 {
		return nil
	}
	switches := make(map[string]bool, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !switchName.MatchString(name) {
			r.refuse(key, "names of a-z, A-Z and 0-9 that begin with a-z, 64 characters at most", strconv.Quote(name))
		}
		switch value := string(values[name]); value {
		case "true", "false":
			switches[name] = value == "true"
		default:
			r.refuse(key, "true or false for each name, not quoted", fmt.Sprintf("%s: %s", name, value))
		}
	}
	return switches
}
