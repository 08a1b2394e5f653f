// Package audit has auditors' own tools look at the platform, and compares what they find with a table of accepted findings.
//
// Checkov reads what production's programs register, as the JSON of a Terraform plan. parliament, cloudsplaining and cfn-lint read every
// policy: those that production deploys and those of people. Each tool is also given planted faults, and must find them: a tool that
// sees nothing finds nothing.
package audit

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Finding is what a tool has found.
type Finding struct {
	// Tool is its name, Check the tool's own name of what it looks for.
	Tool, Check string
	// Resource is what it was found in: a resource's logical name, or a policy's.
	Resource string
	// Message is the tool's.
	Message string
}

func (f Finding) String() string {
	return fmt.Sprintf("%s %s of %s: %s", f.Tool, f.Check, f.Resource, f.Message)
}

// Accepted is a finding that is known, and why it stays.
type Accepted struct {
	// Tool and Check are the finding's, Resource is a pattern of path.Match for its resource.
	Tool, Check, Resource string
	// Reason is why it stays.
	Reason string
}

func (a Accepted) covers(f Finding) bool {
	match, err := path.Match(a.Resource, f.Resource)
	return err == nil && match && a.Tool == f.Tool && a.Check == f.Check
}

//go:embed accepted.json
var acceptedJSON []byte

// Table returns the table of accepted findings, accepted.json. Each has a reason.
func Table() ([]Accepted, error) {
	var table []Accepted
	if err := json.Unmarshal(acceptedJSON, &table); err != nil {
		return nil, fmt.Errorf("reading test/audit/accepted.json: %w", err)
	}
	for _, a := range table {
		if _, err := path.Match(a.Resource, ""); err != nil || a.Resource == "" || a.Tool == "" || a.Check == "" || a.Reason == "" {
			return nil, fmt.Errorf("reading test/audit/accepted.json: %+v lacks a tool, a check, a resource's pattern or a reason", a)
		}
	}
	return table, nil
}

// plantedPrefix begins the names of planted faults.
const plantedPrefix = "planted-"

// Judge compares the findings of the tools that ran with the table. The error has a line for each finding that is not accepted, for
// each entry that no finding needs, and for each planted fault that its tool does not see.
func Judge(findings []Finding, table []Accepted, planted []Finding, tools []string) error {
	var faults []error
	used := make([]bool, len(table))
	for _, f := range findings {
		if strings.HasPrefix(f.Resource, plantedPrefix) {
			continue
		}
		i := slices.IndexFunc(table, func(a Accepted) bool { return a.covers(f) })
		if i < 0 {
			faults = append(faults, fmt.Errorf("new: %s: mend it, or accept it in test/audit/accepted.json with the reason", f))
			continue
		}
		used[i] = true
	}
	for i, a := range table {
		if !used[i] && slices.Contains(tools, a.Tool) {
			faults = append(faults, fmt.Errorf("accepted and not found any more: %s %s of %s: remove it", a.Tool, a.Check, a.Resource))
		}
	}
	for _, p := range planted {
		sees := func(f Finding) bool { return f.Tool == p.Tool && f.Check == p.Check && f.Resource == p.Resource }
		if slices.Contains(tools, p.Tool) && !slices.ContainsFunc(findings, sees) {
			faults = append(
				faults,
				fmt.Errorf("%s does not see %s with %s (%s): the tool or what it is given is broken", p.Tool, p.Resource, p.Check, p.Message),
			)
		}
	}
	return errors.Join(faults...)
}
