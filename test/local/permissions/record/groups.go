package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
)

// group is a line of the recording: one principal's calls of one action in one context.
type group struct {
	Principal string            `json:"principal"`
	Action    string            `json:"action"`
	Resources []string          `json:"resources"`
	Context   map[string]string `json:"context,omitempty"`
}

type groups struct{ all []group }

// add adds a call, which has one resource, to its group.
func (g *groups) add(call group) {
	at := slices.IndexFunc(g.all, func(one group) bool { return one.compare(call) == 0 })
	if at < 0 {
		g.all = append(g.all, call)
		return
	}
	for _, resource := range call.Resources {
		if !slices.Contains(g.all[at].Resources, resource) {
			g.all[at].Resources = append(g.all[at].Resources, resource)
		}
	}
}

func (g group) compare(other group) int {
	return cmp.Or(
		cmp.Compare(g.Principal, other.Principal), cmp.Compare(g.Action, other.Action), cmp.Compare(text(g.Context), text(other.Context)),
	)
}

// text is a context as a text that can be compared: its keys are in order.
func text(context map[string]string) string { return fmt.Sprint(context) }

// text returns the recording: a list of groups, one a line, in an order that does not depend on that of the calls.
func (g *groups) text() ([]byte, error) {
	slices.SortFunc(g.all, group.compare)
	var lines bytes.Buffer
	lines.WriteString("[\n")
	for i, one := range g.all {
		slices.Sort(one.Resources)
		line, err := json.Marshal(one)
		if err != nil {
			return nil, fmt.Errorf("writing the calls of %s: %w", one.Action, err)
		}
		lines.Write(line)
		if i < len(g.all)-1 {
			lines.WriteByte(',')
		}
		lines.WriteByte('\n')
	}
	lines.WriteString("]\n")
	return lines.Bytes(), nil
}
