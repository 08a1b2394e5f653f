package permissions

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// account is the id of the account of the recorded files; AWS reserves it for documentation.
const account = "111122223333"

// projects are the stacks' projects, in the order of their layers.
var projects = []string{"foundation-network", "data-global", "region-app-east", "region-app-west", "global-edge"}

// environment is what the five stacks deploy with one profile.
type environment struct {
	profile   string
	roles     map[string]*role
	resources map[string]json.RawMessage
	outputs   map[string]map[string]any // by project
}

type role struct {
	Trust    json.RawMessage            `json:"trust"`
	Policies map[string]json.RawMessage `json:"policies"`
	Managed  []string                   `json:"managed"`
}

// readEnvironment reads the recorded files of a profile.
func readEnvironment(profile string) (*environment, error) {
	e := &environment{
		profile: profile, roles: map[string]*role{}, resources: map[string]json.RawMessage{}, outputs: map[string]map[string]any{},
	}
	for _, project := range projects {
		path := filepath.Join("testdata", "deployed", profile, project+".json")
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("reading what %s deploys: %w", project, err)
		}
		var stack struct {
			Roles     map[string]*role           `json:"roles"`
			Resources map[string]json.RawMessage `json:"resources"`
			Outputs   map[string]any             `json:"outputs"`
		}
		if err := json.Unmarshal(content, &stack); err != nil {
			return nil, fmt.Errorf("reading %s: %w", path, err)
		}
		maps.Copy(e.roles, stack.Roles)
		maps.Copy(e.resources, stack.Resources)
		e.outputs[project] = stack.Outputs
	}
	return e, nil
}

// output returns an output that is a string. A table row that names a missing one is a mistake of the table.
func (e *environment) output(project, key string) string {
	text, ok := e.outputs[project][key].(string)
	if !ok {
		panic(fmt.Sprintf("the stack %s of the profile %s has no output %s", project, e.profile, key))
	}
	return text
}

// list returns an output of a stack that is a list of texts.
func (e *environment) list(project, key string) []string {
	values, ok := e.outputs[project][key].([]any)
	if !ok || len(values) == 0 {
		panic(fmt.Sprintf("the stack %s of the profile %s has no list %s", project, e.profile, key))
	}
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = fmt.Sprint(value)
	}
	return texts
}

// document is one policy with all that decides where it counts.
type document struct {
	id   string // "policy of role-app-primary-blue", "trust of …", "policy of arn:…"
	text json.RawMessage
	// One of these says whose it is.
	role, trustOf, resource string
}

// documents returns every policy of the environment, in order.
func (e *environment) documents() []document {
	var all []document
	for _, name := range slices.Sorted(maps.Keys(e.roles)) {
		all = append(all, document{id: "the trust policy of " + name, text: e.roles[name].Trust, trustOf: name})
		for _, policy := range slices.Sorted(maps.Keys(e.roles[name].Policies)) {
			all = append(all, document{id: "the policy of " + name, text: e.roles[name].Policies[policy], role: name})
		}
	}
	for _, arn := range slices.Sorted(maps.Keys(e.resources)) {
		all = append(all, document{id: "the policy of " + arn, text: e.resources[arn], resource: arn})
	}
	return all
}

// roleARN is a role's ARN, and the resource of sts:AssumeRole.
func roleARN(name string) string { return "arn:aws:iam::" + account + ":role/" + name }

// policyOf returns the ARN of the resource whose policy counts for a call: a bucket's counts for its objects.
func policyOf(resource string) string {
	if rest, ok := strings.CutPrefix(resource, "arn:aws:s3:::"); ok {
		bucket, _, _ := strings.Cut(rest, "/")
		return "arn:aws:s3:::" + bucket
	}
	return resource
}
