package settings

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// reader takes typed values out of a configuration and collects what is wrong.
type reader struct {
	keys   []Key
	values map[string]string // by key name, defaults filled in
	faults []Fault
}

// newReader returns the reader of the project's keys. Values of other
// namespaces belong to providers and to the engine and are left alone; a key of
// the project's own that is not in the table is a fault.
func newReader(project string, keys []Key, values map[string]string) *reader {
	r := &reader{keys: keys, values: make(map[string]string, len(keys))}
	for _, key := range keys {
		r.values[key.Name] = key.Default
	}
	for full, value := range values {
		name, own := strings.CutPrefix(full, project+":")
		if !own {
			continue
		}
		if _, known := r.values[name]; !known {
			r.refuseUnknown(name)
			continue
		}
		r.values[name] = value
	}
	return r
}

// refuse notes a fault.
func (r *reader) refuse(key, allowed, got string) {
	r.faults = append(r.faults, Fault{Key: key, Allowed: allowed, Got: got})
}

// refuseUnknown notes a key that the table does not have. The value stays out
// of the message: nothing is known of it, it may be a secret.
func (r *reader) refuseUnknown(name string) {
	names := make([]string, len(r.keys))
	for i, key := range r.keys {
		names[i] = key.Name
	}
	if near, ok := nearest(name, names); ok {
		r.refuse(name, near+" (the nearest key)", "an unknown key")
		return
	}
	slices.Sort(names)
	r.refuse(name, strings.Join(names, ", "), "an unknown key")
}

// text returns a text setting.
func (r *reader) text(key string) string {
	return r.values[key]
}

// integer returns a whole number, and whether there is one.
func (r *reader) integer(key, allowed string) (int, bool) {
	n, err := strconv.Atoi(r.values[key])
	if err != nil {
		r.refuse(key, allowed, strconv.Quote(r.values[key]))
	}
	return n, err == nil
}

// boolean returns a switch.
func (r *reader) boolean(key string) bool {
	return r.truth(key, "true or false")
}

// booleanOr returns a switch, the profile's if the key is empty.
func (r *reader) booleanOr(key string, profiles bool) bool {
	if r.text(key) == "" {
		return profiles
	}
	return r.truth(key, "true or false"+orProfile)
}

// truth returns a truth value. Only the two spellings of the engine are taken,
// so that "ture" and "yes" do not read as off.
func (r *reader) truth(key, allowed string) bool {
	switch r.values[key] {
	case "true":
		return true
	case "false":
		return false
	}
	r.refuse(key, allowed, strconv.Quote(r.values[key]))
	return false
}

// list returns a list of texts, nil if it is empty.
func (r *reader) list(key, allowed string) []string {
	var items []string
	if err := json.Unmarshal([]byte(r.values[key]), &items); err != nil {
		r.refuse(key, allowed, strconv.Quote(r.values[key]))
		return nil
	}
	if len(items) == 0 {
		return nil
	}
	return items
}

// orList returns "a, b or c".
func orList[T any](choices []T) string {
	var b strings.Builder
	for i, choice := range choices {
		switch {
		case i == 0:
		case i == len(choices)-1:
			b.WriteString(" or ")
		default:
			b.WriteString(", ")
		}
		fmt.Fprint(&b, choice)
	}
	return b.String()
}
