package audit

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Where policies stand, from the repository's root: what production deploys, as its stacks' tests record it, and what people get.
const (
	deployedPolicies = "test/local/permissions/testdata/deployed/prod"
	peoplesPolicies  = "stacks/policies/dev"
)

// recordedStack is a file of deployed policies.
type recordedStack struct {
	Roles map[string]struct {
		Trust    json.RawMessage
		Policies map[string]json.RawMessage
	}
	Resources map[string]json.RawMessage
}

// policySet is every policy, by a name in which path.Match finds no separator.
type policySet struct {
	identity, resource, trust map[string]json.RawMessage
}

// readPolicies reads every policy of the repository.
func readPolicies(root string) (policySet, error) {
	set := policySet{map[string]json.RawMessage{}, map[string]json.RawMessage{}, map[string]json.RawMessage{}}
	files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(deployedPolicies), "*.json"))
	if err != nil || len(files) == 0 {
		return policySet{}, fmt.Errorf("reading what production deploys: %d files in %s: %w", len(files), deployedPolicies, err)
	}
	for _, file := range files {
		var recorded recordedStack
		if err := readJSON(file, &recorded); err != nil {
			return policySet{}, err
		}
		for name, role := range recorded.Roles {
			set.trust[name] = role.Trust
			for policy, document := range role.Policies {
				set.identity[policy] = document
			}
		}
		for arn, document := range recorded.Resources {
			parts := strings.SplitN(arn, ":", 6)
			set.resource[parts[2]+":"+strings.ReplaceAll(parts[5], "/", ":")] = document
		}
	}
	files, err = filepath.Glob(filepath.Join(root, filepath.FromSlash(peoplesPolicies), "*.json"))
	if err != nil || len(files) == 0 {
		return policySet{}, fmt.Errorf("reading people's policies: %d files in %s: %w", len(files), peoplesPolicies, err)
	}
	for _, file := range files {
		var document json.RawMessage
		if err := readJSON(file, &document); err != nil {
			return policySet{}, err
		}
		name := "people-" + strings.TrimSuffix(filepath.Base(file), ".json")
		if strings.Contains(string(document), `"Principal"`) {
			set.trust[name] = document
		} else {
			set.identity[name] = document
		}
	}
	return set, nil
}

func readJSON(file string, into any) error {
	content, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(content, into)
	}
	if err != nil {
		return fmt.Errorf("reading %s: %w", file, err)
	}
	return nil
}

// all returns every policy.
func (s policySet) all() map[string]json.RawMessage {
	all := map[string]json.RawMessage{}
	for kind, policies := range map[string]map[string]json.RawMessage{"": s.identity, "resource-": s.resource, "trust-": s.trust} {
		for name, document := range policies {
			all[kind+name] = document
		}
	}
	return all
}

// template returns what of the policies CloudFormation has a resource for, as a template: roles, and the policies of keys, buckets,
// queues and topics. The names of its resources are letters and digits; the second result has the policies' by them.
func (s policySet) template() (template map[string]any, names map[string]string) {
	resources, names := map[string]any{}, map[string]string{}
	add := func(name, kind string, properties map[string]any) {
		logical := ""
		for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == '-' || r == ':' || r == '/' || r == '.' || r == '_' }) {
			logical += strings.ToUpper(word[:1]) + word[1:]
		}
		resources[logical], names[logical] = map[string]any{"Type": kind, "Properties": properties}, name
	}
	for name, document := range s.identity {
		add(name, "AWS::IAM::ManagedPolicy", map[string]any{"PolicyDocument": document})
	}
	for name, document := range s.trust {
		add("trust-"+name, "AWS::IAM::Role", map[string]any{"AssumeRolePolicyDocument": document})
	}
	for name, document := range s.resource {
		service, id, _ := strings.Cut(name, ":")
		switch service {
		case "kms":
			add("resource-"+name, "AWS::KMS::Key", map[string]any{"KeyPolicy": document, "EnableKeyRotation": true})
		case "s3":
			add("resource-"+name, "AWS::S3::BucketPolicy", map[string]any{"Bucket": id, "PolicyDocument": document})
		case "sqs":
			url := "https://sqs.us-east-1.amazonaws.com/111122223333/" + id
			add("resource-"+name, "AWS::SQS::QueuePolicy", map[string]any{"Queues": []string{url}, "PolicyDocument": document})
		case "sns":
			arn := "arn:aws:sns:us-east-1:111122223333:" + id
			add("resource-"+name, "AWS::SNS::TopicPolicy", map[string]any{"Topics": []string{arn}, "PolicyDocument": document})
		}
	}
	return map[string]any{"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}, names
}
