package settings

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// profileDefault is the value that stands for the profile's default, of every key that a profile fills, in Pulumi.yaml and in a
// stack's configuration. Pulumi has no optional keys; an empty string is the only value that no key of another type could mean.
const profileDefault = ""

// orProfile ends a message about a key that a profile fills.
const orProfile = ", or empty for the profile's default"

// reader takes typed values out of a configuration and collects the faults.
type reader struct {
	project Project
	values  map[string]string // by key, defaults filled in
	read    map[string]bool   // the keys that were read
	faults  []Fault
}

// newReader returns the reader of a project's configuration. Values of other namespaces belong to providers and to the engine and
// are ignored; a key of the project's own that is not declared is a fault.
func newReader(project Project, values map[string]string) *reader {
	r := &reader{project: project, values: make(map[string]string, len(project.Keys)), read: map[string]bool{}}
	for _, key := range project.Keys {
		r.values[key.Name] = key.Default
	}
	for full, value := range values {
		name, own := strings.CutPrefix(full, project.Name+":")
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

// refuse adds a fault.
func (r *reader) refuse(key, allowed, got string) {
	r.faults = append(r.faults, Fault{Key: key, Allowed: allowed, Got: got})
}

// refuseUnknown adds the fault of a key that is not declared. The value stays out of the message: the key is unknown, so the value
// may be a secret.
func (r *reader) refuseUnknown(name string) {
	names := make([]string, len(r.project.Keys))
	for i, key := range r.project.Keys {
		names[i] = key.Name
	}
	if near, ok := nearest(name, names); ok {
		r.refuse(name, near+" (the nearest key)", "an unknown key")
		return
	}
	slices.Sort(names)
	r.refuse(name, strings.Join(names, ", "), "an unknown key")
}

// err returns the faults of a stack's configuration, nil if there are none. A key that is declared and was not read is one of them:
// a value for it would change nothing.
func (r *reader) err(stack string) error {
	for _, key := range r.project.Keys {
		if !r.read[key.Name] {
			r.refuse(key.Name, "in Pulumi.yaml only keys that the program reads", "a key that it does not read")
		}
	}
	if len(r.faults) == 0 {
		return nil
	}
	return newFaults(r.project.Name, stack, r.faults)
}

// declared returns the declaration of a key that the program reads as the type, and whether there is one. The fault of a key that
// is declared differently is added once.
func (r *reader) declared(name string, as Type) (Key, bool) {
	first := !r.read[name]
	r.read[name] = true
	i := slices.IndexFunc(r.project.Keys, func(key Key) bool { return key.Name == name })
	got := "no such key"
	if i >= 0 {
		if r.project.Keys[i].Type == as {
			return r.project.Keys[i], true
		}
		got = "type " + string(r.project.Keys[i].Type)
	}
	if first {
		r.refuse(name, "in Pulumi.yaml the type "+string(as)+", which the program reads", got)
	}
	return Key{}, false
}

// string returns a string, empty if the key is not declared as one.
func (r *reader) string(key string) string {
	if _, ok := r.declared(key, String); !ok {
		return ""
	}
	return r.values[key]
}

// override returns the value of a key that a profile fills, and whether it is set. Such a key is a string with the default
// [profileDefault], whatever is parsed from it.
func (r *reader) override(name string) (string, bool) {
	key, ok := r.declared(name, String)
	if ok && key.Default != profileDefault {
		r.refuse(name, fmt.Sprintf("in Pulumi.yaml the default %q, which stands for the profile's", profileDefault), strconv.Quote(key.Default))
	}
	value := r.values[name]
	return value, ok && value != profileDefault
}

// originOf returns, for a message, that the value of a key that a profile fills is the profile's default, if it is.
func (r *reader) originOf(key string) string {
	if r.values[key] == profileDefault {
		return " (the profile's default)"
	}
	return ""
}

// boolean returns a Boolean value.
func (r *reader) boolean(key string) bool {
	if _, ok := r.declared(key, Boolean); !ok {
		return false
	}
	return r.parseBool(key, r.values[key], "true or false")
}

// booleanOr returns a Boolean value, the profile's default if the key is not set.
func (r *reader) booleanOr(key string, fromProfile bool) bool {
	value, set := r.override(key)
	if !set {
		return fromProfile
	}
	return r.parseBool(key, value, "true or false"+orProfile)
}

// parseBool accepts the engine's two spellings only, so that "ture" and "yes" are not read as false.
func (r *reader) parseBool(key, value, allowed string) bool {
	switch value {
	case "true":
		return true
	case "false":
		return false
	}
	r.refuse(key, allowed, strconv.Quote(value))
	return false
}

// array returns an array of strings, nil if it is empty.
func (r *reader) array(key, allowed string) []string {
	if _, ok := r.declared(key, Array); !ok {
		return nil
	}
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

// object returns the members of an object as JSON, nil if there is none.
func (r *reader) object(key, allowed string) map[string]json.RawMessage {
	if _, ok := r.declared(key, Object); !ok {
		return nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(r.values[key]), &members); err != nil || members == nil {
		r.refuse(key, allowed, strconv.Quote(r.values[key]))
		return nil
	}
	return members
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
