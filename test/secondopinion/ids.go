package secondopinion

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// chosen are patterns of ids that AWS chooses.
var chosen = regexp.MustCompile(strings.Join([]string{
	`\b[a-z]+-(?:[0-9a-f]{17}|[0-9a-f]{8})\b`,                                       // of EC2
	`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`,                  // of keys, health checks, event source mappings
	`(?:loadbalancer/app|listener/app|targetgroup)/[\w-]+/[0-9a-z]+(?:/[0-9a-z]+)?`, // of load balancers, listeners, target groups
	`hostedzone/[0-9A-Z]+`,            // of hosted zones and changes
	`:secret:[\w/+=.@-]+-\w{6}\b`,     // the end of a secret's ARN
	`\bA(?:RO|ID|NP)A[0-9A-Z]{12,}\b`, // of roles and policies
}, "|"))

// ids has what the other emulator calls something, by our id of it.
type ids struct{ theirs map[string]string }

func newIDs() *ids { return &ids{map[string]string{}} }

// learn compares two answers field by field. What is known stays: an answer to a creation comes first, and says it best.
func (i *ids) learn(ours, theirs []byte) {
	other := leaves(theirs)
	for path, value := range leaves(ours) {
		mine, their := chosen.FindAllString(value, -1), chosen.FindAllString(other[path], -1)
		if len(mine) != len(their) {
			continue
		}
		for n, id := range mine {
			if _, known := i.theirs[id]; !known && id != their[n] {
				i.theirs[id] = their[n]
			}
		}
	}
}

// replace puts the other emulator's ids in the place of ours.
func (i *ids) replace(text string) string {
	text = chosen.ReplaceAllStringFunc(text, func(id string) string {
		if theirs, known := i.theirs[id]; known {
			return theirs
		}
		return id
	})
	for ours, theirs := range i.theirs {
		if escaped := url.QueryEscape(ours); escaped != ours { // in a form, or in a path
			text = strings.ReplaceAll(text, escaped, url.QueryEscape(theirs))
		}
	}
	return text
}

// leaves returns the texts in an answer in JSON or XML, by their paths.
func leaves(answer []byte) map[string]string {
	found := map[string]string{}
	var value any
	if json.Unmarshal(answer, &value) == nil {
		jsonLeaves(found, "", value)
		return found
	}
	xmlLeaves(found, answer)
	return found
}

func jsonLeaves(found map[string]string, path string, value any) {
	switch value := value.(type) {
	case map[string]any:
		for name, one := range value {
			jsonLeaves(found, path+"/"+strings.ToLower(name), one)
		}
	case []any:
		for i, one := range value {
			jsonLeaves(found, fmt.Sprintf("%s/%d", path, i), one)
		}
	case string:
		found[path] = value
	}
}

// xmlLeaves numbers elements of one name under one parent.
func xmlLeaves(found map[string]string, answer []byte) {
	decoder := xml.NewDecoder(bytes.NewReader(answer))
	var path []string
	seen := map[string]int{}
	for {
		token, err := decoder.Token()
		if err != nil {
			return // The end, or what is no XML.
		}
		switch token := token.(type) {
		case xml.StartElement:
			name := strings.Join(append(path, strings.ToLower(token.Name.Local)), "/")
			path = append(path, fmt.Sprintf("%s.%d", strings.ToLower(token.Name.Local), seen[name]))
			seen[name]++
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			if text := strings.TrimSpace(string(token)); text != "" {
				found[strings.Join(path, "/")] = text
			}
		}
	}
}
