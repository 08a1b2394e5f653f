package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"warmstandby/shared/policy"
)

// document is one policy.
type document struct {
	name       string
	statements policy.Document
}

// documents returns all of them. ci-trust is the trust policy of CI's role, the others are managed policies. A role has ten of those at
// most, and each has 6,144 characters (IAM User Guide, "IAM and AWS STS quotas"): a deployer has the five that begin with deployer, of
// which deployer-firewall is for the setting waf, an operator the one of that name, an observer that and its own, and CI's role all eight.
func (e environment) documents() []document {
	return []document{
		{"deployer-read", e.deployerRead()},
		{"deployer-network", e.deployerNetwork()},
		{"deployer-data", e.deployerData()},
		{"deployer-application", e.deployerApplication()},
		{"deployer-firewall", e.deployerFirewall()},
		{"operator", e.operator()},
		{"observer", e.observer()},
		{"ci", e.ci()},
		{"ci-trust", e.ciTrust()},
	}
}

// text returns the document as it stands in the tree: indented, with a newline at its end. IAM does not count white space.
func (d document) text() ([]byte, error) {
	text, err := d.statements.JSON()
	if err != nil {
		return nil, fmt.Errorf("making the policy %s: %w", d.name, err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, []byte(text), "", "  "); err != nil {
		return nil, fmt.Errorf("indenting the policy %s: %w", d.name, err)
	}
	indented.WriteByte('\n')
	return indented.Bytes(), nil
}

// named returns ARNs of a service in every region. What binds them to the environment is the suffix in the ids, or a condition.
func (e environment) named(service string, ids ...string) []string {
	arns := make([]string, len(ids))
	for i, id := range ids {
		arns[i] = "arn:aws:" + service + ":*:" + e.account + ":" + id
	}
	return arns
}

// role is the ARN of the environment's roles for a purpose, which may be any.
func (e environment) role(purpose string) string {
	return "arn:aws:iam::" + e.account + ":role/role-" + purpose + "-" + e.suffix
}

// bucket is the ARN of the environment's buckets for a purpose, whose names have the account's id.
func (e environment) bucket(purpose string) string {
	return "arn:aws:s3:::bucket-" + purpose + "-" + e.account + "-" + e.suffix
}

// ofEnvironment limits a statement to resources that bear the environment's tag.
func (e environment) ofEnvironment() policy.Conditions {
	return e.tagged("aws:ResourceTag/Environment")
}

// intoEnvironment limits a statement to requests that give what they make the environment's tag.
func (e environment) intoEnvironment() policy.Conditions {
	return e.tagged("aws:RequestTag/Environment")
}

func (e environment) tagged(key string) policy.Conditions {
	return policy.Conditions{"StringLike": {key: {e.name}}}
}

// via limits a statement about keys to services that use them in the principal's name, for resources of the environment.
func (e environment) via(services ...string) policy.Conditions {
	conditions := e.ofEnvironment()
	conditions["StringEquals"] = map[string][]string{"kms:ViaService": {}}
	for _, service := range services {
		for _, region := range []string{e.primary, e.standby} {
			conditions["StringEquals"]["kms:ViaService"] = append(conditions["StringEquals"]["kms:ViaService"], service+"."+region+".amazonaws.com")
		}
	}
	return conditions
}

// allow is a statement.
func allow(sid string, resources, actions []string, condition policy.Conditions) policy.Statement {
	return policy.Statement{Sid: sid, Effect: policy.Allow, Actions: actions, Resources: resources, Condition: condition}
}

// anything is for actions that take no narrower resource, or whose resource has an id that AWS chooses.
var anything = []string{policy.EveryResource}
