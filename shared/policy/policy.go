// Package policy builds IAM policy documents from typed statements.
//
// The grammar is that of the IAM User Guide, "IAM JSON policy elements reference".
package policy

import (
	"encoding/json"
	"fmt"
)

// version is the current version of the policy language; it is a date by name only.
const version = "2012-10-17"

// Document is a policy: an identity's, a resource's or a role's trust policy.
type Document []Statement

// Statement allows Actions on Resources to Principal when every condition holds. Identity policies have no principal, a
// role's trust policy no resources.
type Statement struct {
	Sid       string     `json:"Sid"`
	Effect    Effect     `json:"Effect"`
	Principal *Principal `json:"Principal,omitempty"`
	Actions   []string   `json:"Action"`
	Resources []string   `json:"Resource,omitempty"`
	Condition Conditions `json:"Condition,omitempty"`
}

// Effect is what a statement does.
type Effect string

// The effects.
const (
	Allow Effect = "Allow"
	Deny  Effect = "Deny"
)

// Principal is who a resource's policy applies to: AWS principals by ARN, services by name, or identity providers by ARN.
type Principal struct {
	AWS       []string `json:"AWS,omitempty"`
	Service   []string `json:"Service,omitempty"`
	Federated []string `json:"Federated,omitempty"`
}

// Conditions maps an operator, such as StringEquals, to condition keys and the values of which one must match.
type Conditions map[string]map[string][]string

// EveryResource is for actions of which AWS takes no narrower resource. Each use names the API that forces it.
const EveryResource = "*"

// JSON returns the document as IAM takes it.
func (d Document) JSON() (string, error) {
	text, err := json.Marshal(struct {
		Version   string   `json:"Version"`
		Statement Document `json:"Statement"`
	}{version, d})
	if err != nil {
		return "", fmt.Errorf("encoding a policy document: %w", err)
	}
	return string(text), nil
}
