package hipaa

import (
	"os"
	"slices"
	"strings"
	"testing"

	"warmstandby/test/repository/page"
	"warmstandby/test/support/invariant"
)

// The pack's names are those of AWS's file Operational-Best-Practices-for-HIPAA-Security.yaml, of April 2026 (awslabs/aws-config-rules).
func TestNames(t *testing.T) {
	content, err := os.ReadFile("testdata/pack.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Fields(string(content))
	var got []string
	for _, rule := range Rules {
		got = append(got, rule.Name)
	}
	if len(want) != 130 || !slices.Equal(got, want) {
		for _, name := range want {
			if !slices.Contains(got, name) {
				t.Errorf("the rule %s is missing", name)
			}
		}
		t.Errorf("%d rules, want the pack's %d, sorted and each once", len(got), len(want))
	}
}

func TestEveryRuleHasAVerdict(t *testing.T) {
	for _, rule := range Rules {
		if (rule.check == nil) == (rule.account == "") {
			t.Errorf("%s: it has a check and is the account's, or neither", rule.Name)
		}
		for _, e := range rule.excuses {
			if e.reason == "" || e.name == "*" || e.token == "" || e.stack == "" {
				t.Errorf("%s: the excuse %+v says not what, where or why", rule.Name, e)
			}
		}
	}
}

const project = "data-global"

// Each rule that is checked fails for a resource that breaks it.
func TestPlanted(t *testing.T) {
	for _, rule := range Rules {
		if rule.check == nil {
			continue
		}
		t.Run(rule.Name, func(t *testing.T) {
			broken, isPlanted := planted[rule.Name]
			if !isPlanted {
				if rule.check.stack != "" {
					t.Fatal("nothing is planted that breaks it: add a row to planted")
				}
				broken = []invariant.Resource{{Type: rule.check.tokens[0], Name: "planted"}}
			}
			rule.excuses = nil // those of names; the planted one is another
			if lines := rule.evaluate("planted", broken); len(lines) == 0 || !strings.Contains(lines[0], rule.Name) {
				t.Errorf("it finds %q in what breaks it", lines)
			}
			if rule.check.stack == "" {
				return
			}
			stackOfIt := map[string]string{"[dr]*": project, everyStack: project, appStacks: "region-app-east"}[rule.check.stack]
			if stackOfIt == "" {
				stackOfIt = rule.check.stack
			}
			if lines := rule.evaluate(stackOfIt, nil); len(lines) != 1 || !strings.Contains(lines[0], "nothing was judged") {
				t.Errorf("of no resource it says %q, want that nothing was judged", lines)
			}
		})
	}
}

// A bucket that is in order passes the rules that ask for a setting it has: in a planted one the fault is what is found.
func TestBucketInOrder(t *testing.T) {
	lacks := []string{
		"s3-bucket-default-lock-enabled", "s3-bucket-logging-enabled", "s3-bucket-replication-enabled", "s3-event-notifications-enabled",
	}
	for _, rule := range bucketRules {
		rule.excuses = nil
		if lines := rule.evaluate("planted", bucket("", nil)); len(lines) > 0 && !slices.Contains(lacks, rule.Name) {
			t.Errorf("the breaches are %q, want none", lines)
		}
	}
}

func TestExcuses(t *testing.T) {
	rule := Rule{
		Name: "r", excuses: []excuse{{bucketToken, "bucket-a-*", project, "because"}},
		check: &check{tokens: []string{bucketToken}, stack: project, fault: wants("locked", true)},
	}
	excused := invariant.Resource{Type: bucketToken, Name: "bucket-a-dev"}
	other := invariant.Resource{Type: bucketToken, Name: "bucket-b-dev"}
	locked := invariant.Resource{Type: bucketToken, Name: "bucket-a-dev", Outputs: invariant.Properties{"locked": true}}
	for _, test := range []struct {
		name, project string
		resources     []invariant.Resource
		want          string // nothing: there is no line
	}{
		{"what the excuse names passes", project, []invariant.Resource{excused}, ""},
		{"another name is found", project, []invariant.Resource{excused, other}, "bucket-b-dev"},
		{"another stack is found", "global-edge", []invariant.Resource{excused}, "bucket-a-dev"},
		{"an excuse that nothing needs is found", project, []invariant.Resource{locked}, "remove it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			lines := strings.Join(evaluate(test.project, test.resources, []Rule{rule}), "\n")
			if !strings.Contains(lines, test.want) || (lines == "") != (test.want == "") {
				t.Errorf("the breaches are %q, want %q", lines, test.want)
			}
		})
	}
}

// A policy that cannot be read allows everything, so that no rule passes it.
func TestUnreadablePolicy(t *testing.T) {
	for _, document := range []string{"", "{", `{"Statement": []}`} {
		if read := statements(document); len(read) != 1 || !read[0].allowsEverywhere("kms:Decrypt") {
			t.Errorf("%q is read as %+v", document, read)
		}
	}
}

func TestREADME(t *testing.T) {
	page.HoldTable(t, "README.md", "rules", Page())
}
