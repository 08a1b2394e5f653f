package gateway

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// filterPaths are the filters of a Describe operation: each name with the path of the element that it compares.
type filterPaths map[string][]string

// filter is one condition of a Describe operation. An item matches when the element or tag has one of the values.
type filter struct {
	path   []string // of the element
	tag    string   // or the key of the tag
	values []string // with wildcards
}

// parseFilters reads a query's filters, Filter.1.Name and Filter.1.Value.1. An unknown name is refused with EC2's error,
// because the emulator would ignore it and return everything. AWS: Amazon EC2 User Guide, "List and filter your resources
// using the CLI and API": values may hold * and ?.
func parseFilters(form url.Values, known filterPaths) (filters []filter, refused *apiResponse) {
	for i := 1; form.Has(fmt.Sprintf("Filter.%d.Name", i)); i++ {
		name := form.Get(fmt.Sprintf("Filter.%d.Name", i))
		f := filter{path: known[name]}
		tag, isTag := strings.CutPrefix(name, "tag:")
		if f.tag = tag; !isTag && f.path == nil {
			refusal := ec2Error("InvalidParameterValue", fmt.Sprintf("The filter '%s' is invalid", name))
			return nil, &refusal
		}
		f.values = listParam(form, fmt.Sprintf("Filter.%d.Value", i))
		filters = append(filters, f)
	}
	return filters, nil
}

// applyFilters removes the items of the list that do not match every filter.
func applyFilters(filters []filter, list *xmlElement) {
	if list == nil {
		return
	}
	list.Children = slices.DeleteFunc(list.Children, func(item *xmlElement) bool {
		return slices.ContainsFunc(filters, func(f filter) bool { return !f.matches(item) })
	})
}

func (f filter) matches(item *xmlElement) bool {
	var value *xmlElement
	if f.path != nil {
		value = item.find(f.path...)
	} else {
		for _, tag := range item.items("tagSet") {
			if tag.findText("key") == f.tag {
				value = tag.child("value")
			}
		}
	}
	return value != nil && slices.ContainsFunc(f.values, func(pattern string) bool { return matchWildcards(pattern, value.Text) })
}

// matchWildcards says whether text matches pattern, in which * stands for any bytes and ? for one.
func matchWildcards(pattern, text string) bool {
	// After a mismatch behind a star, the star takes one byte more and matching goes on from there: no more than
	// len(pattern) * len(text) steps.
	star, taken := -1, 0
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, taken = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			taken++
			p, t = star+1, taken
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
