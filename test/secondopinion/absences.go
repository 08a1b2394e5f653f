package secondopinion

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
)

// absences are names and ids of what the other emulator has refused to make: later requests about them fail for that reason alone.
type absences struct{ absent, made map[string]bool }

func newAbsences() absences { return absences{map[string]bool{}, map[string]bool{}} }

// creates begin the operations that make something.
var creates = regexp.MustCompile(`^(Create|Put|Register|Allocate|Request|PUT|POST)`)

// names are fields with the name or the id of what a request is about.
var names = regexp.MustCompile(`(Name|Identifier|Id|ID|Arn|ARN|name)$`)

// add notes what a request that was refused would have made: its names, and the ids in our answer.
func (a absences) add(one Exchange) {
	if !creates.MatchString(one.operation) {
		return
	}
	for _, id := range chosen.FindAllString(string(one.Answer), -1) {
		if !strings.Contains(string(one.Body), id) { // What it uses is there.
			a.absent[id] = true
		}
	}
	for _, name := range namesIn(one) {
		if !a.made[name] {
			a.absent[name] = true
		}
	}
}

// exists notes what a request has made in both: a request that uses it and is refused makes it no less.
func (a absences) exists(one Exchange) {
	if creates.MatchString(one.operation) {
		for _, name := range namesIn(one) {
			a.made[name] = true
			delete(a.absent, name)
		}
	}
}

// namesIn are the names in a request. Ids and ARNs are of what is used.
func namesIn(one Exchange) []string {
	const shortest = 4 // Shorter ones are parts of other words.
	var found []string
	for field, value := range fields(one) {
		if names.MatchString(field) && len(value) >= shortest && !strings.HasPrefix(value, "arn:") && chosen.FindString(value) != value {
			found = append(found, value)
		}
	}
	return found
}

// explain says whether a request is about something that is absent.
func (a absences) explain(one Exchange) bool {
	unescaped, err := url.QueryUnescape(one.URI)
	if err != nil {
		unescaped = one.URI
	}
	text := unescaped + " " + string(one.Body)
	if form, err := url.QueryUnescape(string(one.Body)); err == nil {
		text += " " + form
	}
	for value := range a.absent {
		if strings.Contains(text, value) {
			return true
		}
	}
	return false
}

// fields are the parameters of a request by name, the outermost ones in JSON.
func fields(one Exchange) map[string]string {
	found := map[string]string{}
	var object map[string]any
	if json.Unmarshal(one.Body, &object) == nil {
		for name, value := range object {
			if text, ok := value.(string); ok {
				found[name] = text
			}
		}
	} else if form, err := url.ParseQuery(string(one.Body)); err == nil && form.Get("Action") != "" {
		for name := range form {
			if !strings.Contains(name, ".") { // Lists are what it uses, or tags.
				found[name] = form.Get(name)
			}
		}
	}
	return found
}
