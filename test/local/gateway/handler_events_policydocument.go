package gateway

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// busPolicy is a policy document of which statements come and go.
type busPolicy struct {
	members    document
	statements []document
}

// readPolicy reads a policy document. IAM: "IAM JSON policy elements: Statement": one statement needs no list.
func readPolicy(content string) (*busPolicy, error) {
	p := &busPolicy{}
	if err := json.Unmarshal([]byte(content), &p.members); err != nil {
		return nil, fmt.Errorf("reading the policy document: %w", err)
	}
	if json.Unmarshal(p.members["Statement"], &p.statements) == nil {
		return p, nil
	}
	single := document{}
	if err := json.Unmarshal(p.members["Statement"], &single); err != nil {
		return nil, fmt.Errorf("reading the policy document's Statement: %w", err)
	}
	p.statements = []document{single}
	return p, nil
}

// remove takes out the statement of that id and says whether there was one.
func (p *busPolicy) remove(id string) bool {
	before := len(p.statements)
	p.statements = slices.DeleteFunc(p.statements, func(s document) bool { return s.text("Sid") == id })
	return len(p.statements) < before
}

// add puts the statement that EventBridge makes of a single permission on the bus of that ARN.
// AWS: Amazon EventBridge API Reference, PutPermission.
func (p *busPolicy) add(single permission, bus string) error {
	principal := any("*")
	if single.Principal != "*" {
		partition := strings.Split(bus, ":")[1]
		principal = map[string]string{"AWS": "arn:" + partition + ":iam::" + single.Principal + ":root"}
	}
	members := map[string]any{
		"Sid": single.StatementId, "Effect": "Allow", "Principal": principal, "Action": single.Action, "Resource": bus,
	}
	if c := single.Condition; c != nil {
		members["Condition"] = map[string]any{c.Type: map[string]string{c.Key: c.Value}}
	}
	statement := document{}
	for name, value := range members {
		if err := statement.set(name, value); err != nil {
			return err
		}
	}
	p.statements = append(p.statements, statement)
	return nil
}

// text is the document as JSON.
func (p *busPolicy) text() (string, error) {
	if err := p.members.set("Statement", p.statements); err != nil {
		return "", err
	}
	encoded, err := json.Marshal(p.members)
	if err != nil {
		return "", fmt.Errorf("encoding the policy document: %w", err)
	}
	return string(encoded), nil
}
