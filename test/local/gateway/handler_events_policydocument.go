package gateway

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// busPolicy is a policy document whose statements can be added and removed.
type busPolicy struct {
	members    jsonObject
	statements []jsonObject
}

// readPolicy parses a policy document. A single statement need not be in a list: IAM, "IAM JSON policy elements: Statement".
func readPolicy(content string) (*busPolicy, error) {
	p := &busPolicy{}
	if err := json.Unmarshal([]byte(content), &p.members); err != nil {
		return nil, fmt.Errorf("reading the policy document: %w", err)
	}
	if json.Unmarshal(p.members["Statement"], &p.statements) == nil {
		return p, nil
	}
	single := jsonObject{}
	if err := json.Unmarshal(p.members["Statement"], &single); err != nil {
		return nil, fmt.Errorf("reading the policy document's Statement: %w", err)
	}
	p.statements = []jsonObject{single}
	return p, nil
}

// remove removes the statement with that id and says whether there was one.
func (p *busPolicy) remove(id string) bool {
	before := len(p.statements)
	p.statements = slices.DeleteFunc(p.statements, func(s jsonObject) bool { return s.stringMember("Sid") == id })
	return len(p.statements) < before
}

// add adds the statement that EventBridge makes from a single permission; bus is the bus's ARN. AWS: Amazon EventBridge API
// Reference, PutPermission.
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
	statement := jsonObject{}
	for name, value := range members {
		if err := statement.setMember(name, value); err != nil {
			return err
		}
	}
	p.statements = append(p.statements, statement)
	return nil
}

// text returns the document as JSON.
func (p *busPolicy) text() (string, error) {
	if err := p.members.setMember("Statement", p.statements); err != nil {
		return "", err
	}
	encoded, err := json.Marshal(p.members)
	if err != nil {
		return "", fmt.Errorf("encoding the policy document: %w", err)
	}
	return string(encoded), nil
}
